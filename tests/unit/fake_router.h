#ifndef TESTS_UNIT_FAKE_ROUTER_H
#define TESTS_UNIT_FAKE_ROUTER_H

/*
 * A router that a test drives step by step, and that can lie
 *
 * A ROUTER socket with CURVE on loopback and a log of a few records in memory. Nothing
 * happens by itself: the test receives a frame, looks at it and sends an answer, true or
 * false. All in the test's own thread; the client has its own.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include <rivergate/client.h>

#include "base/file.h"
#include "base/text.h"
#include "evidence/note.h"
#include "evidence/proof.h"
#include "evidence/record.h"
#include "members.h"
#include "sign/signature.h"
#include "suite.h"
#include "wire/frame.h"
#include "wire/pack.h"

#define FAKE_ROUTER   "router.one"
#define FAKE_ORIGIN   "rivergate.example/one"
#define FAKE_PARTY    "la.customs.boten"
#define FAKE_LEAVES   32
#define FAKE_WAIT_MS  10000
#define FAKE_QUIET_MS 300

struct fake {
	char folder[256];
	char endpoint[128];
	char secret[41];
	char pin[65];
	void *context;
	void *socket;
	struct members members;
	struct key *log_key;
	struct merkle_hash leaves[FAKE_LEAVES];
	uint64_t n_leaves;
	struct arena *arena;             /* of the frame received last */
	struct frame_multipart received; /* routing id, Frame, … */
	Rivergate__V1__Frame *frame;
};

static inline void fake_path(const struct fake *fake, const char *name, char path[512])
{
	(void)snprintf(path, 512, "%s/%s", fake->folder, name);
}

/* --- Socket -------------------------------------------------------------------------------- */

static inline void fake_bind(struct fake *fake, const char *endpoint)
{
	int one = 1;
	int none = 0;
	size_t len = sizeof(fake->endpoint);

	fake->socket = zmq_socket(fake->context, ZMQ_ROUTER);
	ck_assert_ptr_nonnull(fake->socket);
	(void)zmq_setsockopt(fake->socket, ZMQ_CURVE_SERVER, &one, sizeof(one));
	(void)zmq_setsockopt(fake->socket, ZMQ_LINGER, &none, sizeof(none));
	(void)zmq_setsockopt(fake->socket, ZMQ_CURVE_SECRETKEY, fake->secret, 40);
	for (int i = 0; zmq_bind(fake->socket, endpoint) != 0; i++) {
		ck_assert_int_lt(i, 100);
		(void)usleep(20000);
	}
	ck_assert_int_eq(zmq_getsockopt(fake->socket, ZMQ_LAST_ENDPOINT, fake->endpoint, &len), 0);
}

/* Drops all connections and comes back at the same place. */
static inline void fake_restart(struct fake *fake)
{
	char endpoint[128];

	memcpy(endpoint, fake->endpoint, sizeof(endpoint));
	(void)zmq_close(fake->socket);
	fake_bind(fake, endpoint);
}

static inline bool fake_has_frame(struct fake *fake, int timeout_ms)
{
	zmq_pollitem_t item = {.socket = fake->socket, .events = ZMQ_POLLIN};

	return zmq_poll(&item, 1, timeout_ms) > 0;
}

/* A client asks for consistency by itself, at any time. */
static inline bool fake_is_consistency(const Rivergate__V1__Frame *frame)
{
	return frame->body_case == RIVERGATE__V1__FRAME__BODY_QUERY &&
		frame->query->what_case == RIVERGATE__V1__QUERY__WHAT_CONSISTENCY;
}

/* The next frame, which must be of this kind; PING and questions of consistency are passed over. */
static inline void fake_expect(struct fake *fake, Rivergate__V1__Frame__BodyCase body)
{
	struct scan_answer answer;
	bool is_received = false;

	do {
		ck_assert_msg(fake_has_frame(fake, FAKE_WAIT_MS), "no frame; expected %d", body);
		arena_reset(fake->arena);
		ck_assert_int_eq(frame_receive(fake->socket, (size_t)64 << 20, &fake->received,
					 &is_received),
			RG_OK);
		ck_assert(is_received);
		ck_assert_int_eq(frame_unpack(frame_item(&fake->received, 1), fake->arena, &answer,
					 &fake->frame),
			RG_OK);
		ck_assert_ptr_nonnull(fake->frame);
	} while ((fake->frame->body_case == RIVERGATE__V1__FRAME__BODY_PING &&
			 body != RIVERGATE__V1__FRAME__BODY_PING) ||
		fake_is_consistency(fake->frame));
	ck_assert_int_eq(fake->frame->body_case, body);
}

/* Nothing comes but what a client asks by itself. */
static inline bool fake_is_quiet(struct fake *fake)
{
	bool is_quiet = true;

	while (is_quiet && fake_has_frame(fake, FAKE_QUIET_MS)) {
		struct scan_answer answer;
		bool is_received = false;

		arena_reset(fake->arena);
		ck_assert_int_eq(frame_receive(fake->socket, (size_t)64 << 20, &fake->received,
					 &is_received),
			RG_OK);
		ck_assert_int_eq(frame_unpack(frame_item(&fake->received, 1), fake->arena, &answer,
					 &fake->frame),
			RG_OK);
		is_quiet = fake->frame && fake_is_consistency(fake->frame);
	}
	return is_quiet;
}

/* To the peer of the frame received last; more: frames that follow. */
static inline void fake_send(struct fake *fake, const Rivergate__V1__Frame *frame,
	const struct rg_bytes *more, size_t n_more)
{
	struct frame_multipart out;
	enum frame_sent sent;

	frame_init(&out);
	ck_assert_int_eq(frame_add(&out, frame_item(&fake->received, 0)), RG_OK);
	ck_assert_int_eq(frame_add_packed(&out, frame), RG_OK);
	for (size_t i = 0; i < n_more; i++) {
		ck_assert_int_eq(frame_add(&out, more[i]), RG_OK);
	}
	ck_assert_int_eq(frame_send(fake->socket, &out, &sent), RG_OK);
	ck_assert_int_eq(sent, FRAME_SENT);
	frame_deinit(&out);
}

/* --- Log ----------------------------------------------------------------------------------- */

/* Collects the outer hashes of a range of one leaf; NULL: none is wanted. */
struct fake_range {
	uint64_t index;
	struct buf *outer;
};

/* RFC 6962 head of leaves lo .. hi - 1. */
static inline struct merkle_hash fake_head(const struct fake *fake, uint64_t lo, uint64_t hi,
	const struct fake_range *range)
{
	struct merkle_hash head;
	bool is_outside = range && (hi <= range->index || lo > range->index);

	if (hi - lo == 1) {
		head = fake->leaves[lo];
	} else {
		uint64_t k = 1;

		while (k * 2 < hi - lo) {
			k *= 2;
		}
		const struct fake_range *below = is_outside ? NULL : range;
		struct merkle_hash left = fake_head(fake, lo, lo + k, below);
		struct merkle_hash right = fake_head(fake, lo + k, hi, below);
		ck_assert_int_eq(merkle_node(&left, &right, &head), RG_OK);
	}
	if (is_outside) {
		buf_add(range->outer, head.bytes, sizeof(head.bytes));
	}
	return head;
}

/* Signs a checkpoint of the first `size` records as a text. */
static inline void fake_checkpoint(const struct fake *fake, uint64_t size, struct buf *out)
{
	struct note_checkpoint checkpoint = {.origin = FAKE_ORIGIN, .size = size};

	if (size) {
		checkpoint.root = fake_head(fake, 0, size, NULL);
	} else {
		ck_assert_int_eq(merkle_empty(&checkpoint.root), RG_OK);
	}
	ck_assert_int_eq(note_checkpoint_sign(&checkpoint, fake->log_key, out), RG_OK);
}

static inline void fake_meta(struct buf *out)
{
	Rivergate__V1__Meta meta = RIVERGATE__V1__META__INIT;

	meta.time_us = MEMBERS_NOW_US;
	ck_assert_int_eq(pack_append(&meta.base, out), RG_OK);
}

/* Appends a record; its index. */
static inline uint64_t fake_append(struct fake *fake, struct rg_bytes header,
	struct rg_bytes signature)
{
	scoped(buf_deinit) struct buf leaf = {0};
	scoped(buf_deinit) struct buf meta = {0};

	fake_meta(&meta);
	const struct record record = {
		.type = RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE,
		.meta = buf_view(&meta),
		.body = header,
		.signature = signature,
	};
	ck_assert_uint_lt(fake->n_leaves, FAKE_LEAVES);
	ck_assert_int_eq(record_write(&record, &leaf), RG_OK);
	ck_assert_int_eq(merkle_leaf(buf_view(&leaf), &fake->leaves[fake->n_leaves]), RG_OK);
	return fake->n_leaves++;
}

/* --- Frames -------------------------------------------------------------------------------- */

/* HELLO of a router that knows `size` records. */
static inline void fake_hello(struct fake *fake, uint64_t size, uint32_t epoch)
{
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Hello hello = RIVERGATE__V1__HELLO__INIT;
	scoped(buf_deinit) struct buf checkpoint = {0};

	fake_checkpoint(fake, size, &checkpoint);
	hello.router = members_text(FAKE_ROUTER);
	hello.checkpoint = members_text(buf_text(&checkpoint));
	hello.epoch = epoch;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_HELLO;
	frame.hello = &hello;
	fake_send(fake, &frame, NULL, 0);
}

static inline void fake_credit(struct fake *fake, uint32_t messages)
{
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Credit credit = RIVERGATE__V1__CREDIT__INIT;

	credit.messages = messages;
	credit.bytes = (uint64_t)messages << 20;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_CREDIT;
	frame.credit = &credit;
	fake_send(fake, &frame, NULL, 0);
}

/* Receives HELLO, answers it and gives credit. */
static inline void fake_accept(struct fake *fake, uint32_t messages)
{
	fake_expect(fake, RIVERGATE__V1__FRAME__BODY_HELLO);
	ck_assert_str_eq(fake->frame->hello->party, FAKE_PARTY);
	fake_hello(fake, fake->n_leaves, 1);
	if (messages) {
		fake_credit(fake, messages);
	}
}

/* A submission as received. */
struct fake_submit {
	uint64_t seq;
	uint32_t epoch;
	uint8_t id[16];
	struct buf header;
	struct buf signature;
};

static inline void fake_submit_drop(struct fake_submit *submit)
{
	buf_deinit(&submit->header);
	buf_deinit(&submit->signature);
}

static inline void fake_expect_submit(struct fake *fake, struct fake_submit *ret_submit)
{
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;

	fake_expect(fake, RIVERGATE__V1__FRAME__BODY_SUBMIT);
	*ret_submit = (struct fake_submit){
		.seq = fake->frame->submit->seq,
		.epoch = fake->frame->submit->epoch,
	};
	buf_add_bytes(&ret_submit->header, frame_item(&fake->received, 2));
	buf_add_bytes(&ret_submit->signature, frame_item(&fake->received, 3));
	ck_assert_int_eq(scan_unpack(&rivergate__v1__header__descriptor,
				 buf_view(&ret_submit->header), fake->arena, &answer, &msg),
		RG_OK);
	ck_assert_ptr_nonnull(msg);
	memcpy(ret_submit->id, ((const Rivergate__V1__Header *)msg)->id.data, 16);
}

/* How a receipt is spoilt. */
enum fake_lie {
	FAKE_TRUE,
	FAKE_OTHER_ROOT,      /* the checkpoint is of another tree */
	FAKE_OTHER_SIGNATURE, /* the record does not hold what was signed */
	FAKE_OTHER_INDEX,
};

static inline void fake_receipt(struct fake *fake, const struct fake_submit *submit,
	enum fake_lie lie)
{
	static const uint8_t junk[3] = {0x0a, 0x01, 'x'}; /* Signature { key_id: "x" } */
	struct rg_bytes signature =
		lie == FAKE_OTHER_SIGNATURE ? bytes_of(junk, 3) : buf_view(&submit->signature);
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Receipts receipts = RIVERGATE__V1__RECEIPTS__INIT;
	Rivergate__V1__OwnRecord own = RIVERGATE__V1__OWN_RECORD__INIT;
	Rivergate__V1__OwnRecord *records[] = {&own};
	scoped(buf_deinit) struct buf checkpoint = {0};
	scoped(buf_deinit) struct buf outer = {0};
	scoped(buf_deinit) struct buf meta = {0};
	uint64_t index = fake_append(fake, buf_view(&submit->header), signature);
	const struct fake_range range = {index, &outer};

	fake_meta(&meta);
	(void)fake_head(fake, 0, fake->n_leaves, &range);
	if (lie == FAKE_OTHER_ROOT) {
		fake->leaves[index].bytes[0] ^= 1;
	}
	fake_checkpoint(fake, fake->n_leaves, &checkpoint);
	receipts.checkpoint = members_text(buf_text(&checkpoint));
	own.index = lie == FAKE_OTHER_INDEX && index ? index - 1 : index;
	receipts.first_index = own.index;
	receipts.last_index = own.index;
	receipts.records = records;
	receipts.n_records = 1;
	receipts.outer = (ProtobufCBinaryData){outer.len, outer.data};
	own.meta = (ProtobufCBinaryData){meta.len, meta.data};
	own.signature = (ProtobufCBinaryData){signature.len, (uint8_t *)(uintptr_t)signature.data};
	own.id = (ProtobufCBinaryData){16, (uint8_t *)(uintptr_t)submit->id};
	frame.body_case = RIVERGATE__V1__FRAME__BODY_RECEIPTS;
	frame.receipts = &receipts;
	fake_send(fake, &frame, NULL, 0);
}

/* key NULL: not signed. */
static inline void fake_refuse(struct fake *fake, const struct fake_submit *submit,
	Rivergate__V1__Verdict verdict, const struct key *key)
{
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Refusal refusal = RIVERGATE__V1__REFUSAL__INIT;
	Rivergate__V1__RefusalBody body = RIVERGATE__V1__REFUSAL_BODY__INIT;
	Rivergate__V1__Signature signature = RIVERGATE__V1__SIGNATURE__INIT;
	scoped(buf_deinit) struct buf packed = {0};
	scoped(buf_deinit) struct buf value = {0};

	body.verdict = verdict;
	body.rule = members_text("a rule");
	body.field = members_text("to[0]");
	body.text = members_text("do something else");
	body.id = (ProtobufCBinaryData){16, (uint8_t *)(uintptr_t)submit->id};
	body.router_time_us = MEMBERS_NOW_US;
	body.retryable = verdict == RIVERGATE__V1__VERDICT__VERDICT_QUOTA;
	ck_assert_int_eq(pack_append(&body.base, &packed), RG_OK);
	refusal.body = members_data(&packed);
	if (key) {
		ck_assert_int_eq(key_sign(key, "rivergate/v1 refusal", buf_view(&packed), &value),
			RG_OK);
		signature.key_id = members_text(key_id(key));
		signature.algorithm = key_algorithm(key);
		signature.value = members_data(&value);
		refusal.signature = &signature;
	}
	refusal.seq = submit->seq;
	refusal.epoch = submit->epoch;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_REFUSAL;
	frame.refusal = &refusal;
	fake_send(fake, &frame, NULL, 0);
}

/* --- Life ---------------------------------------------------------------------------------- */

static inline void fake_write_files(struct fake *fake)
{
	scoped(governance_freep) Rivergate__V1__Governed *registry =
		members_registry(&fake->members, (1U << MEMBERS_N) - 1);
	uint8_t hash[32];
	uint8_t secret[32];
	char hex[65];
	char path[512];

	fake_path(fake, "registry.json", path);
	ck_assert_int_eq(governance_write(path, registry), RG_OK);
	ck_assert_int_eq(governance_hash(registry, hash), RG_OK);
	text_hex(bytes_of(hash, sizeof(hash)), fake->pin);
	fake_path(fake, "directories", path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	for (size_t i = 0; i < MEMBERS_N; i++) {
		scoped(governance_freep) Rivergate__V1__Governed *directory =
			members_directory(&fake->members, i);
		char name[32];

		(void)snprintf(name, sizeof(name), "directories/%s.json",
			fake->members.all[i].directory.member);
		fake_path(fake, name, path);
		ck_assert_int_eq(governance_write(path, directory), RG_OK);
	}
	memset(secret, 7, sizeof(secret));
	text_hex(bytes_of(secret, sizeof(secret)), hex);
	fake_path(fake, "curve.key", path);
	ck_assert_int_eq(file_create(path, bytes_of_text(hex), 0600), RG_OK);
	fake_path(fake, "signing.key", path);
	ck_assert_int_eq(key_save(fake->members.all[LA].parties[1].signing, path), RG_OK);
}

static inline void fake_start(struct fake *fake)
{
	char public[41];
	const char *base = getenv("TMPDIR");

	*fake = (struct fake){.n_leaves = 0};
	(void)snprintf(fake->folder, sizeof(fake->folder), "%s/rg-client-session-XXXXXX",
		base ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(fake->folder));
	frame_init(&fake->received);
	fake->arena = arena_new(0);
	fake->context = zmq_ctx_new();
	ck_assert_int_eq(zmq_curve_keypair(public, fake->secret), 0);
	fake_bind(fake, "tcp://127.0.0.1:*");
	members_init(&fake->members);
	ck_assert_ptr_nonnull(zmq_z85_decode(fake->members.router_keys[0][2], public));
	ck_assert_int_eq(key_generate(MEMBERS_ALGORITHM(ED25519), &fake->log_key), RG_OK);
	ck_assert_int_eq(key_ed25519_raw(fake->log_key, fake->members.router_keys[0][0]), RG_OK);
	fake_write_files(fake);
}

static inline void fake_stop(struct fake *fake)
{
	frame_deinit(&fake->received);
	(void)zmq_close(fake->socket);
	(void)zmq_ctx_term(fake->context);
	arena_free(fake->arena);
	key_free(fake->log_key);
	members_deinit(&fake->members);
}

/* A client of this router, with the options that a test sets. */
static inline struct rg_client *fake_client(const struct fake *fake, bool use_spool, bool receive)
{
	char paths[5][512];
	static const char *const names[] = {"registry.json", "directories", "curve.key",
		"signing.key", "state"};
	struct rg_client *client = NULL;

	for (size_t i = 0; i < 5; i++) {
		fake_path(fake, names[i], paths[i]);
	}
	const struct rg_client_options options = {
		.party = FAKE_PARTY,
		.router = FAKE_ROUTER,
		.endpoint = fake->endpoint,
		.registry_path = paths[0],
		.directories_path = paths[1],
		.pin = fake->pin,
		.curve_key_path = paths[2],
		.signing_key_path = paths[3],
		.state_path = paths[4],
		.use_spool = use_spool,
		.receive = receive,
		.credit_messages = 4,
	};
	ck_assert_int_eq(rg_client_open(&options, &client), RG_OK);
	return client;
}

#endif
