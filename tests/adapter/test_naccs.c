/*
 * Formats of the NACCS family: what comes in goes out again byte for byte but for the
 * credentials, and what is wrong is a finding with the item's number.
 *
 * Files are the plug-ins' own test data and, where RIVERGATE_SAMPLES names a folder, the
 * real files in it.
 */
#include <glob.h>

#include "formats/mm-maccs/mm.h"
#include "formats/vn-vnaccs/vn.h"
#include "frames.h"
#include "suite.h"
#include "wire/doc.h"

#define MIN_MAPPED_PERCENT 80

static const struct family vn = {"vn/vn-vnaccs", &vn_vnaccs_profile};
static const struct family mm = {"mm/mm-maccs", &mm_maccs_profile};

static const struct {
	const struct family *family;
	const char *own, *samples; /* patterns below the project and below the samples */
	size_t n_own, n_samples;
} sources[] = {
	{&vn, "adapters/vn/testdata/*.edi", "vnaccs/frames/*.edi", 7, 7},
	{&mm, "adapters/mm/testdata/*.edi", NULL, 3, 0},
};

#define N_SOURCES (sizeof(sources) / sizeof(sources[0]))

/* What is done with one file. */
struct check {
	const struct plugin_set *set;
	const struct family *family;
	const char *path;
	struct rg_bytes native;
};

static size_t each_file(const char *root, const char *tail, const struct family *family,
	void (*run)(const struct check *check))
{
	struct plugin_set *set = open_plugins();
	char pattern[4096];
	glob_t found;
	size_t n = 0;
	snprintf(pattern, sizeof(pattern), "%s/%s", root, tail);
	int answer = glob(pattern, 0, NULL, &found);
	for (; answer == 0 && n < found.gl_pathc; n++) {
		struct buf native = {.data = NULL};
		read_whole(found.gl_pathv[n], &native);
		struct check check = {set, family, found.gl_pathv[n], buf_view(&native)};
		run(&check);
		buf_deinit(&native);
	}
	globfree(&found);
	plugin_set_close(set);
	return n;
}

static void each_native(const char *name, void (*run)(const struct check *check))
{
	const char *samples = getenv("RIVERGATE_SAMPLES");
	bool has_samples = samples && *samples;
	for (size_t i = 0; i < N_SOURCES; i++) {
		size_t n = each_file(getenv("RIVERGATE_SOURCE"), sources[i].own, sources[i].family,
			run);
		ck_assert_uint_ge(n, sources[i].n_own);
		if (has_samples && sources[i].samples) {
			n = each_file(samples, sources[i].samples, sources[i].family, run);
			ck_assert_uint_ge(n, sources[i].n_samples);
		}
	}
	if (!has_samples) {
		printf("skip: %s on samples: RIVERGATE_SAMPLES names no folder\n", name);
		printf("0 passed, 0 failed, 1 skipped\n");
	}
}

static void assert_same_bytes(const char *path, struct rg_bytes a, struct rg_bytes b)
{
	size_t n = 0;
	while (n < a.len && n < b.len && a.data[n] == b.data[n]) {
		n++;
	}
	ck_assert_msg(a.len == b.len && n == a.len, "%s differs at byte %zu of %zu, %zu", path, n,
		a.len, b.len);
}

/* Round trip */

/* All messages of a file through the packed canonical document. */
static void check_round_trip(const struct check *check)
{
	struct conversion *conversion =
		decode_native(check->set, check->family->format, check->native);
	struct buf expected = {.data = NULL};
	struct buf back = {.data = NULL};
	ck_assert_msg(!convert_is_refused(conversion), "%s: %s", check->path,
		convert_n_findings(conversion) ? convert_finding(conversion, 0)->text : "");
	without_secrets(check->native, &expected);
	for (size_t i = 0; i < convert_n_documents(conversion); i++) {
		ck_assert(encode_declaration(check->set, check->family->format,
			doc_declaration(convert_document(conversion, i)), &back));
	}
	assert_same_bytes(check->path, buf_view(&expected), buf_view(&back));
	convert_free(conversion);
	buf_deinit(&expected);
	buf_deinit(&back);
}

START_TEST(a_file_returns_byte_for_byte_but_for_its_credentials)
{
	each_native("a_file_returns_byte_for_byte_but_for_its_credentials", check_round_trip);
}
END_TEST

static void check_json(const struct check *check)
{
	struct buf json = {.data = NULL};
	struct buf expected = {.data = NULL};
	struct buf back = {.data = NULL};
	if (strstr(check->path, "two-")) {
		return; /* a JSON text is one document */
	}
	without_secrets(check->native, &expected);
	convert_whole(check->set, check->family->format, "json", check->native, &json);
	convert_whole(check->set, "json", check->family->format, buf_view(&json), &back);
	assert_same_bytes(check->path, buf_view(&expected), buf_view(&back));
	buf_deinit(&json);
	buf_deinit(&expected);
	buf_deinit(&back);
}

START_TEST(a_file_returns_through_json)
{
	each_native("a_file_returns_through_json", check_json);
}
END_TEST

/* What the usual form would not give: bare lines, zeroes, other units, unknown messages. */
START_TEST(an_unusual_spelling_returns)
{
	static const struct {
		const char *job;
		const char *body;
	} cases[] = {
		{"IDC", "      123456\r\n"},
		{"IDC", "123456\r\n"},
		{"IDC", "000000123456\r\nA\r\n"},
		{"IDC", "            \r\n \r\n"},
		{"IDC", "\r\n\r\n"},
		{"IDC", ""},
		{"IDC", "12345A\r\n"},
		{"IDC", "105512345670\r\nx\r\n"},
		{"IDA", "\r\n\r\n07\r\n 9\r\n"},
		{"HYS", "anything\r\n  at all \r\n\r\n"},
		{"HYS", "\r\n\r\n\r\n"},
		{"HYS", "Ti\xe1\xba\xbfng Vi\xe1\xbb\x87t \xf0\x9f\x9a\x9a\r\n"},
	};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf frame = {.data = NULL};
		make_frame(&frame, cases[i].job,
			(struct rg_bytes){(const uint8_t *)cases[i].body, strlen(cases[i].body)});
		struct check check = {set, &vn, cases[i].body, buf_view(&frame)};
		check_round_trip(&check);
		buf_deinit(&frame);
	}
	plugin_set_close(set);
}
END_TEST

/* Without help */

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

static Rivergate__V1__Declaration *declaration_of(struct conversion *conversion, size_t i)
{
	return (Rivergate__V1__Declaration *)(uintptr_t)doc_declaration(
		convert_document(conversion, i));
}

static void check_share(const struct check *check)
{
	struct conversion *conversion =
		decode_native(check->set, check->family->format, check->native);
	struct buf out = {.data = NULL};
	Rivergate__V1__Declaration *declaration = declaration_of(conversion, 0);
	strip(declaration);
	ck_assert(encode_declaration(check->set, check->family->format, declaration, &out));
	struct leaves before = items_of(check->family, check->native);
	struct leaves after = items_of(check->family, buf_view(&out));
	size_t n_same = 0;
	for (size_t i = 0; i < before.n_items; i++) {
		const char *text = leaf_text(&after, before.items[i].path);
		n_same += text && strcmp(text, before.items[i].text) == 0;
	}
	ck_assert_msg(n_same * 100 >= before.n_items * MIN_MAPPED_PERCENT, "%s: %zu of %zu",
		check->path, n_same, before.n_items);
	free_leaves(&before);
	free_leaves(&after);
	buf_deinit(&out);
	convert_free(conversion);
}

START_TEST(most_items_return_without_extensions_and_hints)
{
	each_native("most_items_return_without_extensions_and_hints", check_share);
}
END_TEST

/* Changes */

/* Another valid value of the leaf; false: there is none that a test may guess. */
static bool change(const struct doc_leaf *leaf, const char *rule, char out[4096])
{
	static const struct {
		const char *rule, *first, *second;
	} values[] = {
		{"date", "2019-03-04", "2018-11-30"},
		{"time", "10:20:30", "11:22:33"},
		{"moment", "2019-03-04T10:20:30", "2018-11-30T11:22:33"},
		{"country", "KH", "TH"},
		{"code", "4", "3"},
	};
	const char *value = (const char *)leaf->value.data;
	size_t len = leaf->value.len;
	bool is_scale = strcmp(leaf->field->name, "scale") == 0;
	if (leaf->field->type == PROTOBUF_C_TYPE_ENUM || strcmp(rule, "message") == 0 ||
		(is_scale && value[0] == '0')) {
		return false;
	}
	ck_assert_uint_lt(len, 4000);
	snprintf(out, 4096, "%.*s", (int)len, value);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (strcmp(values[i].rule, rule) == 0) {
			bool is_first = strcmp(out, values[i].first) == 0;
			snprintf(out, 4096, "%s", is_first ? values[i].second : values[i].first);
			return true;
		}
	}
	if ((unsigned char)out[len - 1] >= 0x80) {
		snprintf(out + len, 4096 - len, "Y");
		return true;
	}
	bool is_digit = out[len - 1] >= '0' && out[len - 1] <= '9';
	char other = is_digit ? '7' : 'Y';
	out[len - 1] = out[len - 1] == other ? (char)(other - 1) : other;
	if (is_scale) {
		snprintf(out, 4096, "%ld", strtol(value, NULL, 10) - 1);
	}
	return true;
}

static bool is_native(const struct doc_source *source, const char *path)
{
	for (size_t i = 0; i < source->n_natives; i++) {
		if (strcmp(source->natives[i], path) == 0) {
			return true;
		}
	}
	return false;
}

/* Every item that differs is one of the source's; at least one does. */
static void assert_only(const struct check *check, const struct doc_source *source,
	const struct leaves *before, const struct leaves *after)
{
	size_t n_changed = 0;
	for (size_t i = 0; i < before->n_items; i++) {
		const char *text = leaf_text(after, before->items[i].path);
		bool is_same = text && strcmp(text, before->items[i].text) == 0;
		ck_assert_msg(is_same || is_native(source, before->items[i].path),
			"%s: changing %s changed %s too", check->path, source->path,
			before->items[i].path);
		n_changed += !is_same;
	}
	ck_assert_uint_eq(before->n_items, after->n_items);
	ck_assert_msg(n_changed > 0, "%s: changing %s changed nothing", check->path, source->path);
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
	set_leaf(doc, source->path, changed, strlen(changed));
	ck_assert_msg(encode_declaration(check->set, check->family->format, doc_declaration(doc),
			      &out),
		"%s: %s = %s is refused", check->path, source->path, changed);
	struct leaves after = items_of(check->family, buf_view(&out));
	assert_only(check, source, before, &after);
	set_leaf(doc, source->path, kept, strlen(kept));
	free_leaves(&after);
	free(kept);
	buf_deinit(&out);
}

static void check_changes(const struct check *check)
{
	struct conversion *conversion =
		decode_native(check->set, check->family->format, check->native);
	struct doc *doc = convert_document(conversion, 0);
	struct leaves before = items_of(check->family, check->native);
	size_t n = 0;
	const struct doc_source *found = doc_sources(doc, &n);
	ck_assert_uint_gt(n, 1);
	for (size_t i = 0; i < n; i++) {
		check_change(check, doc, &found[i], &before);
	}
	free_leaves(&before);
	convert_free(conversion);
}

START_TEST(changing_a_leaf_changes_its_items_and_no_other)
{
	each_native("changing_a_leaf_changes_its_items_and_no_other", check_changes);
}
END_TEST

START_TEST(another_message_of_the_same_layout_changes_the_job_only)
{
	struct plugin_set *set = open_plugins();
	struct buf native = {.data = NULL};
	struct buf out = {.data = NULL};
	read_own("adapters/vn/testdata/import-rubber.edi", &native);
	struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&native));
	set_leaf(convert_document(conversion, 0), "exchange.message", "IDA01", 5);
	ck_assert(encode_declaration(set, "vn-vnaccs", declaration_of(conversion, 0), &out));
	ck_assert_int_eq(memcmp(out.data + 3, "IDA01", 5), 0);
	ck_assert_int_eq(memcmp(out.data + SECRETS + N_SECRETS, native.data + SECRETS + N_SECRETS,
				 native.len - SECRETS - N_SECRETS),
		0);
	convert_free(conversion);
	buf_deinit(&native);
	buf_deinit(&out);
	plugin_set_close(set);
}
END_TEST

/* Credentials */

static void check_secrets(const struct check *check)
{
	struct conversion *conversion =
		decode_native(check->set, check->family->format, check->native);
	struct buf json = {.data = NULL};
	char secret[9] = {0};
	ck_assert_int_eq(convert_encode(conversion, format_of(check->set, "json"),
				 RG_PURPOSE_UNSPECIFIED),
		RG_OK);
	const Rivergate__V1__Translation *translation = convert_translation(conversion);
	buf_add_bytes(&json, convert_output(conversion, 0));
	for (size_t i = 0; i < N_SECRETS; i += 8) {
		memcpy(secret, check->native.data + SECRETS + i, 8);
		secret[strcspn(secret, " ")] = '\0';
		ck_assert_msg(!*secret || !memmem(json.data, json.len, secret, strlen(secret)),
			"%s: a credential left", check->path);
		for (size_t j = 0; *secret && j < translation->n_losses; j++) {
			ck_assert_ptr_null(strstr(translation->losses[j]->value, secret));
		}
	}
	buf_deinit(&json);
	convert_free(conversion);
}

START_TEST(a_credential_is_in_no_leaf_extension_or_report)
{
	each_native("a_credential_is_in_no_leaf_extension_or_report", check_secrets);
}
END_TEST

static const Rivergate__V1__Loss *loss_of(const struct conversion *conversion, const char *native)
{
	const Rivergate__V1__Translation *translation = convert_translation(conversion);
	for (size_t i = 0; i < translation->n_losses; i++) {
		const Rivergate__V1__Loss *loss = translation->losses[i];
		if (strcmp(loss->path, native) == 0 ||
			(loss->n_native > 0 && strcmp(loss->native[0], native) == 0)) {
			return loss;
		}
	}
	return NULL;
}

START_TEST(a_dropped_credential_is_named_as_not_transferable)
{
	static const char *const fields[] = {"/header/user", "/header/password"};
	struct plugin_set *set = open_plugins();
	struct buf native = {.data = NULL};
	read_own("adapters/vn/testdata/import-rubber.edi", &native);
	struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&native));
	ck_assert_int_eq(convert_encode(conversion, format_of(set, "json"), RG_PURPOSE_UNSPECIFIED),
		RG_OK);
	for (size_t i = 0; i < 2; i++) {
		const Rivergate__V1__Loss *loss = loss_of(conversion, fields[i]);
		ck_assert_msg(loss, "%s", fields[i]);
		ck_assert_int_eq(loss->class_,
			RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_NOT_TRANSFERABLE);
		ck_assert_str_eq(loss->value, "");
	}
	convert_free(conversion);
	buf_deinit(&native);
	plugin_set_close(set);
}
END_TEST

START_TEST(an_extension_that_names_a_credential_is_not_written)
{
	struct plugin_set *set = open_plugins();
	struct buf native = {.data = NULL};
	struct buf out = {.data = NULL};
	read_own("adapters/vn/testdata/result-ok.edi", &native);
	struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&native));
	struct doc *doc = convert_document(conversion, 0);
	set_leaf(doc, "extensions[9].format", "vn-vnaccs", 9);
	set_leaf(doc, "extensions[9].path", "/header/password", 16);
	set_leaf(doc, "extensions[9].value", "INJECTED", 8);
	ck_assert(encode_declaration(set, "vn-vnaccs", doc_declaration(doc), &out));
	ck_assert_ptr_null(memmem(out.data, out.len, "INJECTED", 8));
	convert_free(conversion);
	buf_deinit(&native);
	buf_deinit(&out);
	plugin_set_close(set);
}
END_TEST

/* What is assumed says so, wherever it is used. */
START_TEST(an_unverified_format_says_so_in_each_translation)
{
	static const struct {
		const char *from, *to;
		bool is_source;
	} cases[] = {{"mm-maccs", "json", true}, {"mm-maccs", "vn-vnaccs", true},
		{"mm-maccs", "cn-dec", true}, {"asycuda-sad", "mm-maccs", false}};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf native = {.data = NULL};
		read_own(cases[i].is_source ? "adapters/mm/testdata/export-beans.edi"
					    : "adapters/la/testdata/export-bananas.xml",
			&native);
		struct conversion *conversion =
			decode_native(set, cases[i].from, buf_view(&native));
		ck_assert_int_eq(convert_encode(conversion, format_of(set, cases[i].to),
					 RG_PURPOSE_PREFILL),
			RG_OK);
		const Rivergate__V1__Translation *translation = convert_translation(conversion);
		const char *told = cases[i].is_source ? translation->source_unverified
						      : translation->target_unverified;
		ck_assert_msg(strncmp(told, "all of it", 9) == 0, "%s to %s: %s", cases[i].from,
			cases[i].to, told);
		convert_free(conversion);
		buf_deinit(&native);
	}
	plugin_set_close(set);
}
END_TEST

/* The frame does not tell the country: only the one whose messages were seen claims it. */
START_TEST(a_message_is_recognised_as_that_of_the_verified_country)
{
	static const char *const files[] = {"adapters/vn/testdata/import-rubber.edi",
		"adapters/mm/testdata/export-beans.edi"};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < 2; i++) {
		struct buf native = {.data = NULL};
		read_own(files[i], &native);
		const struct plugin_format *format = plugin_set_detect(set, buf_view(&native));
		ck_assert_ptr_nonnull(format);
		ck_assert_str_eq(format->format->name, "vn-vnaccs");
		buf_deinit(&native);
	}
	plugin_set_close(set);
}
END_TEST

/* From abroad */

/* Burmese goods in Viet Nam: the description is whole, the name has no capitals to be in. */
START_TEST(burmese_text_is_carried_or_named)
{
	struct plugin_set *set = open_plugins();
	struct buf native = {.data = NULL};
	read_own("adapters/mm/testdata/export-beans.edi", &native);
	struct conversion *conversion = decode_native(set, "mm-maccs", buf_view(&native));
	ck_assert_int_eq(convert_encode(conversion, format_of(set, "vn-vnaccs"),
				 RG_PURPOSE_PREFILL),
		RG_OK);
	struct leaves before = items_of(&mm, buf_view(&native));
	struct leaves after = items_of(&vn, convert_output(conversion, 0));
	ck_assert_str_eq(leaf_text(&after, "/header/job"), "IDA");
	ck_assert_str_eq(leaf_text(&after, "/CMN[1]"), leaf_text(&before, "/CMN[1]"));
	ck_assert_str_eq(leaf_text(&after, "/NT2"), leaf_text(&before, "/NT2"));
	ck_assert_ptr_null(leaf_text(&after, "/EPN"));
	ck_assert_ptr_nonnull(strstr(loss_of(conversion, "exporter.name")->reason, "attribute A"));
	ck_assert_str_eq(leaf_text(&after, "/CMD[1]"), "071331");
	ck_assert_ptr_null(leaf_text(&after, "/REF"));
	free_leaves(&before);
	free_leaves(&after);
	convert_free(conversion);
	buf_deinit(&native);
	plugin_set_close(set);
}
END_TEST

/* What a Lao export becomes in Viet Nam. NULL: empty. */
static const struct {
	const char *path;
	const char *text;
} draft[] = {
	{"/header/job", "IDA"},
	{"/ICN", NULL},
	{"/ICB", NULL},
	{"/MTC", "4"},
	{"/CH", NULL},
	{"/EPN", "LUANG NAMTHA BANANA GROWERS"},
	{"/EPA", "BAN NATEUY, MUEANG NAMO, OUDOMXAY"},
	{"/EP2", "PROVINCE"},
	{"/EPO", "LA"},
	{"/NO", "1200"},
	{"/NOT", "CT"},
	{"/GW", "19200.0"},
	{"/GWT", "KGM"},
	{"/VSN", "LA 8012 / LA 5520"},
	{"/PSC", "LABOT"},
	{"/COC", "1"},
	{"/IP2", "DAP"},
	{"/IP3", "USD"},
	{"/CMD[1]", "080390"},
	{"/OR[1]", "LA"},
	{"/QN1[1]", "18000.0"},
	{"/QT1[1]", "KGM"},
	{"/UPC[1]", "USD"},
	{"/TX1[1]", NULL},
};

START_TEST(an_export_from_abroad_becomes_an_import_draft)
{
	struct plugin_set *set = open_plugins();
	struct buf native = {.data = NULL};
	read_own("adapters/la/testdata/export-bananas.xml", &native);
	struct conversion *conversion = decode_native(set, "asycuda-sad", buf_view(&native));
	ck_assert_int_eq(convert_encode(conversion, format_of(set, "vn-vnaccs"),
				 RG_PURPOSE_PREFILL),
		RG_OK);
	ck_assert(!convert_is_refused(conversion));
	struct leaves leaves = items_of(&vn, convert_output(conversion, 0));
	for (size_t i = 0; i < sizeof(draft) / sizeof(draft[0]); i++) {
		const char *text = leaf_text(&leaves, draft[i].path);
		ck_assert_msg(draft[i].text ? text && strcmp(text, draft[i].text) == 0 : !text,
			"%s is %s", draft[i].path, text ? text : "absent");
	}
	ck_assert_ptr_nonnull(loss_of(conversion, "registration.number"));
	ck_assert_str_ne(convert_translation(conversion)->target_unverified, "");
	free_leaves(&leaves);
	convert_free(conversion);
	buf_deinit(&native);
	plugin_set_close(set);
}
END_TEST

/* A Lao export with one leaf set; what becomes of it in Viet Nam. */
static const struct {
	const char *path, *value;
	const char *native, *text; /* NULL: empty */
	const char *reason;        /* part of the loss; NULL: no loss */
} fits[] = {
	{"exporter.name", "Lower case Ltd", "/EPN", "LOWER CASE LTD", NULL},
	{"exporter.name", "\xe0\xba\xa5\xe0\xba\xb2\xe0\xba\xa7", "/EPN", NULL, "attribute A"},
	{"exporter.name",
		"A VERY LONG NAME OF A COMPANY THAT IS LONGER THAN SEVENTY BYTES AND THEREFORE IS "
		"CUT",
		"/EPN", "A VERY LONG NAME OF A COMPANY THAT IS LONGER THAN SEVENTY BYTES AND TH",
		"was cut"},
	{"transport.border.identity", "A PLATE THAT IS FAR TOO LONG FOR THE FIELD IT GOES INTO",
		"/VSN", NULL, "left out"},
	{"transport.loading.code", "LAVTE", "/PSC", "LAVTE", NULL},
	{"transport.loading.code", "BOTEN", "/PSC", "BOTEN", NULL},
	{"transport.loading.code", "12", "/PSC", NULL, "UN/LOCODE"},
	{"transport.border.mode", "7", "/MTC", NULL, "no counterpart"},
	{"transport.border.mode", "31", "/MTC", "4", NULL},
	{"items[0].commodity.description", "\xe0\xba\xab\xe0\xba\xa1\xe0\xba\xb2\xe0\xba\x81",
		"/CMN[1]", "\xe0\xba\xab\xe0\xba\xa1\xe0\xba\xb2\xe0\xba\x81", NULL},
	{"items[0].commodity.description", "two\nlines", "/CMN[1]", "two lines", NULL},
	{"items[0].commodity.description", "\xe1\x80\x99\xe1\x80\xbc \xf0\x9f\x8d\x8c \xe4\xb8\xad",
		"/CMN[1]", "\xe1\x80\x99\xe1\x80\xbc \xf0\x9f\x8d\x8c \xe4\xb8\xad", NULL},
	{"grossMass.unscaled", "12345678901", "/GW", NULL, "left out"},
};

START_TEST(what_does_not_fit_is_named)
{
	struct plugin_set *set = open_plugins();
	struct buf native = {.data = NULL};
	read_own("adapters/la/testdata/export-bananas.xml", &native);
	for (size_t i = 0; i < sizeof(fits) / sizeof(fits[0]); i++) {
		struct conversion *conversion =
			decode_native(set, "asycuda-sad", buf_view(&native));
		set_leaf(convert_document(conversion, 0), fits[i].path, fits[i].value,
			strlen(fits[i].value));
		ck_assert_int_eq(convert_encode(conversion, format_of(set, "vn-vnaccs"),
					 RG_PURPOSE_ADVANCE),
			RG_OK);
		struct leaves leaves = items_of(&vn, convert_output(conversion, 0));
		const char *text = leaf_text(&leaves, fits[i].native);
		const Rivergate__V1__Loss *loss = loss_of(conversion, fits[i].path);
		ck_assert_msg(fits[i].text ? text && strcmp(text, fits[i].text) == 0 : !text,
			"%s = %s: %s", fits[i].path, fits[i].value, text ? text : "absent");
		ck_assert_msg(fits[i].reason ? loss && strstr(loss->reason, fits[i].reason) : !loss,
			"%s = %s: %s", fits[i].path, fits[i].value, loss ? loss->reason : "none");
		free_leaves(&leaves);
		convert_free(conversion);
	}
	buf_deinit(&native);
	plugin_set_close(set);
}
END_TEST

/* A text of three-byte characters is cut between two of them. */
START_TEST(a_cut_never_splits_a_character)
{
	struct plugin_set *set = open_plugins();
	struct buf native = {.data = NULL};
	char text[1000] = "x";
	for (size_t i = 1; i + 4 < sizeof(text); i += 3) {
		memcpy(text + i, "\xe0\xba\x81", 4);
	}
	read_own("adapters/la/testdata/export-bananas.xml", &native);
	struct conversion *conversion = decode_native(set, "asycuda-sad", buf_view(&native));
	set_leaf(convert_document(conversion, 0), "items[0].commodity.description", text,
		strlen(text));
	ck_assert_int_eq(convert_encode(conversion, format_of(set, "vn-vnaccs"),
				 RG_PURPOSE_PREFILL),
		RG_OK);
	struct leaves leaves = items_of(&vn, convert_output(conversion, 0));
	ck_assert_uint_eq(strlen(leaf_text(&leaves, "/CMN[1]")), 598);
	ck_assert_ptr_nonnull(loss_of(conversion, "items[0].commodity.description"));
	free_leaves(&leaves);
	convert_free(conversion);
	buf_deinit(&native);
	plugin_set_close(set);
}
END_TEST

/* Divisions */

static void set_items(struct doc *doc, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char path[64];
		char name[32];
		snprintf(path, sizeof(path), "items[%zu].commodity.description", i);
		int len = snprintf(name, sizeof(name), "LINE %zu", i + 1);
		set_leaf(doc, path, name, (size_t)len);
	}
}

static struct conversion *divide(const struct plugin_set *set, size_t n_items)
{
	static const char json[] = "{\"country\":\"VN\",\"direction\":\"DIRECTION_IMPORT\"}";
	struct conversion *conversion =
		decode_native(set, "json", (struct rg_bytes){(const uint8_t *)json, strlen(json)});
	set_items(convert_document(conversion, 0), n_items);
	ck_assert_int_eq(convert_encode(conversion, format_of(set, "vn-vnaccs"),
				 RG_PURPOSE_UNSPECIFIED),
		RG_OK);
	return conversion;
}

START_TEST(more_lines_than_a_message_takes_become_several_declarations)
{
	static const struct {
		size_t n_items, n_messages;
	} cases[] = {{0, 1}, {1, 1}, {50, 1}, {51, 2}, {100, 2}, {120, 3}, {999, 20}, {4950, 99}};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conversion *conversion = divide(set, cases[i].n_items);
		ck_assert(!convert_is_refused(conversion));
		ck_assert_uint_eq(convert_n_outputs(conversion), cases[i].n_messages);
		convert_free(conversion);
	}
	plugin_set_close(set);
}
END_TEST

START_TEST(each_of_several_declarations_says_which_it_is)
{
	struct plugin_set *set = open_plugins();
	struct conversion *conversion = divide(set, 120);
	char text[32];
	for (size_t i = 0; i < 3; i++) {
		struct leaves leaves = items_of(&vn, convert_output(conversion, i));
		snprintf(text, sizeof(text), "%zu", i + 1);
		ck_assert_str_eq(leaf_text(&leaves, "/BNO"), text);
		ck_assert_str_eq(leaf_text(&leaves, "/DNO"), "3");
		const char *first = leaf_text(&leaves, "/FIC");
		ck_assert(i == 0 ? first && strcmp(first, "F") == 0 : !first);
		snprintf(text, sizeof(text), "LINE %zu", i * 50 + 1);
		ck_assert_str_eq(leaf_text(&leaves, "/CMN[1]"), text);
		ck_assert(i < 2 || !leaf_text(&leaves, "/CMN[21]"));
		free_leaves(&leaves);
	}
	convert_free(conversion);
	plugin_set_close(set);
}
END_TEST

START_TEST(more_than_99_declarations_are_refused)
{
	struct plugin_set *set = open_plugins();
	struct conversion *conversion = divide(set, 4951);
	ck_assert(convert_is_refused(conversion));
	ck_assert_str_eq(convert_finding(conversion, 0)->rule, "LIMIT");
	convert_free(conversion);
	plugin_set_close(set);
}
END_TEST

CHECK_MAIN("naccs", a_file_returns_byte_for_byte_but_for_its_credentials,
	a_file_returns_through_json, an_unusual_spelling_returns,
	most_items_return_without_extensions_and_hints,
	changing_a_leaf_changes_its_items_and_no_other,
	another_message_of_the_same_layout_changes_the_job_only,
	a_credential_is_in_no_leaf_extension_or_report,
	a_dropped_credential_is_named_as_not_transferable,
	an_extension_that_names_a_credential_is_not_written,
	an_unverified_format_says_so_in_each_translation,
	a_message_is_recognised_as_that_of_the_verified_country, burmese_text_is_carried_or_named,
	an_export_from_abroad_becomes_an_import_draft, what_does_not_fit_is_named,
	a_cut_never_splits_a_character, more_lines_than_a_message_takes_become_several_declarations,
	each_of_several_declarations_says_which_it_is, more_than_99_declarations_are_refused)
