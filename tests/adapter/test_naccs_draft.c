/*
 * Documents from abroad as messages of the NACCS family: drafts, what does not fit, and
 * more goods lines than a message takes.
 */
#include "formats/mm-maccs/mm.h"
#include "formats/vn-vnaccs/vn.h"
#include "frames.h"
#include "suite.h"

static const struct family vn = {"vn/vn-vnaccs", &vn_vnaccs_profile};
static const struct family mm = {"mm/mm-maccs", &mm_maccs_profile};

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

CHECK_MAIN("naccs_draft", burmese_text_is_carried_or_named,
	an_export_from_abroad_becomes_an_import_draft, what_does_not_fit_is_named,
	a_cut_never_splits_a_character, more_lines_than_a_message_takes_become_several_declarations,
	each_of_several_declarations_says_which_it_is, more_than_99_declarations_are_refused)
