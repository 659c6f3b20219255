/*
 * EDIFACT: what comes in goes out again byte for byte; what is wrong is a finding with the
 * number of its segment; drafts from abroad keep to the directory.
 *
 * Files are the plug-in's own test data and, where RIVERGATE_SAMPLES names a folder, the
 * real files in it.
 */
#include "edifact.h"
#include "suite.h"

/* Round trip */

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
	each_file(getenv("RIVERGATE_SOURCE"), OWN_FILES, check_cuts);
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

/* Some characters of each plane, and what old sets have. */
static const char *const samples_of_planes[] = {
	"caf\xc3\xa9",
	"\xc5\x81\xc3\xb3\xd0\xb6\xce\xb1",
	"\xe0\xba\xa5\xe1\x9e\x80\xe1\x80\x80\xe0\xb8\x81\xe1\xba\xbf\xe6\x96\xb0",
	"\xf0\x9f\x8d\x8c\xf0\x91\x80\x81",
	"\xf0\xa0\xae\xb7\xf0\xaa\x9a\xa5",
	"\xf0\xb0\x80\x80",
	"\xf1\x80\x80\x80\xf2\x80\x80\x80\xf3\xa0\x84\x80",
	"\xf3\xb0\x80\x80\xf4\x8f\xbf\xbd",
	"a+b:c'd?e*f",
	"a\x1d"
	"b",
};

/* A file of any set: what it can hold is intact, what it cannot is named. */
static void check_planes(const struct check *check)
{
	static const char path[] = "consignee.name";
	char scratch[32];
	struct doc_leaf leaf;
	for (size_t i = 0; i < sizeof(samples_of_planes) / sizeof(samples_of_planes[0]); i++) {
		const char *text = samples_of_planes[i];
		struct conversion *conversion =
			decode_native(check->set, check->format, check->native);
		set_leaf(convert_document(conversion, 0), path, text, strlen(text));
		ck_assert_int_eq(convert_encode(conversion, format_of(check->set, check->format),
					 RG_PURPOSE_UNSPECIFIED),
			RG_OK);
		ck_assert(!convert_is_refused(conversion));
		if (loss_of(conversion, path)) {
			convert_free(conversion);
			continue;
		}
		struct conversion *read =
			decode_native(check->set, check->format, convert_output(conversion, 0));
		ck_assert_int_eq(doc_peek(convert_document(read, 0), path, &leaf, scratch), RG_OK);
		ck_assert_msg(leaf.value.len == strlen(text) &&
				memcmp(leaf.value.data, text, leaf.value.len) == 0,
			"%s: %s", check->path, text);
		convert_free(read);
		convert_free(conversion);
	}
}

START_TEST(a_text_of_any_plane_is_intact_or_named_in_every_set)
{
	const char *source = getenv("RIVERGATE_SOURCE");
	static const char *const sets[] = {"UNOA", "UNOB", "UNOC", "UNOD", "UNOE", "UNOF", "UNOG",
		"UNOK", "UNOX", "UNOY"};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		char file[256];
		snprintf(file, sizeof(file),
			"UNB+%s:3+S+R+260102:0304+1'UNH+1+CUSDEC:D:96B:UN'BGM+929+A'"
			"NAD+CN+++LAO FRUIT'UNS+D'UNS+S'UNT+6+1'UNZ+1+1'",
			sets[i]);
		struct check check = {set, "edifact", sets[i],
			{(const uint8_t *)file, strlen(file)}};
		check_planes(&check);
	}
	plugin_set_close(set);
	ck_assert_uint_eq(each_file(source, "adapters/formats/edifact/testdata/cusdec-*.edi",
				  check_planes),
		4);
}
END_TEST

/* Texts over several components */

/* Each with "-" for ten letters; NULL: something is left out, and named. */
static const struct {
	const char *path, *text;
	const char *written; /* a part of the file; NULL: it is named as a loss */
} flows[] = {
	{"exporter.name", "-----", "NAD+EX+++---ABCDE:FGHIJ-'"},
	{"exporter.name", "---- ----", "NAD+EX+++---ABCDE:FGHIJ:---ABCDE:FGHIJ'"},
	{"exporter.name", "--- --", "NAD+EX+++---:--'"},
	{"exporter.name", "---abcde --", "NAD+EX+++---abcde: --'"},
	{"exporter.name", "---abcdef-", "NAD+EX+++---abcde:f-'"},
	{"exporter.name", "------------------", NULL},
	{"items[0].commodity.description", "-------", "FTX+AAA+++-------'"},
	{"items[0].commodity.description", "-------x", "FTX+AAA+++-------:x'"},
	{"items[0].commodity.description", "-\n-", "FTX+AAA+++-:-'"},
	{"items[0].commodity.description", "-------\nx", "FTX+AAA+++-------::x'"},
	{"items[0].commodity.description", "--------\nx", "FTX+AAA+++-------:-:x'"},
	{"items[0].commodity.description", "1\n2\n3\n4\n5", "FTX+AAA+++1:2:3:4:5'"},
	{"items[0].commodity.description", "1\n2\n3\n4\n5\n6", NULL},
	{"items[0].commodity.description", "------------------------------------", NULL},
};

static void spell_out(const char *text, struct buf *out)
{
	for (; *text; text++) {
		buf_add(out, *text == '-' ? "ABCDEFGHIJ" : text, *text == '-' ? 10 : 1);
	}
	buf_add_u8(out, '\0');
}

static void check_flow(const struct plugin_set *set, size_t i)
{
	struct buf text = {.data = NULL};
	struct buf written = {.data = NULL};
	char scratch[32];
	struct doc_leaf leaf;
	struct rg_bytes empty = {(const uint8_t *)"{\"country\":\"LA\"}", 16};
	struct conversion *conversion = decode_native(set, "json", empty);
	spell_out(flows[i].text, &text);
	spell_out(flows[i].written ? flows[i].written : "", &written);
	set_leaf(convert_document(conversion, 0), flows[i].path, (const char *)text.data,
		text.len - 1);
	ck_assert_int_eq(convert_encode(conversion, format_of(set, "edifact"), RG_PURPOSE_PREFILL),
		RG_OK);
	struct rg_bytes out = convert_output(conversion, 0);
	ck_assert_msg(!flows[i].written == (loss_of(conversion, flows[i].path) != NULL), "%s: %s",
		flows[i].text, (const char *)out.data);
	ck_assert_msg(memmem(out.data, out.len, written.data, written.len - 1), "%s: %.*s",
		flows[i].text, (int)out.len, (const char *)out.data);
	struct conversion *read = decode_native(set, "edifact", out);
	ck_assert_int_eq(doc_peek(convert_document(read, 0), flows[i].path, &leaf, scratch), RG_OK);
	ck_assert_msg(!flows[i].written ||
			(leaf.value.len == text.len - 1 &&
				memcmp(leaf.value.data, text.data, leaf.value.len) == 0),
		"%s: %.*s", flows[i].text, (int)leaf.value.len, (const char *)leaf.value.data);
	convert_free(read);
	convert_free(conversion);
	buf_deinit(&text);
	buf_deinit(&written);
}

START_TEST(a_long_text_goes_on_in_the_next_component)
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		check_flow(set, i);
	}
	plugin_set_close(set);
}
END_TEST

/* A cargo report abroad */

START_TEST(what_is_law_in_a_report_is_told_from_what_is_lost)
{
	static const char report[] =
		"{\"country\":\"VN\",\"consignor\":{\"name\":\"A\",\"codeList\":\"160\"},"
		"\"consignments\":[{\"reference\":\"R\",\"location\":{\"code\":\"YARD7\"},"
		"\"notify\":{\"name\":\"N\",\"code\":\"0100\",\"codeAgency\":\"148\"},"
		"\"items\":[{\"commodity\":{\"hs6\":\"080390\",\"nationalCode\":\"10\"},"
		"\"statements\":[{\"code\":\"23\"}]}]}]}";
	static const struct {
		const char *path;
		bool is_law;
	} expected[] = {
		{"consignor.codeList", true},
		{"consignments[0].location.code", true},
		{"consignments[0].notify.code", true},
		{"consignments[0].notify.codeAgency", true},
		{"consignments[0].items[0].commodity.nationalCode", true},
		{"consignments[0].items[0].statements[0].code", true},
		{"consignments[0].notify.name", false},
		{"consignments[0].reference", false},
		{"consignments[0].items[0].commodity.hs6", false},
	};
	struct plugin_set *set = open_plugins();
	struct conversion *conversion = decode_native(set, "json",
		(struct rg_bytes){(const uint8_t *)report, strlen(report)});
	ck_assert(!convert_is_refused(conversion));
	ck_assert_int_eq(convert_encode(conversion, format_of(set, "la/asycuda-sad"),
				 RG_PURPOSE_ADVANCE),
		RG_OK);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const Rivergate__V1__Loss *loss = loss_of(conversion, expected[i].path);
		ck_assert_msg(loss, "%s is gone in silence", expected[i].path);
		ck_assert_msg(expected[i].is_law ==
				(loss->class_ ==
					RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_NOT_TRANSFERABLE),
			"%s", expected[i].path);
	}
	convert_free(conversion);
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
	a_text_of_any_plane_is_intact_or_named_in_every_set,
	a_long_text_goes_on_in_the_next_component,
	what_is_law_in_a_report_is_told_from_what_is_lost,
	a_file_that_is_listed_is_refused_with_its_line, a_file_cut_at_any_byte_is_refused,
	a_message_against_its_directory_is_told, a_wrong_count_is_told_and_kept_until_it_changes,
	what_a_character_set_cannot_hold_is_named, many_segments_are_answered,
	a_draft_from_abroad_keeps_to_the_directory, an_answer_says_what_it_means)
