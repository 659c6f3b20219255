/*
 * Receipts as a client checks them, and refusals as a client reads them.
 */

#include <stdio.h>
#include <string.h>

#include "evidence/receipts.h"
#include "evidence/record.h"
#include "receipt/receipt.h"
#include "suite.h"
#include "tree/tree.h"
#include "wire/scan.h"

#define ORIGIN      "example.org/log"
#define RECORDS_MAX 4000
#define SESSION     7

/* A log in which some records are messages of the session. */
struct log {
	struct tree *tree;
	struct key *key;
	struct note_verifier verifier;
	struct buf checkpoint;
	size_t signature_len;
	struct receipt_batch *batch;
	/* What the client got: */
	size_t n_frames;
	size_t n_bytes;
	size_t n_records;
	uint64_t sessions[64];
	bool seen[RECORDS_MAX];
};

static void header_of(uint64_t n, char text[64])
{
	snprintf(text, 64, "header of record %u", (unsigned)n);
}

static void id_of(uint64_t n, uint8_t id[16])
{
	memset(id, 0x11, 16);
	id[14] = (uint8_t)(n >> 8);
	id[15] = (uint8_t)n;
}

/* The client's own headers, by id. */
static bool find_header(void *context, const uint8_t id[16], struct rg_bytes *ret_header)
{
	static char text[64];

	(void)context;
	header_of((uint64_t)id[14] << 8 | id[15], text);
	*ret_header = bytes_of_text(text);
	return true;
}

static void append(struct log *log, uint64_t n, uint64_t session)
{
	static uint8_t signature[4096];
	char header[64];
	uint8_t id[16];
	struct merkle_hash leaf;
	scoped(buf_deinitv) struct buf bytes = {0};

	header_of(n, header);
	id_of(n, id);
	memset(signature, 's', sizeof(signature));
	struct record record = {
		.type = RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE,
		.meta = bytes_of("\x08\x01", 2),
		.body = bytes_of_text(header),
		.signature = bytes_of(signature, log->signature_len),
	};

	ck_assert_int_eq(record_write(&record, &bytes), RG_OK);
	ck_assert_int_eq(merkle_leaf(buf_view(&bytes), &leaf), RG_OK);
	ck_assert_int_eq(tree_append(log->tree, &leaf), RG_OK);
	if (session > 0) {
		struct receipt_record own = {session, n, record.meta, record.signature,
			bytes_of(id, sizeof(id))};

		ck_assert_int_eq(receipt_batch_add(log->batch, &own), RG_OK);
	}
}

static void open_log(struct log *log)
{
	uint8_t raw[32];

	*log = (struct log){.signature_len = 100};
	ck_assert_int_eq(tree_open(NULL, &log->tree), RG_OK);
	ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519, &log->key),
		RG_OK);
	ck_assert_int_eq(key_ed25519_raw(log->key, raw), RG_OK);
	ck_assert_int_eq(note_verifier_of(ORIGIN, raw, &log->verifier), RG_OK);
	log->batch = receipt_batch_new();
	ck_assert_ptr_nonnull(log->batch);
}

static void close_log(struct log *log)
{
	receipt_batch_free(log->batch);
	buf_deinit(&log->checkpoint);
	tree_close(log->tree);
	key_free(log->key);
}

static struct receipt_tree sign(struct log *log)
{
	buf_clear(&log->checkpoint);
	ck_assert_int_eq(tree_checkpoint(log->tree, ORIGIN, log->key, &log->checkpoint), RG_OK);
	return (struct receipt_tree){buf_view(&log->checkpoint), tree_size(log->tree),
		tree_source(log->tree)};
}

/* Checks one Receipts as a client does, each own record by its own proof. */
static void check_receipts(struct log *log, const Rivergate__V1__Receipts *frame)
{
	struct receipts_headers headers = {find_header, NULL};
	struct receipts *receipts = NULL;
	struct proof_file file;
	const char *rule = NULL;

	ck_assert_int_eq(receipts_check(frame, &log->verifier, &headers, &receipts, &rule), RG_OK);
	ck_assert_msg(!rule, "%s", rule);
	proof_file_init(&file);
	for (size_t i = 0; i < receipts_count(receipts); i++) {
		struct rg_bytes header;
		uint8_t id[16];

		id_of(frame->records[i]->index, id);
		ck_assert_mem_eq(frame->records[i]->id.data, id, 16);
		ck_assert(find_header(NULL, id, &header));
		ck_assert_int_eq(receipts_proof(receipts, i, &file), RG_OK);
		ck_assert_int_eq(proof_file_check(&file, header, &log->verifier, &rule), RG_OK);
		ck_assert_msg(!rule, "%s", rule);
		ck_assert(!log->seen[frame->records[i]->index]);
		log->seen[frame->records[i]->index] = true;
		log->n_records++;
	}
	proof_file_deinit(&file);
	receipts_free(receipts);
}

static rg_err take_frame(void *context, uint64_t session, struct rg_bytes bytes)
{
	struct log *log = context;
	struct scan_limits limits = {0};
	struct scan_answer answer = scan_check(&rivergate__v1__frame__descriptor, bytes, &limits);

	ck_assert_msg(answer.is_ok, "%s: %s", answer.path, answer.rule);
	Rivergate__V1__Frame *frame = rivergate__v1__frame__unpack(NULL, bytes.len, bytes.data);

	ck_assert_ptr_nonnull(frame);
	ck_assert_int_eq(frame->body_case, RIVERGATE__V1__FRAME__BODY_RECEIPTS);
	check_receipts(log, frame->receipts);
	rivergate__v1__frame__free_unpacked(frame, NULL);
	log->sessions[log->n_frames % 64] = session;
	log->n_frames++;
	log->n_bytes += bytes.len;
	return RG_OK;
}

static void build(struct log *log)
{
	struct receipt_tree tree = sign(log);
	struct receipt_sink sink = {take_frame, log};

	ck_assert_int_eq(receipt_batch_build(log->batch, &tree, &sink), RG_OK);
	ck_assert_uint_eq(receipt_batch_count(log->batch), 0);
}

START_TEST(records_of_a_commit_are_proved_by_one_frame)
{
	struct log log;

	open_log(&log);
	for (uint64_t n = 0; n < 300; n++) {
		append(&log, n, n >= 100 && n % 3 == 0 ? SESSION : 0);
	}
	build(&log);
	ck_assert_uint_eq(log.n_frames, 1);
	ck_assert_uint_eq(log.n_records, 66);
	close_log(&log);
}
END_TEST

START_TEST(every_small_shape_of_range_is_proved)
{
	for (uint64_t size = 1; size <= 9; size++) {
		for (unsigned mask = 1; mask < 1u << size; mask++) {
			struct log log;

			open_log(&log);
			for (uint64_t n = 0; n < size; n++) {
				append(&log, n, mask >> n & 1 ? SESSION : 0);
			}
			build(&log);
			ck_assert_uint_eq(log.n_records, (unsigned)__builtin_popcount(mask));
			close_log(&log);
		}
	}
}
END_TEST

START_TEST(sessions_get_their_own_in_order_of_their_first_record)
{
	struct log log;

	open_log(&log);
	for (uint64_t n = 0; n < 40; n++) {
		append(&log, n, 5 - n % 4);
	}
	build(&log);
	ck_assert_uint_eq(log.n_frames, 4);
	ck_assert_uint_eq(log.n_records, 40);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(log.sessions[i], 5 - i);
	}
	close_log(&log);
}
END_TEST

START_TEST(batch_is_empty_after_it_was_built)
{
	struct log log;

	open_log(&log);
	append(&log, 0, SESSION);
	build(&log);
	append(&log, 1, SESSION);
	build(&log);
	ck_assert_uint_eq(log.n_frames, 2);
	ck_assert_uint_eq(log.n_records, 2);
	build(&log);
	ck_assert_uint_eq(log.n_frames, 2);
	close_log(&log);
}
END_TEST

START_TEST(records_far_apart_get_frames_of_their_own)
{
	struct log log;

	open_log(&log);
	for (uint64_t n = 0; n < 3000; n++) {
		append(&log, n, n % 1000 < 2 ? SESSION : 0);
	}
	build(&log);
	ck_assert_uint_eq(log.n_frames, 3);
	ck_assert_uint_eq(log.n_records, 6);
	/* Naming all leaves between would take 64,000 bytes. */
	ck_assert_uint_lt(log.n_bytes, 6000);
	close_log(&log);
}
END_TEST

START_TEST(frame_holds_no_more_records_than_allowed)
{
	struct log log;

	open_log(&log);
	for (uint64_t n = 0; n < 2 * RECEIPT_RECORDS_MAX + 1; n++) {
		append(&log, n, SESSION);
	}
	build(&log);
	ck_assert_uint_eq(log.n_frames, 3);
	ck_assert_uint_eq(log.n_records, 2 * RECEIPT_RECORDS_MAX + 1);
	close_log(&log);
}
END_TEST

START_TEST(frame_of_large_signatures_stays_below_what_a_client_takes)
{
	struct log log;

	open_log(&log);
	log.signature_len = 4096;
	for (uint64_t n = 0; n < 1000; n++) {
		append(&log, n, SESSION);
	}
	build(&log);
	ck_assert_uint_gt(log.n_frames, 1);
	ck_assert_uint_lt(log.n_bytes / log.n_frames, 3u << 20);
	ck_assert_uint_eq(log.n_records, 1000);
	close_log(&log);
}
END_TEST

START_TEST(single_record_is_proved_against_a_later_checkpoint)
{
	struct log log;
	scoped(buf_deinitv) struct buf packed = {0};
	scoped(buf_deinitv) struct buf framed = {0};
	static uint8_t signature[100];
	uint8_t id[16];

	open_log(&log);
	for (uint64_t n = 0; n < 1000; n++) {
		append(&log, n, 0);
	}
	memset(signature, 's', sizeof(signature));
	id_of(3, id);
	struct receipt_record record = {SESSION, 3, bytes_of("\x08\x01", 2),
		bytes_of(signature, sizeof(signature)), bytes_of(id, sizeof(id))};
	struct receipt_tree tree = sign(&log);

	ck_assert_int_eq(receipt_single(&record, &tree, &packed), RG_OK);
	Rivergate__V1__Receipts *receipts =
		rivergate__v1__receipts__unpack(NULL, packed.len, packed.data);

	ck_assert_ptr_nonnull(receipts);
	check_receipts(&log, receipts);
	rivergate__v1__receipts__free_unpacked(receipts, NULL);
	log.seen[3] = false;
	ck_assert_int_eq(receipt_single_frame(&record, &tree, &framed), RG_OK);
	ck_assert_int_eq(take_frame(&log, SESSION, buf_view(&framed)), RG_OK);
	close_log(&log);
}
END_TEST

static rg_err refuse_frame(void *context, uint64_t session, struct rg_bytes frame)
{
	(void)context;
	(void)session;
	(void)frame;
	return RG_E_NOMEM;
}

START_TEST(fault_of_the_sink_is_passed_on)
{
	struct log log;

	open_log(&log);
	append(&log, 0, SESSION);
	struct receipt_tree tree = sign(&log);
	struct receipt_sink sink = {refuse_frame, NULL};

	ck_assert_int_eq(receipt_batch_build(log.batch, &tree, &sink), RG_E_NOMEM);
	close_log(&log);
}
END_TEST

START_TEST(every_verdict_says_what_to_do)
{
	for (int verdict = 0; verdict <= RIVERGATE__V1__VERDICT__VERDICT_GOVERNANCE; verdict++) {
		const char *text = receipt_advice((Rivergate__V1__Verdict)verdict);

		ck_assert_ptr_nonnull(text);
		ck_assert_uint_gt(strlen(text), 10);
		ck_assert_int_eq(text[strlen(text) - 1], '.');
	}
	ck_assert_ptr_nonnull(receipt_advice((Rivergate__V1__Verdict)999));
	/* A verdict that was added needs a row. */
	ck_assert_uint_eq(rivergate__v1__verdict__descriptor.n_values,
		RIVERGATE__V1__VERDICT__VERDICT_GOVERNANCE + 1);
}
END_TEST

START_TEST(refusal_names_rule_field_hashes_and_time)
{
	static const uint8_t known[32] = {1, 2, 3};
	scoped(message_freep) struct message *message = message_new();
	struct receipt_refusal refusal = {"mekong.router", 1234567, known};
	scoped(buf_deinitv) struct buf packed = {0};
	struct scan_limits limits = {0};
	struct merkle_hash hash;

	ck_assert_ptr_nonnull(message);
	ck_assert_int_eq(zmq_msg_close(&message->header_frame), 0);
	ck_assert_int_eq(zmq_msg_init_size(&message->header_frame, 5), 0);
	memcpy(zmq_msg_data(&message->header_frame), "bytes", 5);
	message_refuse(message, RIVERGATE__V1__VERDICT__VERDICT_CONFLICT, "identity is taken",
		"id");
	ck_assert_int_eq(receipt_refusal_body(message, &refusal, &packed), RG_OK);
	ck_assert(scan_check(&rivergate__v1__refusal_body__descriptor, buf_view(&packed), &limits)
			  .is_ok);
	Rivergate__V1__RefusalBody *body =
		rivergate__v1__refusal_body__unpack(NULL, packed.len, packed.data);

	ck_assert_ptr_nonnull(body);
	ck_assert_int_eq(body->verdict, RIVERGATE__V1__VERDICT__VERDICT_CONFLICT);
	ck_assert_str_eq(body->rule, "identity is taken");
	ck_assert_str_eq(body->field, "id");
	ck_assert_str_eq(body->router, "mekong.router");
	ck_assert_uint_gt(strlen(body->text), 10);
	ck_assert_int_eq(body->router_time_us, 1234567);
	ck_assert(!body->retryable);
	ck_assert_int_eq(merkle_hash_of(bytes_of("bytes", 5), bytes_of(NULL, 0), &hash), RG_OK);
	ck_assert_uint_eq(body->header_hash.len, 32);
	ck_assert_mem_eq(body->header_hash.data, hash.bytes, 32);
	ck_assert_mem_eq(body->known_header_hash.data, known, 32);
	ck_assert_uint_eq(body->id.len, 0);
	rivergate__v1__refusal_body__free_unpacked(body, NULL);
}
END_TEST

START_TEST(storage_and_quota_are_retryable_and_the_rest_is_not)
{
	for (int verdict = RIVERGATE__V1__VERDICT__VERDICT_MALFORMED;
		verdict <= RIVERGATE__V1__VERDICT__VERDICT_GOVERNANCE; verdict++) {
		scoped(message_freep) struct message *message = message_new();
		scoped(buf_deinitv) struct buf packed = {0};
		struct receipt_refusal refusal = {"mekong.router", 1, NULL};

		message_refuse(message, (Rivergate__V1__Verdict)verdict, "rule", NULL);
		ck_assert_int_eq(receipt_refusal_body(message, &refusal, &packed), RG_OK);
		Rivergate__V1__RefusalBody *body =
			rivergate__v1__refusal_body__unpack(NULL, packed.len, packed.data);

		ck_assert_ptr_nonnull(body);
		ck_assert_int_eq(body->retryable,
			verdict == RIVERGATE__V1__VERDICT__VERDICT_QUOTA ||
				verdict == RIVERGATE__V1__VERDICT__VERDICT_STORAGE);
		rivergate__v1__refusal_body__free_unpacked(body, NULL);
	}
}
END_TEST

CHECK_MAIN("receipt", records_of_a_commit_are_proved_by_one_frame,
	every_small_shape_of_range_is_proved, sessions_get_their_own_in_order_of_their_first_record,
	batch_is_empty_after_it_was_built, records_far_apart_get_frames_of_their_own,
	frame_holds_no_more_records_than_allowed,
	frame_of_large_signatures_stays_below_what_a_client_takes,
	single_record_is_proved_against_a_later_checkpoint, fault_of_the_sink_is_passed_on,
	every_verdict_says_what_to_do, refusal_names_rule_field_hashes_and_time,
	storage_and_quota_are_retryable_and_the_rest_is_not)
