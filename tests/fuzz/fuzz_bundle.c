/*
 * Evidence bundles: an archive ("PK…"), or files one after the other, each as uint8 path
 * length ‖ path ‖ uint32 length ‖ content. Whatever it is, checking it ends with an answer.
 */

#include <stdlib.h>
#include <string.h>

#include "audit/evidence.h"

int fuzz_bundle(const uint8_t *data, size_t len);

static rg_err read_files(struct rg_bytes bytes, struct bundle *bundle)
{
	struct cursor cursor = cursor_of(bytes);
	rg_err err = RG_OK;

	while (!err && cursor.left > 0 && !cursor.is_bad) {
		struct rg_bytes name = cursor_bytes(&cursor, cursor_u8(&cursor));
		struct rg_bytes content = cursor_bytes(&cursor, cursor_u32(&cursor));
		char path[256] = {0};

		memcpy(path, name.data ? name.data : (const uint8_t *)"", name.len);
		if (!cursor.is_bad && bundle_path_is_valid(path) && !bundle_find(bundle, path)) {
			err = bundle_add(bundle, path, content);
			bundle_sort(bundle);
		}
	}
	return err;
}

int fuzz_bundle(const uint8_t *data, size_t len)
{
	scoped(bundle_deinitv) struct bundle bundle = {.files = NULL};
	scoped(evidence_deinitv) struct evidence evidence = {.arena = NULL};
	const struct evidence_terms terms = {.pin = NULL};
	struct bundle_answer answer = {.is_ok = true};
	bool is_archive = len > 2 && memcmp(data, "PK", 2) == 0;
	rg_err err = is_archive ? bundle_zip_parse(bytes_of(data, len), &bundle, &answer)
				: read_files(bytes_of(data, len), &bundle);

	if (err || !answer.is_ok) {
		return 0;
	}
	bundle_sort(&bundle);
	if (evidence_init(&evidence) || evidence_check(&bundle, &terms, &evidence, &answer)) {
		return 0;
	}
	if (answer.is_ok && !evidence.origin) {
		abort();
	}
	return 0;
}
