/*
 * The messages of China's cross-border e-commerce: what an answer means, which documents
 * a file holds, and what is refused.
 */
#include "ceb.h"
#include "suite.h"

/* Answers */

static const struct {
	const char *code;
	Rivergate__V1__AcknowledgementFacts__Outcome outcome;
	Rivergate__V1__DecisionStatus decision;
} meanings[] = {
	{"1", 1, 0},
	{"2", 1, 0},
	{"3", 1, 0},
	{"4", 2, 0},
	{"100", 2, 0},
	{"-621001", 2, 0},
	{"120", 0, RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_REGISTERED},
	{"300", 0, RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_HOLD},
	{"399", 0, RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_ACCEPTED},
	{"500", 0, RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_INSPECT},
	{"501", 0, RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_SEIZED},
	{"700", 0, RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_RETURN_ORDERED},
	{"800", 0, RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_RELEASED},
	{"899", 0, RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_CLOSED},
	{"18", 0, 0},
	{"-", 0, 0},
	{"1200", 0, 0},
};

START_TEST(a_code_means_an_outcome_or_a_decision_or_nothing)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		char text[512];
		snprintf(text, sizeof(text),
			"<CEB622Message><InventoryReturn><copNo>R1</copNo>"
			"<returnStatus>%s</returnStatus><returnInfo>x</returnInfo>"
			"</InventoryReturn></CEB622Message>",
			meanings[i].code);
		struct conversion *conversion = decode_native(plugins(), RECEIPT,
			(struct rg_bytes){(const uint8_t *)text, strlen(text)});
		const Rivergate__V1__Declaration *declaration = declaration_at(conversion, 0);
		ck_assert_ptr_nonnull(declaration->answer);
		ck_assert_str_eq(declaration->answer->channel, meanings[i].code);
		ck_assert_msg(declaration->answer->outcome == meanings[i].outcome &&
				declaration->answer->decision == meanings[i].decision,
			"%s", meanings[i].code);
		ck_assert_str_eq(declaration->exchange->correlation, "R1");
		convert_free(conversion);
	}
}
END_TEST

/* Entries */

static void repeat(struct buf *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_add_text(out, text);
	}
}

static struct conversion *decode_orders(size_t n, size_t n_shared)
{
	struct buf text = {.data = NULL};
	buf_add_text(&text, "<CEB311Message>");
	repeat(&text, "<Order><OrderHead><orderNo>1</orderNo></OrderHead></Order>", n);
	buf_add_text(&text, "<BaseTransfer>");
	repeat(&text, "<a/>", n_shared);
	buf_add_text(&text, "</BaseTransfer></CEB311Message>");
	struct conversion *conversion = decode_native(plugins(), REQUEST, buf_view(&text));
	buf_deinit(&text);
	return conversion;
}

START_TEST(each_entry_is_a_document)
{
	static const size_t counts[] = {0, 1, 2, 100, 999};
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct conversion *conversion = decode_orders(counts[i], 1);
		ck_assert(!convert_is_refused(conversion));
		ck_assert_uint_eq(convert_n_documents(conversion), counts[i] ? counts[i] : 1);
		convert_free(conversion);
	}
}
END_TEST

START_TEST(a_file_of_too_many_documents_is_refused)
{
	struct conversion *many = decode_orders(1001, 1);
	struct conversion *large = decode_orders(999, 6000);
	ck_assert(convert_is_refused(many));
	ck_assert_str_eq(convert_finding(many, 0)->rule, "LIMIT");
	ck_assert(convert_is_refused(large));
	ck_assert_str_eq(convert_finding(large, 0)->rule, "LIMIT");
	convert_free(many);
	convert_free(large);
}
END_TEST

/* A change of what stands beside the entries makes a file of its own. */
START_TEST(documents_that_disagree_beside_their_entries_are_files_of_their_own)
{
	struct buf native = {.data = NULL};
	read_own("adapters/cn/testdata/ceb/request-ceb621.xml", &native);
	struct conversion *conversion = decode_native(plugins(), REQUEST, buf_view(&native));
	ck_assert_uint_eq(convert_n_documents(conversion), 2);
	set_leaf(convert_document(conversion, 1), "keyedBy.code", "OTHER");
	ck_assert_int_eq(convert_encode(conversion, format_of(plugins(), REQUEST),
				 RG_PURPOSE_UNSPECIFIED),
		RG_OK);
	ck_assert_uint_eq(convert_n_outputs(conversion), 2);
	convert_free(conversion);
	buf_deinit(&native);
}
END_TEST

START_TEST(a_list_of_more_lines_than_the_format_takes_is_refused)
{
	struct conversion *conversion = NULL;
	Rivergate__V1__Declaration declaration = RIVERGATE__V1__DECLARATION__INIT;
	Rivergate__V1__Item item = RIVERGATE__V1__ITEM__INIT;
	Rivergate__V1__Item *items[100];
	declaration.country = (char *)"LA";
	declaration.direction = RIVERGATE__V1__DIRECTION__DIRECTION_EXPORT;
	for (size_t i = 0; i < 100; i++) {
		items[i] = &item;
	}
	declaration.items = items;
	for (size_t n = 99; n <= 100; n++) {
		declaration.n_items = n;
		ck_assert_int_eq(convert_new(&conversion), RG_OK);
		add(conversion, &declaration);
		ck_assert_int_eq(convert_encode(conversion, format_of(plugins(), REQUEST),
					 RG_PURPOSE_PREFILL),
			RG_OK);
		ck_assert(convert_is_refused(conversion) == (n > 99));
		ck_assert(n == 99 ||
			strstr(convert_finding(conversion, 0)->text, "99 InventoryList"));
		convert_free(conversion);
	}
}
END_TEST

START_TEST(a_document_that_is_another_message_is_refused)
{
	static const char *const names[] = {"CEB622Message", "CEB999Message", "IDA"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct conversion *conversion = NULL;
		Rivergate__V1__Declaration declaration = RIVERGATE__V1__DECLARATION__INIT;
		Rivergate__V1__NationalExchange exchange = RIVERGATE__V1__NATIONAL_EXCHANGE__INIT;
		declaration.country = (char *)"CN";
		exchange.message = (char *)(uintptr_t)names[i];
		declaration.exchange = &exchange;
		ck_assert_int_eq(convert_new(&conversion), RG_OK);
		add(conversion, &declaration);
		ck_assert_int_eq(convert_encode(conversion, format_of(plugins(), REQUEST),
					 RG_PURPOSE_UNSPECIFIED),
			RG_OK);
		ck_assert_msg(convert_is_refused(conversion), "%s", names[i]);
		convert_free(conversion);
	}
}
END_TEST

/* Hostile files */

static void check_prefixes(const struct check *check)
{
	size_t step = getenv("RIVERGATE_LONG") ? 1 : 97;
	for (size_t len = 0; len + 16 < check->native.len; len += step) {
		struct conversion *conversion = decode_native(plugins(), check->format,
			(struct rg_bytes){check->native.data, len});
		ck_assert_msg(convert_is_refused(conversion), "%s at %zu", check->path, len);
		convert_free(conversion);
	}
}

static void cut_off(const char *path, const char *format)
{
	struct buf native = {.data = NULL};
	read_own(path, &native);
	struct check check = {format, path, buf_view(&native)};
	check_prefixes(&check);
	buf_deinit(&native);
}

START_TEST(a_file_that_is_cut_off_anywhere_is_refused)
{
	cut_off("adapters/cn/testdata/ceb/request-ceb621.xml", REQUEST);
	cut_off("adapters/cn/testdata/ceb/receipt-ceb622.xml", RECEIPT);
}
END_TEST

START_TEST(a_file_is_recognised_by_its_root)
{
	static const struct {
		const char *text;
		const char *format;
	} cases[] = {
		{"<CEB621Message>", "cn-ceb"},
		{"<ceb:CEB603Message guid=\"\">", "cn-ceb"},
		{"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- <CEB621Message> --><CEB622Message ",
			"cn-ceb-receipt"},
		{"<CEB792Message>", "cn-ceb-receipt"},
		{"<CEB999Message>", NULL},
		{"<CEB621MessageX>", NULL},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct plugin_format *format = plugin_set_detect(plugins(),
			(struct rg_bytes){(const uint8_t *)cases[i].text, strlen(cases[i].text)});
		ck_assert_msg(cases[i].format
				? format && strcmp(format->format->name, cases[i].format) == 0
				: !format,
			"%s", cases[i].text);
	}
}
END_TEST

CHECK_MAIN("ceb_entries", a_code_means_an_outcome_or_a_decision_or_nothing,
	each_entry_is_a_document, a_file_of_too_many_documents_is_refused,
	documents_that_disagree_beside_their_entries_are_files_of_their_own,
	a_list_of_more_lines_than_the_format_takes_is_refused,
	a_document_that_is_another_message_is_refused, a_file_that_is_cut_off_anywhere_is_refused,
	a_file_is_recognised_by_its_root)
