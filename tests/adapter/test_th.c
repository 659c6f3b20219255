/*
 * Thai e-Customs: what a site names is its own, what is written fits the layout table, and what
 * breaks it is found with its line.
 */
#include "native.h"
#include "suite.h"

static const char renamed[] = "ours,site\n"
			      "ImportDeclaration,CustomsImport\n"
			      "CompanyTaxNumber,ImporterTaxNumber\n"
			      "District,SubProvince\n"
			      "SubProvince,District\n"
			      "ImportInvoiceControl/StreetAndNumber,ConsignorStreet\n";

static struct rg_bytes bytes_of_names(const char *names)
{
	return (struct rg_bytes){(const uint8_t *)names, strlen(names)};
}

/* Decodes and encodes with the site's names on the sides that are said. */
static void pass(const struct plugin_set *set, struct rg_bytes native, const char *in,
	const char *out, struct buf *ret)
{
	const struct plugin_format *format = format_of(set, "th/th-ecustoms");
	struct conversion *conversion = NULL;
	ck_assert_int_eq(convert_new(&conversion), RG_OK);
	convert_set_names(conversion, format, bytes_of_names(in));
	ck_assert_int_eq(convert_decode(conversion, format, native), RG_OK);
	ck_assert_msg(!convert_is_refused(conversion), "%s",
		convert_n_findings(conversion) ? convert_finding(conversion, 0)->text : "");
	convert_set_names(conversion, format, bytes_of_names(out));
	ck_assert_int_eq(convert_encode(conversion, format, RG_PURPOSE_UNSPECIFIED), RG_OK);
	buf_add_bytes(ret, convert_output(conversion, 0));
	convert_free(conversion);
}

START_TEST(a_renamed_file_comes_back_and_means_the_same)
{
	struct plugin_set *set = open_plugins();
	struct buf file = {.data = NULL};
	struct buf plain = {.data = NULL};
	struct buf site = {.data = NULL};
	struct buf again = {.data = NULL};
	struct buf back = {.data = NULL};
	read_own("adapters/th/testdata/import-bananas-tis.xml", &file);
	pass(set, buf_view(&file), "", "", &plain);
	pass(set, buf_view(&plain), "", renamed, &site);
	ck_assert_ptr_nonnull(memmem(site.data, site.len, "<CustomsImport>", 15));
	ck_assert_ptr_nonnull(memmem(site.data, site.len, "<ConsignorStreet>", 17));
	ck_assert_ptr_null(memmem(site.data, site.len, "CompanyTaxNumber", 16));
	pass(set, buf_view(&site), renamed, renamed, &again);
	ck_assert(bytes_equal(buf_view(&site), buf_view(&again)));
	pass(set, buf_view(&site), renamed, "", &back);
	ck_assert(bytes_equal(buf_view(&plain), buf_view(&back)));
	buf_deinit(&file);
	buf_deinit(&plain);
	buf_deinit(&site);
	buf_deinit(&again);
	buf_deinit(&back);
	plugin_set_close(set);
}
END_TEST

START_TEST(a_broken_file_of_names_is_refused_with_its_line)
{
	static const struct {
		const char *names;
		unsigned line;
	} cases[] = {
		{"site,ours\n", 1},
		{"ours,site\nNoSuchField,X\n", 2},
		{"ours,site\nDistrict\n", 2},
		{"ours,site\nDistrict,A,B\n", 2},
		{"ours,site\nDistrict,\"A\"\n", 2},
		{"ours,site\nDistrict,9lives\n", 2},
		{"ours,site\nDistrict,a:b\n", 2},
		{"ours,site\n\nDistrict,A\nDistrict,B\n", 4},
		{"ours,site\nDistrict,A\nProvince,A\n", 3},
		{"ours,site\nDistrict,Province\n", 2},
		{"ours,site\n?encoding,UTF-7\n", 2},
		{"ours,site\n*,p\n", 2},
		{"ours,site\n@id,x\n", 2},
	};
	struct plugin_set *set = open_plugins();
	const struct plugin_format *format = format_of(set, "th/th-ecustoms");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conversion *conversion = NULL;
		ck_assert_int_eq(convert_new(&conversion), RG_OK);
		convert_set_names(conversion, format, bytes_of_names(cases[i].names));
		ck_assert_int_eq(convert_check_names(conversion, format), RG_OK);
		ck_assert_msg(convert_is_refused(conversion), "%s", cases[i].names);
		ck_assert_str_eq(convert_finding(conversion, 0)->rule, "NAMES");
		ck_assert_msg(convert_finding(conversion, 0)->line == cases[i].line, "%s: %u",
			cases[i].names, convert_finding(conversion, 0)->line);
		convert_free(conversion);
	}
	plugin_set_close(set);
}
END_TEST

/* Drafts of other countries */

static void assert_valid(const struct plugin_set *set, const char *what, struct rg_bytes native)
{
	struct conversion *conversion = NULL;
	ck_assert_int_eq(convert_new(&conversion), RG_OK);
	ck_assert_int_eq(convert_validate(conversion, format_of(set, "th/th-ecustoms"), native),
		RG_OK);
	const struct rg_finding *first =
		convert_n_findings(conversion) ? convert_finding(conversion, 0) : NULL;
	ck_assert_msg(!first, "%s: line %u: %s %s: %s", what, first ? first->line : 0,
		first ? first->rule : "", first ? first->path : "", first ? first->text : "");
	convert_free(conversion);
}

START_TEST(a_draft_from_abroad_fits_the_layout_table)
{
	static const struct {
		const char *format;
		const char *path;
	} cases[] = {
		{"la/asycuda-sad", "adapters/la/testdata/export-bananas.xml"},
		{"la/asycuda-sad", "adapters/la/testdata/export-cardamom.xml"},
		{"kh/asycuda-sad", "adapters/kh/testdata/import-fabric.xml"},
		{"cn/cn-dec", "adapters/cn/testdata/import-durian.xml"},
		{"cn/cn-dec", "adapters/cn/testdata/import-everything.xml"},
		{"vn/vn-vnaccs", "adapters/vn/testdata/export-dragonfruit.edi"},
		{"vn/vn-vnaccs", "adapters/vn/testdata/import-rubber.edi"},
	};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf file = {.data = NULL};
		read_own(cases[i].path, &file);
		struct conversion *conversion =
			decode_native(set, cases[i].format, buf_view(&file));
		ck_assert_int_eq(convert_encode(conversion, format_of(set, "th/th-ecustoms"),
					 RG_PURPOSE_PREFILL),
			RG_OK);
		ck_assert_msg(convert_n_outputs(conversion) > 0, "%s", cases[i].path);
		assert_valid(set, cases[i].path, convert_output(conversion, 0));
		convert_free(conversion);
		buf_deinit(&file);
	}
	plugin_set_close(set);
}
END_TEST

/* A good file with one text replaced; NULL: nothing is. */
START_TEST(what_breaks_the_layout_table_is_found_with_its_line)
{
	static const struct {
		const char *old, *new, *rule;
	} cases[] = {
		{NULL, NULL, NULL},
		{"<ExchangeRate>34.50000<", "<ExchangeRate>34.500001<", "DECIMALS"},
		{"<ExchangeRate>34.50000<", "<ExchangeRate>34,5<", "NUMBER"},
		{"<DocumentType>0<", "<DocumentType>Q<", "CODE"},
		{"<ReleasePort>3601<", "<ReleasePort>1<", "CODE"},
		{"<ReferenceNumber>MKDH000000412<", "<ReferenceNumber>MKDH<", "LENGTH"},
		{"<ArrivalDate>20260504<", "<ArrivalDate>20261304<", "DATE"},
		{"<CompanyEnglishName>RIM KHONG FRUIT CO., LTD.</CompanyEnglishName>", "",
			"MISSING"},
		{"<BrokerBranch>0</BrokerBranch>", "", "MISSING"},
		{"<BrokerBranch>", "<Stranger>1</Stranger><BrokerBranch>", "ELEMENT"},
		{"<BrokerBranch>", "<BrokerBranch>1</BrokerBranch><BrokerBranch>", "TWICE"},
		{"<LastEntry>Y<", "<LastEntry>N<", "LAST"},
	};
	struct plugin_set *set = open_plugins();
	struct buf file = {.data = NULL};
	read_own("adapters/th/testdata/import-bananas.xml", &file);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *old = cases[i].old ? cases[i].old : "<";
		const char *new = cases[i].new ? cases[i].new : "<";
		struct buf changed = {.data = NULL};
		const uint8_t *at = memmem(file.data, file.len, old, strlen(old));
		ck_assert_msg(at, "%s", old);
		size_t before = (size_t)(at - file.data);
		buf_add(&changed, file.data, before);
		buf_add_text(&changed, new);
		buf_add(&changed, at + strlen(old), file.len - before - strlen(old));
		struct conversion *conversion = NULL;
		ck_assert_int_eq(convert_new(&conversion), RG_OK);
		ck_assert_int_eq(convert_validate(conversion, format_of(set, "th/th-ecustoms"),
					 buf_view(&changed)),
			RG_OK);
		ck_assert_msg(convert_n_findings(conversion) == (cases[i].rule ? 1 : 0), "%s: %zu",
			new, convert_n_findings(conversion));
		if (cases[i].rule) {
			ck_assert_str_eq(convert_finding(conversion, 0)->rule, cases[i].rule);
			ck_assert_uint_gt(convert_finding(conversion, 0)->line, 1);
		}
		convert_free(conversion);
		buf_deinit(&changed);
	}
	buf_deinit(&file);
	plugin_set_close(set);
}
END_TEST

CHECK_MAIN("th", a_renamed_file_comes_back_and_means_the_same,
	a_broken_file_of_names_is_refused_with_its_line, a_draft_from_abroad_fits_the_layout_table,
	what_breaks_the_layout_table_is_found_with_its_line)
