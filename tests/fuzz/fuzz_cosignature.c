/* Cosigned checkpoints and answers of witnesses: what counts can be taken, and the other way. */

#include <stdlib.h>
#include <string.h>

#include "evidence/cosignature.h"

#define TEXT "rivergate.example/test\n42\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n"

int fuzz_cosignature(const uint8_t *data, size_t len);

static void check_vkey(struct buf *text)
{
	struct cosigner by;
	scoped(buf_deinit) struct buf again = {0};

	if (buf_text(text) && cosigner_parse(buf_text(text), &by)) {
		cosigner_print(&by, &again);
		if (strcmp(buf_text(&again), buf_text(text)) != 0) {
			abort();
		}
	}
}

int fuzz_cosignature(const uint8_t *data, size_t len)
{
	static const char vkey[] =
		"la.witness+77f25d40+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
	scoped(buf_deinit) struct buf note = {0};
	scoped(buf_deinit) struct buf vkey_text = {0};
	scoped(buf_deinit) struct buf line = {0};
	struct cosigner_roster roster = {.n_items = 1, .quorum = 1};
	struct cosignature_count count;
	uint64_t taken_s = 0;

	buf_add(&vkey_text, data, len);
	check_vkey(&vkey_text);
	buf_add_text(&note, TEXT "\n");
	buf_add(&note, data, len);
	if (!cosigner_parse(vkey, &roster.items[0]) ||
		cosignature_count(buf_view(&note), &roster, &count) ||
		cosignature_take(bytes_of_text(TEXT "\n\xe2\x80\x94 x AAAAAAAA\n"),
			bytes_of(data, len), &roster.items[0], &line, &taken_s)) {
		abort();
	}
	/* The lines alone and the lines under the checkpoint say the same. */
	if (taken_s != 0 && !count.is_malformed && count.n_valid != 1) {
		abort();
	}
	if ((line.len > 0) != (taken_s != 0)) {
		abort();
	}
	return 0;
}
