/*
 * Input that is wrong, by accident or on purpose: a finding, never a crash, a fault or an
 * expansion.
 */
#include "native.h"
#include "suite.h"

#define SAD_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static const struct {
	const char *name;
	const char *text;
	size_t len; /* 0: strlen */
	const char *rule;
	unsigned line;
} refused[] = {
	{"empty", "", 0, "XML", 1},
	{"no XML", "hello", 0, "XML", 1},
	{"truncated", "<ASYCUDA>\n<Property>", 0, "XML", 2},
	{"crossed", "<ASYCUDA>\n<a><b></a></b></ASYCUDA>", 0, "XML", 2},
	{"two roots", "<ASYCUDA/>\n<ASYCUDA/>", 0, "XML", 2},
	{"document type", SAD_HEAD "<!DOCTYPE ASYCUDA>\n<ASYCUDA/>", 0, "XML", 2},
	{"external entity",
		SAD_HEAD "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n"
			 "<ASYCUDA>&x;</ASYCUDA>",
		0, "XML", 2},
	{"entity bomb",
		SAD_HEAD "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">\n"
			 "<!ENTITY c \"&b;&b;&b;&b;&b;&b;\">]>\n<ASYCUDA>&c;</ASYCUDA>",
		0, "XML", 2},
	{"unknown entity", "<ASYCUDA>\n<a>&nbsp;</a></ASYCUDA>", 0, "XML", 2},
	{"NUL", "<ASYCUDA>\n<a>x\0y</a></ASYCUDA>", 29, "XML", 2},
	{"bytes that are no UTF-8", "<ASYCUDA>\n<a>\xff\xfe</a></ASYCUDA>", 0, "ENCODING", 2},
	{"Lao text cut in a character", "<ASYCUDA>\n<a>\xe0\xba</a></ASYCUDA>", 0, "ENCODING", 2},
	{"encoding nobody knows", "<?xml version=\"1.0\" encoding=\"klingon\"?>\n<ASYCUDA/>", 0,
		"ENCODING", 1},
	{"bytes that are no GB18030",
		"<?xml version=\"1.0\" encoding=\"GB2312\"?>\n<ASYCUDA><a>\xff\xff</a></ASYCUDA>",
		0, "ENCODING", 0},
	{"UTF-8 that says US-ASCII",
		"<?xml version=\"1.0\" "
		"encoding=\"US-ASCII\"?>\n<ASYCUDA><a>\xe0\xba\xaa</a></ASYCUDA>",
		0, "ENCODING", 2},
	{"control character", "<ASYCUDA>\n<a>&#1;</a></ASYCUDA>", 0, "XML", 2},
	{"another format", "<DecMessage/>", 0, "ROOT", 1},
};

/* Decodes and expects a refusal with this rule; line 0: any line but none. */
static void assert_refused(const struct plugin_set *set, const char *format, const char *name,
	struct rg_bytes text, const char *rule, unsigned line)
{
	struct conversion *conversion = decode_native(set, format, text);
	ck_assert_msg(convert_is_refused(conversion), "%s: accepted", name);
	const struct rg_finding *finding = convert_finding(conversion, 0);
	ck_assert_msg(strcmp(finding->rule, rule) == 0, "%s: %s: %s", name, finding->rule,
		finding->text);
	ck_assert_msg(line ? finding->line == line : finding->line > 0, "%s: line %u", name,
		finding->line);
	ck_assert_msg(finding->column > 0, "%s: no column", name);
	convert_free(conversion);
}

START_TEST(bad_xml_is_refused_with_its_place)
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		size_t len = refused[i].len ? refused[i].len : strlen(refused[i].text);
		struct rg_bytes text = {(const uint8_t *)refused[i].text, len};
		assert_refused(set, "la/asycuda-sad", refused[i].name, text, refused[i].rule,
			refused[i].line);
	}
	plugin_set_close(set);
}
END_TEST

#define MAIL "UNH+1+CUSDEC:D:96B:UN'\n"

static const struct {
	const char *name;
	const char *text;
	size_t len; /* 0: strlen */
	const char *rule;
	unsigned line;
} refused_mails[] = {
	{"empty", "", 0, "SYNTAX", 1},
	{"no EDIFACT", "hello", 0, "SYNTAX", 1},
	{"cut in a segment", MAIL "BGM+929", 0, "SYNTAX", 2},
	{"cut behind a release character", MAIL "BGM+929?", 0, "SYNTAX", 2},
	{"without UNT", MAIL "BGM+929'", 0, "SYNTAX", 2},
	{"without UNZ", "UNB+UNOA:3+A+B+260301:1200+1'" MAIL "UNT+2+1'", 0, "SYNTAX", 2},
	{"a message in a message", MAIL MAIL "UNT+2+1'", 0, "SYNTAX", 2},
	{"an interchange in a message", MAIL "UNB+UNOA:3+A+B+260301:1200+1'UNT+2+1'", 0, "SYNTAX",
		2},
	{"a segment outside a message", "UNB+UNOA:3+A+B+260301:1200+1'\nBGM+929'", 0, "SYNTAX", 2},
	{"another divider", MAIL "BGM|929'UNT+3+1'", 0, "SYNTAX", 2},
	{"a small tag", MAIL "bgm+929'UNT+3+1'", 0, "SYNTAX", 2},
	{"service characters that are one", "UNA++++++" MAIL "UNT+2+1'", 0, "SYNTAX", 1},
	{"service characters that are letters", "UNAABCDEF" MAIL "UNT+2+1'", 0, "SYNTAX", 1},
	{"another message", "UNH+1+ORDERS:D:96B:UN'UNT+2+1'", 0, "MESSAGE", 1},
	{"an answer", "UNH+1+CUSRES:D:96B:UN'UNT+2+1'", 0, "MESSAGE", 1},
	{"NUL", "UNH+1+CUSDEC:D:96B:UN'BGM+929+\0'UNT+3+1'", 40, "ENCODING", 1},
	{"no UTF-8 where UNOW says so",
		"UNB+UNOW:4+A+B+20260301:1200+1'" MAIL "BGM+929+\xff'UNT+3+1'UNZ+1+1'", 0,
		"ENCODING", 2},
};

START_TEST(a_bad_interchange_is_refused_with_its_place)
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(refused_mails) / sizeof(refused_mails[0]); i++) {
		size_t len =
			refused_mails[i].len ? refused_mails[i].len : strlen(refused_mails[i].text);
		struct rg_bytes text = {(const uint8_t *)refused_mails[i].text, len};
		assert_refused(set, "edifact", refused_mails[i].name, text, refused_mails[i].rule,
			refused_mails[i].line);
	}
	plugin_set_close(set);
}
END_TEST

START_TEST(more_of_a_message_than_any_has_is_refused)
{
	static const struct {
		const char *part;
		size_t n;
	} parts[] = {
		{"+", 1000},
		{":", 1000},
		{"'UNS+D", 1000001},
	};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct buf text = {.data = NULL};
		buf_add_text(&text, MAIL "BGM");
		for (size_t j = 0; j < parts[i].n; j++) {
			buf_add_text(&text, i == 1 && j == 0 ? "+:" : parts[i].part);
		}
		buf_add_text(&text, "'UNT+3+1'");
		ck_assert_int_eq(buf_error(&text), RG_OK);
		assert_refused(set, "edifact", parts[i].part, buf_view(&text), "LIMIT", 2);
		buf_deinit(&text);
	}
	plugin_set_close(set);
}
END_TEST

/* A document of n copies of a text inside the root. */
static void repeat(struct buf *out, const char *text, size_t n, const char *end)
{
	buf_add_text(out, "<ASYCUDA>");
	for (size_t i = 0; i < n; i++) {
		buf_add_text(out, text);
	}
	buf_add_text(out, end);
	ck_assert_int_eq(buf_error(out), RG_OK);
}

START_TEST(a_million_nested_elements_are_refused)
{
	struct plugin_set *set = open_plugins();
	struct buf text = {.data = NULL};
	repeat(&text, "<a>", 1000000, "");
	assert_refused(set, "la/asycuda-sad", "nesting", buf_view(&text), "LIMIT", 1);
	buf_deinit(&text);
	plugin_set_close(set);
}
END_TEST

START_TEST(more_elements_than_a_declaration_has_are_refused)
{
	struct plugin_set *set = open_plugins();
	struct buf text = {.data = NULL};
	repeat(&text, "<a/>", 200000, "</ASYCUDA>");
	assert_refused(set, "la/asycuda-sad", "elements", buf_view(&text), "LIMIT", 1);
	buf_deinit(&text);
	plugin_set_close(set);
}
END_TEST

START_TEST(a_file_beyond_the_limit_is_refused)
{
	struct plugin_set *set = open_plugins();
	uint8_t *data = calloc(1, CONVERT_MAX_INPUT + 1);
	ck_assert_ptr_nonnull(data);
	struct conversion *conversion = decode_native(set, "la/asycuda-sad",
		(struct rg_bytes){data, CONVERT_MAX_INPUT + 1});
	ck_assert(convert_is_refused(conversion));
	ck_assert_str_eq(convert_finding(conversion, 0)->rule, "LIMIT");
	convert_free(conversion);
	free(data);
	plugin_set_close(set);
}
END_TEST

START_TEST(unknown_elements_attributes_comments_and_mixed_text_survive)
{
	static const char *const texts[] = {
		"<ASYCUDA><Unknown a=\"1\" b=\"\">x<y/>z</Unknown></ASYCUDA>",
		"<ASYCUDA>\n<!-- a --><Property><!-- b --></Property><!-- c --></ASYCUDA><!-- d "
		"-->",
		"<ASYCUDA><Item><null/></Item><Container/><Item>t</Item></ASYCUDA>",
		"<a:ASYCUDA xmlns:a=\"urn:a\"><a:Property><a:Sad_flow>E</a:Sad_flow></a:Property>"
		"</a:ASYCUDA>",
		"<ASYCUDA><Property><Sad_flow>E</Sad_flow><Sad_flow>I</Sad_flow></Property></"
		"ASYCUDA>",
		"<ASYCUDA><Property><Sad_Flow>E</Sad_Flow><Sad_flow>I</Sad_flow></Property></"
		"ASYCUDA>",
		"<ASYCUDA><Valuation><Total_cost>1e3</Total_cost><Total_CIF>-0.50</Total_CIF>"
		"<Total_cost>12345678901234567890</Total_cost></Valuation></ASYCUDA>",
		"<ASYCUDA><Property><Date_of_declaration>2/30/26</Date_of_declaration>"
		"<Place_of_declaration> \n</Place_of_declaration></Property></ASYCUDA>",
		"<ASYCUDA><?tool a b?><Item/><Item><Goods_description><Description_of_goods>"
		"<![CDATA[a]]]]><![CDATA[>b]]></Description_of_goods></Goods_description></Item></"
		"ASYCUDA>",
		"<ASYCUDA xml:lang=\"lo\"><Traders><Exporter><Exporter_name>&#13;\n a\n\n b&#9;"
		"</Exporter_name></Exporter></Traders></ASYCUDA>",
		"<Item><Packages><Number_of_packages>5.</Number_of_packages></Packages></Item>",
		"<ASYCUDA><Property> "
		"<Forms>text<Number_of_the_form>1</Number_of_the_form></Forms>\t"
		"</Property></ASYCUDA>",
		"<ASYCUDA id=\"a &amp; b &#38;lt; &lt;&#10;&quot;\"><Item n=\"&amp;\"/></ASYCUDA>",
		"<ASYCUDA>text</ASYCUDA>",
		"<ASYCUDA> \n</ASYCUDA>",
		"<a:Item xmlns:a=\"urn:a\"><a:Packages><a:Number_of_packages>5"
		"</a:Number_of_packages></a:Packages></a:Item>",
	};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct rg_bytes text = {(const uint8_t *)texts[i], strlen(texts[i])};
		struct buf json = {.data = NULL};
		struct buf back = {.data = NULL};
		struct buf left = {.data = NULL};
		struct buf right = {.data = NULL};
		convert_whole(set, "la/asycuda-sad", "json", text, &json);
		convert_whole(set, "json", "la/asycuda-sad", buf_view(&json), &back);
		canonical_xml(text, &left);
		canonical_xml(buf_view(&back), &right);
		ck_assert_msg(bytes_equal(buf_view(&left), buf_view(&right)), "%s -> %s", texts[i],
			buf_text(&back));
		buf_deinit(&json);
		buf_deinit(&back);
		buf_deinit(&left);
		buf_deinit(&right);
	}
	plugin_set_close(set);
}
END_TEST

/* Hints and extensions come with JSON from outside as well. */
static const struct {
	const char *json;
	const char *rule;
} forged[] = {
	{"\"hints\":[{\"format\":\"asycuda-sad\",\"kind\":\"empty\",\"path\":\"/A[1-99999]/"
	 "B[1-99999]\"}]",
		"HINT"},
	{"\"hints\":[{\"format\":\"asycuda-sad\",\"kind\":\"empty\",\"path\":\"/A[0]\"}]", "HINT"},
	{"\"hints\":[{\"format\":\"asycuda-sad\",\"kind\":\"empty\",\"path\":\"/A[4294967297]\"}]",
		"HINT"},
	{"\"hints\":[{\"format\":\"asycuda-sad\",\"kind\":\"empty\",\"path\":\"/A[1\"}]", "HINT"},
	{"\"hints\":[{\"format\":\"asycuda-sad\",\"kind\":\"empty\",\"path\":\"A\"}]", "HINT"},
	{"\"hints\":[{\"format\":\"asycuda-sad\",\"kind\":\"empty\",\"path\":\"/A/a><b\"}]",
		"HINT"},
	{"\"hints\":[{\"format\":\"asycuda-sad\",\"kind\":\"root\",\"form\":\"a b\"}]", "HINT"},
	{"\"hints\":[{\"format\":\"asycuda-sad\",\"kind\":\"aside\",\"path\":\"/ASYCUDA/#comment\","
	 "\"form\":\"--><x/><!--\"}]",
		"TEXT"},
	{"\"hints\":[{\"format\":\"asycuda-sad\",\"kind\":\"empty\",\"path\":\"/ASYCUDA/a\"},"
	 "{\"format\":\"asycuda-sad\",\"kind\":\"before\",\"path\":\"/ASYCUDA/a\",\"form\":\"x\"}]",
		"TEXT"},
	{"\"extensions\":[{\"format\":\"asycuda-sad\",\"path\":\"a\",\"value\":\"x\"}]",
		"EXTENSION"},
	{"\"extensions\":[{\"format\":\"asycuda-sad\",\"path\":\"/ASYCUDA/a b\",\"value\":\"x\"}]",
		"EXTENSION"},
	{"\"extensions\":[{\"format\":\"asycuda-sad\",\"path\":\"/ASYCUDA/"
	 "a\",\"value\":\"\\u0001\"}]",
		"TEXT"},
	{"\"manifestReference\":\"a\\u0001\"", "VALUE"},
	{"\"exitDate\":\"2026-13-01\"", "VALUE"},
	{"\"grossMass\":{\"unscaled\":\"1\",\"scale\":19}", "VALUE"},
};

START_TEST(forged_hints_extensions_and_values_are_refused)
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		char json[1024];
		int len = snprintf(json, sizeof(json), "{\"country\":\"LA\",%s}", forged[i].json);
		struct conversion *conversion = decode_native(set, "json",
			(struct rg_bytes){(const uint8_t *)json, (size_t)len});
		ck_assert_msg(!convert_is_refused(conversion), "%s", json);
		ck_assert_int_eq(convert_encode(conversion, format_of(set, "la/asycuda-sad"),
					 RG_PURPOSE_UNSPECIFIED),
			RG_OK);
		ck_assert_msg(convert_is_refused(conversion), "accepted: %s", json);
		ck_assert_msg(strcmp(convert_finding(conversion, 0)->rule, forged[i].rule) == 0,
			"%s: %s", json, convert_finding(conversion, 0)->rule);
		convert_free(conversion);
	}
	plugin_set_close(set);
}
END_TEST

/* A message says what the document says, whatever hints and extensions come with it. */
static const char *const forged_of_mails[] = {
	"\"hints\":[{\"kind\":\"shape\",\"path\":\"/BGM\",\"form\":\"4000000000\"}]",
	"\"hints\":[{\"kind\":\"shape\",\"path\":\"/BGM\",\"form\":\"1+99999\"}]",
	"\"hints\":[{\"kind\":\"release\",\"path\":\"/BGM/C106.1004\","
	"\"form\":\"A'UNT+2+1\",\"value\":\"A\"}]",
	"\"hints\":[{\"kind\":\"release\",\"path\":\"/BGM/C106.1004\","
	"\"form\":\"?B\",\"value\":\"A\"}]",
	"\"hints\":[{\"kind\":\"lexical\",\"path\":\"/BGM/C106.1004\","
	"\"form\":\"B\",\"value\":\"A\"}]",
	"\"hints\":[{\"kind\":\"lexical\",\"path\":\"/MEA[WT,AAD,KGM]/C174.6314\","
	"\"form\":\"7\",\"value\":\"5\"}]",
	"\"hints\":[{\"kind\":\"gap\",\"form\":\"'UNZ\",\"value\":\"1-99999999999\"}]",
	"\"hints\":[{\"kind\":\"gap\",\"form\":\" \",\"value\":\"1-99999999999,,-\"}]",
	"\"hints\":[{\"kind\":\"space\",\"form\":\"BGM\"}]",
	"\"hints\":[{\"kind\":\"order\",\"form\":\"BGM,BGM,UNT\"}]",
	"\"hints\":[{\"kind\":\"advice\",\"form\":\"\"}]",
	"\"hints\":[{\"kind\":\"charset\",\"form\":\"klingon\"}]",
	"\"hints\":[{\"kind\":\"segment\",\"path\":\"/SG(CST)[4000000000]/CST\"}]",
	"\"hints\":[{\"kind\":\"segment\",\"path\":\"/b'm\"}]",
	"\"hints\":[{\"kind\":\"absent\",\"path\":\"/BGM\"}]",
	"\"hints\":[{\"kind\":\"blank\",\"path\":\"/BGM/C106.1004\"}]",
	"\"hints\":[{\"kind\":\"other\",\"path\":\"/BGM/C106.1004\"}]",
	"\"extensions\":[{\"path\":\"/FTX/e4000000000.1\",\"value\":\"B\"}]",
	"\"extensions\":[{\"path\":\"/FTX'UNT/e4.1\",\"value\":\"B\"}]",
	"\"extensions\":[{\"path\":\"/FTX/e4.1\",\"value\":\"B'UNT+9+9'UNH\"}]",
	"\"extensions\":[{\"path\":\"/UNT/e1.1\",\"value\":\"77\"}]",
};

static void add_formats(const char *extra, struct buf *out)
{
	for (const char *at = extra; *at; at++) {
		buf_add(out, at, 1);
		if (*at == '{') {
			buf_add_text(out, "\"format\":\"edifact\",");
		}
	}
}

static void check_forged_mail(const struct plugin_set *set, const char *extra)
{
	struct buf json = {.data = NULL};
	char scratch[32];
	struct doc_leaf leaf;
	buf_add_text(&json,
		"{\"exchange\":{\"message\":\"CUSDEC\",\"modelVersion\":\"96B\"},"
		"\"grossMass\":{\"unscaled\":\"5\"},"
		"\"reference\":{\"number\":\"A\"},");
	add_formats(extra, &json);
	buf_add_text(&json, "}");
	struct conversion *conversion = decode_native(set, "json", buf_view(&json));
	ck_assert_msg(!convert_is_refused(conversion), "%s: %s", extra,
		convert_n_findings(conversion) ? convert_finding(conversion, 0)->text : "");
	ck_assert_int_eq(convert_encode(conversion, format_of(set, "edifact"),
				 RG_PURPOSE_UNSPECIFIED),
		RG_OK);
	struct conversion *read = convert_is_refused(conversion)
		? NULL
		: decode_native(set, "edifact", convert_output(conversion, 0));
	if (read) {
		ck_assert_msg(!convert_is_refused(read), "%s: what is written is no message",
			extra);
		ck_assert_uint_eq(convert_n_documents(read), 1);
		ck_assert_int_eq(doc_peek(convert_document(read, 0), "reference.number", &leaf,
					 scratch),
			RG_OK);
		ck_assert_msg(leaf.value.len == 1 && leaf.value.data[0] == 'A', "%s", extra);
		ck_assert_int_eq(doc_peek(convert_document(read, 0), "grossMass.unscaled", &leaf,
					 scratch),
			RG_OK);
		ck_assert_msg(leaf.value.len == 1 && leaf.value.data[0] == '5', "%s", extra);
	}
	convert_free(read);
	convert_free(conversion);
	buf_deinit(&json);
}

START_TEST(forged_hints_and_extensions_of_a_message_change_no_value)
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(forged_of_mails) / sizeof(forged_of_mails[0]); i++) {
		check_forged_mail(set, forged_of_mails[i]);
	}
	plugin_set_close(set);
}
END_TEST

/* Credentials */

#define SECRET "s3cret-7731"

static const char *const with_secret[] = {
	"<DecSign><ICCode>" SECRET "</ICCode></DecSign>",
	"<DecSign><ICCode><![CDATA[" SECRET "]]></ICCode></DecSign>",
	"<DecSign><ICCode>1</ICCode><ICCode>" SECRET "</ICCode></DecSign>",
	"<DecSign><ICCode><inner>" SECRET "</inner></ICCode></DecSign>",
	"<DecSign><ICCode><a/>" SECRET "</ICCode></DecSign>",
	"<DecSign><ICCode number=\"" SECRET "\"/></DecSign>",
	"<DecSign><iccode>" SECRET "</iccode></DecSign>",
	"<DecSign><Sign>" SECRET "</Sign><Certificate/></DecSign>",
	"<DecSign><Certificate>" SECRET "</Certificate></DecSign>",
	"<DecSign/><DecSign><Sign>" SECRET "</Sign></DecSign>",
	"<DecHead><TypistNo> " SECRET "\n</TypistNo></DecHead>",
	"<DecHead><Unheard><ICCode>" SECRET "</ICCode></Unheard></DecHead>",
	"<Login user=\"a\" password=\"" SECRET "\"/>",
	"<Login><PassWord>" SECRET "</PassWord></Login>",
};

static bool is_dropped(const Rivergate__V1__Translation *translation)
{
	bool is_named = false;
	for (size_t i = 0; i < translation->n_losses; i++) {
		const Rivergate__V1__Loss *loss = translation->losses[i];
		ck_assert_ptr_null(strstr(loss->value, SECRET));
		is_named = is_named || strncmp(loss->reason, "a credential", 12) == 0;
	}
	return is_named;
}

START_TEST(a_credential_is_dropped_where_it_is_read_and_named_without_its_value)
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(with_secret) / sizeof(with_secret[0]); i++) {
		char text[1024];
		int len =
			snprintf(text, sizeof(text), "<DecMessage>%s</DecMessage>", with_secret[i]);
		struct conversion *conversion = decode_native(set, "cn/cn-dec",
			(struct rg_bytes){(const uint8_t *)text, (size_t)len});
		ck_assert_msg(!convert_is_refused(conversion), "%s", text);
		ck_assert_int_eq(convert_encode(conversion, format_of(set, "json"),
					 RG_PURPOSE_UNSPECIFIED),
			RG_OK);
		struct rg_bytes json = convert_output(conversion, 0);
		ck_assert_msg(!memmem(json.data, json.len, SECRET, strlen(SECRET)), "%s", text);
		ck_assert_msg(is_dropped(convert_translation(conversion)), "%s", text);
		convert_free(conversion);
	}
	plugin_set_close(set);
}
END_TEST

START_TEST(what_stands_beside_a_credential_stays)
{
	static const char text[] = "<DecMessage><DecSign><OperType>C</OperType><ICCode>1</ICCode>"
				   "<CopCode>77</CopCode></DecSign></DecMessage>";
	static const char kept[] = "<OperType>C</OperType><ICCode/><CopCode>77</CopCode>";
	struct plugin_set *set = open_plugins();
	struct buf json = {.data = NULL};
	struct buf back = {.data = NULL};
	convert_whole(set, "cn/cn-dec", "json",
		(struct rg_bytes){(const uint8_t *)text, strlen(text)}, &json);
	convert_whole(set, "json", "cn/cn-dec", buf_view(&json), &back);
	ck_assert_ptr_nonnull(memmem(back.data, back.len, kept, strlen(kept)));
	buf_deinit(&json);
	buf_deinit(&back);
	plugin_set_close(set);
}
END_TEST

CHECK_MAIN("hostile", bad_xml_is_refused_with_its_place,
	a_bad_interchange_is_refused_with_its_place, more_of_a_message_than_any_has_is_refused,
	forged_hints_and_extensions_of_a_message_change_no_value,
	a_million_nested_elements_are_refused, more_elements_than_a_declaration_has_are_refused,
	a_file_beyond_the_limit_is_refused,
	unknown_elements_attributes_comments_and_mixed_text_survive,
	forged_hints_extensions_and_values_are_refused,
	a_credential_is_dropped_where_it_is_read_and_named_without_its_value,
	what_stands_beside_a_credential_stays)
