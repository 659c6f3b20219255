/* Checkpoints and verifier keys: what is accepted verifies or not, but never breaks. */

#include <stdlib.h>
#include <string.h>

#include "evidence/note.h"

int fuzz_note(const uint8_t *data, size_t len);

int fuzz_note(const uint8_t *data, size_t len)
{
	static const char vkey[] =
		"rivergate.example/test+057cb70b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
	scoped(buf_deinit) struct buf text = {0};
	struct note_checkpoint checkpoint;
	struct note_verifier verifier;
	bool is_valid = false;

	buf_add(&text, data, len);
	if (!buf_text(&text)) {
		return 0;
	}
	if (note_verifier_parse(buf_text(&text), &verifier)) {
		scoped(buf_deinit) struct buf again = {0};

		note_verifier_print(&verifier, &again);
		if (strcmp(buf_text(&again), buf_text(&text)) != 0) {
			abort();
		}
	}
	bool is_form = note_checkpoint_read(bytes_of(data, len), &checkpoint);
	if (!note_verifier_parse(vkey, &verifier) ||
		note_checkpoint_verify(bytes_of(data, len), &verifier, &checkpoint, &is_valid)) {
		abort();
	}
	if (is_valid && !is_form) {
		abort();
	}
	return 0;
}
