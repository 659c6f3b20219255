/* Envelopes: what is taken is written again byte for byte, and the offline check answers. */

#include <stdlib.h>

#include <rivergate/proof.h>

#include "client/submit.h"

int fuzz_client_envelope(const uint8_t *data, size_t len);

static void write_again(const struct submission *submission, struct rg_bytes original)
{
	scoped(buf_deinit) struct buf again = {0};
	const struct submit_envelope envelope = {
		.header = submission->header,
		.signature = buf_view(&submission->signature),
		.frames = submission->frames,
		.n_frames = submission->n_frames,
	};

	if (submit_envelope_write(&envelope, &again) || !bytes_equal(buf_view(&again), original)) {
		abort();
	}
}

int fuzz_client_envelope(const uint8_t *data, size_t len)
{
	static const char vkey[] =
		"rivergate.example/test+057cb70b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
	scoped(submit_maker_freep) struct submit_maker *maker = NULL;
	scoped(submission_freep) struct submission *submission = NULL;
	struct rg_proof_report report;
	const char *rule = NULL;

	if (submit_maker_new("la.customs", &maker) ||
		submit_from_envelope(maker, bytes_of(data, len), &submission, &rule) ||
		(submission == NULL) != (rule != NULL)) {
		abort();
	}
	if (submission) {
		write_again(submission, bytes_of(data, len));
	}
	if (rg_proof_check(bytes_of(data, len), bytes_of_text("no proof"), vkey, &report) ||
		report.step == RG_PROOF_HOLDS || !report.rule) {
		abort();
	}
	return 0;
}
