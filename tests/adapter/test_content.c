/*
 * What a message of several parts says to whom: the recipient's document, and what is sent.
 */
#include "host/content.h"
#include "host/outgoing.h"
#include "parts_kit.h"
#include "suite.h"

/* --- What a delivery says -------------------------------------------------------------------- */

/* A message with these parts; those of the set came, under the names given. */
struct delivery {
	Rivergate__V1__Header header;
	Rivergate__V1__Envelope envelope;
	Rivergate__V1__Part parts[AUDIENCE_TRAVELLING];
	Rivergate__V1__Part *part_list[AUDIENCE_TRAVELLING];
	Rivergate__V1__PartData data[AUDIENCE_TRAVELLING];
	Rivergate__V1__PartData *data_list[AUDIENCE_TRAVELLING];
	uint8_t salt[32];
};

static void deliver(struct delivery *delivery, const struct whole *whole, unsigned came)
{
	rivergate__v1__header__init(&delivery->header);
	rivergate__v1__envelope__init(&delivery->envelope);
	delivery->header.kind = RIVERGATE__V1__KIND__KIND_DECLARATION;
	delivery->header.parts = delivery->part_list;
	delivery->header.n_parts = AUDIENCE_TRAVELLING;
	delivery->envelope.parts = delivery->data_list;
	delivery->envelope.n_parts = AUDIENCE_TRAVELLING;
	for (unsigned i = 0; i < AUDIENCE_TRAVELLING; i++) {
		rivergate__v1__part__init(&delivery->parts[i]);
		rivergate__v1__part_data__init(&delivery->data[i]);
		delivery->part_list[i] = &delivery->parts[i];
		delivery->data_list[i] = &delivery->data[i];
		delivery->parts[i].name = (char *)audience_parts[i].name;
		if (came & AUDIENCE_BIT(i)) {
			delivery->data[i].salt = (ProtobufCBinaryData){32, delivery->salt};
			delivery->data[i].bytes =
				(ProtobufCBinaryData){whole->parts[i].len, whole->parts[i].data};
		}
	}
}

static struct content read_content(const struct delivery *delivery, struct arena *arena)
{
	struct content content;
	ck_assert_int_eq(content_read(&delivery->header, &delivery->envelope, arena, &content),
		RG_OK);
	return content;
}

static bool is_same(struct rg_bytes bytes, const struct buf *packed)
{
	return bytes.len == packed->len && memcmp(bytes.data, packed->data, packed->len) == 0;
}

START_TEST(recipient_of_all_parts_has_the_whole)
{
	struct whole whole = open_whole();
	struct arena *arena = arena_new(0);
	struct delivery delivery = {.salt = {0}};
	struct buf open;
	pack_open(whole.declaration, &open);
	deliver(&delivery, &whole, EVERYTHING);
	struct content content = read_content(&delivery, arena);
	ck_assert_int_eq(content.answer.verdict, PARTS_AGREE);
	ck_assert(is_same(content.packed, &open));
	ck_assert(content.has_facts);
	ck_assert_uint_eq(content.missing, 0);
	ck_assert_ptr_nonnull(content.root);
	buf_deinit(&open);
	arena_free(arena);
	close_whole(&whole);
}
END_TEST

START_TEST(quarantine_has_a_document_of_its_part_alone)
{
	struct whole whole = open_whole();
	struct arena *arena = arena_new(0);
	struct delivery delivery = {.salt = {0}};
	deliver(&delivery, &whole, SPS);
	struct content content = read_content(&delivery, arena);
	const Rivergate__V1__Declaration *seen = (const Rivergate__V1__Declaration *)content.root;
	ck_assert(is_same(content.packed, &whole.parts[AUDIENCE_SPS]));
	ck_assert_uint_eq(content.missing, CUSTOMS | COMMERCIAL);
	ck_assert(content.has_facts);
	ck_assert_ptr_nonnull(seen);
	ck_assert_str_eq(seen->items[0]->commodity->hs6, "080390");
	ck_assert_str_eq(seen->items[0]->commodity->national_code, "");
	ck_assert_str_eq(seen->items[0]->sps->species, "Musa");
	ck_assert_str_eq(seen->items[0]->price_currency, "");
	ck_assert_ptr_null(seen->buyer);
	ck_assert_ptr_null(memmem(content.packed.data, content.packed.len, "PRICED", 6));
	arena_free(arena);
	close_whole(&whole);
}
END_TEST

START_TEST(values_alone_say_no_facts)
{
	struct whole whole = open_whole();
	struct arena *arena = arena_new(0);
	struct delivery delivery = {.salt = {0}};
	deliver(&delivery, &whole, COMMERCIAL);
	struct content content = read_content(&delivery, arena);
	ck_assert(!content.has_facts);
	ck_assert_ptr_nonnull(content.root);
	ck_assert_uint_eq(content.missing, CUSTOMS | SPS);
	arena_free(arena);
	close_whole(&whole);
}
END_TEST

START_TEST(nothing_that_came_is_no_document)
{
	struct whole whole = open_whole();
	struct arena *arena = arena_new(0);
	struct delivery delivery = {.salt = {0}};
	deliver(&delivery, &whole, 0);
	struct content content = read_content(&delivery, arena);
	ck_assert_ptr_null(content.packed.data);
	ck_assert_ptr_null(content.root);
	ck_assert(!content.has_facts);
	delivery.envelope.n_parts = 0;
	content = read_content(&delivery, arena);
	ck_assert_ptr_null(content.packed.data);
	arena_free(arena);
	close_whole(&whole);
}
END_TEST

START_TEST(document_that_nobody_cut_is_taken_as_it_is)
{
	struct whole whole = open_whole();
	struct arena *arena = arena_new(0);
	struct delivery delivery = {.salt = {0}};
	struct buf packed;
	pack(&whole.declaration->base, &packed);
	deliver(&delivery, &whole, CUSTOMS);
	delivery.header.n_parts = delivery.envelope.n_parts = 1;
	delivery.data[0].bytes = (ProtobufCBinaryData){packed.len, packed.data};
	struct content content = read_content(&delivery, arena);
	ck_assert_int_eq(content.answer.verdict, PARTS_AGREE);
	ck_assert(is_same(content.packed, &packed));
	ck_assert(content.has_facts);
	ck_assert_uint_eq(content.missing, 0);
	buf_deinit(&packed);
	arena_free(arena);
	close_whole(&whole);
}
END_TEST

START_TEST(broken_part_is_named_and_left_to_the_translation)
{
	struct whole whole = open_whole();
	struct arena *arena = arena_new(0);
	struct delivery delivery = {.salt = {0}};
	deliver(&delivery, &whole, EVERYTHING);
	delivery.data[AUDIENCE_SPS].bytes = (ProtobufCBinaryData){3, (uint8_t *)"\xff\xff\xff"};
	struct content content = read_content(&delivery, arena);
	ck_assert_int_eq(content.answer.verdict, PARTS_BROKEN);
	ck_assert_ptr_null(content.root);
	ck_assert_uint_eq(content.packed.len, 3);
	arena_free(arena);
	close_whole(&whole);
}
END_TEST

START_TEST(two_parts_of_one_name_are_refused)
{
	struct whole whole = open_whole();
	struct arena *arena = arena_new(0);
	struct delivery delivery = {.salt = {0}};
	deliver(&delivery, &whole, EVERYTHING);
	delivery.parts[AUDIENCE_COMMERCIAL].name = (char *)"sps";
	struct content content = read_content(&delivery, arena);
	ck_assert_int_eq(content.answer.verdict, PARTS_DIFFER);
	ck_assert_str_eq(content.answer.path, "parts");
	ck_assert_ptr_null(content.root);
	arena_free(arena);
	close_whole(&whole);
}
END_TEST

/* --- What is sent ---------------------------------------------------------------------------- */

static bool holds(const struct buf *bytes, const char *word)
{
	return bytes->len && memmem(bytes->data, bytes->len, word, strlen(word)) != NULL;
}

static void check_audience(const Rivergate__V1__Part *part, enum audience audience)
{
	const struct audience_part *named = &audience_parts[audience];
	ck_assert_str_eq(part->name, named->name);
	ck_assert_str_eq(part->type, "rivergate.v1.Declaration");
	ck_assert_ptr_nonnull(part->audience);
	ck_assert(!part->audience->withheld);
	ck_assert_uint_eq(part->audience->n_roles, named->n_roles);
	for (size_t i = 0; i < named->n_roles; i++) {
		ck_assert_int_eq(part->audience->roles[i], named->roles[i]);
	}
}

static void build(const struct whole *whole, struct outgoing_draft *draft)
{
	char *to[] = {(char *)"cn.gacc.mohan"};
	const Rivergate__V1__Translation evidence = RIVERGATE__V1__TRANSLATION__INIT;
	const struct outgoing_route route = {.format = (char *)"",
		.kind = (char *)"DECLARATION",
		.purpose = (char *)"ADVANCE",
		.lodged_by = (char *)"AUTHORITY_COPY",
		.to = {.items = to, .n_items = 1}};
	const struct outgoing_document document = {.native = bytes_of_text("<SECRET-4/>"),
		.media_type = "application/xml",
		.format = "x",
		.root = &whole->declaration->base,
		.translation = &evidence};
	const char *problem = NULL;
	outgoing_draft_init(draft);
	ck_assert_int_eq(outgoing_build(&document, &route, draft, &problem), RG_OK);
	ck_assert_msg(!problem, "%s", problem);
}

START_TEST(private_data_and_signatures_are_withheld_and_the_rest_goes_to_its_readers)
{
	struct whole whole = open_whole();
	struct outgoing_draft draft;
	build(&whole, &draft);
	Rivergate__V1__Header *header =
		rivergate__v1__header__unpack(NULL, draft.header.len, draft.header.data);
	ck_assert_ptr_nonnull(header);
	ck_assert_uint_eq(header->n_parts, 6);
	ck_assert_uint_eq(draft.n_parts, 6);
	for (unsigned i = 0; i < AUDIENCE_TRAVELLING; i++) {
		check_audience(header->parts[i], (enum audience)i);
		ck_assert(draft.parts[i].content.len == whole.parts[i].len &&
			memcmp(draft.parts[i].content.data, whole.parts[i].data,
				whole.parts[i].len) == 0);
		ck_assert(!holds(&whole.parts[i], "SECRET"));
		ck_assert(holds(&whole.parts[i], "PRICED") == (i == AUDIENCE_COMMERCIAL));
		ck_assert(holds(&whole.parts[i], "Musa") == (i == AUDIENCE_SPS));
	}
	ck_assert_str_eq(header->parts[3]->name, "translation");
	ck_assert_str_eq(header->parts[4]->name, "extensions");
	ck_assert_str_eq(header->parts[5]->name, "native");
	for (size_t i = 4; i < 6; i++) {
		ck_assert(header->parts[i]->audience->withheld);
		ck_assert(draft.parts[i].is_withheld);
		ck_assert_uint_eq(draft.parts[i].content.len, 0);
	}
	ck_assert_uint_eq(draft.n_kept, 2);
	ck_assert(holds(&draft.kept[0].salted, "SECRET-1"));
	ck_assert(holds(&draft.kept[0].salted, "SECRET-2"));
	ck_assert(holds(&draft.kept[0].salted, "SECRET-3"));
	ck_assert(!holds(&draft.kept[0].salted, "Musa"));
	ck_assert(!holds(&draft.kept[0].salted, "O1"));
	ck_assert(!holds(&draft.header, "SECRET") && !holds(&draft.header, "PRICED"));
	rivergate__v1__header__free_unpacked(header, NULL);
	outgoing_draft_deinit(&draft);
	close_whole(&whole);
}
END_TEST

CHECK_MAIN("content", recipient_of_all_parts_has_the_whole,
	quarantine_has_a_document_of_its_part_alone, values_alone_say_no_facts,
	nothing_that_came_is_no_document, document_that_nobody_cut_is_taken_as_it_is,
	broken_part_is_named_and_left_to_the_translation, two_parts_of_one_name_are_refused,
	private_data_and_signatures_are_withheld_and_the_rest_goes_to_its_readers)
