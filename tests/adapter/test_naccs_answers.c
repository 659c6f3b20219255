/*
 * Answers of a system of the NACCS family: what they say, and what they do not say.
 */
#include "formats/vn-vnaccs/vn.h"
#include "frames.h"
#include "suite.h"

static const struct family vn = {"vn/vn-vnaccs", &vn_vnaccs_profile};

static void assert_leaf(struct doc *doc, const char *path, const char *text)
{
	char scratch[32];
	struct doc_leaf leaf;
	ck_assert_int_eq(doc_peek(doc, path, &leaf, scratch), RG_OK);
	ck_assert_msg(leaf.value.data && leaf.value.len == strlen(text) &&
			memcmp(leaf.value.data, text, leaf.value.len) == 0,
		"%s is %.*s, not %s", path, (int)leaf.value.len, (const char *)leaf.value.data,
		text);
}

START_TEST(an_answer_is_a_document_with_its_codes)
{
	static const struct {
		const char *file, *path, *text;
	} cases[] = {
		{"result-errors.edi", "exchange.message", "*VIDA"},
		{"result-errors.edi", "exchange.procedure", "IDA"},
		{"result-errors.edi", "exchange.received", "2026-05-04T09:15"},
		{"result-errors.edi", "exchange.correlation", "IDA  20260504091500000000"},
		{"result-errors.edi", "answer.results[0].code", "S0012"},
		{"result-errors.edi", "answer.results[0].element", "CMD"},
		{"result-errors.edi", "answer.results[0].position", "0002"},
		{"result-errors.edi", "answer.results[1].code", "W0031"},
		{"result-errors.edi", "answer.outcome", "OUTCOME_REFUSED"},
		{"result-ok.edi", "answer.results[0].code", "00000"},
		{"result-ok.edi", "answer.outcome", "OUTCOME_TAKEN_OVER"},
		{"channel-rubber.edi", "answer.decision", "DECISION_STATUS_DOCUMENTS_REQUIRED"},
		{"channel-rubber.edi", "exchange.message", "VAD1AC"},
		{"channel-rubber.edi", "answer.channel", "2"},
		{"channel-rubber.edi", "registration.number", "105512345670"},
		{"channel-rubber.edi", "registration.date", "2026-05-04"},
		{"channel-rubber.edi", "registration.time", "09:30:12"},
		{"channel-rubber.edi", "taxTotals.amount.unscaled", "8012345"},
		{"channel-rubber.edi", "items[0].taxes[1].code", "VB901"},
		{"channel-rubber.edi", "answer.instructions[0].date", "2026-05-04"},
	};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf native = {.data = NULL};
		char path[256];
		snprintf(path, sizeof(path), "adapters/vn/testdata/%s", cases[i].file);
		read_own(path, &native);
		struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&native));
		assert_leaf(convert_document(conversion, 0), cases[i].path, cases[i].text);
		convert_free(conversion);
		buf_deinit(&native);
	}
	plugin_set_close(set);
}
END_TEST

/* An answer whose code nobody knows says nothing about the declaration. */
START_TEST(an_unknown_result_code_decides_nothing)
{
	static const char *const bodies[] = {"W0001-ICN -0000\r\n", "A-B\r\n",
		"     -ICN -0000\r\n", "\r\n", "00001-0000-0000\r\n"};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct buf frame = {.data = NULL};
		struct rg_bytes body = {(const uint8_t *)bodies[i], strlen(bodies[i])};
		make_frame(&frame, "IDC", body);
		memcpy(frame.data + 8, "*VIDC", 5);
		struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&frame));
		const Rivergate__V1__NationalAnswer *answer =
			doc_declaration(convert_document(conversion, 0))->answer;
		ck_assert(!convert_is_refused(conversion));
		ck_assert_msg(!answer || (!answer->outcome && !answer->decision), "%s", bodies[i]);
		convert_free(conversion);
		buf_deinit(&frame);
	}
	plugin_set_close(set);
}
END_TEST

/* A copy, and a message without a table, state a channel or not: neither is a decision by it. */
START_TEST(only_a_channel_message_decides_by_its_channel)
{
	static const struct {
		const char *code;
		const char *decision; /* NULL: none */
	} cases[] = {
		{"VAD1AC", "DECISION_STATUS_DOCUMENTS_REQUIRED"},
		{"VAD0AA", "DECISION_STATUS_REGISTERED"},
		{"VAD0AB", NULL},
		{"VAD1BK", NULL},
		{"VAD9ZZ", NULL},
	};
	struct plugin_set *set = open_plugins();
	struct buf native = {.data = NULL};
	read_own("adapters/vn/testdata/channel-rubber.edi", &native);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(native.data + 8, cases[i].code, 6);
		struct conversion *conversion = decode_native(set, "vn-vnaccs", buf_view(&native));
		struct doc *doc = convert_document(conversion, 0);
		const Rivergate__V1__NationalAnswer *answer = doc_declaration(doc)->answer;
		ck_assert(!convert_is_refused(conversion));
		if (cases[i].decision) {
			assert_leaf(doc, "answer.decision", cases[i].decision);
		} else {
			ck_assert_msg(!answer || !answer->decision, "%s", cases[i].code);
		}
		convert_free(conversion);
	}
	buf_deinit(&native);
	plugin_set_close(set);
}
END_TEST

/* The name that the adapter gives a draft comes back in the answers to it; no other does. */
START_TEST(the_name_of_a_draft_is_its_correlation)
{
	struct plugin_set *set = open_plugins();
	struct buf native = {.data = NULL};
	read_own("adapters/la/testdata/export-bananas.xml", &native);
	struct conversion *conversion = decode_native(set, "asycuda-sad", buf_view(&native));
	struct doc *doc = convert_document(conversion, 0);
	set_leaf(doc, "exchange.handover", "ABCDEFGHIJ0123456789", 20);
	set_leaf(doc, "exchange.correlation", "OF ITS OWN COUNTRY", 18);
	ck_assert_int_eq(convert_encode(conversion, format_of(set, "vn-vnaccs"),
				 RG_PURPOSE_PREFILL),
		RG_OK);
	struct leaves leaves = items_of(&vn, convert_output(conversion, 0));
	ck_assert_str_eq(leaf_text(&leaves, "/header/handover"), "ABCDEFGHIJ0123456789");
	free_leaves(&leaves);
	convert_free(conversion);
	buf_deinit(&native);
	plugin_set_close(set);
}
END_TEST

/* Validation without a document */

struct judging {
	struct rg_call call;
	size_t n_errors;
	char texts[4096];
};

static rg_err on_finding(struct rg_call *call, const struct rg_finding *finding)
{
	struct judging *judging = (struct judging *)call;
	size_t len = strlen(judging->texts);
	judging->n_errors += finding->severity == RG_FINDING_ERROR;
	snprintf(judging->texts + len, sizeof(judging->texts) - len, "%s\n", finding->text);
	return RG_OK;
}

START_TEST(validation_tells_every_wrong_item_by_its_number)
{
	static const struct rg_call_ops ops = {.size = sizeof(struct rg_call_ops),
		.finding = on_finding};
	static const struct {
		const char *job, *body;
		size_t n_errors;
		const char *told;
	} cases[] = {
		{"IDC", "105512345670\r\n", 0, ""},
		{"IDC", "12X\r\na\r\n", 2, "item 2 JKN"},
		{"IDC", "\r\n", 1, "item 1 ICN"},
		{"IDA", "\r\n", 7, "item 47 PSC"},
		{"IDC", "1", 1, "CR LF"},
		{"HYS", "whatever\r\n", 0, ""},
	};
	struct plugin_set *set = open_plugins();
	const struct rg_format *format = format_of(set, "vn-vnaccs")->format;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct judging judging = {.call = {&ops, "VN", RG_PURPOSE_UNSPECIFIED}};
		struct rg_bytes body = {(const uint8_t *)cases[i].body, strlen(cases[i].body)};
		struct buf frame = {.data = NULL};
		make_frame(&frame, cases[i].job, body);
		ck_assert_int_eq(format->validate(format, buf_view(&frame), &judging.call), RG_OK);
		ck_assert_msg(judging.n_errors == cases[i].n_errors &&
				strstr(judging.texts, cases[i].told),
			"%s %s: %zu: %s", cases[i].job, cases[i].body, judging.n_errors,
			judging.texts);
		buf_deinit(&frame);
	}
	plugin_set_close(set);
}
END_TEST

CHECK_MAIN("naccs_answers", an_answer_is_a_document_with_its_codes,
	an_unknown_result_code_decides_nothing, only_a_channel_message_decides_by_its_channel,
	the_name_of_a_draft_is_its_correlation, validation_tells_every_wrong_item_by_its_number)
