/*
 * Own messages of one file: as many as formats hold, tied together by two references each,
 * bounded in number and bytes, and whole again after a restart.
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/merkle.h"
#include "host/outbox.h"
#include "rivergate/v1/message.pb-c.h"
#include "sign/signature.h"

#define PART_LEN ((size_t)8 << 20)

static struct key *key;
static struct outbox *outbox;
static struct ledger *ledger;
static char path[] = "/tmp/rg-outbox-XXXXXX";

static rg_err pass_over(void *context, struct rg_bytes frame)
{
	(void)context;
	(void)frame;
	return RG_OK;
}

static rg_err replay(void *context, struct rg_bytes frame)
{
	return outbox_replay(context, frame);
}

static void setup(void)
{
	const struct ledger_reader reader = {.frame = pass_over};
	int fd = -1;

	log_set_level(LOG_ERROR);
	memcpy(path, "/tmp/rg-outbox-XXXXXX", sizeof(path));
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	unlink(path);
	ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519, &key), RG_OK);
	ck_assert_int_eq(outbox_new("cn.gacc", key, &outbox), RG_OK);
	ck_assert_int_eq(ledger_open(path, &reader, &ledger), RG_OK);
}

static void teardown(void)
{
	outbox_free(outbox);
	ledger_close(ledger);
	key_free(key);
	unlink(path);
}

/* A message with a part of this content; NULL, or why there is none. */
static const char *add(struct outbox_group *group, struct rg_bytes content, bool same_native)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Part part = RIVERGATE__V1__PART__INIT;
	Rivergate__V1__Part *parts[] = {&part};
	char *to[] = {"la.customs"};
	uint8_t packed[256];
	const char *rule = NULL;

	part.name = "customs";
	part.type = "text/plain";
	header.to = to;
	header.n_to = 1;
	header.kind = RIVERGATE__V1__KIND__KIND_DECLARATION;
	header.purpose = RIVERGATE__V1__PURPOSE__PURPOSE_ADVANCE;
	header.ucr = "UCR-1";
	header.parts = parts;
	header.n_parts = 1;
	size_t len = rivergate__v1__header__pack(&header, packed);
	const struct rg_client_part draft = {.content = content};
	const struct rg_client_message message = {.header = bytes_of(packed, len),
		.parts = &draft,
		.n_parts = 1};
	ck_assert_int_eq(outbox_add(outbox, group, &message, same_native, NULL, &rule), RG_OK);
	return rule;
}

static struct outbox_group *begin(void)
{
	const struct directory_file file = {.name = "orders.xml", .inode = 7, .size = 9};
	struct outbox_group *group = NULL;

	ck_assert_int_eq(outbox_begin(outbox, &file, 0, &group), RG_OK);
	return group;
}

static void fill(struct outbox_group *group, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *problem = add(group, bytes_of_text("order"), true);

		ck_assert_msg(!problem, "%zu: %s", i, problem);
	}
}

static Rivergate__V1__Header *header_of(const struct outbox_message *message)
{
	Rivergate__V1__Envelope *envelope = rivergate__v1__envelope__unpack(NULL,
		message->envelope.len, message->envelope.data);
	ck_assert_ptr_nonnull(envelope);
	Rivergate__V1__Header *header =
		rivergate__v1__header__unpack(NULL, envelope->header.len, envelope->header.data);
	ck_assert_ptr_nonnull(header);
	rivergate__v1__envelope__free_unpacked(envelope, NULL);
	return header;
}

static void check_references(const struct outbox_group *group, size_t i)
{
	Rivergate__V1__Header *header = header_of(&group->messages[i]);
	const size_t wanted[] = {0, i - 1};

	ck_assert_uint_eq(header->n_refs, i < 2 ? i : 2);
	for (size_t j = 0; j < header->n_refs; j++) {
		ck_assert_int_eq(memcmp(header->refs[j]->id.data, group->messages[wanted[j]].id,
					 OUTBOX_ID_LEN),
			0);
		ck_assert_str_eq(header->refs[j]->from, "cn.gacc");
		ck_assert_int_eq(header->refs[j]->relation,
			RIVERGATE__V1__RELATION__RELATION_SAME_NATIVE);
	}
	rivergate__v1__header__free_unpacked(header, NULL);
}

START_TEST(messages_of_a_hundred_documents_refer_to_the_first_and_the_one_before)
{
	setup();
	struct outbox_group *group = begin();
	fill(group, 100);
	ck_assert_int_eq(outbox_seal(outbox, ledger), RG_OK);
	ck_assert_int_eq(ledger_commit(ledger), RG_OK);
	outbox_committed(outbox);
	ck_assert_uint_eq(group->n_messages, 100);
	for (size_t i = 0; i < 100; i++) {
		check_references(group, i);
	}
	teardown();
}
END_TEST

START_TEST(group_is_whole_again_after_a_restart)
{
	setup();
	struct outbox_group *group = begin();
	uint8_t last[OUTBOX_ID_LEN];
	fill(group, 100);
	ck_assert_int_eq(outbox_seal(outbox, ledger), RG_OK);
	ck_assert_int_eq(ledger_commit(ledger), RG_OK);
	outbox_committed(outbox);
	memcpy(last, group->messages[99].id, sizeof(last));
	size_t n_bytes = outbox_bytes(outbox);
	outbox_free(outbox);
	ledger_close(ledger);
	ck_assert_int_eq(outbox_new("cn.gacc", key, &outbox), RG_OK);
	const struct ledger_reader reader = {.frame = replay, .context = outbox};
	ck_assert_int_eq(ledger_open(path, &reader, &ledger), RG_OK);
	ck_assert_uint_eq(outbox_length(outbox), 1);
	ck_assert_uint_eq(outbox_bytes(outbox), n_bytes);
	struct outbox_message *message = outbox_find(outbox, last);
	ck_assert_ptr_nonnull(message);
	ck_assert_int_eq(outbox_end(outbox, message, NULL, ledger), RG_OK);
	ck_assert_ptr_null(outbox_ended(outbox));
	teardown();
}
END_TEST

START_TEST(more_messages_than_a_group_holds_are_refused_and_cost_nothing)
{
	setup();
	struct outbox_group *other = begin();
	fill(other, 10);
	ck_assert(outbox_has_room(outbox));
	struct outbox_group *group = begin();
	fill(group, OUTBOX_GROUP_MAX);
	const char *problem = add(group, bytes_of_text("order"), true);
	ck_assert_ptr_nonnull(problem);
	ck_assert_ptr_nonnull(strstr(problem, "960"));
	ck_assert(!outbox_has_room(outbox));
	outbox_cancel(outbox, group);
	ck_assert(outbox_has_room(outbox));
	ck_assert_int_eq(outbox_seal(outbox, ledger), RG_OK);
	ck_assert_int_eq(ledger_commit(ledger), RG_OK);
	outbox_committed(outbox);
	ck_assert_uint_eq(outbox_length(outbox), 1);
	check_references(other, 9);
	teardown();
}
END_TEST

START_TEST(more_bytes_than_a_group_holds_are_refused_and_given_back)
{
	setup();
	uint8_t *content = calloc(1, PART_LEN);
	struct outbox_group *group = begin();
	const char *problem = NULL;
	size_t n = 0;

	ck_assert_ptr_nonnull(content);
	while (!problem && n < 100) {
		problem = add(group, bytes_of(content, PART_LEN), false);
		n += !problem;
	}
	ck_assert_uint_eq(n, OUTBOX_GROUP_BYTES_MAX / PART_LEN - 1);
	ck_assert_ptr_nonnull(problem);
	ck_assert_ptr_nonnull(strstr(problem, "128 MiB"));
	ck_assert_uint_ge(outbox_bytes(outbox), n * PART_LEN);
	outbox_cancel(outbox, group);
	ck_assert_uint_eq(outbox_bytes(outbox), 0);
	free(content);
	teardown();
}
END_TEST

CHECK_MAIN("connector_outbox",
	messages_of_a_hundred_documents_refer_to_the_first_and_the_one_before,
	group_is_whole_again_after_a_restart,
	more_messages_than_a_group_holds_are_refused_and_cost_nothing,
	more_bytes_than_a_group_holds_are_refused_and_given_back)
