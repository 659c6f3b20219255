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

/* Tables */

/* Every path of every table is a leaf of the schema, or encoding would be a fault. */
static void check_message(const struct plugin_set *set, const struct family *family,
	const struct naccs_message *message)
{
	char json[256];
	bool is_request = message->kind == NACCS_REQUEST;
	snprintf(json, sizeof(json),
		"{\"exchange\":{\"message\":\"%s\",\"procedure\":\"%s\"},\"items\":[{}]}",
		message->code, is_request ? "" : "IDC");
	struct conversion *conversion =
		decode_native(set, "json", (struct rg_bytes){(const uint8_t *)json, strlen(json)});
	ck_assert_int_eq(convert_encode(conversion, format_of(set, family->format),
				 RG_PURPOSE_UNSPECIFIED),
		RG_OK);
	ck_assert_msg(!convert_is_refused(conversion), "%s", message->code);
	convert_free(conversion);
}

/* No two items of a message have one path. */
static void check_paths(const struct naccs_message *message)
{
	struct pool *pool = pool_new(NACCS_POOL_LIMIT);
	struct naccs_place *places = NULL;
	const struct naccs_layout *layout = message->layout;
	size_t n = naccs_n_common(layout) + naccs_n_goods(layout);
	ck_assert_int_eq(naccs_places(pool, layout, 0, n > naccs_n_common(layout), 0, &places),
		RG_OK);
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_eq(places[i].number, i + 1);
		for (size_t j = 0; j < i; j++) {
			ck_assert_msg(strcmp(places[i].native, places[j].native) != 0, "%s %s",
				message->code, places[i].native);
		}
	}
	pool_free(pool);
}

START_TEST(every_item_has_a_path_of_its_own_and_a_leaf_that_exists)
{
	static const struct family *const families[] = {&vn, &mm};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < 2; i++) {
		const struct naccs_profile *profile = families[i]->profile;
		for (size_t j = 0; j < profile->n_messages; j++) {
			check_message(set, families[i], &profile->messages[j]);
			check_paths(&profile->messages[j]);
		}
	}
	plugin_set_close(set);
}
END_TEST

/* The numbers of items that the sources name, so that a row too many or too few is seen. */
START_TEST(the_tables_have_as_many_items_as_the_system)
{
	static const struct {
		const char *code;
		size_t n_common, n_goods;
	} cases[] = {
		{"IDA", 175, 46},
		{"EDA", 183, 27},
		{"IDB", 4, 0},
		{"EDB", 2, 0},
		{"IDC", 2, 0},
		{"EDC", 2, 0},
		{"MIC", 42, 0},
		{"MEC", 29, 0},
		{"VAD1AC", 239, 90},
		{"VAD1AG", 251, 90},
		{"VAE1LD", 199, 46},
		{"VAE1LF", 204, 46},
		{"VAD1FC", 66, 0},
		{"VAE1JD", 45, 0},
		{"VAD487", 43, 0},
		{"VAD800", 51, 0},
		{"VAE800", 50, 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct naccs_message *message = naccs_message_find(vn.profile, cases[i].code);
		ck_assert_ptr_nonnull(message);
		ck_assert_msg(naccs_n_common(message->layout) == cases[i].n_common &&
				naccs_n_goods(message->layout) == cases[i].n_goods,
			"%s", cases[i].code);
	}
	ck_assert_ptr_null(naccs_message_find(vn.profile, "IDZ"));
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

static size_t percent_returned(const struct check *check)
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
	size_t percent = n_same * 100 / before.n_items;
	free_leaves(&before);
	free_leaves(&after);
	buf_deinit(&out);
	convert_free(conversion);
	return percent;
}

static void check_share(const struct check *check)
{
	size_t percent = percent_returned(check);
	ck_assert_msg(percent >= MIN_MAPPED_PERCENT, "%s: %zu %%", check->path, percent);
}

START_TEST(most_items_return_without_extensions_and_hints)
{
	each_native("most_items_return_without_extensions_and_hints", check_share);
}
END_TEST

/* The table of the README */

static struct tally {
	size_t n_files, n_accepted, n_identical, least, most;
} tally;

static void count_file(const struct check *check)
{
	struct conversion *conversion =
		decode_native(check->set, check->family->format, check->native);
	struct buf expected = {.data = NULL};
	struct buf back = {.data = NULL};
	tally.n_files++;
	without_secrets(check->native, &expected);
	if (!convert_is_refused(conversion)) {
		size_t percent = percent_returned(check);
		for (size_t i = 0; i < convert_n_documents(conversion); i++) {
			ck_assert(encode_declaration(check->set, check->family->format,
				declaration_of(conversion, i), &back));
		}
		tally.n_accepted++;
		tally.n_identical += bytes_equal(buf_view(&expected), buf_view(&back)) ? 1 : 0;
		tally.least = percent < tally.least ? percent : tally.least;
		tally.most = percent > tally.most ? percent : tally.most;
	}
	convert_free(conversion);
	buf_deinit(&expected);
	buf_deinit(&back);
}

static bool is_in_readme(const struct family *family, const char *what, const char *root,
	const char *tail)
{
	char row[256];
	struct buf readme = {.data = NULL};
	tally = (struct tally){.least = 100};
	each_file(root, tail, family, count_file);
	int len = snprintf(row, sizeof(row), "| `%s` | %s | %zu | %zu | %zu | %zu - %zu %% |",
		family->format, what, tally.n_files, tally.n_accepted, tally.n_identical,
		tally.least, tally.most);
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
	/* What is counted is the same in every build: the plain one counts the samples. */
	const char *samples = check_slowness() == 1 ? getenv("RIVERGATE_SAMPLES") : NULL;
	bool is_right = true;
	for (size_t i = 0; i < N_SOURCES; i++) {
		is_right &= is_in_readme(sources[i].family, "own", getenv("RIVERGATE_SOURCE"),
			sources[i].own);
		if (samples && *samples && sources[i].samples) {
			is_right &= is_in_readme(sources[i].family, "real", samples,
				sources[i].samples);
		}
	}
	ck_assert(is_right);
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
	for (size_t i = 0; i < n; i += check_slowness()) {
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

CHECK_MAIN("naccs", a_file_returns_byte_for_byte_but_for_its_credentials,
	a_file_returns_through_json, an_unusual_spelling_returns,
	every_item_has_a_path_of_its_own_and_a_leaf_that_exists,
	the_tables_have_as_many_items_as_the_system, most_items_return_without_extensions_and_hints,
	the_table_of_the_readme_says_what_is_counted,
	changing_a_leaf_changes_its_items_and_no_other,
	another_message_of_the_same_layout_changes_the_job_only,
	a_credential_is_in_no_leaf_extension_or_report,
	a_dropped_credential_is_named_as_not_transferable,
	an_extension_that_names_a_credential_is_not_written,
	an_unverified_format_says_so_in_each_translation,
	a_message_is_recognised_as_that_of_the_verified_country)
