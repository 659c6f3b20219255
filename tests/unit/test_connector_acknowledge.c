/*
 * Acknowledgements: who is told what of a hand-over.
 */
#include "suite.h"

#include "base/arena.h"
#include "host/acknowledge.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define SENDER "vn.customs.huunghi"
#define PARTY  "cn.gacc.youyiguan"

static struct arena *arena;
static Rivergate__V1__Goods goods = RIVERGATE__V1__GOODS__INIT;

static Rivergate__V1__Header *read_draft(const struct buf *draft)
{
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;

	ck_assert_int_eq(scan_unpack(&rivergate__v1__header__descriptor, buf_view(draft), arena,
				 &answer, &msg),
		RG_OK);
	ck_assert_ptr_nonnull(msg);
	return (Rivergate__V1__Header *)msg;
}

/* What is said of a delivery whose sender named this address, and found so much in it. */
static void say(const char *named, size_t n_goods, struct buf *answer, struct buf *word)
{
	uint8_t id[16] = {1};
	char *to[] = {(char *)(uintptr_t)named};
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Envelope envelope = RIVERGATE__V1__ENVELOPE__INIT;
	Rivergate__V1__AcknowledgementFacts facts = RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__INIT;
	Rivergate__V1__Finding findings[] = {RIVERGATE__V1__FINDING__INIT,
		RIVERGATE__V1__FINDING__INIT};
	Rivergate__V1__Finding *list[] = {&findings[0], &findings[1]};
	Rivergate__V1__Goods *found[] = {&goods};
	scoped(buf_deinitv) struct buf packed = {.data = NULL};
	const struct delivered delivered = {.header = &header,
		.envelope = &envelope,
		.arena = arena};

	header.from = (char *)(uintptr_t)SENDER;
	header.to = to;
	header.n_to = 1;
	header.ucr = (char *)(uintptr_t) "26VN1";
	header.id = (ProtobufCBinaryData){sizeof(id), id};
	envelope.header = (ProtobufCBinaryData){sizeof(id), id};
	findings[0].rule = (char *)(uintptr_t) "FACTS";
	findings[0].path = (char *)(uintptr_t) "goods";
	findings[1].rule = (char *)(uintptr_t) "FACTS";
	findings[1].path = (char *)(uintptr_t) "legs";
	facts.findings = list;
	facts.n_findings = 2;
	goods.hs6 = (char *)(uintptr_t) "050790";
	facts.goods = found;
	facts.n_goods = n_goods;
	ck_assert_int_eq(pack_append(&facts.base, &packed), RG_OK);
	ck_assert_int_eq(acknowledge(&delivered, buf_view(&packed), PARTY, answer, word), RG_OK);
}

START_TEST(goods_that_were_found_are_no_word_to_the_sender)
{
	scoped(buf_deinitv) struct buf answer = {.data = NULL};
	scoped(buf_deinitv) struct buf word = {.data = NULL};

	arena = arena_new(0);
	say(PARTY, 1, &answer, &word);
	const Rivergate__V1__Header *told = read_draft(&answer);
	const Rivergate__V1__Header *kept = read_draft(&word);

	ck_assert_str_eq(told->to[0], SENDER);
	ck_assert_uint_eq(told->acknowledgement->n_goods, 0);
	ck_assert_uint_eq(told->acknowledgement->n_findings, 1);
	ck_assert_str_eq(told->acknowledgement->findings[0]->path, "legs");
	ck_assert_uint_eq(kept->n_to, 1);
	ck_assert_str_eq(kept->to[0], PARTY);
	ck_assert_uint_eq(kept->acknowledgement->n_goods, 1);
	ck_assert_uint_eq(kept->acknowledgement->n_findings, 2);
	ck_assert_str_eq(kept->refs[0]->from, SENDER);
	arena_free(arena);
}
END_TEST

START_TEST(sender_hears_of_other_differences_and_of_nothing_else)
{
	scoped(buf_deinitv) struct buf answer = {.data = NULL};
	scoped(buf_deinitv) struct buf word = {.data = NULL};

	arena = arena_new(0);
	say(PARTY, 0, &answer, &word);
	ck_assert_uint_eq(word.len, 0);
	ck_assert_uint_eq(read_draft(&answer)->acknowledgement->n_findings, 2);
	arena_free(arena);
}
END_TEST

START_TEST(whom_the_sender_did_not_name_acknowledges_to_itself)
{
	scoped(buf_deinitv) struct buf answer = {.data = NULL};
	scoped(buf_deinitv) struct buf word = {.data = NULL};

	arena = arena_new(0);
	say("cn.gacc.mohan", 0, &answer, &word);
	ck_assert_str_eq(read_draft(&answer)->to[0], PARTY);
	arena_free(arena);
}
END_TEST

CHECK_MAIN("connector_acknowledge", goods_that_were_found_are_no_word_to_the_sender,
	sender_hears_of_other_differences_and_of_nothing_else,
	whom_the_sender_did_not_name_acknowledges_to_itself)
