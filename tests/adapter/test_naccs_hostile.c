/*
 * Messages of the NACCS family that are wrong, by accident or on purpose: a finding with
 * line and item, never a crash or a fault. And documents that the format cannot say.
 */
#include "formats/vn-vnaccs/vn.h"
#include "frames.h"
#include "suite.h"

static struct rg_bytes text_bytes(const char *text)
{
	return (struct rg_bytes){(const uint8_t *)text, strlen(text)};
}

/* Frames */

/* A message of this job and body, of which one stretch is overwritten. */
static const struct {
	const char *name;
	const char *job, *body;
	size_t at; /* where bytes are put; 0: none */
	const char *put;
	const char *rule;
	unsigned line, column;
	const char *told; /* part of the text */
} refused[] = {
	{"length not in digits", "IDC", "1\r\n", 392, "00x403", "LENGTH", 1, 395, "six digits"},
	{"length too small", "IDC", "1\r\n", 392, "000399", "LENGTH", 1, 393, "399"},
	{"length too large", "IDC", "1\r\n", 392, "000404", "LENGTH", 1, 393, "403"},
	{"length cuts the body", "IDC", "1\r\n", 392, "000402", "FORMAT", 2, 2, "CR LF"},
	{"no line end behind the header", "IDC", "1\r\n", 398, "  ", "FORMAT", 1, 399, "CR LF"},
	{"no procedure", "", "1\r\n", 0, "", "MESSAGE", 1, 4, "procedure"},
	{"procedure in small letters", "idc", "1\r\n", 0, "", "MESSAGE", 1, 4, "capitals"},
	{"procedure that is a result", "*VIDC", "1\r\n", 0, "", "MESSAGE", 1, 4, "procedure"},
	{"output code with a sign", "IDC", "1\r\n", 8, "VAD/AC", "MESSAGE", 1, 4, "message"},
	{"item too long", "IDC", "1234567890123\r\n", 0, "", "LENGTH", 2, 1, "item 1 ICN"},
	{"second item too long", "IDC", "1\r\nAB\r\n", 0, "", "LENGTH", 3, 1, "item 2 JKN"},
	{"items beyond the last", "IDC", "1\r\nA\r\nB\r\n", 0, "", "LIMIT", 4, 1, "2 items"},
	{"last item without end", "IDC", "1\r\nA", 0, "", "FORMAT", 3, 1, "CR LF"},
	{"line feed alone", "IDC", "1\n\r\n", 0, "", "ENCODING", 2, 2, "0A"},
	{"carriage return alone", "IDC", "\r1\r\n", 0, "", "ENCODING", 2, 1, "0D"},
	{"control character", "IDC", "1\r\n\x01\r\n", 0, "", "ENCODING", 3, 1, "item 2 JKN"},
	{"delete character", "HYS", "a\x7f\r\n", 0, "", "ENCODING", 2, 2, "7F"},
	{"byte of Latin-1", "HYS", "ch\xe0\r\n", 0, "", "ENCODING", 2, 3, "UTF-8"},
	{"text of EUC-JP", "HYS", "\xc6\xfc\xcb\xdc\r\n", 0, "", "ENCODING", 2, 1, "UTF-8"},
	{"character cut", "HYS", "\xe1\xba\r\n", 0, "", "ENCODING", 2, 1, "UTF-8"},
	{"surrogate", "HYS", "\xed\xa0\x80\r\n", 0, "", "ENCODING", 2, 1, "UTF-8"},
	{"overlong", "HYS", "\xc0\xaf\r\n", 0, "", "ENCODING", 2, 1, "UTF-8"},
	{"beyond Unicode", "HYS", "\xf4\x90\x80\x80\r\n", 0, "", "ENCODING", 2, 1, "UTF-8"},
	{"control in the header", "IDC", "1\r\n", 219, "\t", "ENCODING", 1, 220, "handover"},
	{"line end in a field", "IDC", "1\r\n", 368, "\r\n", "ENCODING", 1, 369, "reserve3"},
	{"no UTF-8 in the header", "IDC", "1\r\n", 51, "\xff", "ENCODING", 1, 52, "mail"},
	{"character across two fields", "IDC", "1\r\n", 114, "\xc3\xa9", "ENCODING", 1, 115,
		"mail"},
};

START_TEST(a_bad_message_is_refused_with_its_place)
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct buf frame = {.data = NULL};
		make_frame(&frame, refused[i].job, text_bytes(refused[i].body));
		memcpy(frame.data + refused[i].at, refused[i].put, strlen(refused[i].put));
		struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&frame));
		ck_assert_msg(convert_is_refused(conversion), "%s: accepted", refused[i].name);
		const struct rg_finding *finding = convert_finding(conversion, 0);
		ck_assert_msg(strcmp(finding->rule, refused[i].rule) == 0 &&
				finding->line == refused[i].line &&
				finding->column == refused[i].column &&
				strstr(finding->text, refused[i].told),
			"%s: %u:%u %s: %s", refused[i].name, finding->line, finding->column,
			finding->rule, finding->text);
		convert_free(conversion);
		buf_deinit(&frame);
	}
	plugin_set_close(set);
}
END_TEST

START_TEST(a_message_cut_at_any_byte_is_refused)
{
	static const char *const files[] = {"import-rubber.edi", "result-errors.edi",
		"small-import.edi"};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct buf file = {.data = NULL};
		char path[256];
		snprintf(path, sizeof(path), "adapters/vn/testdata/%s", files[i]);
		read_own(path, &file);
		for (size_t len = 0; len < file.len; len++) {
			struct conversion *conversion =
				decode_native(set, "vn-vnaccs", (struct rg_bytes){file.data, len});
			ck_assert_msg(convert_is_refused(conversion), "%s at %zu", files[i], len);
			convert_free(conversion);
		}
		buf_deinit(&file);
	}
	plugin_set_close(set);
}
END_TEST

/* A message whose body is n empty lines. */
static void make_lines(struct buf *out, const char *job, size_t n)
{
	struct buf body = {.data = NULL};
	for (size_t i = 0; i < n; i++) {
		buf_add_text(&body, "\r\n");
	}
	make_frame(out, job, buf_view(&body));
	buf_deinit(&body);
}

START_TEST(a_51st_goods_line_is_refused)
{
	static const struct {
		size_t n_items;
		bool is_refused;
	} cases[] = {{175 + 50 * 46, false}, {175 + 50 * 46 + 1, true}, {175 + 999 * 46, true}};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf frame = {.data = NULL};
		make_lines(&frame, "IDA", cases[i].n_items);
		struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&frame));
		ck_assert(convert_is_refused(conversion) == cases[i].is_refused);
		convert_free(conversion);
		buf_deinit(&frame);
	}
	plugin_set_close(set);
}
END_TEST

START_TEST(more_messages_than_a_file_may_hold_are_refused)
{
	struct plugin_set *set = open_plugins();
	struct buf file = {.data = NULL};
	for (size_t i = 0; i < 1001; i++) {
		make_frame(&file, "IDB", text_bytes("\r\n"));
	}
	struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&file));
	ck_assert(convert_is_refused(conversion));
	ck_assert_str_eq(convert_finding(conversion, convert_n_findings(conversion) - 1)->rule,
		"LIMIT");
	convert_free(conversion);
	buf_deinit(&file);
	plugin_set_close(set);
}
END_TEST

START_TEST(more_lines_than_an_unknown_message_may_hold_are_refused)
{
	struct plugin_set *set = open_plugins();
	struct buf frame = {.data = NULL};
	make_lines(&frame, "HYS", 10001);
	struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&frame));
	ck_assert(convert_is_refused(conversion));
	ck_assert_str_eq(convert_finding(conversion, 0)->rule, "LIMIT");
	convert_free(conversion);
	buf_deinit(&frame);
	plugin_set_close(set);
}
END_TEST

START_TEST(bytes_behind_a_message_are_refused)
{
	struct plugin_set *set = open_plugins();
	struct buf file = {.data = NULL};
	make_frame(&file, "IDC", text_bytes("105512345670\r\n"));
	buf_add_text(&file, "\r\n");
	struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&file));
	ck_assert(convert_is_refused(conversion));
	ck_assert_uint_eq(convert_finding(conversion, 0)->line, 3);
	convert_free(conversion);
	buf_deinit(&file);
	plugin_set_close(set);
}
END_TEST

/* Whole messages */

static bool has_finding(const struct conversion *conversion, const char *rule, const char *told)
{
	for (size_t i = 0; i < convert_n_findings(conversion); i++) {
		const struct rg_finding *finding = convert_finding(conversion, i);
		if (strcmp(finding->rule, rule) == 0 && strstr(finding->text, told) &&
			finding->severity == RG_FINDING_NOTE) {
			return true;
		}
	}
	return false;
}

/* An accepted message that is wrong is told item by item, by number, to the last. */
START_TEST(every_wrong_item_is_told_by_its_number)
{
	static const struct {
		const char *rule, *told;
	} cases[] = {
		{"VALUE", "item 1 ICN: attribute I"},
		{"MANDATORY", "item 2 JKN"},
	};
	struct plugin_set *set = open_plugins();
	struct buf frame = {.data = NULL};
	make_frame(&frame, "IDC", text_bytes("12X\r\na\r\n"));
	struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&frame));
	ck_assert(!convert_is_refused(conversion));
	ck_assert(has_finding(conversion, cases[0].rule, cases[0].told));
	ck_assert(!has_finding(conversion, cases[1].rule, cases[1].told));
	ck_assert(has_finding(conversion, "VALUE", "item 2 JKN: attribute A"));
	convert_free(conversion);
	buf_deinit(&frame);
	plugin_set_close(set);
}
END_TEST

START_TEST(every_missing_mandatory_item_is_told)
{
	static const char *const told[] = {"item 6 ICB", "item 8 MTC", "item 9 SKB", "item 36 NO",
		"item 37 NOT", "item 44 ARR", "item 47 PSC"};
	struct plugin_set *set = open_plugins();
	struct buf frame = {.data = NULL};
	make_frame(&frame, "IDA", text_bytes("\r\n"));
	struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&frame));
	ck_assert_uint_eq(convert_n_findings(conversion), sizeof(told) / sizeof(told[0]));
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		ck_assert_msg(has_finding(conversion, "MANDATORY", told[i]), "%s", told[i]);
	}
	convert_free(conversion);
	buf_deinit(&frame);
	plugin_set_close(set);
}
END_TEST

/* A finding names the field and its fault, never what stands in it. */
START_TEST(no_finding_shows_a_credential)
{
	struct plugin_set *set = open_plugins();
	for (size_t at = 0; at < NACCS_HEADER; at++) {
		struct buf frame = {.data = NULL};
		make_frame(&frame, "IDC", text_bytes("1\r\n"));
		frame.data[at] = 0xff;
		struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&frame));
		for (size_t i = 0; i < convert_n_findings(conversion); i++) {
			const char *text = convert_finding(conversion, i)->text;
			ck_assert_ptr_null(strstr(text, "SECRET"));
			ck_assert_ptr_null(strstr(text, "USER0"));
		}
		convert_free(conversion);
		buf_deinit(&frame);
	}
	plugin_set_close(set);
}
END_TEST

START_TEST(other_files_are_not_recognised)
{
	static const char *const files[] = {"adapters/la/testdata/one-item.xml",
		"adapters/loopback/testdata/export-bananas.txt", "meson.build"};
	struct plugin_set *set = open_plugins();
	const struct plugin_format *format = format_of(set, "vn-vnaccs");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct buf file = {.data = NULL};
		read_own(files[i], &file);
		ck_assert_uint_eq(format->format->detect(format->format, buf_view(&file)), 0);
		buf_deinit(&file);
	}
	struct buf frame = {.data = NULL};
	make_frame(&frame, "IDC", text_bytes("1\r\n"));
	ck_assert_uint_gt(format->format->detect(format->format, buf_view(&frame)), 50);
	frame.len = NACCS_HEADER - 1;
	ck_assert_uint_eq(format->format->detect(format->format, buf_view(&frame)), 0);
	buf_deinit(&frame);
	plugin_set_close(set);
}
END_TEST

/* Own documents that were changed to something the format cannot say */

static const struct {
	const char *file, *path, *value;
	const char *told; /* part of the finding */
} wrong[] = {
	{"import-rubber.edi", "exporter.name", "lower case", "item 22 EPN"},
	{"import-rubber.edi", "exporter.name", "COST 5 $", "item 22 EPN"},
	{"import-rubber.edi", "exporter.name", "L\xc3\x80O", "attribute A"},
	{"import-rubber.edi", "exporter.name",
		"SEVENTY-ONE BYTES OF A NAME, WHICH IS ONE MORE THAN THE ITEM CAN HOLD...",
		"holds 70"},
	{"import-rubber.edi", "consignee.name", "two\nlines", "one line"},
	{"import-rubber.edi", "consignee.name", "a\x01", "one line"},
	{"import-rubber.edi", "registration.number", "12A", "attribute I"},
	{"import-rubber.edi", "registration.number", "1234567890123", "holds 12"},
	{"import-rubber.edi", "dateOfDeclaration", "2026-02-30", "no date"},
	{"import-rubber.edi", "dateOfDeclaration", "04/05/2026", "no date"},
	{"import-rubber.edi", "packageTotal.scale", "1", "item 36 NO"},
	{"import-rubber.edi", "packageTotal.scale", "19", "18 places"},
	{"import-rubber.edi", "direction", "DIRECTION_EXPORT", "exchange.message"},
	{"import-rubber.edi", "exchange.message", "ida", "capitals"},
	{"import-rubber.edi", "exchange.message", "IDA012", "at most 5"},
	{"import-rubber.edi", "exchange.correlation", "TWENTY-SEVEN BYTES ARE MORE", "handover"},
	{"import-rubber.edi", "items[1].supplementary[0].unit", "KILOS", "QT1"},
	{"channel-rubber.edi", "registration.time", "25:00:00", "no time"},
	{"channel-rubber.edi", "exchange.received", "yesterday", "no moment"},
	{"result-errors.edi", "answer.results[0].code", "S00123", "5 bytes"},
	{"result-errors.edi", "answer.results[0].element", "ITEMS", "4"},
};

START_TEST(a_value_the_format_cannot_say_is_refused)
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct buf native = {.data = NULL};
		char path[256];
		snprintf(path, sizeof(path), "adapters/vn/testdata/%s", wrong[i].file);
		read_own(path, &native);
		struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&native));
		set_leaf(convert_document(conversion, 0), wrong[i].path, wrong[i].value,
			strlen(wrong[i].value));
		size_t n_notes = convert_n_findings(conversion);
		ck_assert_int_eq(convert_encode(conversion, format_of(set, "vn-vnaccs"),
					 RG_PURPOSE_UNSPECIFIED),
			RG_OK);
		ck_assert_msg(convert_is_refused(conversion), "%s = %s", wrong[i].path,
			wrong[i].value);
		const char *text = convert_finding(conversion, n_notes)->text;
		ck_assert_msg(strstr(text, wrong[i].told), "%s = %s: %s", wrong[i].path,
			wrong[i].value, text);
		convert_free(conversion);
		buf_deinit(&native);
	}
	plugin_set_close(set);
}
END_TEST

START_TEST(a_document_without_direction_is_refused)
{
	static const char *const texts[] = {"{}", "{\"country\":\"VN\"}", "{\"country\":\"LA\"}",
		"{\"country\":\"LA\",\"direction\":\"DIRECTION_TRANSIT\"}"};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct rg_bytes json = {(const uint8_t *)texts[i], strlen(texts[i])};
		struct conversion *conversion = decode_native(set, "json", json);
		ck_assert_int_eq(convert_encode(conversion, format_of(set, "vn-vnaccs"),
					 RG_PURPOSE_PREFILL),
			RG_OK);
		ck_assert(convert_is_refused(conversion));
		ck_assert_str_eq(convert_finding(conversion, 0)->path, "direction");
		convert_free(conversion);
	}
	plugin_set_close(set);
}
END_TEST

/* A hint tells a spelling. One that tells another content is not followed. */
START_TEST(a_hint_that_carries_content_is_ignored)
{
	static const char *const forms[] = {"105512345671", "1055123456700", "1", "A\r\nB"};
	struct plugin_set *set = open_plugins();
	struct buf frame = {.data = NULL};
	make_frame(&frame, "IDC", (struct rg_bytes){(const uint8_t *)"105512345670\r\n", 14});
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&frame));
		struct doc *doc = convert_document(conversion, 0);
		struct buf out = {.data = NULL};
		set_leaf(doc, "hints[0].format", "vn-vnaccs", 9);
		set_leaf(doc, "hints[0].kind", "lexical", 7);
		set_leaf(doc, "hints[0].path", "/ICN", 4);
		set_leaf(doc, "hints[0].form", forms[i], strlen(forms[i]));
		set_leaf(doc, "hints[0].value", "105512345670", 12);
		ck_assert(encode_declaration(set, "vn-vnaccs", doc_declaration(doc), &out));
		ck_assert_uint_eq(out.len, frame.len);
		ck_assert_int_eq(memcmp(out.data + NACCS_HEADER, "105512345670\r\n", 14), 0);
		convert_free(conversion);
		buf_deinit(&out);
	}
	buf_deinit(&frame);
	plugin_set_close(set);
}
END_TEST

CHECK_MAIN("naccs_hostile", a_bad_message_is_refused_with_its_place,
	a_message_cut_at_any_byte_is_refused, a_51st_goods_line_is_refused,
	more_messages_than_a_file_may_hold_are_refused,
	more_lines_than_an_unknown_message_may_hold_are_refused, bytes_behind_a_message_are_refused,
	every_wrong_item_is_told_by_its_number, every_missing_mandatory_item_is_told,
	no_finding_shows_a_credential, other_files_are_not_recognised,
	a_value_the_format_cannot_say_is_refused, a_document_without_direction_is_refused,
	a_hint_that_carries_content_is_ignored)
