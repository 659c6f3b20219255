/*
 * EDIFACT: what comes in goes out again byte for byte; what is wrong is a finding with the
 * number of its segment; drafts from abroad keep to the directory.
 *
 * Files are the plug-in's own test data and, where RIVERGATE_SAMPLES names a folder, the
 * real files in it.
 */
#include <glob.h>

#include "frames.h"
#include "suite.h"
#include "wire/doc.h"

#define MIN_MAPPED_PERCENT 80

struct check {
	const struct plugin_set *set;
	const char *format, *path;
	struct rg_bytes native;
};

static const char *format_of_file(const char *path)
{
	const char *name = strrchr(path, '/');
	bool is_answer = name &&
		(strncmp(name, "/cusres", 7) == 0 || strncmp(name, "/aperak", 7) == 0 ||
			strncmp(name, "/contrl", 7) == 0);
	return is_answer ? "edifact-response" : "edifact";
}

static size_t each_file(const char *root, const char *tail, void (*run)(const struct check *check))
{
	struct plugin_set *set = open_plugins();
	char pattern[4096];
	glob_t found;
	size_t n = 0;
	snprintf(pattern, sizeof(pattern), "%s/%s", root, tail);
	int answer = glob(pattern, 0, NULL, &found);
	for (; answer == 0 && n < found.gl_pathc; n++) {
		struct buf native = {.data = NULL};
		const char *path = found.gl_pathv[n];
		read_whole(path, &native);
		struct check check = {set, format_of_file(path), path, buf_view(&native)};
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
	ck_assert_uint_ge(each_file(getenv("RIVERGATE_SOURCE"),
				  "adapters/formats/edifact/testdata/*.edi", run),
		11);
	if (samples && *samples) {
		ck_assert_uint_ge(each_file(samples, "edifact/spain_portico/*.itc", run), 10);
		return;
	}
	printf("skip: %s on samples: RIVERGATE_SAMPLES names no folder\n", name);
	printf("0 passed, 0 failed, 1 skipped\n");
}

/* Round trip */

static void encode_all(const struct check *check, struct conversion *conversion, struct buf *out)
{
	ck_assert_int_eq(convert_encode(conversion, format_of(check->set, check->format),
				 RG_PURPOSE_UNSPECIFIED),
		RG_OK);
	ck_assert_msg(!convert_is_refused(conversion), "%s", check->path);
	for (size_t i = 0; i < convert_n_outputs(conversion); i++) {
		buf_add_bytes(out, convert_output(conversion, i));
	}
}

static void check_round_trip(const struct check *check)
{
	struct conversion *conversion = decode_native(check->set, check->format, check->native);
	struct buf back = {.data = NULL};
	ck_assert_msg(!convert_is_refused(conversion), "%s: %s", check->path,
		convert_n_findings(conversion) ? convert_finding(conversion, 0)->text : "");
	encode_all(check, conversion, &back);
	ck_assert_msg(back.len == check->native.len &&
			memcmp(back.data, check->native.data, back.len) == 0,
		"%s differs", check->path);
	convert_free(conversion);
	buf_deinit(&back);
}

START_TEST(a_file_returns_byte_for_byte)
{
	each_native("a_file_returns_byte_for_byte", check_round_trip);
}
END_TEST

/* The same through the packed documents, each an interchange or a message of its own. */
static void check_alone(const struct check *check)
{
	struct conversion *conversion = decode_native(check->set, check->format, check->native);
	size_t n = convert_n_documents(conversion);
	for (size_t i = 0; i < n; i++) {
		struct buf once = {.data = NULL};
		struct buf twice = {.data = NULL};
		ck_assert(encode_declaration(check->set, check->format,
			doc_declaration(convert_document(conversion, i)), &once));
		convert_whole(check->set, check->format, check->format, buf_view(&once), &twice);
		ck_assert_msg(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0,
			"%s: document %zu", check->path, i);
		ck_assert_msg(n > 1 ||
				(once.len == check->native.len &&
					memcmp(once.data, check->native.data, once.len) == 0),
			"%s", check->path);
		buf_deinit(&once);
		buf_deinit(&twice);
	}
	convert_free(conversion);
}

START_TEST(a_document_that_travels_alone_is_a_file_of_its_own)
{
	each_native("a_document_that_travels_alone_is_a_file_of_its_own", check_alone);
}
END_TEST

/* Values of a message, seen by another parser: TAG, qualifier, element, component, text */

static void edi_add_value(struct leaves *leaves, const char *path, const char *text)
{
	leaves->items = realloc(leaves->items, (leaves->n_items + 1) * sizeof(*leaves->items));
	ck_assert_ptr_nonnull(leaves->items);
	leaves->items[leaves->n_items++] = (struct leaf){strdup(path), strdup(text)};
}

static void edi_split_segment(struct leaves *leaves, const char *text, size_t len)
{
	char word[8192];
	char qualifier[16] = "";
	char path[64];
	size_t n = 0;
	unsigned element = 0;
	unsigned component = 1;
	for (size_t i = 0; i <= len; i++) {
		bool is_end = i == len || text[i] == '+' || text[i] == ':';
		if (!is_end) {
			i += text[i] == '?' ? 1 : 0;
			ck_assert_uint_lt(n, sizeof(word) - 1);
			word[n++] = text[i];
			continue;
		}
		word[n] = '\0';
		if (element == 1 && component == 1) {
			snprintf(qualifier, sizeof(qualifier), "%.15s", word);
		}
		snprintf(path, sizeof(path), "%.3s %s %u.%u", text, qualifier, element, component);
		if (n > 0 && element > 0) {
			edi_add_value(leaves, path, word);
		}
		n = 0;
		bool is_next = i < len && text[i] == '+';
		component = is_next ? 1 : component + 1;
		element += is_next ? 1 : 0;
	}
}

static int by_both(const void *a, const void *b)
{
	const struct leaf *left = a;
	const struct leaf *right = b;
	int order = strcmp(left->path, right->path);
	return order ? order : strcmp(left->text, right->text);
}

/* Of files with the usual service characters. */
static struct leaves edi_values_of(struct rg_bytes file)
{
	struct leaves leaves = {NULL, 0};
	const char *at = (const char *)file.data;
	const char *end = at + file.len;
	at += file.len > 9 && memcmp(at, "UNA", 3) == 0 ? 9 : 0;
	while (at < end) {
		while (at < end && (strchr(" \r\n\xef\xbb\xbf", *at) && *at)) {
			at++;
		}
		const char *from = at;
		for (; at < end && *at != '\''; at++) {
			at += *at == '?' ? 1 : 0;
		}
		if (at > from) {
			edi_split_segment(&leaves, from, (size_t)(at - from));
		}
		at++;
	}
	ck_assert_uint_gt(leaves.n_items, 0);
	qsort(leaves.items, leaves.n_items, sizeof(*leaves.items), by_both);
	return leaves;
}

static size_t count_common(const struct leaves *a, const struct leaves *b)
{
	size_t n = 0;
	for (size_t i = 0, j = 0; i < a->n_items && j < b->n_items;) {
		int order = by_both(&a->items[i], &b->items[j]);
		n += order == 0;
		i += order <= 0;
		j += order >= 0;
	}
	return n;
}

static void strip(const struct doc *doc)
{
	Rivergate__V1__Declaration *declaration =
		(Rivergate__V1__Declaration *)(uintptr_t)doc_declaration(doc);
	for (size_t i = 0; i < declaration->n_extensions; i++) {
		rivergate__v1__extension__free_unpacked(declaration->extensions[i], NULL);
	}
	for (size_t i = 0; i < declaration->n_hints; i++) {
		rivergate__v1__hint__free_unpacked(declaration->hints[i], NULL);
	}
	declaration->n_extensions = 0;
	declaration->n_hints = 0;
}

static void check_share(const struct check *check)
{
	if (check->native.data[3] == '\x1d' || strstr(check->path, "-two")) {
		return;
	}
	struct conversion *conversion = decode_native(check->set, check->format, check->native);
	struct buf out = {.data = NULL};
	for (size_t i = 0; i < convert_n_documents(conversion); i++) {
		strip(convert_document(conversion, i));
	}
	encode_all(check, conversion, &out);
	struct leaves before = edi_values_of(check->native);
	struct leaves after = edi_values_of(buf_view(&out));
	size_t n = count_common(&before, &after);
	printf("%s: %zu of %zu values return without extensions and hints\n", check->path, n,
		before.n_items);
	ck_assert_msg(n * 100 >= before.n_items * MIN_MAPPED_PERCENT, "%s: %zu of %zu: %.*s",
		check->path, n, before.n_items, (int)out.len, (const char *)out.data);
	free_leaves(&before);
	free_leaves(&after);
	buf_deinit(&out);
	convert_free(conversion);
}

START_TEST(most_values_return_without_extensions_and_hints)
{
	each_native("most_values_return_without_extensions_and_hints", check_share);
}
END_TEST

/* Refusals */

static bool is_refused(const struct plugin_set *set, const char *format, struct rg_bytes bytes)
{
	struct conversion *conversion = decode_native(set, format, bytes);
	bool answer = convert_is_refused(conversion);
	convert_free(conversion);
	return answer;
}

START_TEST(a_file_that_is_listed_is_refused_with_its_line)
{
	struct plugin_set *set = open_plugins();
	struct buf list = {.data = NULL};
	char *rest = NULL;
	size_t n = 0;
	read_own("adapters/formats/edifact/testdata/refused/LIST.tsv", &list);
	buf_add_u8(&list, 0);
	for (char *row = strtok_r((char *)list.data, "\n", &rest); row;
		row = strtok_r(NULL, "\n", &rest)) {
		char path[256];
		struct buf native = {.data = NULL};
		const char *element = strchr(row, '\t');
		const char *place = element ? strchr(element + 1, '\t') : NULL;
		unsigned long line = place ? strtoul(place + 1, NULL, 10) : 0;
		size_t len = strcspn(row, "\t");
		if (line == 0) {
			continue; /* the head of the list */
		}
		snprintf(path, sizeof(path), "adapters/formats/edifact/testdata/refused/%.*s",
			(int)len, row);
		read_own(path, &native);
		struct conversion *conversion = decode_native(set, "edifact", buf_view(&native));
		ck_assert_msg(convert_is_refused(conversion), "%s", path);
		ck_assert_msg(convert_finding(conversion, 0)->line == line, "%s: line %u", path,
			convert_finding(conversion, 0)->line);
		convert_free(conversion);
		buf_deinit(&native);
		n++;
	}
	ck_assert_uint_eq(n, 8);
	buf_deinit(&list);
	plugin_set_close(set);
}
END_TEST

/* Only white space may be missing at the end of a file. */
static void check_cuts(const struct check *check)
{
	size_t whole = check->native.len;
	while (whole > 0 && strchr(" \r\n", check->native.data[whole - 1])) {
		whole--;
	}
	if (whole > 3000 || strstr(check->path, "samples")) {
		return;
	}
	for (size_t len = 0; len < whole; len++) {
		struct rg_bytes cut = {check->native.data, len};
		ck_assert_msg(is_refused(check->set, check->format, cut), "%s at %zu", check->path,
			len);
	}
}

START_TEST(a_file_cut_at_any_byte_is_refused)
{
	each_file(getenv("RIVERGATE_SOURCE"), "adapters/formats/edifact/testdata/*.edi",
		check_cuts);
}
END_TEST

/* What is wrong in a whole message is told with its segment */

static const struct {
	const char *body; /* between UNH and UNT of a CUSDEC of D.96B */
	const char *rule, *told;
} wrong[] = {
	{"BGM+929'UNS+D'", "MANDATORY", "segment UNS"},
	{"UNS+D'UNS+S'", "MANDATORY", "segment BGM"},
	{"BGM+929'UNS+D'UNS+S'XYZ+1'", "STRUCTURE", "segment 5 XYZ"},
	{"BGM+929'BGM+929'UNS+D'UNS+S'", "LIMIT", "segment 3 BGM"},
	{"BGM+929+12345678901234567890123456789012345678'UNS+D'UNS+S'", "VALUE", "at most 35"},
	{"BGM+929'UNS+D'UNS+S'CNT+5:ten'", "VALUE", "it holds a number"},
	{"BGM+929'LOC'UNS+D'UNS+S'", "MANDATORY", "3227"},
	{"BGM+929+1+9+AP+X+Y+Z'UNS+D'UNS+S'", "ELEMENT", "element 7.1"},
	{"UNS+D'BGM+929'UNS+S'", "STRUCTURE", "segment 3 BGM"},
};

START_TEST(a_message_against_its_directory_is_told)
{
	struct plugin_set *set = open_plugins();
	const struct plugin_format *format = format_of(set, "edifact");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[512];
		bool is_told = false;
		unsigned n = 2;
		for (const char *at = wrong[i].body; *at; at++) {
			n += *at == '\'';
		}
		snprintf(text, sizeof(text), "UNH+1+CUSDEC:D:96B:UN'%sUNT+%u+1'", wrong[i].body, n);
		struct rg_bytes bytes = {(const uint8_t *)text, strlen(text)};
		struct conversion *conversion = decode_native(set, "edifact", bytes);
		ck_assert_msg(!convert_is_refused(conversion), "%s", text);
		for (size_t j = 0; j < convert_n_findings(conversion); j++) {
			const struct rg_finding *finding = convert_finding(conversion, j);
			is_told = is_told ||
				(strcmp(finding->rule, wrong[i].rule) == 0 &&
					strstr(finding->text, wrong[i].told) &&
					finding->line == 1 && finding->column > 0);
		}
		ck_assert_msg(is_told, "%s", text);
		convert_free(conversion);
	}
	ck_assert(format->format->validate != NULL);
	plugin_set_close(set);
}
END_TEST

/* A count is kept as it was written only while what it counts is the same. */
START_TEST(a_wrong_count_is_told_and_kept_until_it_changes)
{
	static const char text[] = "UNH+1+CUSDEC:D:96B:UN'BGM+929+A'UNS+D'CST+1'UNS+S'UNT+9+7'";
	static const char after[] =
		"UNH+1+CUSDEC:D:96B:UN'BGM+929+A'DTM+137:20260102:102'UNS+D'CST+1'UNS+S'UNT+7+7'";
	struct plugin_set *set = open_plugins();
	struct buf out = {.data = NULL};
	struct rg_bytes bytes = {(const uint8_t *)text, strlen(text)};
	struct conversion *conversion = decode_native(set, "edifact", bytes);
	ck_assert_uint_eq(convert_n_findings(conversion), 2);
	ck_assert_str_eq(convert_finding(conversion, 0)->rule, "COUNT");
	set_leaf(convert_document(conversion, 0), "exchange.prepared", "2026-01-02", 10);
	ck_assert(encode_declaration(set, "edifact",
		doc_declaration(convert_document(conversion, 0)), &out));
	ck_assert_msg(out.len == strlen(after) && memcmp(out.data, after, out.len) == 0, "%.*s",
		(int)out.len, (const char *)out.data);
	convert_free(conversion);
	buf_deinit(&out);
	plugin_set_close(set);
}
END_TEST

/* Character sets */

START_TEST(what_a_character_set_cannot_hold_is_named)
{
	struct plugin_set *set = open_plugins();
	struct buf native = {.data = NULL};
	static const char lao[] = "\xe0\xba\xa5\xe0\xba\xb2\xe0\xba\xa7 \xf0\x9f\x8d\x8c";
	static const char *const files[] = {"cusdec-import.edi", "cusdec-lao.edi"};
	for (size_t i = 0; i < 2; i++) {
		char path[128];
		snprintf(path, sizeof(path), "adapters/formats/edifact/testdata/%s", files[i]);
		buf_clear(&native);
		read_own(path, &native);
		struct conversion *conversion = decode_native(set, "edifact", buf_view(&native));
		set_leaf(convert_document(conversion, 0), "consignee.name", lao, strlen(lao));
		ck_assert_int_eq(convert_encode(conversion, format_of(set, "edifact"),
					 RG_PURPOSE_UNSPECIFIED),
			RG_OK);
		ck_assert(!convert_is_refused(conversion));
		struct rg_bytes out = convert_output(conversion, 0);
		bool is_there = memmem(out.data, out.len, lao, strlen(lao)) != NULL;
		bool is_named = false;
		const Rivergate__V1__Translation *translation = convert_translation(conversion);
		for (size_t j = 0; j < translation->n_losses; j++) {
			is_named = is_named ||
				strcmp(translation->losses[j]->path, "consignee.name") == 0;
		}
		ck_assert_msg(is_there == (i == 1) && is_named == (i == 0), "%s", files[i]);
		convert_free(conversion);
	}
	buf_deinit(&native);
	plugin_set_close(set);
}
END_TEST

/* Many */

START_TEST(many_segments_are_answered)
{
	static const struct {
		const char *segment;
		size_t n;
		bool is_refused;
	} cases[] = {
		{"CST+1+010121'", 999, false},
		{"CST+1+010121'", 20000, false},
		{"FTX+ZZZ+++X'", 120000, true},
		{"A\n", 1, true},
		{"XYZ'", 1000001, true},
	};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf file = {.data = NULL};
		char end[32];
		buf_add_text(&file, "UNH+1+CUSDEC:D:96B:UN'BGM+929'UNS+D'");
		for (size_t j = 0; j < cases[i].n; j++) {
			buf_add_text(&file, cases[i].segment);
		}
		snprintf(end, sizeof(end), "UNS+S'UNT+%zu+1'", cases[i].n + 5);
		buf_add_text(&file, end);
		ck_assert_msg(is_refused(set, "edifact", buf_view(&file)) == cases[i].is_refused,
			"%s %zu", cases[i].segment, cases[i].n);
		buf_deinit(&file);
	}
	plugin_set_close(set);
}
END_TEST

/* Drafts */

static const struct {
	const char *format, *file;
} drafts[] = {
	{"la/asycuda-sad", "adapters/la/testdata/export-bananas.xml"},
	{"cn/cn-dec", "adapters/cn/testdata/import-durian.xml"},
	{"vn/vn-vnaccs", "adapters/vn/testdata/import-rubber.edi"},
};

START_TEST(a_draft_from_abroad_keeps_to_the_directory)
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(drafts) / sizeof(drafts[0]); i++) {
		struct buf native = {.data = NULL};
		read_own(drafts[i].file, &native);
		struct conversion *conversion =
			decode_native(set, drafts[i].format, buf_view(&native));
		ck_assert_int_eq(convert_encode(conversion, format_of(set, "edifact"),
					 RG_PURPOSE_PREFILL),
			RG_OK);
		ck_assert_msg(!convert_is_refused(conversion), "%s", drafts[i].file);
		struct rg_bytes out = convert_output(conversion, 0);
		struct conversion *read = decode_native(set, "edifact", out);
		for (size_t j = 0; j < convert_n_findings(read); j++) {
			ck_abort_msg("%s: %s %s", drafts[i].file, convert_finding(read, j)->path,
				convert_finding(read, j)->text);
		}
		ck_assert(!convert_is_refused(read));
		ck_assert_ptr_nonnull(memmem(out.data, out.len, "CUSDEC:D:96B:UN", 15));
		ck_assert_ptr_nonnull(memmem(out.data, out.len, "CST+1+", 6));
		ck_assert_ptr_null(memmem(out.data, out.len, "TAX+", 4));
		convert_free(read);
		convert_free(conversion);
		buf_deinit(&native);
	}
	plugin_set_close(set);
}
END_TEST

/* Answers */

static const struct {
	const char *file;
	int outcome, decision;
} answers[] = {
	{"cusres-refused.edi", RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__OUTCOME__OUTCOME_REFUSED, 0},
	{"cusres-released.edi", 0, RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_RELEASED},
	{"aperak-refused.edi", RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__OUTCOME__OUTCOME_REFUSED, 0},
	{"contrl-taken.edi", RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__OUTCOME__OUTCOME_TAKEN_OVER, 0},
};

START_TEST(an_answer_says_what_it_means)
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct buf native = {.data = NULL};
		char path[128];
		snprintf(path, sizeof(path), "adapters/formats/edifact/testdata/%s",
			answers[i].file);
		read_own(path, &native);
		struct conversion *conversion =
			decode_native(set, "edifact-response", buf_view(&native));
		const Rivergate__V1__Declaration *document =
			doc_declaration(convert_document(conversion, 0));
		ck_assert_ptr_nonnull(document->answer);
		ck_assert_ptr_nonnull(document->exchange);
		ck_assert_int_eq(document->answer->outcome, answers[i].outcome);
		ck_assert_int_eq(document->answer->decision, answers[i].decision);
		ck_assert_str_ne(document->exchange->correlation, "");
		convert_free(conversion);
		buf_deinit(&native);
	}
	plugin_set_close(set);
}
END_TEST

CHECK_MAIN("edifact", a_file_returns_byte_for_byte,
	a_document_that_travels_alone_is_a_file_of_its_own,
	most_values_return_without_extensions_and_hints,
	a_file_that_is_listed_is_refused_with_its_line, a_file_cut_at_any_byte_is_refused,
	a_message_against_its_directory_is_told, a_wrong_count_is_told_and_kept_until_it_changes,
	what_a_character_set_cannot_hold_is_named, many_segments_are_answered,
	a_draft_from_abroad_keeps_to_the_directory, an_answer_says_what_it_means)
