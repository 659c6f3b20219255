/* Proof files: what is read is written again byte for byte, and the check answers. */

#include <stdlib.h>

#include "evidence/proof.h"

int fuzz_proof_file(const uint8_t *data, size_t len);

int fuzz_proof_file(const uint8_t *data, size_t len)
{
	static const char vkey[] =
		"rivergate.example/test+057cb70b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
	scoped(proof_file_deinit) struct proof_file file;
	scoped(buf_deinit) struct buf again = {0};
	struct note_verifier verifier;
	const char *rule;
	size_t line;

	proof_file_init(&file);
	if (proof_file_read(bytes_of(data, len), &file, &line)) {
		abort();
	}
	if (line > 0) {
		return 0;
	}
	if (proof_file_write(&file, &again) ||
		!bytes_equal(buf_view(&again), bytes_of(data, len))) {
		abort();
	}
	if (!note_verifier_parse(vkey, &verifier) ||
		proof_file_check(&file, bytes_of_text("header"), &verifier, &rule)) {
		abort();
	}
	return 0;
}
