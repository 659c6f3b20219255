/*
 * A site's own names of elements, on their way from the settings into the translating process
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "host/naming.h"

static char folder[] = "/tmp/rg-naming-XXXXXX";
static char path[64];
static struct settings_names rows[2];
static struct settings settings;
static struct naming naming;
static struct translator *translator;
static struct translation answer;

static void write_names(const char *text, size_t len)
{
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

static void setup(char *format, const char *names)
{
	char plugins[512];

	log_set_level(LOG_ERROR);
	memcpy(folder, "/tmp/rg-naming-XXXXXX", sizeof(folder));
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/names.csv", folder);
	snprintf(plugins, sizeof(plugins), "%s/adapters/plugins", getenv("RIVERGATE_BUILD"));
	setenv("RIVERGATE_PLUGINS", plugins, 1);
	write_names(names, strlen(names));
	memset(&naming, 0, sizeof(naming));
	rows[0] = rows[1] = (struct settings_names){.format = format, .file = path};
	settings.names = (struct conf_list){.items = rows, .n_items = 1};
	translation_init(&answer);
	translator = NULL;
}

static void teardown(void)
{
	translation_deinit(&answer);
	translator_stop(translator);
	naming_deinit(&naming);
	unlink(path);
	rmdir(folder);
}

static void start(void)
{
	ck_assert_int_eq(naming_read(&settings, &naming), RG_OK);
	const struct translator_limits limits = {.cpu_s = 20,
		.memory_mib = 1024,
		.names = naming.rows,
		.n_names = naming.n};
	ck_assert_int_eq(translator_start(&limits, &translator), RG_OK);
}

START_TEST(names_hold_in_both_directions)
{
	const struct translator_task task = {"th-ecustoms", "rivergate.v1.Declaration",
		RG_PURPOSE_LODGED_COPY};
	scoped(buf_deinitv) struct buf native = {0};
	scoped(buf_deinitv) struct buf document = {0};
	bool is_found = false;
	char file[512];

	setup("th-ecustoms", "ours,site\nExportDeclaration,CustomsExport\nPostcode,Zip\n");
	start();
	ck_assert_int_eq(naming_check(translator, &settings), RG_OK);
	snprintf(file, sizeof(file), "%s/adapters/th/testdata/export-durian.xml",
		getenv("RIVERGATE_SOURCE"));
	buf_init(&native);
	buf_init(&document);
	ck_assert_int_eq(file_read(file, 1 << 20, &native, &is_found), RG_OK);
	const char *format = "th-ecustoms";
	ck_assert_int_eq(translator_decode(translator, &format, 1, buf_view(&native), &answer),
		RG_OK);
	ck_assert(answer.is_refused);
	buf_clear(&document);
	for (char *at = (char *)buf_text(&native); *at;) {
		static const char *const pairs[][2] = {{"ExportDeclaration>", "CustomsExport>"},
			{"Postcode>", "Zip>"}};
		size_t which = 0;

		while (which < 2 && strncmp(at, pairs[which][0], strlen(pairs[which][0])) != 0) {
			which++;
		}
		if (which < 2) {
			buf_add_text(&document, pairs[which][1]);
			at += strlen(pairs[which][0]);
		} else {
			buf_add_u8(&document, (uint8_t)*at++);
		}
	}
	/* Found among all formats, by the site's name of the root. */
	ck_assert_int_eq(translator_decode(translator, NULL, 0, buf_view(&document), &answer),
		RG_OK);
	ck_assert(!answer.is_refused && !answer.is_unknown);
	ck_assert_str_eq(answer.format, "th-ecustoms");
	buf_clear(&native);
	buf_add_bytes(&native, answer.documents[0]);
	ck_assert_int_eq(translator_encode(translator, &task, buf_view(&native), &answer), RG_OK);
	ck_assert_uint_eq(answer.n_outputs, 1);
	ck_assert_ptr_nonnull(
		memmem(answer.outputs[0].data, answer.outputs[0].len, "<CustomsExport>", 15));
	ck_assert_ptr_nonnull(memmem(answer.outputs[0].data, answer.outputs[0].len, "<Zip>", 5));
	teardown();
}
END_TEST

START_TEST(wrong_names_are_refused)
{
	static char thai[] = "th-ecustoms";
	static char json[] = "json";
	static char nowhere[] = "nowhere";
	const struct {
		char *format;
		const char *names;
	} cases[] = {
		{thai, "ours,site\nNoSuchField,X\n"},
		{thai, "ours,site\nPostcode,1 2\n"},
		{thai, "ours,site\nPostcode,A\nPostcode,B\n"},
		{thai, "nonsense\n"},
		{json, "ours,site\n"},
		{nowhere, "ours,site\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setup(cases[i].format, cases[i].names);
		start();
		ck_assert_msg(naming_check(translator, &settings) == RG_E_CONFIG, "%s: %s",
			cases[i].format, cases[i].names);
		teardown();
	}
}
END_TEST

START_TEST(file_that_is_missing_or_too_large_is_refused)
{
	char *large = calloc(1, NAMING_FILE_MAX + 1);

	ck_assert_ptr_nonnull(large);
	setup("th-ecustoms", "");
	write_names(large, NAMING_FILE_MAX + 1);
	ck_assert_int_eq(naming_read(&settings, &naming), RG_E_CONFIG);
	naming_deinit(&naming);
	unlink(path);
	ck_assert_int_eq(naming_read(&settings, &naming), RG_E_CONFIG);
	teardown();
	free(large);
}
END_TEST

START_TEST(two_files_for_one_format_are_refused)
{
	setup("th-ecustoms", "ours,site\n");
	settings.names.n_items = 2;
	ck_assert_int_eq(naming_read(&settings, &naming), RG_E_CONFIG);
	teardown();
}
END_TEST

CHECK_MAIN("connector_naming", names_hold_in_both_directions, wrong_names_are_refused,
	file_that_is_missing_or_too_large_is_refused, two_files_for_one_format_are_refused)
