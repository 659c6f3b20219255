/*
 * Submissions: what the client fills in, what it refuses, and that an envelope and its
 * proof check offline, or fail where they were changed.
 */

#include <stdlib.h>
#include <string.h>

#include <rivergate/proof.h>

#include "base/clock.h"
#include "client/submit.h"
#include "evidence/proof.h"
#include "evidence/record.h"
#include "rivergate/v1/message.pb-c.h"
#include "sign/signature.h"
#include "suite.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define PARTY "la.customs.boten"

/* --- Drafts ---------------------------------------------------------------------------------- */

static char *to_one[] = {(char *)"cn.gacc.mohan"};

/* A declaration with two parts, which a test may spoil. */
struct draft {
	Rivergate__V1__Header header;
	Rivergate__V1__Part part[2];
	Rivergate__V1__Part *list[2];
	struct rg_client_part content[2];
	struct rg_client_message message;
	struct buf packed;
};

static void make_draft(struct draft *draft)
{
	*draft = (struct draft){0};
	rivergate__v1__header__init(&draft->header);
	for (size_t i = 0; i < 2; i++) {
		rivergate__v1__part__init(&draft->part[i]);
		draft->list[i] = &draft->part[i];
	}
	draft->part[0].name = (char *)"customs";
	draft->part[1].name = (char *)"native";
	draft->content[0].content = bytes_of_text("declaration");
	draft->content[1] =
		(struct rg_client_part){.content = bytes_of_text("original"), .is_withheld = true};
	draft->header.to = to_one;
	draft->header.n_to = 1;
	draft->header.kind = RIVERGATE__V1__KIND__KIND_DECLARATION;
	draft->header.parts = draft->list;
	draft->header.n_parts = 2;
	draft->message.parts = draft->content;
	draft->message.n_parts = 2;
	buf_init(&draft->packed);
}

/* Completes the draft; the rule it breaks, or NULL and the submission. */
static const char *complete(struct draft *draft, struct submission **ret_submission)
{
	scoped(submit_maker_freep) struct submit_maker *maker = NULL;
	const char *rule = NULL;

	buf_clear(&draft->packed);
	ck_assert_int_eq(pack_append(&draft->header.base, &draft->packed), RG_OK);
	draft->message.header = buf_view(&draft->packed);
	ck_assert_int_eq(submit_maker_new(PARTY, &maker), RG_OK);
	ck_assert_int_eq(submit_complete(maker, &draft->message, ret_submission, &rule), RG_OK);
	buf_deinit(&draft->packed);
	return rule;
}

START_TEST(client_fills_what_only_it_may_say)
{
	struct draft draft;
	struct submission *submission = NULL;
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;
	struct arena *arena = arena_new(0);

	make_draft(&draft);
	ck_assert_ptr_null(complete(&draft, &submission));
	ck_assert_int_eq(scan_unpack(&rivergate__v1__header__descriptor, submission->header, arena,
				 &answer, &msg),
		RG_OK);
	ck_assert_ptr_nonnull(msg);
	const Rivergate__V1__Header *header = (const Rivergate__V1__Header *)msg;
	ck_assert_str_eq(header->from, PARTY);
	ck_assert_uint_eq(header->id.len, 16);
	ck_assert_uint_eq(header->id.data[6] >> 4, 7);
	ck_assert_uint_eq(header->id.data[8] >> 6, 2);
	ck_assert_mem_eq(header->id.data, submission->id, 16);
	ck_assert_int_le(llabs(header->sent_at_us - clock_now_us()), 5000000);
	ck_assert_uint_eq(header->parts[0]->size, 11);
	ck_assert_uint_eq(header->parts[1]->size, 8);
	arena_free(arena);
	submission_free(submission);
}
END_TEST

START_TEST(withheld_part_is_committed_to_and_not_sent)
{
	struct draft draft;
	struct submission *submission = NULL;

	make_draft(&draft);
	ck_assert_ptr_null(complete(&draft, &submission));
	ck_assert_uint_eq(submission->n_frames, 2);
	ck_assert_uint_eq(submission->frames[0].len, 32 + 11);
	ck_assert_mem_eq(submission->frames[0].data + 32, "declaration", 11);
	ck_assert_uint_eq(submission->frames[1].len, 0);
	submission_free(submission);
}
END_TEST

START_TEST(salts_and_ids_never_repeat)
{
	struct submission *made[64] = {NULL};

	for (size_t i = 0; i < 64; i++) {
		struct draft draft;

		make_draft(&draft);
		ck_assert_ptr_null(complete(&draft, &made[i]));
		for (size_t j = 0; j < i; j++) {
			ck_assert_mem_ne(made[i]->id, made[j]->id, 16);
			ck_assert_mem_ne(made[i]->frames[0].data, made[j]->frames[0].data, 32);
		}
	}
	for (size_t i = 0; i < 64; i++) {
		submission_free(made[i]);
	}
}
END_TEST

START_TEST(given_id_and_salt_are_used)
{
	static const uint8_t salt[32] = {9};
	struct draft draft;
	struct submission *submission = NULL;

	make_draft(&draft);
	memset(draft.message.id, 5, sizeof(draft.message.id));
	draft.content[0].salt = bytes_of(salt, sizeof(salt));
	ck_assert_ptr_null(complete(&draft, &submission));
	ck_assert_mem_eq(submission->id, draft.message.id, 16);
	ck_assert_mem_eq(submission->frames[0].data, salt, sizeof(salt));
	submission_free(submission);
}
END_TEST

/* --- Refusals -------------------------------------------------------------------------------- */

static void spoil_from(struct draft *draft)
{
	draft->header.from = (char *)"la.customs";
}

static void spoil_kind(struct draft *draft)
{
	draft->header.kind = RIVERGATE__V1__KIND__KIND_UNSPECIFIED;
}

static void spoil_derived(struct draft *draft)
{
	draft->header.kind = RIVERGATE__V1__KIND__KIND_EXPIRY;
}

static void spoil_recipients(struct draft *draft)
{
	draft->header.n_to = 0;
}

static void spoil_address(struct draft *draft)
{
	static char *bad[] = {(char *)"CN.gacc"};

	draft->header.to = bad;
}

static void spoil_governance(struct draft *draft)
{
	draft->header.kind = RIVERGATE__V1__KIND__KIND_DIRECTORY;
}

static void spoil_count(struct draft *draft)
{
	draft->message.n_parts = 1;
}

static void spoil_salt(struct draft *draft)
{
	draft->content[0].salt = bytes_of_text("short");
}

static void spoil_commitment(struct draft *draft)
{
	draft->part[0].commitment = (ProtobufCBinaryData){.data = (uint8_t *)"x", .len = 1};
}

static void spoil_withheld(struct draft *draft)
{
	draft->content[1].content = bytes_of(NULL, 0);
}

static void spoil_size(struct draft *draft)
{
	static const uint8_t byte;

	/* Never read: the size is refused first. */
	draft->content[0].content = bytes_of(&byte, SUBMIT_PART_MAX + 1);
}

static void spoil_header(struct draft *draft)
{
	static char ucr[SUBMIT_HEADER_MAX];

	memset(ucr, 'A', sizeof(ucr) - 1);
	draft->header.ucr = ucr;
}

START_TEST(draft_that_breaks_a_rule_is_refused)
{
	static const struct {
		void (*spoil)(struct draft *draft);
		const char *rule;
	} cases[] = {
		{spoil_from, "id, from and sent_at_us of a draft are left empty"},
		{spoil_kind, "no kind"},
		{spoil_derived, "derived kinds are made by the router alone"},
		{spoil_recipients, "no recipient"},
		{spoil_address, "a recipient is not an address"},
		{spoil_governance, "a governance message names no recipients"},
		{spoil_count, "the header describes another number of parts"},
		{spoil_salt, "a salt has 32 bytes"},
		{spoil_commitment, "size and commitment of a draft's parts are left empty"},
		{spoil_withheld,
			"a withheld part without content needs its commitment in the header"},
		{spoil_size, "a part is larger than 8 MiB"},
		{spoil_header, "the header is larger than 48 KiB"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct draft draft;
		struct submission *submission = NULL;

		make_draft(&draft);
		cases[i].spoil(&draft);
		ck_assert_str_eq(complete(&draft, &submission), cases[i].rule);
		ck_assert_ptr_null(submission);
	}
}
END_TEST

/* --- Envelopes and proofs -------------------------------------------------------------------- */

/* A signed message alone in a log, as the sender keeps it. */
struct kept {
	struct buf envelope;
	struct buf proof;
	struct buf vkey;
};

static void write_envelope(const struct submission *submission, struct buf *out)
{
	const struct submit_envelope envelope = {
		.header = submission->header,
		.signature = buf_view(&submission->signature),
		.frames = submission->frames,
		.n_frames = submission->n_frames,
	};

	ck_assert_int_eq(submit_envelope_write(&envelope, out), RG_OK);
}

static struct submission *sign_one(void)
{
	struct key *key = NULL;
	struct draft draft;
	struct submission *submission = NULL;

	make_draft(&draft);
	ck_assert_ptr_null(complete(&draft, &submission));
	ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ECDSA_P256_SHA256, &key),
		RG_OK);
	ck_assert_int_eq(submit_sign(key, &submission, 1), RG_OK);
	key_free(key);
	return submission;
}

/* meta: Meta { time_us: 5 }. */
static const uint8_t meta[] = {0x08, 0x05};

static void prove(const struct submission *submission, struct kept *kept)
{
	const struct record record = {
		.type = RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE,
		.meta = bytes_of(meta, sizeof(meta)),
		.body = submission->header,
		.signature = buf_view(&submission->signature),
	};
	const struct proof_extra extra = {record.meta, record.signature};
	struct note_checkpoint checkpoint = {.origin = "log.example/test", .size = 1};
	struct proof_file file = {0};
	struct note_verifier log;
	struct key *log_key = NULL;
	uint8_t raw[32];
	scoped(buf_deinit) struct buf leaf = {0};

	proof_file_init(&file);
	ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519, &log_key),
		RG_OK);
	ck_assert_int_eq(key_ed25519_raw(log_key, raw), RG_OK);
	ck_assert_int_eq(note_verifier_of(checkpoint.origin, raw, &log), RG_OK);
	note_verifier_print(&log, &kept->vkey);
	ck_assert_int_eq(record_write(&record, &leaf), RG_OK);
	ck_assert_int_eq(merkle_leaf(buf_view(&leaf), &checkpoint.root), RG_OK);
	ck_assert_int_eq(note_checkpoint_sign(&checkpoint, log_key, &file.checkpoint), RG_OK);
	ck_assert_int_eq(proof_extra_write(&extra, &file.extra), RG_OK);
	ck_assert_int_eq(proof_file_write(&file, &kept->proof), RG_OK);
	proof_file_deinit(&file);
	key_free(log_key);
}

static void keep_one(struct kept *kept)
{
	struct submission *submission = sign_one();

	*kept = (struct kept){0};
	write_envelope(submission, &kept->envelope);
	prove(submission, kept);
	submission_free(submission);
}

static void drop(struct kept *kept)
{
	buf_deinit(&kept->envelope);
	buf_deinit(&kept->proof);
	buf_deinit(&kept->vkey);
}

static struct rg_proof_report check(struct kept *kept)
{
	struct rg_proof_report report;

	ck_assert_int_eq(rg_proof_check(buf_view(&kept->envelope), buf_view(&kept->proof),
				 buf_text(&kept->vkey), &report),
		RG_OK);
	return report;
}

START_TEST(envelope_gives_the_same_submission_back)
{
	struct submission *submission = sign_one();
	struct submission *again = NULL;
	struct submit_maker *maker = NULL;
	const char *rule = NULL;
	scoped(buf_deinit) struct buf envelope = {0};

	write_envelope(submission, &envelope);
	ck_assert_int_eq(submit_maker_new("th.customs", &maker), RG_OK);
	ck_assert_int_eq(submit_from_envelope(maker, buf_view(&envelope), &again, &rule), RG_OK);
	ck_assert_ptr_null(rule);
	ck_assert(bytes_equal(again->header, submission->header));
	ck_assert(bytes_equal(buf_view(&again->signature), buf_view(&submission->signature)));
	ck_assert(bytes_equal(again->frames[0], submission->frames[0]));
	ck_assert_uint_eq(again->frames[1].len, 0);
	ck_assert_uint_eq(again->size, submission->size);
	submit_maker_free(maker);
	submission_free(again);
	submission_free(submission);
}
END_TEST

START_TEST(envelope_cut_short_is_refused)
{
	struct submission *submission = sign_one();
	struct submit_maker *maker = NULL;
	scoped(buf_deinit) struct buf envelope = {0};

	write_envelope(submission, &envelope);
	ck_assert_int_eq(submit_maker_new(PARTY, &maker), RG_OK);
	for (size_t len = 0; len < envelope.len; len++) {
		struct submission *again = NULL;
		const char *rule = NULL;

		ck_assert_int_eq(submit_from_envelope(maker, bytes_of(envelope.data, len), &again,
					 &rule),
			RG_OK);
		ck_assert_ptr_nonnull(rule);
		ck_assert_ptr_null(again);
	}
	submit_maker_free(maker);
	submission_free(submission);
}
END_TEST

START_TEST(envelope_and_proof_hold_offline)
{
	struct kept kept;

	keep_one(&kept);
	struct rg_proof_report report = check(&kept);
	ck_assert_ptr_null(report.rule);
	ck_assert_int_eq(report.step, RG_PROOF_HOLDS);
	ck_assert_str_eq(report.from, PARTY);
	ck_assert_int_eq(report.time_us, 5);
	ck_assert_uint_eq(report.size, 1);
	ck_assert_uint_eq(report.n_parts, 2);
	ck_assert_uint_eq(report.n_withheld, 1);
	drop(&kept);
}
END_TEST

START_TEST(every_changed_byte_of_an_envelope_is_found)
{
	struct kept kept;

	keep_one(&kept);
	for (size_t i = 0; i < kept.envelope.len; i++) {
		kept.envelope.data[i] ^= 1;
		struct rg_proof_report report = check(&kept);
		ck_assert_int_ne(report.step, RG_PROOF_HOLDS);
		ck_assert_ptr_nonnull(report.rule);
		kept.envelope.data[i] ^= 1;
	}
	drop(&kept);
}
END_TEST

START_TEST(every_changed_byte_of_a_proof_is_found)
{
	struct kept kept;

	keep_one(&kept);
	for (size_t i = 0; i < kept.proof.len; i++) {
		kept.proof.data[i] ^= 1;
		struct rg_proof_report report = check(&kept);
		ck_assert_int_ne(report.step, RG_PROOF_HOLDS);
		kept.proof.data[i] ^= 1;
	}
	drop(&kept);
}
END_TEST

START_TEST(proof_by_another_log_is_found)
{
	struct kept kept;
	struct kept other;

	keep_one(&kept);
	keep_one(&other);
	buf_clear(&kept.vkey);
	buf_add_bytes(&kept.vkey, buf_view(&other.vkey));
	ck_assert_int_eq(check(&kept).step, RG_PROOF_RECORD);
	buf_clear(&kept.vkey);
	buf_add_text(&kept.vkey, "no key");
	ck_assert_int_eq(check(&kept).step, RG_PROOF_KEY);
	drop(&kept);
	drop(&other);
}
END_TEST

START_TEST(batch_is_signed_once_and_each_verifies)
{
	struct submission *batch[5] = {NULL};
	struct key *key = NULL;

	ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ECDSA_P256_SHA256, &key),
		RG_OK);
	for (size_t i = 0; i < 5; i++) {
		struct draft draft;

		make_draft(&draft);
		ck_assert_ptr_null(complete(&draft, &batch[i]));
	}
	ck_assert_int_eq(submit_sign(key, batch, 5), RG_OK);
	for (size_t i = 0; i < 5; i++) {
		struct arena *arena = arena_new(0);
		struct scan_answer answer;
		ProtobufCMessage *msg = NULL;
		const char *rule = NULL;

		ck_assert_int_eq(scan_unpack(&rivergate__v1__signature__descriptor,
					 buf_view(&batch[i]->signature), arena, &answer, &msg),
			RG_OK);
		ck_assert_ptr_nonnull(msg);
		ck_assert_int_eq(signature_verify(key, batch[i]->header,
					 (const Rivergate__V1__Signature *)msg, NULL, &rule),
			RG_OK);
		ck_assert_ptr_null(rule);
		ck_assert_uint_eq(batch[i]->size,
			batch[i]->header.len + batch[i]->signature.len + batch[i]->frames[0].len);
		arena_free(arena);
		submission_free(batch[i]);
	}
	key_free(key);
}
END_TEST

CHECK_MAIN("client_submit", client_fills_what_only_it_may_say,
	withheld_part_is_committed_to_and_not_sent, salts_and_ids_never_repeat,
	given_id_and_salt_are_used, draft_that_breaks_a_rule_is_refused,
	envelope_gives_the_same_submission_back, envelope_cut_short_is_refused,
	envelope_and_proof_hold_offline, every_changed_byte_of_an_envelope_is_found,
	every_changed_byte_of_a_proof_is_found, proof_by_another_log_is_found,
	batch_is_signed_once_and_each_verifies)
