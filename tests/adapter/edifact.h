#ifndef TESTS_ADAPTER_EDIFACT_H
#define TESTS_ADAPTER_EDIFACT_H

/* What the tests of EDIFACT share: the project's own files and the real ones. */

#include <glob.h>

#include "frames.h"
#include "wire/doc.h"

#define OWN_FILES "adapters/formats/edifact/testdata/*.edi"
#define SAMPLES   "edifact/spain_portico/*.itc"

struct check {
	const struct plugin_set *set;
	const char *format, *path;
	struct rg_bytes native;
};

static inline const char *format_of_file(const char *path)
{
	const char *name = strrchr(path, '/');
	bool is_answer = name &&
		(strncmp(name, "/cusres", 7) == 0 || strncmp(name, "/aperak", 7) == 0 ||
			strncmp(name, "/contrl", 7) == 0);
	return is_answer ? "edifact-response" : "edifact";
}

static inline size_t each_file(const char *root, const char *tail,
	void (*run)(const struct check *check))
{
	struct plugin_set *set = open_plugins();
	char pattern[4096];
	glob_t found;
	size_t n = 0;
	snprintf(pattern, sizeof(pattern), "%s/%s", root, tail);
	int answer = glob(pattern, 0, NULL, &found);
	for (; answer == 0 && n < found.gl_pathc; n++) {
		struct buf native = {.data = NULL};
		const char *path = found.gl_pathv[n];
		read_whole(path, &native);
		struct check check = {set, format_of_file(path), path, buf_view(&native)};
		run(&check);
		buf_deinit(&native);
	}
	globfree(&found);
	plugin_set_close(set);
	return n;
}

static inline void each_native(const char *name, void (*run)(const struct check *check))
{
	const char *samples = getenv("RIVERGATE_SAMPLES");
	ck_assert_uint_ge(each_file(getenv("RIVERGATE_SOURCE"), OWN_FILES, run), 11);
	if (samples && *samples) {
		ck_assert_uint_ge(each_file(samples, SAMPLES, run), 10);
		return;
	}
	printf("skip: %s on samples: RIVERGATE_SAMPLES names no folder\n", name);
	printf("0 passed, 0 failed, 1 skipped\n");
}

/* All documents of a conversion, as the files they make, behind one another. */
static inline void encode_all(const struct check *check, struct conversion *conversion,
	struct buf *out)
{
	ck_assert_int_eq(convert_encode(conversion, format_of(check->set, check->format),
				 RG_PURPOSE_UNSPECIFIED),
		RG_OK);
	ck_assert_msg(!convert_is_refused(conversion), "%s", check->path);
	for (size_t i = 0; i < convert_n_outputs(conversion); i++) {
		buf_add_bytes(out, convert_output(conversion, i));
	}
}

#endif
