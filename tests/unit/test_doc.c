/*
 * The canonical document by path: what is found, what is refused, what is remembered.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"
#include "wire/doc.h"
#include "wire/reflect.h"

static struct doc *new_doc(void)
{
	ProtobufCMessage *none = NULL;
	struct doc *doc = NULL;
	ck_assert_int_eq(doc_new(doctype_find(NULL), &none, &doc), RG_OK);
	return doc;
}

static bool set(struct doc *doc, const char *path, const char *value)
{
	static const char *const natives[] = {"/A/B[2]"};
	const struct rg_source source = {natives, 1, "text"};
	bool is_taken = false;
	struct rg_bytes view = {(const uint8_t *)value, strlen(value)};
	ck_assert_int_eq(rg_doc_set(doc_view(doc), path, view, &source, &is_taken), RG_OK);
	return is_taken;
}

static const char *get(struct doc *doc, const char *path, char out[256])
{
	struct rg_bytes value;
	ck_assert_int_eq(rg_doc_get(doc_view(doc), path, &value), RG_OK);
	if (!value.data) {
		return NULL;
	}
	snprintf(out, 256, "%.*s", (int)value.len, (const char *)value.data);
	return out;
}

START_TEST(leaves_of_every_type_return)
{
	static const struct {
		const char *path, *value;
	} cases[] = {
		{"country", "LA"},
		{"direction", "DIRECTION_EXPORT"},
		{"items[2].commodity.hs6", "080390"},
		{"items[0].grossMass.unscaled", "-9223372036854775808"},
		{"items[0].grossMass.scale", "18"},
		{"items[1].commodity.supplements[3]", "ສ"},
		{"transport.containerised", "false"},
		{"exporter.address.lines[0]", "a\nb"},
	};
	struct doc *doc = new_doc();
	char text[256];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(set(doc, cases[i].path, cases[i].value), "%s", cases[i].path);
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *value = get(doc, cases[i].path, text);
		ck_assert_msg(value && strcmp(value, cases[i].value) == 0, "%s", cases[i].path);
	}
	size_t n = 0;
	ck_assert_int_eq(rg_doc_count(doc_view(doc), "items", &n), RG_OK);
	ck_assert_uint_eq(n, 3);
	ck_assert_int_eq(rg_doc_count(doc_view(doc), "items[7].taxes", &n), RG_OK);
	ck_assert_uint_eq(n, 0);
	doc_free(doc);
}
END_TEST

START_TEST(what_is_not_there_is_absent)
{
	static const char *const paths[] = {"country", "direction", "items[0].grossMass.unscaled",
		"items[1].commodity.hs6", "items[0].commodity.supplements[0]",
		"items[0].commodity.supplements[9]", "transport.containerised"};
	struct doc *doc = new_doc();
	char text[256];
	ck_assert(set(doc, "items[0].commodity.supplements[1]", "x"));
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		ck_assert_msg(!get(doc, paths[i], text), "%s", paths[i]);
	}
	doc_free(doc);
}
END_TEST

START_TEST(values_that_do_not_fit_are_not_taken)
{
	static const struct {
		const char *path, *value;
	} cases[] = {
		{"direction", "DIRECTION_UP"},
		{"direction", "1"},
		{"grossMass.unscaled", "9223372036854775808"},
		{"grossMass.unscaled", " 1"},
		{"grossMass.unscaled", ""},
		{"grossMass.scale", "-1"},
		{"transport.containerised", "yes"},
		{"country", "\xff"},
		{"country", "\xed\xa0\x80"},
		{"country", "\xc0\x80"},
		{"items[100000].number", "1"},
	};
	struct doc *doc = new_doc();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(!set(doc, cases[i].path, cases[i].value), "%s", cases[i].path);
	}
	doc_free(doc);
}
END_TEST

START_TEST(paths_outside_the_schema_are_a_defect_of_the_plugin)
{
	static const char *const paths[] = {"", "nothing", "items", "items[0]", "items.number",
		"country[0]", "country.code", "items[x].number", "items[0", "items[0].", "Country",
		"gross_mass.unscaled"};
	struct doc *doc = new_doc();
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct rg_bytes value;
		ck_assert_msg(rg_doc_get(doc_view(doc), paths[i], &value) == RG_E_ABI, "%s",
			paths[i]);
	}
	doc_free(doc);
}
END_TEST

struct seen {
	size_t n_leaves;
	size_t n_read;
};

static rg_err see(void *context, const struct doc_leaf *leaf)
{
	struct seen *seen = context;
	seen->n_leaves++;
	seen->n_read += leaf->was_read;
	return RG_OK;
}

START_TEST(reads_and_sources_are_remembered)
{
	struct doc *doc = new_doc();
	char text[256];
	struct seen seen = {0, 0};
	ck_assert(set(doc, "items[0].netMass.unscaled", "0"));
	ck_assert(set(doc, "country", "LA"));
	doc_forget_reads(doc);
	ck_assert_ptr_nonnull(get(doc, "country", text));
	ck_assert_int_eq(doc_each_leaf(doc, see, &seen), RG_OK);
	ck_assert_uint_eq(seen.n_leaves, 3); /* the scale of 0 is stated with it */
	ck_assert_uint_eq(seen.n_read, 1);
	ck_assert_int_eq(rg_doc_trace(doc_view(doc), "country", "/A/C"), RG_OK);
	ck_assert_int_eq(rg_doc_trace(doc_view(doc), "country", "/A/C"), RG_OK);
	const struct doc_source *source = doc_find_source(doc, "country");
	ck_assert_ptr_nonnull(source);
	ck_assert_uint_eq(source->n_natives, 2);
	ck_assert_str_eq(source->natives[0], "/A/B[2]");
	ck_assert_ptr_null(doc_find_source(doc, "ucr"));
	doc_free(doc);
}
END_TEST

START_TEST(many_entries_cost_no_more_each)
{
	struct doc *doc = new_doc();
	char path[64];
	char text[256];
	for (size_t i = 0; i < 30000; i++) {
		snprintf(path, sizeof(path), "items[%zu].number", i);
		ck_assert(set(doc, path, "1"));
	}
	ck_assert_str_eq(get(doc, "items[29999].number", text), "1");
	doc_free(doc);
}
END_TEST

START_TEST(list_that_was_unpacked_grows)
{
	struct doc *doc = new_doc();
	char path[32];
	uint8_t packed[4096];

	for (unsigned i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "items[%u].number", i);
		ck_assert(set(doc, path, "1"));
	}
	size_t len = protobuf_c_message_pack(doc_root(doc), packed);
	ProtobufCMessage *message =
		protobuf_c_message_unpack(doc_root(doc)->descriptor, NULL, len, packed);
	const ProtobufCFieldDescriptor *items =
		protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "items");
	/* Room was made for three. */
	for (size_t i = 3; i < 40; i++) {
		ck_assert_int_eq(reflect_make(message, items, i), RG_OK);
	}
	ck_assert_uint_eq(reflect_count(message, items), 40);
	protobuf_c_message_free_unpacked(message, NULL);
	doc_free(doc);
}
END_TEST

CHECK_MAIN("doc", list_that_was_unpacked_grows, leaves_of_every_type_return,
	what_is_not_there_is_absent, values_that_do_not_fit_are_not_taken,
	paths_outside_the_schema_are_a_defect_of_the_plugin, reads_and_sources_are_remembered,
	many_entries_cost_no_more_each)
