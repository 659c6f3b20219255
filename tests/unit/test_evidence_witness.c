/*
 * The witness: every answer of C2SP tlog-witness, what is kept, and what two histories do.
 */

#include <dirent.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "evidence/witness.h"
#include "suite.h"
#include "witness_kit.h"

#define START_US INT64_C(1700000000000000)
#define NO_FORK  UINT64_MAX

struct world {
	char dir[40];
	struct key *log_key;
	struct key *key;
	struct kit_log log;  /* the history that the witness sees first */
	struct kit_log fork; /* parts from it at index 3 */
	struct note_verifier verifier;
	struct cosigner self;
	struct witness *witness;
	int64_t now_us;
};

static int64_t world_now(void *context)
{
	return ((const struct world *)context)->now_us;
}

static rg_err open_witness(struct world *it)
{
	const struct witness_options options = {.self = it->self,
		.key = it->key,
		.state_dir = it->dir,
		.logs = &it->verifier,
		.n_logs = 1,
		.now_us = world_now,
		.context = it};

	return witness_open(&options, &it->witness);
}

static void open_world(struct world *it)
{
	*it = (struct world){.dir = "/tmp/test-witness-XXXXXX", .now_us = START_US};
	ck_assert_ptr_nonnull(mkdtemp(it->dir));
	it->log_key = kit_key();
	it->key = kit_key();
	it->log = (struct kit_log){it->log_key, NO_FORK};
	it->fork = (struct kit_log){it->log_key, 3};
	it->verifier = kit_verifier(it->log_key);
	it->self = kit_cosigner("la", it->key);
	ck_assert_int_eq(open_witness(it), RG_OK);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
	(void)info;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void close_world(struct world *it)
{
	witness_close(it->witness);
	key_free(it->log_key);
	key_free(it->key);
	(void)nftw(it->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static unsigned judge_text(struct world *it, struct rg_bytes text, enum witness_asker asker,
	struct witness_answer *answer)
{
	ck_assert_int_eq(witness_judge(it->witness, text, asker, answer), RG_OK);
	return answer->status;
}

static unsigned ask(struct world *it, struct kit_log *log, uint64_t old_size, uint64_t size)
{
	scoped(buf_deinitv) struct buf request = {.data = NULL};
	scoped(witness_answer_deinitv) struct witness_answer answer = {.status = 0};

	kit_request(log, old_size, size, &request);
	return judge_text(it, buf_view(&request), WITNESS_BY_ANYBODY, &answer);
}

static unsigned say(struct world *it, const char *text)
{
	scoped(witness_answer_deinitv) struct witness_answer answer = {.status = 0};

	return judge_text(it, bytes_of_text(text), WITNESS_BY_ANYBODY, &answer);
}

static size_t learn(struct world *it, const struct note_verifier *log)
{
	size_t n_new = 9;

	ck_assert_int_eq(witness_learn(it->witness, log, 1, &n_new), RG_OK);
	return n_new;
}

START_TEST(log_that_is_learned_later_is_cosigned_and_keeps_its_key)
{
	struct world it;
	struct note_verifier other;

	open_world(&it);
	witness_close(it.witness);
	const struct witness_options options = {.self = it.self,
		.key = it.key,
		.state_dir = it.dir,
		.now_us = world_now,
		.context = &it};
	scoped(key_freep) struct key *key = kit_key();
	struct kit_log forged = {key, NO_FORK};

	ck_assert_int_eq(witness_open(&options, &it.witness), RG_OK);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 3), WITNESS_UNKNOWN_LOG);
	ck_assert_uint_eq(learn(&it, &it.verifier), 1);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 3), WITNESS_COSIGNED);
	ck_assert_uint_eq(learn(&it, &it.verifier), 0);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 4), WITNESS_OTHER_SIZE);
	other = kit_verifier(key);
	ck_assert_uint_eq(learn(&it, &other), 0);
	ck_assert_uint_eq(ask(&it, &forged, 3, 4), WITNESS_NOT_SIGNED);
	ck_assert_uint_eq(ask(&it, &it.log, 3, 4), WITNESS_COSIGNED);
	close_world(&it);
}
END_TEST

START_TEST(growing_log_is_cosigned)
{
	struct world it;
	struct note_checkpoint checkpoint;
	bool is_valid = false;

	open_world(&it);
	for (uint64_t size = 0, old = 0; size < 20; old = size++) {
		scoped(buf_deinitv) struct buf request = {.data = NULL};
		scoped(buf_deinitv) struct buf note = {.data = NULL};
		scoped(witness_answer_deinitv) struct witness_answer answer = {.status = 0};
		uint64_t time_s = 0;

		kit_request(&it.log, old, size, &request);
		ck_assert_uint_eq(judge_text(&it, buf_view(&request), WITNESS_BY_ROUTER, &answer),
			200);
		kit_checkpoint(&it.log, size, &note);
		buf_add_bytes(&note, buf_view(&answer.body));
		ck_assert_int_eq(cosignature_time(buf_view(&note), &it.self, &time_s), RG_OK);
		ck_assert_uint_eq(time_s, (uint64_t)(START_US / 1000000));
		ck_assert_int_eq(note_checkpoint_verify(buf_view(&note), &it.verifier, &checkpoint,
					 &is_valid),
			RG_OK);
		ck_assert(is_valid);
	}
	ck_assert_uint_eq(witness_n_alarms(it.witness), 0);
	close_world(&it);
}
END_TEST

START_TEST(same_checkpoint_again_is_cosigned_again)
{
	struct world it;

	open_world(&it);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 7), 200);
	ck_assert_uint_eq(ask(&it, &it.log, 7, 7), 200);
	close_world(&it);
}
END_TEST

START_TEST(other_old_size_is_refused_with_the_size_and_the_checkpoint)
{
	struct world it;
	scoped(buf_deinitv) struct buf request = {.data = NULL};
	scoped(buf_deinitv) struct buf last = {.data = NULL};
	scoped(witness_answer_deinitv) struct witness_answer answer = {.status = 0};

	open_world(&it);
	ck_assert_uint_eq(ask(&it, &it.log, 3, 7), 409);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 7), 200);
	kit_request(&it.log, 0, 9, &request);
	ck_assert_uint_eq(judge_text(&it, buf_view(&request), WITNESS_BY_ANYBODY, &answer), 409);
	ck_assert_str_eq(buf_text(&answer.body), "7\n");
	ck_assert_int_eq(witness_last(it.witness, KIT_ORIGIN, &last), RG_OK);
	ck_assert(bytes_equal(buf_view(&last), buf_view(&answer.checkpoint)));
	ck_assert_uint_eq(ask(&it, &it.log, 5, 9), 409);
	/* A smaller tree is never cosigned, however it is asked for. */
	ck_assert_uint_eq(ask(&it, &it.log, 5, 5), 409);
	ck_assert_uint_eq(ask(&it, &it.log, 7, 5), 400);
	close_world(&it);
}
END_TEST

START_TEST(last_checkpoint_survives_a_restart)
{
	struct world it;

	open_world(&it);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 7), 200);
	witness_close(it.witness);
	it.witness = NULL;
	ck_assert_int_eq(open_witness(&it), RG_OK);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 9), 409);
	ck_assert_uint_eq(ask(&it, &it.log, 7, 9), 200);
	close_world(&it);
}
END_TEST

START_TEST(times_never_go_back)
{
	struct world it;
	scoped(buf_deinitv) struct buf last = {.data = NULL};
	uint64_t time_s = 0;

	open_world(&it);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 7), 200);
	it.now_us = START_US - INT64_C(3600000000);
	witness_close(it.witness);
	it.witness = NULL;
	ck_assert_int_eq(open_witness(&it), RG_OK);
	ck_assert_uint_eq(ask(&it, &it.log, 7, 9), 200);
	ck_assert_int_eq(witness_last(it.witness, KIT_ORIGIN, &last), RG_OK);
	ck_assert_int_eq(cosignature_time(buf_view(&last), &it.self, &time_s), RG_OK);
	ck_assert_uint_eq(time_s, (uint64_t)(START_US / 1000000));
	close_world(&it);
}
END_TEST

START_TEST(fork_that_the_proof_shows_raises_the_alarm)
{
	struct world it;

	open_world(&it);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 7), 200);
	ck_assert_uint_eq(ask(&it, &it.fork, 7, 9), 422);
	ck_assert_uint_eq(witness_n_alarms(it.witness), 1);
	ck_assert_uint_eq(ask(&it, &it.fork, 7, 9), 422); /* the same again is one */
	ck_assert_uint_eq(witness_n_alarms(it.witness), 1);
	ck_assert_uint_eq(ask(&it, &it.log, 7, 9), 200); /* what it held goes on */
	close_world(&it);
}
END_TEST

START_TEST(fork_of_equal_size_raises_the_alarm)
{
	struct world it;

	open_world(&it);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 8), 200);
	ck_assert_uint_eq(ask(&it, &it.fork, 8, 8), 422);
	ck_assert_uint_eq(witness_n_alarms(it.witness), 1);
	close_world(&it);
}
END_TEST

START_TEST(wrong_proof_of_anybody_is_refused_without_alarm)
{
	struct world it;
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	scoped(buf_deinitv) struct buf request = {.data = NULL};
	scoped(witness_answer_deinitv) struct witness_answer answer = {.status = 0};
	scoped(witness_answer_deinitv) struct witness_answer to_router = {.status = 0};

	open_world(&it);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 7), 200);
	kit_checkpoint(&it.log, 9, &note);
	buf_add_text(&request, "old 7\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n\n");
	buf_add_bytes(&request, buf_view(&note));
	ck_assert_uint_eq(judge_text(&it, buf_view(&request), WITNESS_BY_ANYBODY, &answer), 422);
	ck_assert_uint_eq(witness_n_alarms(it.witness), 0);
	/* The router knows its own proofs. */
	ck_assert_uint_eq(judge_text(&it, buf_view(&request), WITNESS_BY_ROUTER, &to_router), 422);
	ck_assert_uint_eq(witness_n_alarms(it.witness), 1);
	close_world(&it);
}
END_TEST

START_TEST(alarm_survives_a_restart_with_both_checkpoints)
{
	struct world it;
	size_t n_files = 0;

	open_world(&it);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 7), 200);
	ck_assert_uint_eq(ask(&it, &it.fork, 7, 7), 422);
	witness_close(it.witness);
	it.witness = NULL;
	ck_assert_int_eq(open_witness(&it), RG_OK);
	ck_assert_uint_eq(witness_n_alarms(it.witness), 1);

	DIR *state = opendir(it.dir);
	const struct dirent *entry = NULL;
	while ((entry = readdir(state))) {
		if (strlen(entry->d_name) != 64) {
			continue;
		}
		scoped(freep) char *log_dir = file_join(it.dir, entry->d_name);
		DIR *dir = opendir(log_dir);
		const struct dirent *kept = NULL;

		while ((kept = readdir(dir))) {
			static const char *const names[] = {"held.checkpoint", "told.checkpoint",
				"request"};
			scoped(freep) char *folder = file_join(log_dir, kept->d_name);

			for (size_t i = 0; i < 3; i++) {
				scoped(freep) char *path = file_join(folder, names[i]);

				n_files += access(path, R_OK) == 0;
			}
		}
		(void)closedir(dir);
	}
	(void)closedir(state);
	ck_assert_uint_eq(n_files, 3);
	close_world(&it);
}
END_TEST

START_TEST(checkpoint_of_another_key_is_refused)
{
	struct world it;
	scoped(key_freep) struct key *other = kit_key();

	open_world(&it);
	struct kit_log log = {other, NO_FORK};
	ck_assert_uint_eq(ask(&it, &log, 0, 7), 403);
	close_world(&it);
}
END_TEST

START_TEST(known_key_with_a_bad_signature_is_refused)
{
	struct world it;
	scoped(buf_deinitv) struct buf request = {.data = NULL};
	scoped(buf_deinitv) struct buf twice = {.data = NULL};
	scoped(witness_answer_deinitv) struct witness_answer answer = {.status = 0};
	scoped(witness_answer_deinitv) struct witness_answer second = {.status = 0};

	open_world(&it);
	/* A signature over another size under the right name and id … */
	kit_request(&it.log, 0, 7, &request);
	char *text = (char *)request.data;
	char *at = strstr(text, "\n7\n");
	ck_assert_ptr_nonnull(at);
	at[1] = '8';
	ck_assert_uint_eq(judge_text(&it, buf_view(&request), WITNESS_BY_ANYBODY, &answer), 403);
	/* … spoils a note that also has a good one. */
	at[1] = '7';
	kit_request(&it.log, 0, 7, &twice);
	scoped(buf_deinitv) struct buf other = {.data = NULL};
	kit_checkpoint(&it.log, 6, &other);
	const char *line = strstr(buf_text(&other), "\xe2\x80\x94");
	buf_add_text(&twice, line);
	ck_assert_uint_eq(judge_text(&it, buf_view(&twice), WITNESS_BY_ANYBODY, &second), 403);
	close_world(&it);
}
END_TEST

START_TEST(unknown_origin_is_refused)
{
	struct world it;

	open_world(&it);
	ck_assert_uint_eq(say(&it, "old 0\n\nanother.example/log\n1\nAAAA\n\n\xe2\x80\x94 a b\n"),
		404);
	ck_assert_uint_eq(say(&it, "old 0\n\nwith spaces in it\n1\nAAAA\n\n\xe2\x80\x94 a b\n"),
		404);
	close_world(&it);
}
END_TEST

START_TEST(malformed_request_is_refused)
{
#define HASH_LINE "SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n"
	static const char *const bad[] = {"", "\n", "old\n\n", "old 0", "old 0\n", "old  0\n\nx\n",
		"old 00\n\n" KIT_ORIGIN "\n", "old -1\n\n" KIT_ORIGIN "\n",
		"old 18446744073709551616\n\n" KIT_ORIGIN "\n", "OLD 0\n\n" KIT_ORIGIN "\n",
		"old 0 \n\n" KIT_ORIGIN "\n", "old 0\r\n\n" KIT_ORIGIN "\n", "old 0\n" HASH_LINE,
		"old 1\nAAAA\n\n" KIT_ORIGIN "\n", "old 1\n" HASH_LINE " \n\n" KIT_ORIGIN "\n",
		"old 1\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7J=\n\n" KIT_ORIGIN "\n",
		"old 0\n\n" KIT_ORIGIN "\n", "old 0\n\n" KIT_ORIGIN "\n1\n" HASH_LINE,
		"old 0\n\n" KIT_ORIGIN "\n01\n" HASH_LINE "\n\xe2\x80\x94 " KIT_ORIGIN
		" AAAAAAAA\n"};
	struct world it;

	open_world(&it);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(say(&it, bad[i]) == 400, "case %zu", i);
	}
	close_world(&it);
}
END_TEST

START_TEST(more_than_63_lines_of_proof_are_refused)
{
	struct world it;

	open_world(&it);
	for (size_t n = 63; n <= 64; n++) {
		scoped(buf_deinitv) struct buf text = {.data = NULL};

		buf_add_text(&text, "old 1\n");
		for (size_t i = 0; i < n; i++) {
			buf_add_text(&text, HASH_LINE);
		}
		buf_add_text(&text, "\nanother.example/log\n");
		ck_assert_uint_eq(say(&it, buf_text(&text)), n == 63 ? 404 : 400);
	}
	close_world(&it);
}
END_TEST

START_TEST(proof_from_nothing_is_refused)
{
	struct world it;
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	scoped(buf_deinitv) struct buf request = {.data = NULL};

	open_world(&it);
	kit_checkpoint(&it.log, 9, &note);
	buf_add_text(&request, "old 0\n" HASH_LINE "\n");
	buf_add_bytes(&request, buf_view(&note));
	ck_assert_uint_eq(say(&it, buf_text(&request)), 422);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 0), 200);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 9), 200);
	close_world(&it);
}
END_TEST

START_TEST(empty_tree_with_another_root_is_refused)
{
	struct world it;
	scoped(buf_deinitv) struct buf request = {.data = NULL};
	struct note_checkpoint checkpoint = {.origin = KIT_ORIGIN, .root = {{1, 2, 3}}};

	open_world(&it);
	buf_add_text(&request, "old 0\n\n");
	ck_assert_int_eq(note_checkpoint_sign(&checkpoint, it.log_key, &request), RG_OK);
	ck_assert_uint_eq(say(&it, buf_text(&request)), 422);
	close_world(&it);
}
END_TEST

START_TEST(state_of_another_key_is_refused)
{
	struct world it;
	scoped(key_freep) struct key *other = kit_key();

	open_world(&it);
	witness_close(it.witness);
	it.witness = NULL;
	it.self = kit_cosigner("la", other);
	ck_assert_int_eq(open_witness(&it), RG_E_CONFIG);
	close_world(&it);
}
END_TEST

START_TEST(state_in_use_is_refused)
{
	struct world it;

	open_world(&it);
	struct witness *first = it.witness;
	ck_assert_int_eq(open_witness(&it), RG_E_CONFIG);
	it.witness = first;
	close_world(&it);
}
END_TEST

START_TEST(damaged_state_is_refused)
{
	struct world it;
	struct merkle_hash hash;
	char path[160];
	char hex[65];

	open_world(&it);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 7), 200);
	witness_close(it.witness);
	it.witness = NULL;
	ck_assert_int_eq(merkle_hash_of(bytes_of_text(KIT_ORIGIN), bytes_of_text(""), &hash),
		RG_OK);
	for (size_t i = 0; i < sizeof(hash.bytes); i++) {
		(void)snprintf(hex + 2 * i, 3, "%02x", hash.bytes[i]);
	}
	(void)snprintf(path, sizeof(path), "%s/%s/checkpoint", it.dir, hex);

	scoped(buf_deinitv) struct buf note = {.data = NULL};
	ck_assert_int_eq(file_read(path, NOTE_MAX, &note, NULL), RG_OK);
	for (size_t i = 0; i < note.len; i++) {
		note.data[i] ^= 1;
		ck_assert_int_eq(file_replace(path, buf_view(&note), 0600), RG_OK);
		ck_assert_msg(open_witness(&it) == RG_E_CONFIG, "byte %zu", i);
		note.data[i] ^= 1;
	}
	/* Without our cosignature it is not what we stored. */
	buf_clear(&note);
	kit_checkpoint(&it.log, 7, &note);
	ck_assert_int_eq(file_replace(path, buf_view(&note), 0600), RG_OK);
	ck_assert_int_eq(open_witness(&it), RG_E_CONFIG);
	close_world(&it);
}
END_TEST

START_TEST(nothing_is_cosigned_that_was_not_stored)
{
	struct world it;
	scoped(buf_deinitv) struct buf request = {.data = NULL};
	scoped(witness_answer_deinitv) struct witness_answer answer = {.status = 0};
	struct merkle_hash hash;
	char path[160];
	char hex[65];

	open_world(&it);
	ck_assert_uint_eq(ask(&it, &it.log, 0, 7), 200);
	ck_assert_int_eq(merkle_hash_of(bytes_of_text(KIT_ORIGIN), bytes_of_text(""), &hash),
		RG_OK);
	for (size_t i = 0; i < sizeof(hash.bytes); i++) {
		(void)snprintf(hex + 2 * i, 3, "%02x", hash.bytes[i]);
	}
	(void)snprintf(path, sizeof(path), "%s/%s", it.dir, hex);
	ck_assert_int_eq(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	kit_request(&it.log, 7, 9, &request);
	ck_assert_uint_eq(judge_text(&it, buf_view(&request), WITNESS_BY_ROUTER, &answer), 503);
	ck_assert_ptr_null(strstr(buf_text(&answer.body), "witness "));
	/* And it did not move on either. */
	ck_assert_uint_eq(ask(&it, &it.log, 9, 10), 409);
	close_world(&it);
}
END_TEST

CHECK_MAIN("evidence_witness", growing_log_is_cosigned,
	log_that_is_learned_later_is_cosigned_and_keeps_its_key,
	same_checkpoint_again_is_cosigned_again,
	other_old_size_is_refused_with_the_size_and_the_checkpoint,
	last_checkpoint_survives_a_restart, times_never_go_back,
	fork_that_the_proof_shows_raises_the_alarm, fork_of_equal_size_raises_the_alarm,
	wrong_proof_of_anybody_is_refused_without_alarm,
	alarm_survives_a_restart_with_both_checkpoints, checkpoint_of_another_key_is_refused,
	known_key_with_a_bad_signature_is_refused, unknown_origin_is_refused,
	malformed_request_is_refused, more_than_63_lines_of_proof_are_refused,
	proof_from_nothing_is_refused, empty_tree_with_another_root_is_refused,
	state_of_another_key_is_refused, state_in_use_is_refused, damaged_state_is_refused,
	nothing_is_cosigned_that_was_not_stored)
