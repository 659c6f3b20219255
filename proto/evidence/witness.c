/*
 * The witness: see witness.h
 *
 * Method: a request passes a table of checks in the order of the C2SP text; the first that
 * fails is the answer. Check, persist and answer happen under one lock, so that a later
 * request cannot be overtaken by an earlier one.
 *
 * Threads: any; one lock.
 */

#include "evidence/witness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "evidence/proof.h"
#include "evidence/witness_request.h"

#define HASH_DIGITS (2 * MERKLE_HASH_LEN)
#define FILE_MODE   0600
#define SECOND_US   1000000
#define EVIDENCE    "inconsistent-"

/* One log and the last checkpoint of it that was cosigned. */
struct log_state {
	struct note_verifier log;
	char hash[HASH_DIGITS + 1]; /* of the origin */
	char *dir;
	struct buf note; /* empty: none */
	struct proof_tree tree;
	uint64_t time_s;
	size_t n_alarms;
};

struct witness {
	struct cosigner self;
	const struct key *key;
	int64_t (*now_us)(void *context);
	void *context;
	int lock_fd;
	pthread_mutex_t lock; /* of logs */
	struct log_state logs[WITNESS_LOGS_MAX];
	size_t n_logs;
	char *state_dir;
};

void witness_answer_deinit(struct witness_answer *answer)
{
	buf_deinit(&answer->body);
	buf_deinit(&answer->checkpoint);
}

/* --- Opening -------------------------------------------------------------------------------- */

static rg_err refuse_state(const char *path, const char *why)
{
	log_event(LOG_ERROR, "witness", "state-refused", log_text("path", path),
		log_text("why", why),
		log_text("do",
			"a witness that lost its state takes a new key and an empty folder"));
	return RG_E_CONFIG;
}

/* One process a folder: two would overtake each other. */
static rg_err lock_folder(struct witness *witness, const char *dir)
{
	scoped(freep) char *path = file_join(dir, "lock");

	if (!path) {
		return RG_E_NOMEM;
	}
	witness->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (witness->lock_fd < 0) {
		log_event(LOG_ERROR, "witness", "no-lock-file", log_text("path", path),
			log_errno());
		return RG_E_IO;
	}
	if (flock(witness->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		log_event(LOG_ERROR, "witness", "in-use", log_text("path", path),
			log_text("do", "another process is this witness: stop it first"));
		return RG_E_CONFIG;
	}
	return RG_OK;
}

/* The folder says whose it is, so that a new key does not go on with an old state. */
static rg_err claim_folder(const struct witness *witness, const char *dir)
{
	scoped(freep) char *path = file_join(dir, "witness.vkey");
	scoped(buf_deinitv) struct buf own = {.data = NULL};
	scoped(buf_deinitv) struct buf held = {.data = NULL};
	bool is_found = false;

	if (!path) {
		return RG_E_NOMEM;
	}
	cosigner_print(&witness->self, &own);
	buf_add_u8(&own, '\n');
	rg_err err = buf_error(&own) ? buf_error(&own) : file_read(path, 4096, &held, &is_found);

	if (!err && !is_found) {
		err = file_replace(path, buf_view(&own), FILE_MODE);
	} else if (!err && !bytes_equal(buf_view(&own), buf_view(&held))) {
		err = refuse_state(path, "it is the state of another witness key");
	}
	return err;
}

static rg_err count_alarms(struct log_state *state)
{
	DIR *dir = opendir(state->dir);
	const struct dirent *entry = NULL;

	if (!dir) {
		log_event(LOG_ERROR, "witness", "no-folder", log_text("path", state->dir),
			log_errno());
		return RG_E_IO;
	}
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, EVIDENCE, strlen(EVIDENCE)) == 0) {
			state->n_alarms++;
			log_event(LOG_ERROR, "witness", "INCONSISTENT-LOG",
				log_text("origin", state->log.name), log_text("folder", state->dir),
				log_text("kept", entry->d_name),
				log_text("do",
					"two histories of this log exist: show the folder to the "
					"members, then move it away"));
		}
	}
	(void)closedir(dir);
	return RG_OK;
}

/* What was stored must be what this witness stores. */
static rg_err read_state(const struct witness *witness, struct log_state *state)
{
	scoped(freep) char *path = file_join(state->dir, "checkpoint");
	struct note_checkpoint checkpoint;
	bool is_found = false;
	bool is_valid = false;
	rg_err err = path ? file_read(path, NOTE_MAX, &state->note, &is_found) : RG_E_NOMEM;

	if (err || !is_found) {
		return err;
	}
	err = note_checkpoint_verify(buf_view(&state->note), &state->log, &checkpoint, &is_valid);
	if (!err) {
		err = cosignature_time(buf_view(&state->note), &witness->self, &state->time_s);
	}
	if (!err && (!is_valid || state->time_s == 0)) {
		return refuse_state(path, "it is damaged, or not a checkpoint that we cosigned");
	}
	if (!err) {
		state->tree = (struct proof_tree){checkpoint.size, checkpoint.root};
	}
	return err;
}

static rg_err add_log(struct witness *witness, const char *state_dir,
	const struct note_verifier *log)
{
	struct log_state *state = &witness->logs[witness->n_logs];
	struct merkle_hash hash;
	rg_err err = merkle_hash_of(bytes_of_text(log->name), bytes_of(NULL, 0), &hash);

	if (err) {
		return err;
	}
	witness->n_logs++;
	state->log = *log;
	text_hex(bytes_of(hash.bytes, sizeof(hash.bytes)), state->hash);
	state->dir = file_join(state_dir, state->hash);
	err = state->dir ? file_make_dirs(state->dir) : RG_E_NOMEM;
	if (!err) {
		err = merkle_empty(&state->tree.root);
	}
	if (!err) {
		err = read_state(witness, state);
	}
	return err ? err : count_alarms(state);
}

static struct log_state *find_log(struct witness *witness, struct rg_bytes origin)
{
	for (size_t i = 0; i < witness->n_logs; i++) {
		if (bytes_equal(bytes_of_text(witness->logs[i].log.name), origin)) {
			return &witness->logs[i];
		}
	}
	return NULL;
}

/* A log whose folder cannot be used is not half known. */
static rg_err learn_log(struct witness *witness, const struct note_verifier *log)
{
	struct log_state *state = &witness->logs[witness->n_logs];

	if (witness->n_logs == WITNESS_LOGS_MAX) {
		return RG_E_CONFIG;
	}
	rg_err err = add_log(witness, witness->state_dir, log);

	if (err) {
		free(state->dir);
		buf_deinit(&state->note);
		*state = (struct log_state){.dir = NULL};
		witness->n_logs--;
	}
	return err;
}

static int64_t read_clock(void *context)
{
	(void)context;
	return clock_now_us();
}

rg_err witness_open(const struct witness_options *options, struct witness **ret_witness)
{
	scoped(witness_closep) struct witness *witness = calloc(1, sizeof(*witness));
	rg_err err = RG_OK;

	if (!witness) {
		return RG_E_NOMEM;
	}
	witness->lock_fd = -1;
	(void)pthread_mutex_init(&witness->lock, NULL);
	witness->state_dir = strdup(options->state_dir);
	if (!witness->state_dir) {
		return RG_E_NOMEM;
	}
	witness->self = options->self;
	witness->key = options->key;
	witness->now_us = options->now_us ? options->now_us : read_clock;
	witness->context = options->context;
	if (options->n_logs > WITNESS_LOGS_MAX) {
		return RG_E_CONFIG;
	}
	err = file_make_dirs(options->state_dir);
	if (!err) {
		err = lock_folder(witness, options->state_dir);
	}
	if (!err) {
		err = claim_folder(witness, options->state_dir);
	}
	for (size_t i = 0; !err && i < options->n_logs; i++) {
		err = add_log(witness, options->state_dir, &options->logs[i]);
	}
	if (!err) {
		*ret_witness = steal(witness);
	}
	return err;
}

rg_err witness_learn(struct witness *witness, const struct note_verifier *logs, size_t n_logs,
	size_t *ret_n_new)
{
	size_t n_new = 0;
	rg_err err = RG_OK;

	(void)pthread_mutex_lock(&witness->lock);
	for (size_t i = 0; !err && i < n_logs; i++) {
		const struct log_state *known = find_log(witness, bytes_of_text(logs[i].name));

		if (!known) {
			err = learn_log(witness, &logs[i]);
			n_new += !err;
		} else if (memcmp(known->log.public_key, logs[i].public_key,
				   sizeof(logs[i].public_key)) != 0) {
			log_event(LOG_ERROR, "witness", "other-log-key",
				log_text("origin", logs[i].name),
				log_text("do", "a log keeps its key; ask the members"));
		}
	}
	(void)pthread_mutex_unlock(&witness->lock);
	*ret_n_new = n_new;
	return err;
}

void witness_close(struct witness *witness)
{
	if (!witness) {
		return;
	}
	for (size_t i = 0; i < witness->n_logs; i++) {
		free(witness->logs[i].dir);
		buf_deinit(&witness->logs[i].note);
	}
	free(witness->state_dir);
	fd_close(&witness->lock_fd);
	(void)pthread_mutex_destroy(&witness->lock);
	free(witness);
}

/* --- What contradicts ----------------------------------------------------------------------- */

static rg_err keep_file(const char *dir, const char *name, struct rg_bytes content)
{
	scoped(freep) char *path = file_join(dir, name);

	return path ? file_replace(path, content, FILE_MODE) : RG_E_NOMEM;
}

/* The same two again are one folder. */
static rg_err keep_evidence(struct log_state *state, struct rg_bytes note, struct rg_bytes request)
{
	struct merkle_hash hash;
	char name[sizeof(EVIDENCE) + HASH_DIGITS] = EVIDENCE;
	rg_err err = merkle_hash_of(buf_view(&state->note), note, &hash);
	struct stat info;

	if (err) {
		return err;
	}
	text_hex(bytes_of(hash.bytes, 8), name + strlen(EVIDENCE));
	scoped(freep) char *dir = file_join(state->dir, name);
	if (!dir) {
		return RG_E_NOMEM;
	}
	if (stat(dir, &info) == 0 || state->n_alarms >= WITNESS_KEPT_MAX) {
		return RG_OK;
	}
	err = file_make_dirs(dir);
	if (!err) {
		err = keep_file(dir, "held.checkpoint", buf_view(&state->note));
	}
	if (!err) {
		err = keep_file(dir, "told.checkpoint", note);
	}
	if (!err) {
		err = keep_file(dir, "request", request);
	}
	state->n_alarms += !err;
	return err;
}

/* A full disk does not silence the alarm. */
static void raise_alarm(struct log_state *state, const struct note_checkpoint *told,
	struct rg_bytes note, struct rg_bytes request)
{
	rg_err err = keep_evidence(state, note, request);

	log_event(LOG_ERROR, "witness", "INCONSISTENT-LOG", log_text("origin", told->origin),
		log_number("held-size", (int64_t)state->tree.size),
		log_number("told-size", (int64_t)told->size), log_text("folder", state->dir),
		log_text("kept", err ? rg_strerror(err) : "both checkpoints and the proof"),
		log_text("do", "two histories of this log exist: tell the members"));
}

/* --- Judging -------------------------------------------------------------------------------- */

/* One request while it is judged. */
struct judging {
	struct witness *witness;
	enum witness_asker asker;
	struct rg_bytes text;
	struct witness_request request;
	struct note_checkpoint checkpoint;
	struct log_state *state;
	struct witness_answer *answer;
	const char *why; /* of a refusal; NULL: go on */
};

static rg_err refuse(struct judging *it, enum witness_status status, const char *why)
{
	it->answer->status = status;
	it->why = why;
	return RG_OK;
}

static rg_err check_form(struct judging *it)
{
	const char *why = NULL;

	return witness_request_read(it->text, &it->request, &why)
		? RG_OK
		: refuse(it, WITNESS_MALFORMED, why);
}

/* Another log may have a checkpoint that we would call malformed: first, whose is it? */
static rg_err check_origin(struct judging *it)
{
	struct rg_bytes rest = it->request.note;
	struct rg_bytes origin;

	if (!text_next_line(&rest, &origin) || origin.len == 0) {
		return refuse(it, WITNESS_MALFORMED, "no checkpoint follows the empty line");
	}
	it->state = find_log(it->witness, origin);
	return it->state ? RG_OK
			 : refuse(it, WITNESS_UNKNOWN_LOG, "this witness does not know the log");
}

static rg_err check_checkpoint(struct judging *it)
{
	return note_checkpoint_read(it->request.note, &it->checkpoint)
		? RG_OK
		: refuse(it, WITNESS_MALFORMED, "the checkpoint is malformed");
}

static rg_err check_signature(struct judging *it)
{
	bool is_valid = false;
	rg_err err = note_checkpoint_verify(it->request.note, &it->state->log, &it->checkpoint,
		&is_valid);

	return err || is_valid
		? err
		: refuse(it, WITNESS_NOT_SIGNED,
			  "no signature of the log's key, or one that does not verify");
}

static rg_err check_old_size(struct judging *it)
{
	return it->request.old_size <= it->checkpoint.size
		? RG_OK
		: refuse(it, WITNESS_MALFORMED,
			  "the old size is larger than that of the checkpoint");
}

static rg_err check_last(struct judging *it)
{
	if (it->request.old_size == it->state->tree.size) {
		return RG_OK;
	}
	buf_printf(&it->answer->body, "%llu\n", (unsigned long long)it->state->tree.size);
	buf_add_bytes(&it->answer->checkpoint, buf_view(&it->state->note));
	return refuse(it, WITNESS_OTHER_SIZE, "");
}

static bool is_same_root(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static rg_err check_empty(struct judging *it)
{
	struct merkle_hash empty;
	rg_err err = merkle_empty(&empty);

	if (!err && it->checkpoint.size == 0 && !is_same_root(&empty, &it->checkpoint.root)) {
		return refuse(it, WITNESS_INCONSISTENT, "the empty tree has another root");
	}
	if (!err && it->request.old_size == 0 && it->request.path.n_nodes > 0) {
		return refuse(it, WITNESS_INCONSISTENT, "a proof from size 0 is empty");
	}
	return err;
}

/* Whether what was sent shows by itself that the log signed two histories. */
static rg_err is_proven(const struct judging *it, const struct proof_tree *new_tree, bool *ret_is)
{
	struct merkle_hash old_root;
	bool leads = false;

	if (it->state->tree.size == new_tree->size) {
		*ret_is = !is_same_root(&it->state->tree.root, &new_tree->root);
		return RG_OK;
	}
	rg_err err = proof_consistency_origin(it->state->tree.size, new_tree, &it->request.path,
		&old_root, &leads);

	*ret_is = !err && leads && !is_same_root(&old_root, &it->state->tree.root);
	return err;
}

static rg_err check_consistency(struct judging *it)
{
	const struct proof_tree new_tree = {it->checkpoint.size, it->checkpoint.root};
	bool is_valid = false;
	bool is_alarm = false;
	rg_err err =
		proof_consistency_check(&it->state->tree, &new_tree, &it->request.path, &is_valid);

	if (err || is_valid) {
		return err;
	}
	err = is_proven(it, &new_tree, &is_alarm);
	if (!err && (is_alarm || it->asker == WITNESS_BY_ROUTER)) {
		raise_alarm(it->state, &it->checkpoint, it->request.note, it->text);
	}
	buf_add_bytes(&it->answer->checkpoint, buf_view(&it->state->note));
	return err ? err
		   : refuse(it, WITNESS_INCONSISTENT,
			     "it does not continue the last checkpoint that we cosigned");
}

/* The signed text, the log's own line and ours: what we keep. */
static rg_err write_note(const struct judging *it, struct rg_bytes line, struct buf *out)
{
	scoped(buf_deinitv) struct buf copy = {.data = NULL};
	struct rg_bytes rest = it->request.note;
	struct rg_bytes text;
	struct note_checkpoint checkpoint;
	bool is_valid = false;
	rg_err err = RG_OK;

	/* Others' lines are left out, so that what we keep stays small: find the log's own. */
	size_t head = 0;
	while (text_next_line(&rest, &text) && text.len > 0) {
		head += text.len + 1;
	}
	while (!err && !is_valid && text_next_line(&rest, &text)) {
		buf_clear(&copy);
		buf_add(&copy, it->request.note.data, head + 1);
		buf_add(&copy, text.data, text.len + 1);
		err = note_checkpoint_verify(buf_view(&copy), &it->state->log, &checkpoint,
			&is_valid);
	}
	buf_add_bytes(out, buf_view(&copy));
	buf_add_bytes(out, line);
	return err ? err : buf_error(out);
}

static uint64_t time_of(const struct judging *it)
{
	int64_t now_us = it->witness->now_us(it->witness->context);
	uint64_t now_s = now_us < SECOND_US ? 1 : (uint64_t)(now_us / SECOND_US);

	return now_s > it->state->time_s ? now_s : it->state->time_s;
}

/* Durable before the cosignature leaves. */
static rg_err cosign(struct judging *it)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	scoped(freep) char *path = file_join(it->state->dir, "checkpoint");
	struct witness *witness = it->witness;
	uint64_t time_s = time_of(it);
	rg_err err = path ? cosignature_make(it->request.note, &witness->self, witness->key, time_s,
				    &it->answer->body)
			  : RG_E_NOMEM;

	if (!err) {
		err = write_note(it, buf_view(&it->answer->body), &note);
	}
	if (err) {
		return err;
	}
	if (file_replace(path, buf_view(&note), FILE_MODE)) {
		buf_clear(&it->answer->body);
		return refuse(it, WITNESS_NOT_STORED, "the checkpoint could not be stored");
	}
	buf_deinit(&it->state->note);
	it->state->note = note;
	buf_init(&note);
	it->state->tree = (struct proof_tree){it->checkpoint.size, it->checkpoint.root};
	it->state->time_s = time_s;
	it->answer->status = WITNESS_COSIGNED;
	return RG_OK;
}

static rg_err (*const checks[])(struct judging *it) = {
	check_form,
	check_origin,
	check_checkpoint,
	check_signature,
	check_old_size,
	check_last,
	check_empty,
	check_consistency,
	cosign,
};

static rg_err judge(struct judging *it)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && !it->why && i < sizeof(checks) / sizeof(checks[0]); i++) {
		err = checks[i](it);
	}
	if (!err && it->why && it->why[0]) {
		buf_printf(&it->answer->body, "%s\n", it->why);
	}
	return err;
}

rg_err witness_judge(struct witness *witness, struct rg_bytes request, enum witness_asker asker,
	struct witness_answer *ret_answer)
{
	struct judging it = {.witness = witness,
		.asker = asker,
		.text = request,
		.answer = ret_answer};

	(void)pthread_mutex_lock(&witness->lock);
	rg_err err = judge(&it);

	(void)pthread_mutex_unlock(&witness->lock);
	if (!err) {
		err = buf_error(&ret_answer->body);
	}
	return err ? err : buf_error(&ret_answer->checkpoint);
}

/* --- Telling -------------------------------------------------------------------------------- */

rg_err witness_last(struct witness *witness, const char *origin, struct buf *out)
{
	(void)pthread_mutex_lock(&witness->lock);
	const struct log_state *state = find_log(witness, bytes_of_text(origin));

	if (state) {
		buf_add_bytes(out, buf_view(&state->note));
	}
	(void)pthread_mutex_unlock(&witness->lock);
	return buf_error(out);
}

rg_err witness_last_by_hash(struct witness *witness, const char *origin_hash, struct buf *out,
	bool *ret_found)
{
	*ret_found = false;
	(void)pthread_mutex_lock(&witness->lock);
	for (size_t i = 0; i < witness->n_logs; i++) {
		if (strcmp(witness->logs[i].hash, origin_hash) == 0) {
			buf_add_bytes(out, buf_view(&witness->logs[i].note));
			*ret_found = witness->logs[i].note.len > 0;
		}
	}
	(void)pthread_mutex_unlock(&witness->lock);
	return buf_error(out);
}

size_t witness_n_alarms(struct witness *witness)
{
	size_t n = 0;

	(void)pthread_mutex_lock(&witness->lock);
	for (size_t i = 0; i < witness->n_logs; i++) {
		n += witness->logs[i].n_alarms;
	}
	(void)pthread_mutex_unlock(&witness->lock);
	return n;
}
