/*
 * Declarations cut into parts by who may read what, and put together again.
 *
 * What is cut and joined are the project's own files, the real ones where RIVERGATE_SAMPLES
 * names a folder, and a document that states every field of the schema.
 */
#include <glob.h>
#include <sys/stat.h>

#include "host/facts.h"
#include "host/transfer.h"
#include "parts_kit.h"
#include "suite.h"
#include "wire/doc.h"
#include "wire/pack.h"
#include "wire/reflect.h"

#define N(list) (sizeof(list) / sizeof((list)[0]))

/* Real files above this size add time and nothing else. */
#define FILE_LEN_MAX 100000

/* Joins the parts of the set; *ret_packed is empty where nothing was joined. */
static struct parts_answer join(const struct buf parts[AUDIENCE_ALL], unsigned set,
	struct buf *ret_packed)
{
	struct arena *arena = arena_new((size_t)1 << 30);
	struct rg_bytes bytes[AUDIENCE_TRAVELLING] = {{0}};
	Rivergate__V1__Declaration *joined = NULL;
	struct parts_answer answer;
	for (unsigned i = 0; i < AUDIENCE_TRAVELLING; i++) {
		if (set & AUDIENCE_BIT(i)) {
			bytes[i] = bytes_of(parts[i].len ? parts[i].data : (const uint8_t *)"",
				parts[i].len);
		}
	}
	ck_assert_int_eq(parts_join(bytes, arena, &joined, &answer), RG_OK);
	buf_init(ret_packed);
	if (joined) {
		ck_assert_int_eq(pack_append(&joined->base, ret_packed), RG_OK);
	}
	arena_free(arena);
	return answer;
}

/* --- The table ------------------------------------------------------------------------------- */

struct walk {
	char path[512];
	void (*leaf)(const char *path);
	size_t n_leaves;
};

/* Visits every leaf that the schema has, lists as []. The schema does not recurse. */
static void walk_schema(struct walk *walk, const ProtobufCMessageDescriptor *desc, size_t len)
{
	for (unsigned i = 0; i < desc->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &desc->fields[i];
		bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
		char name[REFLECT_NAME_MAX];
		reflect_name(field, name);
		int n = snprintf(walk->path + len, sizeof(walk->path) - len, "%s%s%s",
			len ? "." : "", name, is_list ? "[]" : "");
		ck_assert_uint_lt(len + (size_t)n, sizeof(walk->path));
		if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
			walk_schema(walk, field->descriptor, len + (size_t)n);
		} else {
			walk->leaf(walk->path);
			walk->n_leaves++;
		}
	}
}

static void check_leaf(const char *path)
{
	unsigned parts = audience_of(path);
	bool is_aside = strncmp(path, "extensions", 10) == 0 || strncmp(path, "hints", 5) == 0;
	ck_assert_msg(parts != 0, "%s belongs to no part: add it to the table", path);
	ck_assert_msg(!(parts & HOME) || parts == HOME, "%s stays at home and travels", path);
	ck_assert_msg((parts == HOME) == (is_aside || transfer_is_private(path)),
		"%s is private in one table and not in the other", path);
}

START_TEST(every_field_of_the_schema_belongs_to_a_part)
{
	struct walk walk = {.leaf = check_leaf};
	walk_schema(&walk, &rivergate__v1__declaration__descriptor, 0);
	ck_assert_uint_gt(walk.n_leaves, 1000);
	ck_assert_uint_eq(audience_of("itemsX"), 0);
	ck_assert_uint_eq(audience_of("item"), 0);
	ck_assert_uint_eq(audience_of(""), 0);
}
END_TEST

static void check_money(const char *path)
{
	static const char *const words[] = {"price", "amount", "currenc", "invoice", "cost",
		"payment", "freight", "insur", ".fob", ".cif", "tax", "duty", "royalt", "seller",
		"buyer", "exchange", "customsvalue", "statisticalvalue"};
	char lower[512];
	size_t len = strlen(path);
	for (size_t i = 0; i <= len; i++) {
		lower[i] = (char)(path[i] >= 'A' && path[i] <= 'Z' ? path[i] + 32 : path[i]);
	}
	for (size_t i = 0; i < N(words) && (audience_of(path) & SPS); i++) {
		ck_assert_msg(!strstr(lower, words[i]), "%s goes to the quarantine authority",
			path);
	}
}

START_TEST(nothing_that_is_named_after_money_goes_to_quarantine)
{
	struct walk walk = {.leaf = check_money};
	walk_schema(&walk, &rivergate__v1__declaration__descriptor, 0);
}
END_TEST

START_TEST(every_row_names_a_field_and_no_path_stands_twice)
{
	for (size_t i = 0; i < audience_n_rows; i++) {
		const char *path = audience_rows[i].path;
		const ProtobufCMessageDescriptor *desc = &rivergate__v1__declaration__descriptor;
		ck_assert_msg(audience_rows[i].parts != 0, "%s is for nobody", path);
		ck_assert_uint_eq(audience_rows[i].parts >> AUDIENCE_ALL, 0);
		for (size_t j = 0; j < i; j++) {
			ck_assert_str_ne(path, audience_rows[j].path);
		}
		for (const char *at = path; at;) {
			size_t len = strcspn(at, ".[");
			const ProtobufCFieldDescriptor *field = reflect_find(desc, at, len);
			ck_assert_msg(field, "%s is no path", path);
			bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
			const char *next = strchr(at, '.');
			ck_assert_msg(!next || is_list == (at[len] == '['),
				"%s: only lists on the way are marked []", path);
			ck_assert_msg(next || at[len] == '\0', "%s ends in a list", path);
			ck_assert(!next || field->type == PROTOBUF_C_TYPE_MESSAGE);
			desc = next ? field->descriptor : NULL;
			at = next ? next + 1 : NULL;
		}
	}
}
END_TEST

START_TEST(fields_go_where_their_readers_are)
{
	static const struct {
		const char *path;
		unsigned parts;
	} cases[] = {
		{"items[7].price.unscaled", COMMERCIAL},
		{"items[].costs.invoice.amount.scale", COMMERCIAL},
		{"consignments[2].items[7].price.unscaled", COMMERCIAL},
		{"supplierDocuments[0].invoiceNumber", COMMERCIAL},
		{"contractNumber", COMMERCIAL},
		{"items[7].commodity.hs6", CUSTOMS | SPS},
		{"items[7].commodity.nationalCode", CUSTOMS},
		{"items[7].sps.species", SPS},
		{"items[7].origin.code", CUSTOMS | SPS},
		{"exporter.name", CUSTOMS | SPS},
		{"exporter.taxNumber", CUSTOMS},
		{"exporter.taxNumberX", CUSTOMS | SPS},
		{"containers[0].seals[1].identity", CUSTOMS | SPS},
		{"items[0].taxes[3].amount.unscaled", CUSTOMS},
		{"transport.border.identity", CUSTOMS | SPS},
		{"transport.deliveryTerms.place", COMMERCIAL},
		{"country", EVERYTHING},
		{"commerce.payer.idNumber", HOME},
		{"signature.value", HOME},
		{"answer.original", HOME},
		{"answer.number", CUSTOMS},
	};
	for (size_t i = 0; i < N(cases); i++) {
		ck_assert_msg(audience_of(cases[i].path) == cases[i].parts, "%s: %x", cases[i].path,
			audience_of(cases[i].path));
	}
}
END_TEST

/* --- Cutting and joining --------------------------------------------------------------------- */

/* A header of the whole document holds against either part that states facts. */
static void check_facts(const Rivergate__V1__Declaration *whole,
	const struct buf parts[AUDIENCE_ALL], const char *name)
{
	static const enum audience telling[] = {AUDIENCE_CUSTOMS, AUDIENCE_SPS};
	Rivergate__V1__Header *header = malloc(sizeof(*header));
	ck_assert_ptr_nonnull(header);
	rivergate__v1__header__init(header);
	rg_err err = facts_fill(&whole->base, header);
	for (size_t i = 0; !err && i < N(telling); i++) {
		const struct buf *packed = &parts[telling[i]];
		const char *field = "";
		Rivergate__V1__Declaration *part =
			rivergate__v1__declaration__unpack(NULL, packed->len, packed->data);
		ck_assert_ptr_nonnull(part);
		ck_assert_int_eq(facts_differ(&part->base, header, &field), RG_OK);
		ck_assert_msg(!field, "%s: %s says other %s than the whole", name,
			audience_parts[telling[i]].name, field);
		rivergate__v1__declaration__free_unpacked(part, NULL);
	}
	rivergate__v1__header__free_unpacked(header, NULL);
}

static void check_round_trip(const Rivergate__V1__Declaration *whole, const char *name)
{
	struct buf parts[AUDIENCE_ALL];
	struct buf open;
	struct buf joined;
	cut(whole, parts);
	pack_open(whole, &open);
	struct parts_answer answer = join(parts, EVERYTHING, &joined);
	ck_assert_msg(answer.verdict == PARTS_AGREE, "%s: %s: %s", name, answer.path, answer.text);
	ck_assert_msg(joined.len == open.len &&
			(open.len == 0 || memcmp(joined.data, open.data, open.len) == 0),
		"%s is not what it was", name);
	for (unsigned i = 0; i < AUDIENCE_TRAVELLING; i++) {
		struct buf alone;
		answer = join(parts, AUDIENCE_BIT(i), &alone);
		ck_assert_msg(answer.verdict == PARTS_AGREE, "%s: %s", name, answer.path);
		ck_assert_uint_eq(alone.len, parts[i].len);
		buf_deinit(&alone);
	}
	check_facts(whole, parts, name);
	buf_deinit(&joined);
	buf_deinit(&open);
	close_parts(parts);
}

static size_t check_file(const struct plugin_set *set, const char *path)
{
	struct stat status;
	struct buf native = {.data = NULL};
	struct conversion *conversion = NULL;
	size_t n = 0;
	if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > FILE_LEN_MAX) {
		return 0;
	}
	read_whole(path, &native);
	const struct plugin_format *format = plugin_set_detect(set, buf_view(&native));
	ck_assert_int_eq(convert_new(&conversion), RG_OK);
	if (format) {
		ck_assert_int_eq(convert_decode(conversion, format, buf_view(&native)), RG_OK);
	}
	for (size_t i = 0; i < convert_n_documents(conversion); i++) {
		const Rivergate__V1__Declaration *declaration =
			doc_declaration(convert_document(conversion, i));
		if (declaration && !convert_is_refused(conversion)) {
			check_round_trip(declaration, path);
			n++;
		}
	}
	convert_free(conversion);
	buf_deinit(&native);
	return n;
}

static size_t check_files(const char *root, const char *pattern)
{
	struct plugin_set *set = open_plugins();
	char whole[4096];
	glob_t found;
	size_t n = 0;
	snprintf(whole, sizeof(whole), "%s/%s", root, pattern);
	ck_assert_int_eq(glob(whole, GLOB_BRACE, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i += check_slowness()) {
		n += check_file(set, found.gl_pathv[i]);
	}
	globfree(&found);
	plugin_set_close(set);
	return n;
}

START_TEST(own_files_are_the_same_after_cutting_and_joining)
{
	size_t n =
		check_files(getenv("RIVERGATE_SOURCE"), "adapters/{*,formats/*}/testdata/{*,*/*}");
	ck_assert_uint_gt(n, 100 / check_slowness());
}
END_TEST

START_TEST(real_files_are_the_same_after_cutting_and_joining)
{
	const char *samples = getenv("RIVERGATE_SAMPLES");
	if (!samples || !*samples) {
		printf("skip: cutting real files: RIVERGATE_SAMPLES names no folder\n");
		printf("0 passed, 0 failed, 1 skipped\n");
		return;
	}
	size_t n = check_files(samples, "*/{*,*/*,*/*/*,*/*/*/*,*/*/*/*/*}");
	ck_assert_uint_gt(n, 30 / check_slowness());
}
END_TEST

/* Gives every field below a value of its own, and every list two entries. */
static void fill(ProtobufCMessage *message, unsigned *counter)
{
	for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
		size_t n = field->label == PROTOBUF_C_LABEL_REPEATED ? 2 : 1;
		for (size_t j = 0; j < n; j++) {
			char value[32];
			const char *problem = NULL;
			ck_assert_int_eq(reflect_make(message, field, j), RG_OK);
			if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
				fill(reflect_message(message, field, j), counter);
				continue;
			}
			const ProtobufCEnumDescriptor *words = field->descriptor;
			snprintf(value, sizeof(value), "%u", ++*counter);
			const char *given = field->type == PROTOBUF_C_TYPE_ENUM
				? words->values[1].name
				: field->type == PROTOBUF_C_TYPE_BOOL ? "true"
								      : value;
			ck_assert_int_eq(reflect_parse(field, bytes_of_text(given),
						 reflect_at(message, field, j), &problem),
				RG_OK);
			ck_assert_ptr_null(problem);
		}
	}
}

static Rivergate__V1__Declaration *new_full(void)
{
	ProtobufCMessage *full = reflect_new(&rivergate__v1__declaration__descriptor);
	unsigned counter = 0;
	ck_assert_ptr_nonnull(full);
	fill(full, &counter);
	return (Rivergate__V1__Declaration *)full;
}

START_TEST(document_of_every_field_is_the_same_after_cutting_and_joining)
{
	Rivergate__V1__Declaration *full = new_full();
	check_round_trip(full, "the full document");
	rivergate__v1__declaration__free_unpacked(full, NULL);
}
END_TEST

struct tally {
	unsigned bit;
	size_t n;
	size_t n_each[AUDIENCE_ALL];
};

static rg_err tally_leaf(void *context, const struct doc_leaf *leaf)
{
	struct tally *tally = context;
	unsigned parts = audience_of(leaf->path);
	ck_assert_msg(!tally->bit || (parts & tally->bit), "%s is in a part that is not its own",
		leaf->path);
	for (unsigned i = 0; i < AUDIENCE_ALL; i++) {
		tally->n_each[i] += (parts & AUDIENCE_BIT(i)) != 0;
	}
	tally->n++;
	return RG_OK;
}

/* Counts the leaves of a packed declaration; with `bit`, each must belong to that part. */
static struct tally tally(const struct buf *packed, unsigned bit)
{
	const struct doctype *type = doctype_find(NULL);
	struct tally tally = {.bit = bit};
	struct doc *doc = NULL;
	ProtobufCMessage *root =
		protobuf_c_message_unpack(type->desc, NULL, packed->len, packed->data);
	ck_assert_ptr_nonnull(root);
	ck_assert_int_eq(doc_new(type, &root, &doc), RG_OK);
	ck_assert_int_eq(doc_each_leaf(doc, tally_leaf, &tally), RG_OK);
	doc_free(doc);
	return tally;
}

START_TEST(every_part_has_its_own_fields_and_no_other)
{
	Rivergate__V1__Declaration *full = new_full();
	struct buf parts[AUDIENCE_ALL];
	struct buf packed;
	cut(full, parts);
	pack(&full->base, &packed);
	struct tally all = tally(&packed, 0);
	ck_assert_uint_gt(all.n, 3000);
	for (unsigned i = 0; i < AUDIENCE_ALL; i++) {
		struct tally one = tally(&parts[i], AUDIENCE_BIT(i));
		ck_assert_uint_gt(one.n, 0);
		ck_assert_uint_eq(one.n, all.n_each[i]);
	}
	buf_deinit(&packed);
	close_parts(parts);
	rivergate__v1__declaration__free_unpacked(full, NULL);
}
END_TEST

START_TEST(items_keep_their_place_in_every_part)
{
	struct whole whole = open_whole();
	for (unsigned i = 0; i < AUDIENCE_TRAVELLING; i++) {
		Rivergate__V1__Declaration *part = rivergate__v1__declaration__unpack(NULL,
			whole.parts[i].len, whole.parts[i].data);
		ck_assert_ptr_nonnull(part);
		ck_assert_uint_eq(part->n_items, 4);
		ck_assert_uint_eq(part->n_supplier_documents, i == AUDIENCE_COMMERCIAL);
		rivergate__v1__declaration__free_unpacked(part, NULL);
	}
	close_whole(&whole);
}
END_TEST

/* --- Parts that do not fit ------------------------------------------------------------------- */

/* Sets one leaf of a packed part anew. Lists grow where their length is a power of two. */
static void change(struct buf *packed, const char *path, const char *value)
{
	const struct doctype *type = doctype_find(NULL);
	struct doc *doc = NULL;
	bool is_taken = false;
	ProtobufCMessage *root =
		protobuf_c_message_unpack(type->desc, NULL, packed->len, packed->data);
	ck_assert_ptr_nonnull(root);
	ck_assert_int_eq(doc_new(type, &root, &doc), RG_OK);
	ck_assert_int_eq(rg_doc_set(doc_view(doc), path, bytes_of_text(value), NULL, &is_taken),
		RG_OK);
	ck_assert(is_taken);
	buf_deinit(packed);
	pack(doc_root(doc), packed);
	doc_free(doc);
}

START_TEST(parts_that_contradict_each_other_are_found)
{
	static const struct {
		enum audience part;
		const char *path, *value;
		enum parts_verdict verdict;
		const char *found;
	} cases[] = {
		{AUDIENCE_SPS, "items[0].origin.code", "CN", PARTS_DIFFER, "items[0].origin"},
		{AUDIENCE_CUSTOMS, "items[1].origin.code", "CN", PARTS_DIFFER, "items[1].origin"},
		{AUDIENCE_SPS, "items[0].commodity.condition", "CONDITION_DRIED", PARTS_DIFFER,
			"items[0].commodity.condition"},
		{AUDIENCE_SPS, "items[0].netMass.unscaled", "17", PARTS_DIFFER, "items[0].netMass"},
		{AUDIENCE_COMMERCIAL, "country", "CN", PARTS_DIFFER, "country"},
		{AUDIENCE_SPS, "containers[0].seals[0].identity", "S2", PARTS_DIFFER, "containers"},
		/* One says nothing of what the other says. */
		{AUDIENCE_SPS, "exporter.name", "", PARTS_DIFFER, "exporter.name"},
		{AUDIENCE_SPS, "items[2].commodity.hs6", "010129", PARTS_DIFFER,
			"items[2].commodity"},
		/* Lists with an entry more: the items of one part are not those of the other. */
		{AUDIENCE_SPS, "items[4].commodity.hs6", "010129", PARTS_DIFFER, "items"},
		{AUDIENCE_COMMERCIAL, "items[4].priceCurrency", "CNY", PARTS_DIFFER, "items"},
		{AUDIENCE_CUSTOMS, "documents[1].code", "N380", PARTS_DIFFER, "documents"},
		/* Fields of others. */
		{AUDIENCE_SPS, "items[1].customsValueCurrency", "CNY", PARTS_DIFFER,
			"items[1].customsValueCurrency"},
		/* What belongs to nobody who reads, or to one alone, and changes nothing. */
		{AUDIENCE_SPS, "quarantine.portOffice", "Q2", PARTS_AGREE, ""},
		{AUDIENCE_COMMERCIAL, "items[0].priceCurrency", "LAK", PARTS_AGREE, ""},
		{AUDIENCE_SPS, "hints[0].kind", "null", PARTS_STRAY, "hints"},
		{AUDIENCE_CUSTOMS, "commerce.buyer.name", "SECRET", PARTS_STRAY, "commerce.buyer"},
	};
	for (size_t i = 0; i < N(cases); i++) {
		struct whole whole = open_whole();
		struct buf joined;
		change(&whole.parts[cases[i].part], cases[i].path, cases[i].value);
		struct parts_answer answer = join(whole.parts, EVERYTHING, &joined);
		ck_assert_msg(answer.verdict == cases[i].verdict, "%s: %d: %s: %s", cases[i].path,
			(int)answer.verdict, answer.path, answer.text);
		ck_assert_str_eq(answer.path, cases[i].found);
		ck_assert((answer.verdict == PARTS_DIFFER) == (joined.len == 0));
		ck_assert((answer.verdict == PARTS_AGREE) == (answer.text[0] == '\0'));
		buf_deinit(&joined);
		close_whole(&whole);
	}
}
END_TEST

START_TEST(price_in_the_part_of_quarantine_is_found_there)
{
	struct whole whole = open_whole();
	struct buf joined;
	change(&whole.parts[AUDIENCE_SPS], "items[1].price.unscaled", "5");
	struct parts_answer answer = join(whole.parts, SPS, &joined);
	ck_assert_int_eq(answer.verdict, PARTS_STRAY);
	ck_assert_str_eq(answer.path, "items[1].price");
	ck_assert_uint_eq(joined.len, whole.parts[AUDIENCE_SPS].len);
	buf_deinit(&joined);
	close_whole(&whole);
}
END_TEST

/* A declaration of nothing but empty items. */
static void pack_empty_items(size_t n, struct buf *out)
{
	Rivergate__V1__Declaration declaration = RIVERGATE__V1__DECLARATION__INIT;
	Rivergate__V1__Item item = RIVERGATE__V1__ITEM__INIT;
	declaration.items = malloc(n * sizeof(void *));
	ck_assert_ptr_nonnull(declaration.items);
	declaration.n_items = n;
	for (size_t i = 0; i < n; i++) {
		declaration.items[i] = &item;
	}
	pack(&declaration.base, out);
	free(declaration.items);
}

START_TEST(hostile_parts_are_refused_and_bounded)
{
	struct buf parts[AUDIENCE_ALL] = {{0}};
	struct buf joined;
	/* As many items as the limit of messages allows, beside one. */
	pack_empty_items(1, &parts[AUDIENCE_SPS]);
	pack_empty_items(100000, &parts[AUDIENCE_CUSTOMS]);
	struct parts_answer answer = join(parts, CUSTOMS | SPS, &joined);
	ck_assert_int_eq(answer.verdict, PARTS_DIFFER);
	ck_assert_str_eq(answer.path, "items");
	buf_deinit(&joined);
	/* More messages than any declaration has. */
	buf_deinit(&parts[AUDIENCE_CUSTOMS]);
	pack_empty_items(1000000, &parts[AUDIENCE_CUSTOMS]);
	answer = join(parts, CUSTOMS | SPS, &joined);
	ck_assert_int_eq(answer.verdict, PARTS_BROKEN);
	ck_assert_int_eq(answer.audience, AUDIENCE_CUSTOMS);
	ck_assert_uint_eq(joined.len, 0);
	buf_deinit(&joined);
	close_parts(parts);
}
END_TEST

START_TEST(part_that_is_cut_anywhere_is_never_taken_for_the_whole)
{
	struct whole whole = open_whole();
	struct buf *sps = &whole.parts[AUDIENCE_SPS];
	struct buf open;
	size_t n_joined = 0;
	pack_open(whole.declaration, &open);
	for (size_t len = sps->len; len-- > 0;) {
		struct buf joined;
		sps->len = len;
		struct parts_answer answer = join(whole.parts, EVERYTHING, &joined);
		ck_assert(answer.verdict != PARTS_BROKEN || answer.audience == AUDIENCE_SPS);
		ck_assert(answer.verdict != PARTS_STRAY);
		ck_assert_uint_lt(joined.len, open.len);
		n_joined += answer.verdict == PARTS_AGREE;
		buf_deinit(&joined);
	}
	/* Where exactly the last field is gone, which no other part has. */
	ck_assert_uint_eq(n_joined, 1);
	buf_deinit(&open);
	close_whole(&whole);
}
END_TEST

START_TEST(no_part_is_no_document)
{
	struct buf parts[AUDIENCE_ALL] = {{0}};
	struct buf joined;
	struct parts_answer answer = join(parts, 0, &joined);
	ck_assert_int_eq(answer.verdict, PARTS_AGREE);
	ck_assert_uint_eq(joined.len, 0);
	buf_deinit(&joined);
}
END_TEST

CHECK_MAIN("parts", every_field_of_the_schema_belongs_to_a_part,
	nothing_that_is_named_after_money_goes_to_quarantine,
	every_row_names_a_field_and_no_path_stands_twice, fields_go_where_their_readers_are,
	own_files_are_the_same_after_cutting_and_joining,
	real_files_are_the_same_after_cutting_and_joining,
	document_of_every_field_is_the_same_after_cutting_and_joining,
	every_part_has_its_own_fields_and_no_other, items_keep_their_place_in_every_part,
	parts_that_contradict_each_other_are_found, price_in_the_part_of_quarantine_is_found_there,
	hostile_parts_are_refused_and_bounded,
	part_that_is_cut_anywhere_is_never_taken_for_the_whole, no_part_is_no_document)
