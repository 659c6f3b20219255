/*
 * The lineage: what waits for a proof, what the proof must show, and what is an alarm.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "client/lineage.h"
#include "suite.h"

#define LEAVES 40
#define LATER  ((int64_t)60 * 1000 * 1000)

/* A log of few records; `seed` makes another history. */
struct log {
	struct merkle_hash leaves[LEAVES];
};

static void make_log(struct log *log, unsigned seed, size_t same)
{
	for (size_t i = 0; i < LEAVES; i++) {
		uint8_t content[2] = {(uint8_t)i, (uint8_t)(i < same ? 0 : seed)};

		ck_assert_int_eq(merkle_leaf(bytes_of(content, sizeof(content)), &log->leaves[i]),
			RG_OK);
	}
}

static rg_err node(void *context, unsigned level, uint64_t position, struct merkle_hash *ret_hash)
{
	const struct log *log = context;
	struct merkle_hash left;
	struct merkle_hash right;

	if (level == 0) {
		*ret_hash = log->leaves[position];
		return RG_OK;
	}
	rg_err err = node(context, level - 1, position * 2, &left);
	err = err ? err : node(context, level - 1, position * 2 + 1, &right);
	return err ? err : merkle_node(&left, &right, ret_hash);
}

static struct note_checkpoint checkpoint(struct log *log, uint64_t size)
{
	const struct proof_source source = {node, log};
	struct note_checkpoint made = {.origin = "rivergate.example/test", .size = size};

	ck_assert_int_eq(proof_head(&source, size, &made.root), RG_OK);
	return made;
}

static const char *add(struct lineage *lineage, struct log *log, uint64_t size)
{
	const struct note_checkpoint made = checkpoint(log, size);
	const char *rule = NULL;

	lineage_add(lineage, &made, &rule);
	return rule;
}

/* Answers what is asked from this log; NULL: nothing was asked, or it fits. */
static const char *answer(struct lineage *lineage, struct log *log, int64_t now_us)
{
	const struct proof_source source = {node, log};
	Rivergate__V1__Consistency made = RIVERGATE__V1__CONSISTENCY__INIT;
	struct proof_path path;
	const char *rule = NULL;

	if (!lineage_ask(lineage, now_us, &made.old_size, &made.new_size)) {
		return NULL;
	}
	ck_assert_int_eq(proof_consistency(&source, made.old_size, made.new_size, &path), RG_OK);
	made.hashes.data = path.nodes[0].bytes;
	made.hashes.len = path.n_nodes * 32;
	ck_assert_int_eq(lineage_answer(lineage, &made, &rule), RG_OK);
	return rule;
}

START_TEST(checkpoints_of_one_log_are_proved_whatever_their_order)
{
	static const uint64_t sizes[] = {5, 9, 7, 30, 1, 40, 8};
	scoped(lineage_closep) struct lineage *lineage = NULL;
	struct log log;

	make_log(&log, 0, 0);
	ck_assert_int_eq(lineage_open(NULL, &lineage), RG_OK);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		ck_assert_ptr_null(add(lineage, &log, sizes[i]));
	}
	for (int64_t i = 1; i < 10; i++) {
		ck_assert_ptr_null(answer(lineage, &log, i * LATER));
	}
	ck_assert_uint_eq(lineage_proved(lineage), 40);
}
END_TEST

START_TEST(checkpoint_of_another_history_is_found)
{
	static const struct {
		uint64_t first; /* of the one log */
		uint64_t other; /* of the one that differs behind 6 records */
		bool is_found;
	} rows[] = {
		{5, 9, false}, /* what both begin with proves nothing yet … */
		{8, 9, true},
		{9, 8, true},
		{20, 40, true},
		{40, 20, true},
		{8, 8, true},
		{6, 40, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		scoped(lineage_closep) struct lineage *lineage = NULL;
		struct log one;
		struct log other;

		make_log(&one, 1, 6);
		make_log(&other, 2, 6);
		ck_assert_int_eq(lineage_open(NULL, &lineage), RG_OK);
		ck_assert_ptr_null(add(lineage, &one, rows[i].first));
		const char *rule = add(lineage, &other, rows[i].other);
		if (!rule) {
			/* The router answers from whichever log suits it better. */
			rule = answer(lineage, &other, LATER);
		}
		ck_assert_msg((rule != NULL) == rows[i].is_found, "case %zu: %s", i,
			rule ? rule : "-");
	}
}
END_TEST

START_TEST(missing_or_damaged_proof_is_an_alarm)
{
	struct log log;
	uint8_t junk[33] = {0};
	const ProtobufCBinaryData hashes[] = {{0, junk}, {31, junk}, {32, junk}, {33, junk}};

	make_log(&log, 0, 0);
	for (size_t i = 0; i <= sizeof(hashes) / sizeof(hashes[0]); i++) {
		scoped(lineage_closep) struct lineage *lineage = NULL;
		Rivergate__V1__Consistency made = RIVERGATE__V1__CONSISTENCY__INIT;
		const char *rule = NULL;
		bool has_answer = i < sizeof(hashes) / sizeof(hashes[0]);

		ck_assert_int_eq(lineage_open(NULL, &lineage), RG_OK);
		ck_assert_ptr_null(add(lineage, &log, 5));
		ck_assert_ptr_null(add(lineage, &log, 9));
		ck_assert(lineage_ask(lineage, LATER, &made.old_size, &made.new_size));
		made.hashes = has_answer ? hashes[i] : made.hashes;
		ck_assert_int_eq(lineage_answer(lineage, has_answer ? &made : NULL, &rule), RG_OK);
		ck_assert_ptr_nonnull(rule);
		ck_assert_uint_eq(lineage_proved(lineage), 5);
	}
}
END_TEST

START_TEST(answer_to_another_question_proves_nothing)
{
	scoped(lineage_closep) struct lineage *lineage = NULL;
	Rivergate__V1__Consistency made = RIVERGATE__V1__CONSISTENCY__INIT;
	const char *rule = NULL;
	struct log log;

	make_log(&log, 0, 0);
	ck_assert_int_eq(lineage_open(NULL, &lineage), RG_OK);
	ck_assert_ptr_null(add(lineage, &log, 5));
	ck_assert_int_eq(lineage_answer(lineage, &made, &rule), RG_OK); /* nobody asked */
	ck_assert_ptr_null(rule);
	ck_assert_ptr_null(add(lineage, &log, 9));
	ck_assert(lineage_ask(lineage, LATER, &made.old_size, &made.new_size));
	made.new_size = 8;
	ck_assert_int_eq(lineage_answer(lineage, &made, &rule), RG_OK);
	ck_assert_ptr_null(rule);
	ck_assert_uint_eq(lineage_proved(lineage), 5);
	/* Without an answer it is asked again, after a while. */
	ck_assert(!lineage_ask(lineage, LATER + 1, &made.old_size, &made.new_size));
	ck_assert(lineage_ask(lineage, 2 * LATER, &made.old_size, &made.new_size));
}
END_TEST

START_TEST(line_goes_on_after_a_restart)
{
	char folder[] = "/tmp/rg-client-lineage-XXXXXX";
	char path[80];
	struct lineage *lineage = NULL;
	struct log one;
	struct log other;

	make_log(&one, 1, 0);
	make_log(&other, 2, 0);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(lineage_open(folder, &lineage), RG_OK);
	ck_assert_ptr_null(add(lineage, &one, 9));
	lineage_close(lineage);
	ck_assert_int_eq(lineage_open(folder, &lineage), RG_OK);
	ck_assert_uint_eq(lineage_proved(lineage), 9);
	ck_assert_ptr_null(add(lineage, &other, 20));
	ck_assert_ptr_nonnull(answer(lineage, &other, LATER));
	lineage_close(lineage);

	static const char *const wrong[] = {"", "9\n", "9 00\n", "x 00\n", "9 "};
	snprintf(path, sizeof(path), "%s/%s", folder, LINEAGE_FILE);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_int_eq(file_replace(path, bytes_of_text(wrong[i]), 0600), RG_OK);
		ck_assert_int_eq(lineage_open(folder, &lineage), RG_E_FORMAT);
	}
	(void)unlink(path);
	(void)rmdir(folder);
}
END_TEST

START_TEST(more_than_can_wait_passes_over_the_oldest)
{
	scoped(lineage_closep) struct lineage *lineage = NULL;
	struct note_checkpoint made = {.origin = "rivergate.example/test"};
	const char *rule = NULL;
	uint64_t old_size = 0;
	uint64_t new_size = 0;

	ck_assert_int_eq(lineage_open(NULL, &lineage), RG_OK);
	for (made.size = 1; made.size < 3 * LINEAGE_WAITING; made.size++) {
		lineage_add(lineage, &made, &rule);
		ck_assert_ptr_null(rule);
	}
	ck_assert(lineage_ask(lineage, LATER, &old_size, &new_size));
	ck_assert_uint_eq(old_size, 1);
	ck_assert_uint_eq(new_size, 2 * LINEAGE_WAITING);
}
END_TEST

CHECK_MAIN("client_lineage", checkpoints_of_one_log_are_proved_whatever_their_order,
	checkpoint_of_another_history_is_found, missing_or_damaged_proof_is_an_alarm,
	answer_to_another_question_proves_nothing, line_goes_on_after_a_restart,
	more_than_can_wait_passes_over_the_oldest)
