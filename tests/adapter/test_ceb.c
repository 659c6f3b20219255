/*
 * The messages of China's cross-border e-commerce: every entry a document, put together
 * again when written; valid against the official schemas, drafts from abroad included.
 *
 * Files are the project's own and, where RIVERGATE_SAMPLES names a folder, the official
 * ones in it, with their schemas.
 */
#include <glob.h>
#include <libxml/xmlschemas.h>

#include "ceb.h"
#include "suite.h"

#define MIN_MAPPED_PERCENT 80
#define N_LEAVES           12

/* Files */

static size_t each_file(const char *root, const char *pattern, const char *format,
	void (*run)(const struct check *check))
{
	char path[4096];
	glob_t found;
	snprintf(path, sizeof(path), "%s/%s", root, pattern);
	size_t n = glob(path, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
	for (size_t i = 0; i < n; i++) {
		struct buf native = {.data = NULL};
		read_whole(found.gl_pathv[i], &native);
		struct check check = {format, found.gl_pathv[i], buf_view(&native)};
		run(&check);
		buf_deinit(&native);
	}
	globfree(&found);
	return n;
}

static const char *samples(void)
{
	const char *folder = getenv("RIVERGATE_SAMPLES");
	return folder && *folder ? folder : NULL;
}

/* Requests have odd numbers, receipts even ones; 792 is an answer that nobody asked for. */
static void each_native(const char *name, void (*run)(const struct check *check))
{
	const char *source = getenv("RIVERGATE_SOURCE");
	ck_assert_uint_ge(each_file(source, "adapters/cn/testdata/ceb/request-*.xml", REQUEST, run),
		17);
	ck_assert_uint_ge(each_file(source, "adapters/cn/testdata/ceb/receipt-*.xml", RECEIPT, run),
		20);
	if (!samples()) {
		printf("skip: %s on official files: RIVERGATE_SAMPLES names no folder\n", name);
		printf("0 passed, 0 failed, 1 skipped\n");
		return;
	}
	ck_assert_uint_ge(each_file(samples(), "china_ceb/*/CEB*[13579]Message.xml", REQUEST, run),
		17);
	ck_assert_uint_ge(each_file(samples(), "china_ceb/*/CEB*[02468]Message.xml", RECEIPT, run),
		18);
}

/* All documents as the first file they make. */
static void encode_all(struct conversion *from, const char *format, struct buf *out)
{
	struct conversion *conversion = NULL;
	ck_assert_int_eq(convert_new(&conversion), RG_OK);
	for (size_t i = 0; i < convert_n_documents(from); i++) {
		add(conversion, declaration_at(from, i));
	}
	ck_assert_int_eq(convert_encode(conversion, format_of(plugins(), format),
				 RG_PURPOSE_UNSPECIFIED),
		RG_OK);
	ck_assert(!convert_is_refused(conversion));
	ck_assert_uint_eq(convert_n_outputs(conversion), 1);
	buf_add_bytes(out, convert_output(conversion, 0));
	convert_free(conversion);
}

static void assert_same(const char *path, struct rg_bytes a, struct rg_bytes b)
{
	struct buf left = {.data = NULL};
	struct buf right = {.data = NULL};
	canonical_xml(a, &left);
	canonical_xml(b, &right);
	ck_assert_msg(bytes_equal(buf_view(&left), buf_view(&right)), "%s is not the same", path);
	buf_deinit(&left);
	buf_deinit(&right);
}

static void check_round_trip(const struct check *check)
{
	struct buf json = {.data = NULL};
	struct buf back = {.data = NULL};
	struct buf again = {.data = NULL};
	struct conversion *conversion = decode(check);
	encode_all(conversion, check->format, &back);
	assert_same(check->path, check->native, buf_view(&back));
	ck_assert_int_eq(convert_encode(conversion, format_of(plugins(), "json"),
				 RG_PURPOSE_UNSPECIFIED),
		RG_OK);
	for (size_t i = 0; i < convert_n_outputs(conversion); i++) {
		buf_add_bytes(&json, convert_output(conversion, i));
	}
	convert_whole(plugins(), "json", check->format, buf_view(&json), &again);
	assert_same(check->path, check->native, buf_view(&again));
	convert_free(conversion);
	buf_deinit(&json);
	buf_deinit(&back);
	buf_deinit(&again);
}

START_TEST(a_file_returns_through_documents_and_json_identical_after_c14n)
{
	each_native("a_file_returns_through_documents_and_json_identical_after_c14n",
		check_round_trip);
}
END_TEST

/* Without help */

static void drop_prefixes(struct leaves *leaves)
{
	for (size_t i = 0; i < leaves->n_items; i++) {
		char *to = leaves->items[i].path;
		char *name = to;
		for (const char *c = leaves->items[i].path; *c; c++) {
			*to++ = *c;
			name = *c == '/' ? to : name;
			to = *c == ':' ? name : to;
		}
		*to = '\0';
	}
	qsort(leaves->items, leaves->n_items, sizeof(*leaves->items), by_path);
}

static void strip(Rivergate__V1__Declaration *declaration)
{
	for (size_t i = 0; i < declaration->n_extensions; i++) {
		rivergate__v1__extension__free_unpacked(declaration->extensions[i], NULL);
	}
	for (size_t i = 0; i < declaration->n_hints; i++) {
		rivergate__v1__hint__free_unpacked(declaration->hints[i], NULL);
	}
	declaration->n_extensions = 0;
	declaration->n_hints = 0;
}

static const char *trimmed(const char *text)
{
	return text ? text + strspn(text, " \t\r\n") : "";
}

static size_t percent_returned(const struct check *check)
{
	struct buf out = {.data = NULL};
	struct conversion *conversion = decode(check);
	for (size_t i = 0; i < convert_n_documents(conversion); i++) {
		strip(declaration_at(conversion, i));
	}
	encode_all(conversion, check->format, &out);
	struct leaves before = leaves_of(check->native);
	struct leaves after = leaves_of(buf_view(&out));
	size_t n_same = 0;
	drop_prefixes(&before);
	for (size_t i = 0; i < before.n_items; i++) {
		const char *text = trimmed(leaf_text(&after, before.items[i].path));
		const char *expected = trimmed(before.items[i].text);
		size_t len = strlen(text);
		n_same += len > 0 && strncmp(text, expected, len) == 0 &&
			*trimmed(expected + len) == '\0';
	}
	size_t percent = n_same * 100 / before.n_items;
	free_leaves(&before);
	free_leaves(&after);
	buf_deinit(&out);
	convert_free(conversion);
	return percent;
}

static size_t least;
static size_t most;
static size_t n_counted;

static void check_share(const struct check *check)
{
	size_t percent = percent_returned(check);
	ck_assert_msg(percent >= MIN_MAPPED_PERCENT, "%s: %zu %% of its leaves", check->path,
		percent);
	least = percent < least ? percent : least;
	most = percent > most ? percent : most;
	n_counted++;
}

START_TEST(most_leaves_return_without_extensions_and_hints)
{
	each_native("most_leaves_return_without_extensions_and_hints", check_share);
}
END_TEST

/* The rows of the README, counted. */
static bool is_in_readme(const char *root, const char *what, const char *pattern,
	const char *format)
{
	char row[256];
	struct buf readme = {.data = NULL};
	least = 100;
	most = 0;
	n_counted = 0;
	each_file(root, pattern, format, check_share);
	int len = snprintf(row, sizeof(row), "| `%s` | %s | %zu | %zu | %zu | %zu - %zu %% |",
		format, what, n_counted, n_counted, n_counted, least, most);
	read_own("adapters/README.md", &readme);
	bool is_there = memmem(readme.data, readme.len, row, (size_t)len) != NULL;
	if (!is_there) {
		fprintf(stderr, "the README lacks: %s\n", row);
	}
	buf_deinit(&readme);
	return is_there;
}

START_TEST(the_table_of_the_readme_says_what_is_counted)
{
	const char *source = getenv("RIVERGATE_SOURCE");
	bool is_right =
		is_in_readme(source, "own", "adapters/cn/testdata/ceb/request-*.xml", REQUEST);
	is_right &= is_in_readme(source, "own", "adapters/cn/testdata/ceb/receipt-*.xml", RECEIPT);
	if (samples()) {
		is_right &= is_in_readme(samples(), "real", "china_ceb/*/CEB*[13579]Message.xml",
			REQUEST);
		is_right &= is_in_readme(samples(), "real", "china_ceb/*/CEB*[02468]Message.xml",
			RECEIPT);
	}
	ck_assert(is_right);
}
END_TEST

/* Changes */

/* Whether this is a native element of the source, wherever its entry stands in the file. */
static bool is_native(const struct doc_source *source, const char *path)
{
	for (size_t i = 0; i < source->n_natives; i++) {
		const char *native = source->natives[i];
		const char *open = strchr(native, '[');
		size_t head = open ? (size_t)(open - native) : strlen(native);
		const char *rest = open ? strchr(open, ']') + 1 : "";
		if (strcmp(native, path) == 0 ||
			(strncmp(native, path, head) == 0 && strcmp(path + head, rest) == 0)) {
			return true;
		}
	}
	return false;
}

static bool change(const struct doc_leaf *leaf, const char *rule, char out[4096])
{
	bool is_number = leaf->field->type != PROTOBUF_C_TYPE_STRING &&
		leaf->field->type != PROTOBUF_C_TYPE_ENUM;
	if (strcmp(rule, "code") == 0 || leaf->value.len > 4000) {
		return false;
	}
	if (leaf->field->type == PROTOBUF_C_TYPE_ENUM) {
		bool is_export = leaf->value.data[10] == 'E';
		snprintf(out, 4096, "%s", is_export ? "DIRECTION_IMPORT" : "DIRECTION_EXPORT");
	} else if (is_number) {
		snprintf(out, 4096, "%lld", strtoll((const char *)leaf->value.data, NULL, 10) + 1);
	} else if (strcmp(rule, "moment") == 0) {
		snprintf(out, 4096, "2020-01-02T03:04:05");
	} else if (strcmp(rule, "date") == 0) {
		snprintf(out, 4096, "2020-01-02");
	} else {
		snprintf(out, 4096, "%.*s<&>\xe0\xba\xaa", (int)leaf->value.len,
			(const char *)leaf->value.data);
	}
	return true;
}

static void assert_only(const struct check *check, const struct doc_source *source,
	const struct leaves *before, const struct leaves *after)
{
	size_t n_changed = 0;
	ck_assert_uint_eq(before->n_items, after->n_items);
	for (size_t i = 0; i < before->n_items; i++) {
		const char *text = leaf_text(after, before->items[i].path);
		bool is_same = text && strcmp(text, before->items[i].text) == 0;
		ck_assert_msg(is_same || is_native(source, before->items[i].path),
			"%s: changing %s changed %s too", check->path, source->path,
			before->items[i].path);
		n_changed += is_same ? 0 : 1;
	}
	bool is_attribute = strstr(source->natives[0], "/@") != NULL; /* no leaf of the file */
	ck_assert_msg(n_changed > 0 || is_attribute, "%s: changing %s changed nothing", check->path,
		source->path);
}

static void check_change(const struct check *check, struct doc *doc,
	const struct doc_source *source, const struct leaves *before)
{
	static char changed[4096];
	char scratch[32];
	struct doc_leaf leaf;
	struct buf out = {.data = NULL};
	ck_assert_int_eq(doc_peek(doc, source->path, &leaf, scratch), RG_OK);
	if (!leaf.value.data || !change(&leaf, source->rule, changed)) {
		return;
	}
	char *kept = strndup((const char *)leaf.value.data, leaf.value.len);
	set_leaf(doc, source->path, changed);
	ck_assert_msg(encode_declaration(plugins(), check->format, doc_declaration(doc), &out),
		"%s", source->path);
	struct leaves after = leaves_of(buf_view(&out));
	assert_only(check, source, before, &after);
	set_leaf(doc, source->path, kept);
	free(kept);
	free_leaves(&after);
	buf_deinit(&out);
}

/* Of the first document and the last, each by itself. */
static void check_changes(const struct check *check)
{
	struct conversion *conversion = decode(check);
	size_t last = convert_n_documents(conversion) - 1;
	for (size_t i = 0; i <= last; i += last ? last : 1) {
		struct doc *doc = convert_document(conversion, i);
		struct buf alone = {.data = NULL};
		size_t n = 0;
		const struct doc_source *sources = doc_sources(doc, &n);
		size_t step = getenv("RIVERGATE_LONG") ? 1 : n / N_LEAVES + 1;
		ck_assert(
			encode_declaration(plugins(), check->format, doc_declaration(doc), &alone));
		struct leaves before = leaves_of(buf_view(&alone));
		ck_assert_uint_gt(n, 2);
		for (size_t j = i % step; j < n; j += step) {
			check_change(check, doc, &sources[j], &before);
		}
		free_leaves(&before);
		buf_deinit(&alone);
	}
	convert_free(conversion);
}

START_TEST(changing_a_leaf_changes_its_elements_and_no_other)
{
	each_native("changing_a_leaf_changes_its_elements_and_no_other", check_changes);
}
END_TEST

/* Schemas */

static xmlSchemaPtr load_schema(const char *name)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/china_ceb/xsd/%s", samples(), name);
	xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader);
	xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path);
	ck_assert_ptr_nonnull(parser);
	xmlSchemaPtr schema = xmlSchemaParse(parser);
	xmlSchemaFreeParserCtxt(parser);
	ck_assert_msg(schema, "%s is no schema", path);
	return schema;
}

static xmlSchemaPtr import_schema;
static xmlSchemaPtr export_schema;

/* Loads both; false: there are none, and that was said. */
static bool load_schemas(const char *name)
{
	if (!samples()) {
		printf("skip: %s: RIVERGATE_SAMPLES names no folder with the official schemas\n",
			name);
		printf("0 passed, 0 failed, 1 skipped\n");
		return false;
	}
	import_schema = load_schema("进口业务节点报文.xsd");
	export_schema = load_schema("出口业务节点报文.xsd");
	return true;
}

static void free_schemas(void)
{
	xmlSchemaFree(import_schema);
	xmlSchemaFree(export_schema);
}

static void keep_first(void *text, xmlErrorPtr error)
{
	if (!*(char *)text) {
		snprintf(text, 512, "line %d: %s", error->line, error->message);
	}
}

static bool is_export_message(const char *root)
{
	static const char *const numbers[] = {"30", "40", "50", "60", "70", "79"};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strncmp(root + 3, numbers[i], 2) == 0) {
			return true;
		}
	}
	return root[3] == '5' && root[4] == '1' && root[5] == '0';
}

static void assert_valid(const char *path, struct rg_bytes text)
{
	char said[512] = "";
	xmlDocPtr doc = parse_xml(text);
	const char *root = (const char *)xmlDocGetRootElement(doc)->name;
	xmlSchemaValidCtxtPtr context =
		xmlSchemaNewValidCtxt(is_export_message(root) ? export_schema : import_schema);
	ck_assert_ptr_nonnull(context);
	xmlSchemaSetValidStructuredErrors(context, (xmlStructuredErrorFunc)keep_first, said);
	int answer = xmlSchemaValidateDoc(context, doc);
	ck_assert_msg(answer == 0, "%s: %s", path, said);
	xmlSchemaFreeValidCtxt(context);
	xmlFreeDoc(doc);
}

/* What was read is valid, and so is what is written of it without extensions and hints. */
static void check_valid(const struct check *check)
{
	struct buf out = {.data = NULL};
	struct conversion *conversion = decode(check);
	for (size_t i = 0; i < convert_n_documents(conversion); i++) {
		strip(declaration_at(conversion, i));
	}
	encode_all(conversion, check->format, &out);
	assert_valid(check->path, check->native);
	assert_valid(check->path, buf_view(&out));
	convert_free(conversion);
	buf_deinit(&out);
}

START_TEST(what_is_written_is_valid_against_the_official_schemas)
{
	if (load_schemas("what_is_written_is_valid_against_the_official_schemas")) {
		each_native("what_is_written_is_valid_against_the_official_schemas", check_valid);
		free_schemas();
	}
}
END_TEST

START_TEST(a_file_that_is_not_valid_is_found)
{
	static const char wrong[] = "<CEB622Message xmlns=\"http://www.chinaport.gov.cn/ceb\"/>";
	char said[512] = "";
	if (!load_schemas("a_file_that_is_not_valid_is_found")) {
		return;
	}
	xmlDocPtr doc = parse_xml((struct rg_bytes){(const uint8_t *)wrong, strlen(wrong)});
	xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt(import_schema);
	xmlSchemaSetValidStructuredErrors(context, (xmlStructuredErrorFunc)keep_first, said);
	ck_assert_int_ne(xmlSchemaValidateDoc(context, doc), 0);
	ck_assert_ptr_nonnull(strstr(said, "CEB622Message"));
	xmlSchemaFreeValidCtxt(context);
	xmlFreeDoc(doc);
	free_schemas();
}
END_TEST

/* Drafts */

static const struct {
	const char *format;
	const char *path;
	const char *root;
} sources[] = {
	{"la/asycuda-sad", "adapters/la/testdata/export-bananas.xml", "CEB621Message"},
	{"la/asycuda-sad", "adapters/la/testdata/export-cardamom.xml", "CEB621Message"},
	{"la/asycuda-sad", "adapters/la/testdata/export-mixed-oneline.xml", "CEB621Message"},
	{"vn/vn-vnaccs", "adapters/vn/testdata/export-dragonfruit.edi", "CEB621Message"},
	{"mm/mm-maccs", "adapters/mm/testdata/export-beans.edi", "CEB621Message"},
	{"kh/asycuda-sad", "adapters/kh/testdata/import-fabric.xml", "CEB603Message"},
	{"cn/cn-dec", "adapters/cn/testdata/import-durian.xml", "CEB621Message"},
};

static struct conversion *draft_of(const char *format, const char *path, enum rg_purpose purpose)
{
	struct buf native = {.data = NULL};
	read_own(path, &native);
	struct conversion *conversion = decode_native(plugins(), format, buf_view(&native));
	ck_assert_int_eq(convert_encode(conversion, format_of(plugins(), REQUEST), purpose), RG_OK);
	ck_assert_msg(!convert_is_refused(conversion), "%s", path);
	ck_assert_uint_ge(convert_n_outputs(conversion), 1);
	buf_deinit(&native);
	return conversion;
}

START_TEST(a_draft_from_another_format_is_a_valid_goods_list)
{
	static const enum rg_purpose purposes[] = {RG_PURPOSE_PREFILL, RG_PURPOSE_ADVANCE};
	bool has_schemas = load_schemas("a_draft_from_another_format_is_a_valid_goods_list");
	for (size_t i = 0; i < 2 * sizeof(sources) / sizeof(sources[0]); i++) {
		struct conversion *conversion =
			draft_of(sources[i / 2].format, sources[i / 2].path, purposes[i % 2]);
		struct rg_bytes out = convert_output(conversion, 0);
		ck_assert_msg(memmem(out.data, out.len, sources[i / 2].root, 13), "%s",
			sources[i / 2].path);
		if (has_schemas) {
			assert_valid(sources[i / 2].path, out);
		}
		convert_free(conversion);
	}
	if (has_schemas) {
		free_schemas();
	}
}
END_TEST

START_TEST(a_draft_says_what_is_known_and_marks_what_must_be_completed)
{
	static const struct {
		const char *path;
		const char *text; /* NULL: empty or absent */
	} draft[] = {
		{"InventoryHead/appStatus", "1"}, {"InventoryHead/ieFlag", "I"},
		{"InventoryHead/ebcName", "LUANG NAMTHA BANANA GROWERS"},
		{"InventoryHead/customsCode", "XXXX"}, {"InventoryHead/tradeMode", "XXXX"},
		{"InventoryHead/buyerName", "X"}, {"InventoryHead/buyerIdNumber", "X"},
		{"InventoryHead/country", "119"}, {"InventoryHead/trafMode", "4"},
		{"InventoryHead/trafNo", "LA 8012 / LA 5520"}, {"InventoryHead/packNo", "1200"},
		{"InventoryHead/wrapType", "2"}, {"InventoryHead/currency", "142"},
		{"InventoryList/gcode", "080390XXXX"}, {"InventoryList/country", "119"},
		{"InventoryList/unit", "035"}, {"InventoryList/currency", "142"},
		{"InventoryList/totalPrice", "0"}, /* stated in dollars */
	};
	struct conversion *conversion = draft_of("la/asycuda-sad",
		"adapters/la/testdata/export-bananas.xml", RG_PURPOSE_PREFILL);
	struct leaves leaves = leaves_of(convert_output(conversion, 0));
	for (size_t i = 0; i < sizeof(draft) / sizeof(draft[0]); i++) {
		char path[256];
		snprintf(path, sizeof(path), "/CEB621Message/Inventory/%s", draft[i].path);
		const char *text = leaf_text(&leaves, path);
		ck_assert_msg(draft[i].text ? text && strcmp(text, draft[i].text) == 0 : !text,
			"%s is %s", path, text ? text : "absent");
	}
	ck_assert_ptr_null(leaf_text(&leaves, "/CEB621Message/Signature/SignatureValue"));
	free_leaves(&leaves);
	convert_free(conversion);
}
END_TEST

/* What leaves */

START_TEST(a_report_names_a_buyer_and_a_signature_without_their_values)
{
	static const char *const values[] = {"样例买家", "13000000000", "000000000000000000",
		"样例收货人", "13000000002", "AAAA"};
	struct buf native = {.data = NULL};
	size_t n_private = 0;
	read_own("adapters/cn/testdata/ceb/request-ceb311.xml", &native);
	struct conversion *conversion = decode_native(plugins(), REQUEST, buf_view(&native));
	ck_assert_int_eq(convert_encode(conversion, format_of(plugins(), "la/asycuda-sad"),
				 RG_PURPOSE_ADVANCE),
		RG_OK);
	const Rivergate__V1__Translation *translation = convert_translation(conversion);
	for (size_t i = 0; i < translation->n_losses; i++) {
		const Rivergate__V1__Loss *loss = translation->losses[i];
		n_private += strncmp(loss->path, "commerce.buyer.", 15) == 0;
		n_private += strncmp(loss->path, "signature.", 10) == 0;
		for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
			ck_assert_msg(!strstr(loss->value, values[j]), "%s is shown", loss->path);
		}
	}
	ck_assert_uint_ge(n_private, 9);
	convert_free(conversion);
	buf_deinit(&native);
}
END_TEST

CHECK_MAIN("ceb", a_file_returns_through_documents_and_json_identical_after_c14n,
	most_leaves_return_without_extensions_and_hints,
	the_table_of_the_readme_says_what_is_counted,
	changing_a_leaf_changes_its_elements_and_no_other,
	what_is_written_is_valid_against_the_official_schemas, a_file_that_is_not_valid_is_found,
	a_draft_from_another_format_is_a_valid_goods_list,
	a_draft_says_what_is_known_and_marks_what_must_be_completed,
	a_report_names_a_buyer_and_a_signature_without_their_values)
