/*
 * Sessions: order and nothing lost over refusals and disconnects, and that a router
 * which lies is found each time, in receipts, refusals, deliveries and checkpoints.
 */

#include <dirent.h>

#include <rivergate/proof.h>

#include "fake_router.h"
#include "parcels.h"
#include "wire/pack.h"

/* --- The caller's side ----------------------------------------------------------------------- */

/* The next event, which must be of this type. */
static const struct rg_event *expect(struct rg_client *client, enum rg_event_type type)
{
	const struct rg_event *event = NULL;

	for (int i = 0; i < 100 && !event; i++) {
		ck_assert_int_eq(rg_client_next(client, FAKE_WAIT_MS / 100, &event), RG_OK);
		if (event && event->type == RG_EVENT_WITNESSED && type != RG_EVENT_WITNESSED) {
			event = NULL;
		}
	}
	ck_assert_msg(event != NULL, "no event; expected %d", type);
	ck_assert_msg(event->type == type, "event %d, expected %d: %s", event->type, type,
		event->text ? event->text : "");
	return event;
}

static void expect_nothing(struct rg_client *client)
{
	const struct rg_event *event = NULL;

	ck_assert_int_eq(rg_client_next(client, FAKE_QUIET_MS, &event), RG_OK);
	if (event && event->type == RG_EVENT_WITNESSED) {
		ck_assert_int_eq(rg_client_next(client, FAKE_QUIET_MS, &event), RG_OK);
	}
	ck_assert_msg(event == NULL, "event %d: %s", event ? (int)event->type : 0,
		event && event->text ? event->text : "");
}

/* A header draft with one part to cn.gacc. */
static void pack_draft(struct buf *out)
{
	static char *to[] = {(char *)"cn.gacc"};
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Part part = RIVERGATE__V1__PART__INIT;
	Rivergate__V1__Part *parts[] = {&part};

	part.name = members_text("customs");
	header.to = to;
	header.n_to = 1;
	header.kind = RIVERGATE__V1__KIND__KIND_DECLARATION;
	header.parts = parts;
	header.n_parts = 1;
	ck_assert_int_eq(pack_append(&header.base, out), RG_OK);
}

/* Submits a message whose id is 16 times this byte. */
static void submit(struct rg_client *client, uint8_t number)
{
	scoped(buf_deinit) struct buf header = {0};
	const struct rg_client_part part = {.content = bytes_of_text("content")};
	enum rg_submit_answer answer = RG_SUBMIT_WRONG;
	const char *rule = NULL;
	uint8_t id[16];

	pack_draft(&header);
	struct rg_client_message message = {.header = buf_view(&header),
		.parts = &part,
		.n_parts = 1};
	memset(message.id, number, sizeof(message.id));
	ck_assert_int_eq(rg_client_submit(client, &message, &answer, id, &rule), RG_OK);
	ck_assert_msg(answer == RG_SUBMIT_TAKEN, "%s", rule ? rule : "full");
	ck_assert_uint_eq(id[0], number);
}

/* A client that is connected, and its router. */
static struct rg_client *start(struct fake *fake, uint32_t credit)
{
	fake_start(fake);
	struct rg_client *client = fake_client(fake, false, false);
	fake_accept(fake, credit);
	(void)expect(client, RG_EVENT_CONNECTED);
	return client;
}

static void stop(struct fake *fake, struct rg_client *client)
{
	rg_client_close(client, 0);
	fake_stop(fake);
}

/* How many files of STATE/dir have this in their names. */
static size_t count_files(const struct fake *fake, const char *dir, const char *what)
{
	char path[512];
	size_t n = 0;

	fake_path(fake, dir, path);
	DIR *folder = opendir(path);
	ck_assert_ptr_nonnull(folder);
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		n += strstr(entry->d_name, what) != NULL;
	}
	(void)closedir(folder);
	return n;
}

/* --- Receipts -------------------------------------------------------------------------------- */

START_TEST(receipt_proves_itself_offline)
{
	struct fake fake;
	struct fake_submit first;
	struct fake_submit second;
	struct note_verifier log;
	struct rg_proof_report report;
	struct rg_client *client = start(&fake, 10);
	scoped(buf_deinit) struct buf vkey = {0};
	uint8_t *envelope = NULL;
	char *proof = NULL;
	size_t envelope_len = 0;
	size_t proof_len = 0;

	submit(client, 1);
	fake_expect_submit(&fake, &first);
	fake_receipt(&fake, &first, FAKE_TRUE);
	ck_assert_uint_eq(expect(client, RG_EVENT_RECEIPT)->index, 0);
	submit(client, 2);
	fake_expect_submit(&fake, &second);
	fake_receipt(&fake, &second, FAKE_TRUE);
	const struct rg_event *event = expect(client, RG_EVENT_RECEIPT);
	ck_assert_uint_eq(event->index, 1);
	ck_assert_int_eq(event->time_us, MEMBERS_NOW_US);
	ck_assert_uint_eq(event->id[0], 2);
	ck_assert_int_eq(rg_client_envelope(client, &envelope, &envelope_len), RG_OK);
	ck_assert_int_eq(rg_client_proof(client, &proof, &proof_len), RG_OK);
	ck_assert_int_eq(note_verifier_of(FAKE_ORIGIN, fake.members.router_keys[0][0], &log),
		RG_OK);
	note_verifier_print(&log, &vkey);
	ck_assert_int_eq(rg_proof_check(bytes_of(envelope, envelope_len),
				 bytes_of(proof, proof_len), buf_text(&vkey), &report),
		RG_OK);
	ck_assert_int_eq(report.step, RG_PROOF_HOLDS);
	ck_assert_uint_eq(report.size, 2);
	free(envelope);
	free(proof);
	fake_submit_drop(&first);
	fake_submit_drop(&second);
	stop(&fake, client);
}
END_TEST

START_TEST(receipt_that_does_not_verify_is_an_alarm)
{
	static const enum fake_lie lies[] = {FAKE_OTHER_ROOT, FAKE_OTHER_SIGNATURE,
		FAKE_OTHER_INDEX};

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct fake fake;
		struct fake_submit first;
		struct fake_submit submitted;
		struct rg_client *client = start(&fake, 10);

		submit(client, 1);
		fake_expect_submit(&fake, &first);
		fake_receipt(&fake, &first, FAKE_TRUE);
		(void)expect(client, RG_EVENT_RECEIPT);
		submit(client, 2);
		fake_expect_submit(&fake, &submitted);
		fake_receipt(&fake, &submitted, lies[i]);
		(void)expect(client, RG_EVENT_ALARM);
		(void)expect(client, RG_EVENT_DISCONNECTED);
		/* It never comes back to a router that lied. */
		expect_nothing(client);
		ck_assert_uint_eq(rg_client_waiting(client), 1);
		fake_submit_drop(&first);
		fake_submit_drop(&submitted);
		stop(&fake, client);
	}
}
END_TEST

START_TEST(without_credit_nothing_is_sent)
{
	struct fake fake;
	struct fake_submit submitted;
	struct rg_client *client = start(&fake, 0);

	submit(client, 1);
	submit(client, 2);
	ck_assert(fake_is_quiet(&fake));
	fake_credit(&fake, 1);
	fake_expect_submit(&fake, &submitted);
	ck_assert_uint_eq(submitted.id[0], 1);
	fake_submit_drop(&submitted);
	ck_assert(fake_is_quiet(&fake));
	fake_credit(&fake, 1);
	fake_expect_submit(&fake, &submitted);
	ck_assert_uint_eq(submitted.id[0], 2);
	fake_submit_drop(&submitted);
	stop(&fake, client);
}
END_TEST

START_TEST(disconnect_loses_nothing_and_swaps_nothing)
{
	struct fake fake;
	struct fake_submit submitted;
	struct rg_client *client = start(&fake, 10);

	for (uint8_t i = 1; i <= 5; i++) {
		submit(client, i);
	}
	fake_expect_submit(&fake, &submitted);
	fake_receipt(&fake, &submitted, FAKE_TRUE);
	(void)expect(client, RG_EVENT_RECEIPT);
	fake_submit_drop(&submitted);
	fake_restart(&fake);
	(void)expect(client, RG_EVENT_DISCONNECTED);
	fake_accept(&fake, 10);
	for (uint8_t i = 2; i <= 5; i++) {
		fake_expect_submit(&fake, &submitted);
		ck_assert_uint_eq(submitted.id[0], i);
		ck_assert_uint_eq(submitted.seq, i - 1);
		fake_submit_drop(&submitted);
	}
	stop(&fake, client);
}
END_TEST

/* --- Refusals -------------------------------------------------------------------------------- */

START_TEST(refused_for_now_is_sent_again_in_order_in_the_next_epoch)
{
	struct fake fake;
	struct fake_submit submitted[4];
	struct rg_client *client = start(&fake, 20);

	for (uint8_t i = 1; i <= 4; i++) {
		submit(client, i);
		fake_expect_submit(&fake, &submitted[i - 1]);
		ck_assert_uint_eq(submitted[i - 1].epoch, 1);
	}
	/* The second and all after it are dropped; the router says so more than once. */
	fake_refuse(&fake, &submitted[1], RIVERGATE__V1__VERDICT__VERDICT_QUOTA,
		fake.members.router_key);
	fake_refuse(&fake, &submitted[2], RIVERGATE__V1__VERDICT__VERDICT_QUOTA,
		fake.members.router_key);
	for (uint8_t i = 2; i <= 4; i++) {
		struct fake_submit again;

		fake_expect_submit(&fake, &again);
		ck_assert_uint_eq(again.id[0], i);
		ck_assert_uint_eq(again.epoch, 2);
		ck_assert_uint_eq(again.seq, i - 1);
		ck_assert(bytes_equal(buf_view(&again.header), buf_view(&submitted[i - 1].header)));
		fake_submit_drop(&again);
	}
	expect_nothing(client);
	for (size_t i = 0; i < 4; i++) {
		fake_submit_drop(&submitted[i]);
	}
	stop(&fake, client);
}
END_TEST

START_TEST(refusal_is_shown_with_rule_and_field)
{
	struct fake fake;
	struct fake_submit submitted;
	struct rg_client *client = start(&fake, 10);

	submit(client, 1);
	fake_expect_submit(&fake, &submitted);
	fake_refuse(&fake, &submitted, RIVERGATE__V1__VERDICT__VERDICT_CHANNEL,
		fake.members.router_key);
	const struct rg_event *event = expect(client, RG_EVENT_REFUSAL);
	ck_assert_int_eq(event->verdict, RIVERGATE__V1__VERDICT__VERDICT_CHANNEL);
	ck_assert_str_eq(event->rule, "a rule");
	ck_assert_str_eq(event->field, "to[0]");
	ck_assert_uint_eq(event->id[0], 1);
	ck_assert_uint_eq(rg_client_waiting(client), 0);
	fake_submit_drop(&submitted);
	stop(&fake, client);
}
END_TEST

START_TEST(refusal_that_the_router_did_not_sign_is_an_alarm)
{
	for (int i = 0; i < 2; i++) {
		struct fake fake;
		struct fake_submit submitted;
		struct rg_client *client = start(&fake, 10);

		submit(client, 1);
		fake_expect_submit(&fake, &submitted);
		fake_refuse(&fake, &submitted, RIVERGATE__V1__VERDICT__VERDICT_CHANNEL,
			i == 0 ? NULL : fake.log_key);
		(void)expect(client, RG_EVENT_ALARM);
		ck_assert_uint_eq(rg_client_waiting(client), 1);
		fake_submit_drop(&submitted);
		stop(&fake, client);
	}
}
END_TEST

/* --- History --------------------------------------------------------------------------------- */

START_TEST(router_that_forgot_its_log_is_an_alarm)
{
	for (uint64_t size = 0; size < 2; size++) {
		struct fake fake;
		struct fake_submit submitted;
		struct rg_client *client = start(&fake, 10);

		for (uint8_t i = 1; i <= 2; i++) {
			submit(client, i);
			fake_expect_submit(&fake, &submitted);
			fake_receipt(&fake, &submitted, FAKE_TRUE);
			fake_submit_drop(&submitted);
			(void)expect(client, RG_EVENT_RECEIPT);
		}
		rg_client_close(client, 0);
		client = fake_client(&fake, false, false);
		fake_expect(&fake, RIVERGATE__V1__FRAME__BODY_HELLO);
		ck_assert_ptr_nonnull(strstr(fake.frame->hello->checkpoint, "\n2\n"));
		fake_hello(&fake, size, 1);
		(void)expect(client, RG_EVENT_ALARM);
		ck_assert_uint_eq(count_files(&fake, "state", "contradiction-"), 2);
		stop(&fake, client);
	}
}
END_TEST

START_TEST(router_with_another_log_of_the_same_size_is_an_alarm)
{
	struct fake fake;
	struct fake_submit submitted;
	struct rg_client *client = start(&fake, 10);

	submit(client, 1);
	fake_expect_submit(&fake, &submitted);
	fake_receipt(&fake, &submitted, FAKE_TRUE);
	(void)expect(client, RG_EVENT_RECEIPT);
	fake.leaves[0].bytes[0] ^= 1;
	fake_restart(&fake);
	(void)expect(client, RG_EVENT_DISCONNECTED);
	fake_expect(&fake, RIVERGATE__V1__FRAME__BODY_HELLO);
	fake_hello(&fake, 1, 1);
	(void)expect(client, RG_EVENT_ALARM);
	fake_submit_drop(&submitted);
	stop(&fake, client);
}
END_TEST

/* --- Spool ----------------------------------------------------------------------------------- */

START_TEST(spooled_without_line_goes_later_byte_for_byte)
{
	struct fake fake;
	struct fake_submit submitted;
	struct fake_submit again;

	fake_start(&fake);
	struct rg_client *client = fake_client(&fake, true, false);
	submit(client, 1);
	submit(client, 2);
	ck_assert_uint_eq(count_files(&fake, "state/spool", ".rge"), 2);
	fake_accept(&fake, 1);
	fake_expect_submit(&fake, &submitted);
	rg_client_close(client, 0);

	client = fake_client(&fake, true, false);
	ck_assert_uint_eq(rg_client_waiting(client), 2);
	fake_accept(&fake, 10);
	(void)expect(client, RG_EVENT_CONNECTED);
	fake_expect_submit(&fake, &again);
	ck_assert(bytes_equal(buf_view(&again.header), buf_view(&submitted.header)));
	ck_assert(bytes_equal(buf_view(&again.signature), buf_view(&submitted.signature)));
	fake_receipt(&fake, &again, FAKE_TRUE);
	(void)expect(client, RG_EVENT_RECEIPT);
	fake_submit_drop(&again);
	fake_expect_submit(&fake, &again);
	ck_assert_uint_eq(again.id[0], 2);
	fake_refuse(&fake, &again, RIVERGATE__V1__VERDICT__VERDICT_ROUTE, fake.members.router_key);
	(void)expect(client, RG_EVENT_REFUSAL);
	ck_assert_uint_eq(count_files(&fake, "state/spool", ".rge"), 0);
	ck_assert_uint_eq(count_files(&fake, "state/sent", ".rge"), 1);
	ck_assert_uint_eq(count_files(&fake, "state/sent", ".tlog-proof"), 1);
	ck_assert_uint_eq(count_files(&fake, "state/refused", ".json"), 1);
	fake_submit_drop(&submitted);
	fake_submit_drop(&again);
	stop(&fake, client);
}
END_TEST

/* --- Deliveries ------------------------------------------------------------------------------ */

static const uint8_t salt[32] = {3};

static void pack_parcel(const struct parcel *parcel, uint8_t number, struct buf *out)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Part part = RIVERGATE__V1__PART__INIT;
	Rivergate__V1__Part *parts[] = {&part};
	char *to[] = {members_text(parcel->to ? parcel->to : "la.customs.boten.gate")};
	uint8_t commitment[32];
	uint8_t id[16];

	memset(id, number, sizeof(id));
	ck_assert_int_eq(signature_commitment(salt, bytes_of_text("content"), commitment), RG_OK);
	part.name = members_text("customs");
	part.size = 7;
	part.commitment = (ProtobufCBinaryData){sizeof(commitment), commitment};
	header.id = (ProtobufCBinaryData){sizeof(id), id};
	header.from = members_text(parcel->is_router ? FAKE_ROUTER
			: parcel->from               ? parcel->from
						     : "cn.gacc");
	header.to = to;
	header.n_to = 1;
	header.kind = parcel->kind ? parcel->kind : RIVERGATE__V1__KIND__KIND_DECLARATION;
	header.sent_at_us = MEMBERS_NOW_US;
	header.parts = parts;
	header.n_parts = 1;
	ck_assert_int_eq(pack_append(&header.base, out), RG_OK);
}

/* The tlog-proof of a record. */
static void prove(struct fake *fake, uint64_t index, struct rg_bytes signature, struct buf *out)
{
	scoped(buf_deinit) struct buf outer = {0};
	scoped(buf_deinit) struct buf meta = {0};
	struct proof_file file = {.index = index};
	const struct fake_range range = {index, &outer};

	proof_file_init(&file);
	file.index = index;
	fake_meta(&meta);
	(void)fake_head(fake, 0, fake->n_leaves, &range);
	/* One outer hash, if any, is the whole path. */
	ck_assert_uint_le(outer.len, 32);
	file.path.n_nodes = outer.len / 32;
	if (outer.len) {
		memcpy(file.path.nodes[0].bytes, outer.data, 32);
	}
	fake_checkpoint(fake, fake->n_leaves, &file.checkpoint);
	const struct proof_extra extra = {buf_view(&meta), signature};
	ck_assert_int_eq(proof_extra_write(&extra, &file.extra), RG_OK);
	ck_assert_int_eq(proof_file_write(&file, out), RG_OK);
	proof_file_deinit(&file);
}

static void deliver(struct fake *fake, const struct parcel *parcel, uint8_t number)
{
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Deliver body = RIVERGATE__V1__DELIVER__INIT;
	scoped(buf_deinit) struct buf header = {0};
	scoped(buf_deinit) struct buf signed_header = {0};
	scoped(buf_deinit) struct buf signature = {0};
	scoped(buf_deinit) struct buf meta = {0};
	scoped(buf_deinit) struct buf proof = {0};
	scoped(buf_deinit) struct buf part = {0};

	pack_parcel(parcel, number, &header);
	buf_add_bytes(&signed_header, buf_view(&header));
	signed_header.data[signed_header.len - 1] ^= parcel->has_other_signature ? 1 : 0;
	const struct rg_bytes view = buf_view(&signed_header);
	const struct key *key = parcel->is_router ? fake->members.router_key
						  : fake->members.all[CN].parties[0].signing;

	ck_assert_int_eq(signature_sign(key, &view, 1, &signature), RG_OK);
	body.index = fake_append(fake, buf_view(&header), buf_view(&signature));
	fake_meta(&meta);
	prove(fake, body.index - (parcel->has_other_proof && body.index ? 1 : 0),
		buf_view(&signature), &proof);
	body.meta = members_data(&meta);
	body.derived = parcel->is_derived || parcel->is_router;
	body.counter = parcel->has_no_counter ? 0
		: parcel->counter             ? parcel->counter
					      : body.index + 1;
	body.attempt = 1;
	if (!parcel->has_no_proof) {
		body.tlog_proof = members_data(&proof);
	}
	buf_add(&part, salt, sizeof(salt));
	buf_add_text(&part, parcel->content ? parcel->content : "content");
	frame.body_case = RIVERGATE__V1__FRAME__BODY_DELIVER;
	frame.deliver = &body;
	const struct rg_bytes more[] = {buf_view(&header), buf_view(&signature),
		parcel->is_withheld ? bytes_of(NULL, 0) : buf_view(&part)};
	fake_send(fake, &frame, more, 3);
}

/* A receiving client and its first CREDIT. */
static struct rg_client *start_receiving(struct fake *fake)
{
	fake_start(fake);
	struct rg_client *client = fake_client(fake, false, true);
	fake_accept(fake, 0);
	fake_expect(fake, RIVERGATE__V1__FRAME__BODY_CREDIT);
	ck_assert_uint_eq(fake->frame->credit->messages, 4);
	(void)expect(client, RG_EVENT_CONNECTED);
	return client;
}

START_TEST(delivery_is_shown_only_when_everything_about_it_verifies)
{
	static const struct parcel before = {.name = "before"};

	for (size_t i = 0; i < N_PARCELS; i++) {
		struct fake fake;
		struct rg_client *client = start_receiving(&fake);

		deliver(&fake, &before, 1);
		ck_assert_uint_eq(expect(client, RG_EVENT_DELIVERY)->index, 0);
		deliver(&fake, &parcels[i], 2);
		const struct rg_event *event =
			expect(client, parcels[i].is_good ? RG_EVENT_DELIVERY : RG_EVENT_ALARM);
		if (parcels[i].is_good) {
			ck_assert_uint_eq(event->index, 1);
			ck_assert_uint_eq(event->n_parts, 1);
			ck_assert_int_eq(event->parts[0].is_withheld, parcels[i].is_withheld);
			ck_assert_int_eq(event->is_derived, parcels[i].is_router);
		}
		stop(&fake, client);
	}
}
END_TEST

/* What a router says about the messages of an inbox: one, long expired. */
static void answer_inbox(struct fake *fake, uint64_t index)
{
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Answer answer = RIVERGATE__V1__ANSWER__INIT;
	Rivergate__V1__Tracked row = RIVERGATE__V1__TRACKED__INIT;
	Rivergate__V1__Tracked *rows[] = {&row};
	Rivergate__V1__TrackedDelivery delivery = RIVERGATE__V1__TRACKED_DELIVERY__INIT;
	Rivergate__V1__TrackedDelivery *deliveries[] = {&delivery};
	scoped(buf_deinit) struct buf header = {0};

	pack_parcel(&parcels[0], 9, &header);
	delivery.to = members_text(FAKE_PARTY);
	delivery.state = RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_EXPIRED;
	row.index = index;
	row.time_us = 1;
	row.header = members_data(&header);
	row.deliveries = deliveries;
	row.n_deliveries = 1;
	answer.number = fake->frame->query->number;
	answer.messages = rows;
	answer.n_messages = 1;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_ANSWER;
	frame.answer = &answer;
	fake_send(fake, &frame, NULL, 0);
}

static void settle(struct fake *fake, struct rg_client *client)
{
	uint64_t index = expect(client, RG_EVENT_DELIVERY)->index;

	ck_assert_int_eq(rg_client_settle(client, index, NULL), RG_OK);
	fake_expect(fake, RIVERGATE__V1__FRAME__BODY_SETTLED);
	fake_expect(fake, RIVERGATE__V1__FRAME__BODY_CREDIT);
}

START_TEST(delivery_that_was_held_back_is_found_when_it_has_expired)
{
	static const struct parcel third = {.name = "third", .counter = 3};
	struct fake fake;
	struct rg_client *client = start_receiving(&fake);

	deliver(&fake, &parcels[0], 1);
	settle(&fake, client);
	/* Record 1 is in the log, and for us, and is not delivered. */
	(void)fake_append(&fake, bytes_of_text("header"), bytes_of_text("signature"));
	deliver(&fake, &third, 3);
	settle(&fake, client);
	fake_expect(&fake, RIVERGATE__V1__FRAME__BODY_QUERY);
	ck_assert_int_eq(fake.frame->query->what_case, RIVERGATE__V1__QUERY__WHAT_INBOX);
	ck_assert_uint_eq(fake.frame->query->inbox->before_index, 2);
	answer_inbox(&fake, 0); /* of another place: it explains nothing */
	expect_nothing(client);
	rg_client_close(client, 0);

	/* The account is kept: a new client asks again. */
	fake_restart(&fake);
	client = fake_client(&fake, false, true);
	fake_accept(&fake, 0);
	fake_expect(&fake, RIVERGATE__V1__FRAME__BODY_CREDIT);
	(void)expect(client, RG_EVENT_CONNECTED);
	fake_expect(&fake, RIVERGATE__V1__FRAME__BODY_QUERY);
	answer_inbox(&fake, 1);
	ck_assert_ptr_nonnull(
		strstr(expect(client, RG_EVENT_MISSING)->text, "record 1 is expired"));
	expect_nothing(client);
	stop(&fake, client);
}
END_TEST

START_TEST(settled_delivery_is_told_and_its_credit_returns)
{
	struct fake fake;
	struct rg_client *client = start_receiving(&fake);
	uint8_t *envelope = NULL;
	size_t len = 0;

	deliver(&fake, &parcels[0], 1);
	const struct rg_event *event = expect(client, RG_EVENT_DELIVERY);
	ck_assert(bytes_equal(event->parts[0].content, bytes_of_text("content")));
	ck_assert(bytes_equal(event->parts[0].salt, bytes_of(salt, sizeof(salt))));
	ck_assert_int_eq(rg_client_envelope(client, &envelope, &len), RG_OK);
	ck_assert_uint_gt(len, 0);
	free(envelope);
	ck_assert(fake_is_quiet(&fake));
	ck_assert_int_eq(rg_client_settle(client, event->index, NULL), RG_OK);
	fake_expect(&fake, RIVERGATE__V1__FRAME__BODY_SETTLED);
	ck_assert_uint_eq(fake.frame->settled->n_deliveries, 1);
	ck_assert_uint_eq(fake.frame->settled->deliveries[0]->index, 0);
	fake_expect(&fake, RIVERGATE__V1__FRAME__BODY_CREDIT);
	ck_assert_uint_eq(fake.frame->credit->messages, 1);
	stop(&fake, client);
}
END_TEST

START_TEST(set_aside_tells_its_reason)
{
	struct fake fake;
	struct rg_client *client = start_receiving(&fake);

	deliver(&fake, &parcels[0], 1);
	const struct rg_event *event = expect(client, RG_EVENT_DELIVERY);
	ck_assert_int_eq(rg_client_set_aside(client, event->index, NULL, "PLUGIN_CRASH"), RG_OK);
	fake_expect(&fake, RIVERGATE__V1__FRAME__BODY_SETTLED);
	ck_assert_uint_eq(fake.frame->settled->n_deliveries, 0);
	ck_assert_uint_eq(fake.frame->settled->n_set_aside, 1);
	ck_assert_str_eq(fake.frame->settled->set_aside[0]->reason, "PLUGIN_CRASH");
	stop(&fake, client);
}
END_TEST

/* --- The rest -------------------------------------------------------------------------------- */

START_TEST(query_is_asked_again_after_a_disconnect)
{
	struct fake fake;
	Rivergate__V1__Query query = RIVERGATE__V1__QUERY__INIT;
	Rivergate__V1__InboxQuery inbox = RIVERGATE__V1__INBOX_QUERY__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Answer answer = RIVERGATE__V1__ANSWER__INIT;
	scoped(buf_deinit) struct buf packed = {0};
	uint64_t number = 0;
	struct rg_client *client = start(&fake, 0);

	query.what_case = RIVERGATE__V1__QUERY__WHAT_INBOX;
	query.inbox = &inbox;
	ck_assert_int_eq(pack_append(&query.base, &packed), RG_OK);
	ck_assert_int_eq(rg_client_query(client, buf_view(&packed), &number), RG_OK);
	fake_expect(&fake, RIVERGATE__V1__FRAME__BODY_QUERY);
	fake_restart(&fake);
	fake_accept(&fake, 0);
	fake_expect(&fake, RIVERGATE__V1__FRAME__BODY_QUERY);
	answer.number = fake.frame->query->number;
	ck_assert_uint_eq(answer.number, number);
	frame.body_case = RIVERGATE__V1__FRAME__BODY_ANSWER;
	frame.answer = &answer;
	fake_send(&fake, &frame, NULL, 0);
	(void)expect(client, RG_EVENT_DISCONNECTED);
	(void)expect(client, RG_EVENT_CONNECTED);
	ck_assert_uint_eq(expect(client, RG_EVENT_ANSWER)->number, number);
	stop(&fake, client);
}
END_TEST

START_TEST(fenced_session_does_not_fence_back)
{
	struct fake fake;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Hello hello = RIVERGATE__V1__HELLO__INIT;
	struct rg_client *client = start_receiving(&fake);

	hello.fenced = true;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_HELLO;
	frame.hello = &hello;
	fake_send(&fake, &frame, NULL, 0);
	(void)expect(client, RG_EVENT_FENCED);
	fake_restart(&fake);
	(void)expect(client, RG_EVENT_DISCONNECTED);
	fake_expect(&fake, RIVERGATE__V1__FRAME__BODY_HELLO);
	ck_assert(!fake.frame->hello->receive);
	stop(&fake, client);
}
END_TEST

START_TEST(ping_is_answered)
{
	struct fake fake;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Ping ping = RIVERGATE__V1__PING__INIT;
	struct rg_client *client = start(&fake, 0);

	ping.nonce = 77;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_PING;
	frame.ping = &ping;
	fake_send(&fake, &frame, NULL, 0);
	fake_expect(&fake, RIVERGATE__V1__FRAME__BODY_PING);
	ck_assert(fake.frame->ping->reply);
	ck_assert_uint_eq(fake.frame->ping->nonce, 77);
	stop(&fake, client);
}
END_TEST

START_TEST(wrong_options_are_refused_with_their_file)
{
	static const struct {
		const char *name;
		const char *pin;
		const char *key;
		const char *router;
	} cases[] = {
		{"pin", "00", "curve.key", FAKE_ROUTER},
		{"other pin", "0000000000000000000000000000000000000000000000000000000000000000",
			"curve.key", FAKE_ROUTER},
		{"key file", NULL, "registry.json", FAKE_ROUTER},
		{"no key file", NULL, "nothing.key", FAKE_ROUTER},
		{"router", NULL, "curve.key", "router.none"},
	};
	struct fake fake;

	fake_start(&fake);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char paths[4][512];
		struct rg_client *client = NULL;

		fake_path(&fake, "registry.json", paths[0]);
		fake_path(&fake, "directories", paths[1]);
		fake_path(&fake, cases[i].key, paths[2]);
		fake_path(&fake, "signing.key", paths[3]);
		const struct rg_client_options options = {
			.party = FAKE_PARTY,
			.router = cases[i].router,
			.registry_path = paths[0],
			.directories_path = paths[1],
			.pin = cases[i].pin ? cases[i].pin : fake.pin,
			.curve_key_path = paths[2],
			.signing_key_path = paths[3],
		};
		ck_assert_int_eq(rg_client_open(&options, &client), RG_E_CONFIG);
		ck_assert_ptr_null(client);
	}
	fake_stop(&fake);
}
END_TEST

CHECK_MAIN("client_session", receipt_proves_itself_offline,
	receipt_that_does_not_verify_is_an_alarm, without_credit_nothing_is_sent,
	disconnect_loses_nothing_and_swaps_nothing,
	refused_for_now_is_sent_again_in_order_in_the_next_epoch,
	refusal_is_shown_with_rule_and_field, refusal_that_the_router_did_not_sign_is_an_alarm,
	router_that_forgot_its_log_is_an_alarm,
	router_with_another_log_of_the_same_size_is_an_alarm,
	spooled_without_line_goes_later_byte_for_byte,
	delivery_is_shown_only_when_everything_about_it_verifies,
	delivery_that_was_held_back_is_found_when_it_has_expired,
	settled_delivery_is_told_and_its_credit_returns, set_aside_tells_its_reason,
	query_is_asked_again_after_a_disconnect, fenced_session_does_not_fence_back,
	ping_is_answered, wrong_options_are_refused_with_their_file)
