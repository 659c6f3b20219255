/*
 * Verification: each rule refuses with its verdict and field, what keeps all of them passes,
 * and many workers give messages back in the order they came.
 */

#include <poll.h>

#include "core_kit.h"
#include "verify/check.h"
#include "verify/ring.h"
#include "wire/pack.h"

static struct members members;

#define VERDICT(name) RIVERGATE__V1__VERDICT__VERDICT_##name

/* A header that passes, and room to break it. */
struct draft {
	Rivergate__V1__Header header;
	Rivergate__V1__Part part;
	Rivergate__V1__Part *parts[2];
	Rivergate__V1__Ref ref;
	Rivergate__V1__Ref *refs[1];
	char *to[2];
	uint8_t id[17];
	uint8_t content[40]; /* salt ‖ bytes */
	uint8_t commitment[32];
	size_t frame_len;
	const char *party;
	bool is_changed_after_signing;
};

static void draft_init(struct draft *draft)
{
	*draft = (struct draft){.frame_len = sizeof(draft->content), .party = "la.customs"};
	rivergate__v1__header__init(&draft->header);
	rivergate__v1__part__init(&draft->part);
	rivergate__v1__ref__init(&draft->ref);
	draft->id[6] = 0x70;
	draft->id[8] = 0x80;
	draft->to[0] = members_text("cn.gacc");
	draft->to[1] = members_text("cn.gacc");
	draft->parts[0] = &draft->part;
	draft->parts[1] = &draft->part;
	draft->refs[0] = &draft->ref;
	ck_assert_int_eq(signature_commitment(draft->content,
				 (struct rg_bytes){draft->content + 32, 8}, draft->commitment),
		RG_OK);
	draft->part.name = members_text("customs");
	draft->part.size = 8;
	draft->part.commitment = (ProtobufCBinaryData){32, draft->commitment};
	draft->header.id = (ProtobufCBinaryData){16, draft->id};
	draft->header.from = members_text("la.customs");
	draft->header.n_to = 1;
	draft->header.to = draft->to;
	draft->header.kind = RIVERGATE__V1__KIND__KIND_DECLARATION;
	draft->header.sent_at_us = 1;
	draft->header.n_parts = 1;
	draft->header.parts = draft->parts;
}

static struct message *draft_message(const struct draft *draft)
{
	scoped(buf_deinit) struct buf header = {0};
	scoped(buf_deinit) struct buf signature = {0};
	struct message *message = message_new();

	ck_assert_ptr_nonnull(message);
	ck_assert_int_eq(pack_append(&draft->header.base, &header), RG_OK);
	const struct rg_bytes view = buf_view(&header);

	ck_assert_int_eq(signature_sign(members.all[LA].parties[0].signing, &view, 1, &signature),
		RG_OK);
	if (draft->is_changed_after_signing) {
		header.data[header.len - 1] ^= 1;
	}
	kit_frame(&message->header_frame, buf_view(&header));
	kit_frame(&message->signature_frame, buf_view(&signature));
	message->part_frames = calloc(1, sizeof(zmq_msg_t));
	message->n_parts = 1;
	kit_frame(&message->part_frames[0], (struct rg_bytes){draft->content, draft->frame_len});
	snprintf(message->party, sizeof(message->party), "%s", draft->party);
	return message;
}

static void break_nothing(struct draft *draft)
{
	(void)draft;
}

static void break_id_length(struct draft *draft)
{
	draft->header.id.len = 15;
}

static void break_id_version(struct draft *draft)
{
	draft->id[6] = 0x40;
}

static void break_sender(struct draft *draft)
{
	draft->header.from = members_text("la.Customs");
}

static void break_kind(struct draft *draft)
{
	draft->header.kind = RIVERGATE__V1__KIND__KIND_EXPIRY;
}

static void break_recipients(struct draft *draft)
{
	draft->header.n_to = 0;
}

static void break_twice(struct draft *draft)
{
	draft->header.n_to = 2;
}

static void break_ucr_length(struct draft *draft)
{
	draft->header.ucr = members_text("123456789012345678901234567890123456");
}

static void break_ucr_control(struct draft *draft)
{
	draft->header.ucr = members_text("LA\n1");
}

static void break_reference(struct draft *draft)
{
	draft->header.n_refs = 1;
	draft->header.refs = draft->refs;
}

static void break_time(struct draft *draft)
{
	draft->header.sent_at_us = 0;
}

static void break_governance(struct draft *draft)
{
	draft->header.kind = RIVERGATE__V1__KIND__KIND_DIRECTORY;
}

static void break_part_count(struct draft *draft)
{
	draft->header.n_parts = 2;
}

static void break_part_name(struct draft *draft)
{
	draft->part.name = members_text("");
}

static void break_party(struct draft *draft)
{
	draft->party = "cn.gacc";
}

static void break_signature(struct draft *draft)
{
	draft->is_changed_after_signing = true;
}

static void break_content(struct draft *draft)
{
	draft->content[39] = 1;
}

static void break_size(struct draft *draft)
{
	draft->frame_len = 39;
}

static void break_salt(struct draft *draft)
{
	draft->frame_len = 31;
}

static void withhold(struct draft *draft)
{
	draft->frame_len = 0;
}

struct verify_row {
	void (*change)(struct draft *draft);
	Rivergate__V1__Verdict verdict; /* UNSPECIFIED: passes */
	const char *field;
};

START_TEST(each_rule_refuses_with_its_verdict_and_field)
{
	static const struct verify_row rows[] = {
		{break_nothing, VERDICT(UNSPECIFIED), ""},
		{withhold, VERDICT(UNSPECIFIED), ""},
		{break_id_length, VERDICT(MALFORMED), "id"},
		{break_id_version, VERDICT(MALFORMED), "id"},
		{break_sender, VERDICT(MALFORMED), "from"},
		{break_kind, VERDICT(MALFORMED), "kind"},
		{break_recipients, VERDICT(MALFORMED), "to"},
		{break_twice, VERDICT(MALFORMED), "to[1]"},
		{break_ucr_length, VERDICT(MALFORMED), "ucr"},
		{break_ucr_control, VERDICT(MALFORMED), "ucr"},
		{break_reference, VERDICT(MALFORMED), "refs[0]"},
		{break_time, VERDICT(MALFORMED), "sent_at_us"},
		{break_governance, VERDICT(MALFORMED), "to"},
		{break_part_count, VERDICT(MALFORMED), "parts"},
		{break_part_name, VERDICT(MALFORMED), "parts[0]"},
		{break_party, VERDICT(SENDER), "from"},
		{break_signature, VERDICT(SIGNATURE), "signature"},
		{break_content, VERDICT(CONTENT), "parts[0]"},
		{break_size, VERDICT(CONTENT), "parts[0]"},
		{break_salt, VERDICT(CONTENT), "parts[0]"},
	};

	members_init(&members);
	struct trust *trust = members_trust(&members);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct draft draft;

		draft_init(&draft);
		rows[i].change(&draft);
		struct message *message = draft_message(&draft);

		ck_assert_int_eq(verify_check(message, trust, NULL), RG_OK);
		ck_assert_msg(message->verdict == rows[i].verdict, "row %zu: verdict %d, %s", i,
			message->verdict, message->rule ? message->rule : "");
		ck_assert_str_eq(message->field, rows[i].field);
		message_free(message);
	}
	trust_unref(trust);
	members_deinit(&members);
}
END_TEST

/* An empty ring leaves the next message to the taker; events before and after keep their places. */
START_TEST(a_message_that_comes_alone_is_verified_by_the_taker)
{
	enum { N = 200 };
	struct verify_ring *ring = NULL;
	size_t n_at_once = 0;
	struct draft draft;
	struct verify_item items[8];

	members_init(&members);
	struct trust *trust = members_trust(&members);
	const struct verify_options options = {.n_threads = 2, .trust = trust};

	draft_init(&draft);
	ck_assert_int_eq(verify_ring_start(&options, &ring), RG_OK);
	for (uint64_t i = 0; i < N; i++) {
		const struct verify_item event = {.event = &draft};
		const struct verify_item message = {.message = draft_message(&draft)};
		struct pollfd ready = {.fd = verify_ring_ready_fd(ring), .events = POLLIN};

		message.message->seq = i;
		ck_assert(verify_ring_push(ring, &message));
		ck_assert_int_eq(poll(&ready, 1, 0), 1);
		ck_assert(verify_ring_push(ring, &event));
		size_t n = verify_ring_take(ring, items, 8);

		n_at_once += n == 2;
		/* Only a worker that has just been started looks at the ring unasked. */
		for (int tries = 0; n < 2 && tries < 10; tries++) {
			ck_assert_int_eq(poll(&ready, 1, 10000), 1);
			n += verify_ring_take(ring, items + n, 8 - n);
		}
		ck_assert_uint_eq(n, 2);
		ck_assert_uint_eq(items[0].message->seq, i);
		ck_assert_int_eq(items[0].message->verdict, VERDICT(UNSPECIFIED));
		ck_assert_ptr_eq(items[1].event, &draft);
		ck_assert_int_eq(poll(&ready, 1, 0), 0);
		message_free(message.message);
	}
	ck_assert_uint_gt(n_at_once, N - 20);
	verify_ring_stop(ring);
	trust_unref(trust);
	members_deinit(&members);
}
END_TEST

START_TEST(many_workers_keep_the_order_and_a_full_ring_refuses)
{
	enum { CAPACITY = 32, N = 600 };
	struct verify_ring *ring = NULL;
	struct draft draft;
	uint64_t pushed = 0;
	uint64_t taken = 0;
	bool was_full = false;

	members_init(&members);
	struct trust *trust = members_trust(&members);
	const struct verify_options options = {.n_threads = 4,
		.capacity = CAPACITY,
		.trust = trust};

	draft_init(&draft);
	ck_assert_int_eq(verify_ring_start(&options, &ring), RG_OK);
	while (taken < N) {
		for (bool has_room = true; has_room && pushed < N;) {
			/* Every third is an event: it needs no work, and keeps its place. */
			struct verify_item item = {.event = &draft};

			if (pushed % 3 != 0) {
				item = (struct verify_item){.message = draft_message(&draft)};
				item.message->seq = pushed;
			}
			has_room = verify_ring_push(ring, &item);
			pushed += has_room;
			was_full = was_full || !has_room;
			if (!has_room) {
				message_free(item.message);
			}
		}
		struct pollfd ready = {.fd = verify_ring_ready_fd(ring), .events = POLLIN};
		struct verify_item items[8];

		ck_assert_int_eq(poll(&ready, 1, 10000), 1);
		size_t n = verify_ring_take(ring, items, 8);

		for (size_t i = 0; i < n; i++, taken++) {
			ck_assert_int_eq(items[i].message == NULL, taken % 3 == 0);
			if (items[i].message) {
				ck_assert_uint_eq(items[i].message->seq, taken);
				ck_assert_int_eq(items[i].message->verdict, VERDICT(UNSPECIFIED));
				message_free(items[i].message);
			}
		}
	}
	ck_assert(was_full);
	ck_assert_uint_eq(verify_ring_length(ring), 0);
	verify_ring_stop(ring);
	trust_unref(trust);
	members_deinit(&members);
}
END_TEST

CHECK_MAIN("verify", each_rule_refuses_with_its_verdict_and_field,
	many_workers_keep_the_order_and_a_full_ring_refuses,
	a_message_that_comes_alone_is_verified_by_the_taker)
