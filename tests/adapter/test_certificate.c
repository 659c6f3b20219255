/*
 * Certificates: a document type of their own, and the message that carries one.
 */
#include "host/facts.h"
#include "host/outgoing.h"
#include "native.h"
#include "rivergate/v1/certificate.pb-c.h"
#include "suite.h"

static const char text[] =
	"{\"@type\": \"rivergate.v1.Certificate\","
	" \"type\": {\"value\": \"851\"}, \"number\": \"TH-2026/77\","
	" \"state\": \"CERTIFICATE_STATE_ISSUED\", \"issued\": \"2026-03-14T09:30:00+07:00\","
	" \"issuer\": {\"names\": [{\"text\": \"Department of Agriculture\"}]},"
	" \"medium\": \"MEDIUM_ISSUER_MESSAGE\","
	" \"references\": [{\"ids\": [{\"value\": \"IP-9\"}], \"type\": {\"value\": \"911\"}}],"
	" \"exportCountry\": {\"ids\": [{\"value\": \"TH\"}]},"
	" \"equipment\": [{\"ids\": [{\"value\": \"TGHU1234565\"}], \"seals\": [{\"value\": "
	"\"S1\"}]}],"
	" \"items\": [{\"lines\": [{\"sequence\": \"0\", \"classifications\": [{"
	"   \"systemNames\": [{\"text\": \"HS\"}], \"code\": {\"value\": \"0810.60.00\"}}]},"
	"  {\"sequence\": \"1\", \"scientificNames\": [{\"text\": \"Durio zibethinus\"}],"
	"   \"netMass\": {\"value\": {\"unscaled\": \"18\", \"scale\": 0}, \"unit\": \"TNE\"},"
	"   \"origins\": [{\"ids\": [{\"value\": \"TH\"}]}], \"classifications\": [{"
	"   \"systemNames\": [{\"text\": \"HS\"}], \"code\": {\"value\": \"081060\"}}]}]}],"
	" \"extensions\": [{\"format\": \"x\", \"path\": \"/X\", \"value\": \"1\"}]}";

static struct conversion *decode_text(const struct plugin_set *set, const char *json)
{
	return decode_native(set, "json", bytes_of_text(json));
}

START_TEST(certificate_in_json_says_what_it_is)
{
	struct plugin_set *set = open_plugins();
	scoped(buf_deinit) struct buf once = {.data = NULL};
	scoped(buf_deinit) struct buf twice = {.data = NULL};
	convert_whole(set, "json", "json", bytes_of_text(text), &once);
	convert_whole(set, "json", "json", buf_view(&once), &twice);
	ck_assert_ptr_nonnull(strstr(buf_text(&once), "\"@type\": \"rivergate.v1.Certificate\""));
	ck_assert_str_eq(buf_text(&once), buf_text(&twice));
	plugin_set_close(set);
}
END_TEST

START_TEST(declaration_in_json_needs_no_type_and_may_say_it)
{
	struct plugin_set *set = open_plugins();
	scoped(buf_deinit) struct buf plain = {.data = NULL};
	scoped(buf_deinit) struct buf typed = {.data = NULL};
	convert_whole(set, "json", "json", bytes_of_text("{\"ucr\": \"U\"}"), &plain);
	convert_whole(set, "json", "json",
		bytes_of_text("{\"@type\": \"rivergate.v1.Declaration\", \"ucr\": \"U\"}"), &typed);
	ck_assert_str_eq(buf_text(&plain), buf_text(&typed));
	ck_assert_ptr_null(strstr(buf_text(&plain), "@type"));
	plugin_set_close(set);
}
END_TEST

START_TEST(type_that_is_no_document_is_refused)
{
	static const char *const cases[] = {
		"{\"@type\": \"rivergate.v1.Header\", \"ucr\": \"U\"}",
		"{\"@type\": 7}",
		"{\"@type\": {\"@type\": \"rivergate.v1.Certificate\"}}",
		"{\"@type\": \"rivergate.v1.Certificate\", \"direction\": \"DIRECTION_EXPORT\"}",
		"{\"type\": {\"@type\": \"rivergate.v1.Certificate\"}}",
		"{\"number\": \"1\"}",
	};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conversion *conversion = decode_text(set, cases[i]);
		ck_assert_msg(convert_is_refused(conversion), "%s", cases[i]);
		ck_assert_str_eq(convert_finding(conversion, 0)->rule, "JSON");
		ck_assert_uint_gt(convert_finding(conversion, 0)->line, 0);
		convert_free(conversion);
	}
	plugin_set_close(set);
}
END_TEST

START_TEST(format_for_another_type_is_refused)
{
	struct plugin_set *set = open_plugins();
	struct conversion *conversion = decode_text(set, text);
	ck_assert_int_eq(convert_encode(conversion, format_of(set, "la/asycuda-sad"),
				 RG_PURPOSE_UNSPECIFIED),
		RG_OK);
	ck_assert(convert_is_refused(conversion));
	ck_assert_str_eq(convert_finding(conversion, 0)->rule, "DOCUMENT");
	ck_assert_ptr_nonnull(strstr(convert_finding(conversion, 0)->text, "asycuda-sad"));
	ck_assert_uint_eq(convert_n_outputs(conversion), 0);
	convert_free(conversion);
	plugin_set_close(set);
}
END_TEST

START_TEST(part_of_an_unknown_type_is_refused)
{
	struct conversion *conversion = NULL;
	ck_assert_int_eq(convert_new(&conversion), RG_OK);
	ck_assert_int_eq(convert_add_document(conversion, "rivergate.v1.Header",
				 (struct rg_bytes){NULL, 0}),
		RG_OK);
	ck_assert(convert_is_refused(conversion));
	convert_free(conversion);
}
END_TEST

START_TEST(header_says_which_certificate_and_what_goods)
{
	struct plugin_set *set = open_plugins();
	struct conversion *conversion = decode_text(set, text);
	const ProtobufCMessage *root = doc_root(convert_document(conversion, 0));
	Rivergate__V1__Header *header = malloc(sizeof(*header));
	const char *field = NULL;
	ck_assert_ptr_nonnull(header);
	rivergate__v1__header__init(header);
	ck_assert_int_eq(facts_fill(root, header), RG_OK);
	ck_assert_str_eq(header->ucr, "TH-851-TH-2026/77");
	ck_assert_uint_eq(header->n_legs, 0);
	ck_assert_uint_eq(header->n_documents, 2);
	ck_assert_str_eq(header->documents[0]->type, "851");
	ck_assert_str_eq(header->documents[0]->number, "TH-2026/77");
	ck_assert_str_eq(header->documents[0]->issuer, "Department of Agriculture");
	ck_assert_str_eq(header->documents[0]->date, "2026-03-14");
	ck_assert_str_eq(header->documents[1]->type, "911");
	ck_assert_uint_eq(header->n_goods, 1); /* the line of totals does not count twice */
	ck_assert_str_eq(header->goods[0]->hs6, "081060");
	ck_assert_str_eq(header->goods[0]->origin, "TH");
	ck_assert_int_eq(header->goods[0]->quantity->value->unscaled, 18000);
	ck_assert_str_eq(header->movement->containers[0], "TGHU1234565");
	ck_assert_str_eq(header->movement->seals[0], "S1");
	ck_assert_int_eq(facts_differ(root, header, &field), RG_OK);
	ck_assert_ptr_null(field);
	free(header->goods[0]->hs6);
	header->goods[0]->hs6 = strdup("080390");
	ck_assert_int_eq(facts_differ(root, header, &field), RG_OK);
	ck_assert_str_eq(field, "goods");
	rivergate__v1__header__free_unpacked(header, NULL);
	convert_free(conversion);
	plugin_set_close(set);
}
END_TEST

/* A route to one recipient; purpose "" for certificates. */
static rg_err build(const ProtobufCMessage *root, const char *kind, const char *purpose,
	struct outgoing_draft *draft, const char **ret_problem)
{
	char *to[] = {(char *)"cn.gacc.mohan"};
	const struct outgoing_route route = {.format = (char *)"",
		.kind = (char *)kind,
		.purpose = (char *)purpose,
		.lodged_by = (char *)"AUTHORITY_COPY",
		.to = {.items = to, .n_items = 1}};
	const struct outgoing_document document = {.native = bytes_of_text("<x/>"),
		.media_type = "application/xml",
		.format = "x",
		.root = root};
	outgoing_draft_init(draft);
	return outgoing_build(&document, &route, draft, ret_problem);
}

START_TEST(certificate_travels_as_part_sps)
{
	struct plugin_set *set = open_plugins();
	struct conversion *conversion = decode_text(set, text);
	const ProtobufCMessage *root = doc_root(convert_document(conversion, 0));
	struct outgoing_draft draft;
	const char *problem = NULL;
	ck_assert_int_eq(build(root, "CERTIFICATE", "", &draft, &problem), RG_OK);
	ck_assert_msg(!problem, "%s", problem);
	Rivergate__V1__Header *header =
		rivergate__v1__header__unpack(NULL, draft.header.len, draft.header.data);
	ck_assert_ptr_nonnull(header);
	ck_assert_int_eq(header->kind, RIVERGATE__V1__KIND__KIND_CERTIFICATE);
	ck_assert_int_eq(header->purpose, RIVERGATE__V1__PURPOSE__PURPOSE_UNSPECIFIED);
	ck_assert_uint_eq(header->version, 0);
	ck_assert_uint_eq(header->n_parts, 3);
	ck_assert_str_eq(header->parts[0]->name, "sps");
	ck_assert_str_eq(header->parts[0]->type, "rivergate.v1.Certificate");
	ck_assert_int_eq(header->facts_case, RIVERGATE__V1__HEADER__FACTS_CERTIFICATE);
	ck_assert_str_eq(header->certificate->type, "851");
	ck_assert_str_eq(header->certificate->number, "TH-2026/77");
	ck_assert_str_eq(header->certificate->issuer_country, "TH");
	ck_assert_int_eq(header->certificate->medium, RIVERGATE__V1__MEDIUM__MEDIUM_ISSUER_MESSAGE);
	ck_assert_uint_eq(header->certificate->n_goods, 1);
	ck_assert_str_eq(header->certificate->goods[0]->species, "Durio zibethinus");
	ck_assert_int_eq(header->certificate->goods[0]->quantity->value->unscaled, 18);
	ck_assert_str_eq(header->certificate->goods[0]->quantity->unit, "TNE");
	ck_assert_str_eq(header->certificate->containers[0], "TGHU1234565");
	ck_assert_str_eq(header->parts[1]->name, "extensions");
	ck_assert_str_eq(header->parts[1]->type, "rivergate.v1.Certificate");
	ck_assert(header->parts[1]->audience->withheld);
	rivergate__v1__header__free_unpacked(header, NULL);
	Rivergate__V1__Certificate *sent = rivergate__v1__certificate__unpack(NULL,
		draft.contents[0].len, draft.contents[0].data);
	ck_assert_ptr_nonnull(sent);
	ck_assert_uint_eq(sent->n_extensions, 0);
	ck_assert_str_eq(sent->number, "TH-2026/77");
	rivergate__v1__certificate__free_unpacked(sent, NULL);
	outgoing_draft_deinit(&draft);
	convert_free(conversion);
	plugin_set_close(set);
}
END_TEST

START_TEST(withdrawn_certificate_goes_as_its_status)
{
	static const char withdrawn[] =
		"{\"@type\": \"rivergate.v1.Certificate\", \"number\": \"N1\","
		" \"type\": {\"value\": \"851\"}, \"state\": \"CERTIFICATE_STATE_WITHDRAWN\"}";
	struct plugin_set *set = open_plugins();
	struct conversion *conversion = decode_text(set, withdrawn);
	struct outgoing_draft draft;
	const char *problem = NULL;
	ck_assert_int_eq(build(doc_root(convert_document(conversion, 0)), "CERTIFICATE", "", &draft,
				 &problem),
		RG_OK);
	Rivergate__V1__Header *header =
		rivergate__v1__header__unpack(NULL, draft.header.len, draft.header.data);
	ck_assert_ptr_nonnull(header);
	ck_assert_int_eq(header->kind, RIVERGATE__V1__KIND__KIND_CERTIFICATE_STATUS);
	ck_assert_str_eq(header->certificate_status->number, "N1");
	ck_assert_int_eq(header->certificate_status->status,
		RIVERGATE__V1__CERTIFICATE_STATUS_FACTS__STATUS__STATUS_WITHDRAWN);
	rivergate__v1__header__free_unpacked(header, NULL);
	outgoing_draft_deinit(&draft);
	convert_free(conversion);
	plugin_set_close(set);
}
END_TEST

START_TEST(token_of_a_request_never_leaves)
{
	static const char *const files[][2] = {
		{"sps-ephyto",
			"<s:Envelope xmlns:s=\"urn:s\"><s:Header><w:Security xmlns:w=\"urn:w\">"
			"<w:UsernameToken Id=\"SECRET-1\"><w:Username>SECRET-2</w:Username>"
			"<w:Password>SECRET-3</w:Password></w:UsernameToken>"
			"<w:BinarySecurityToken>SECRET-4</w:BinarySecurityToken>"
			"<d:Signature xmlns:d=\"urn:d\"><d:SignatureValue>SECRET-5"
			"</d:SignatureValue></d:Signature></w:Security></s:Header><s:Body>"
			"<DeliverPhytoEnvelope><ePhytoEnvelope><From>TH</From><SPSCertificate>"
			"<SPSExchangedDocument><ID>N1</ID></SPSExchangedDocument></SPSCertificate>"
			"</ePhytoEnvelope></DeliverPhytoEnvelope></s:Body></s:Envelope>"},
		{"cites-epix",
			"<s:Envelope xmlns:s=\"urn:s\"><s:Body><GetFinalCitesCertificateRequest>"
			"<TokenId>SECRET-1</TokenId><CertificateNumber>N1</CertificateNumber>"
			"</GetFinalCitesCertificateRequest></s:Body></s:Envelope>"},
	};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < 2; i++) {
		struct conversion *conversion =
			decode_native(set, files[i][0], bytes_of_text(files[i][1]));
		ck_assert(!convert_is_refused(conversion));
		ck_assert_int_eq(convert_encode(conversion, format_of(set, "json"),
					 RG_PURPOSE_UNSPECIFIED),
			RG_OK);
		struct rg_bytes json = convert_output(conversion, 0);
		ck_assert_ptr_null(memmem(json.data, json.len, "SECRET", 6));
		ck_assert_ptr_nonnull(memmem(json.data, json.len, "N1", 2));
		ck_assert_uint_ge(convert_translation(conversion)->n_losses, 1);
		for (size_t j = 0; j < convert_translation(conversion)->n_losses; j++) {
			ck_assert_ptr_null(strstr(convert_translation(conversion)->losses[j]->value,
				"SECRET"));
		}
		convert_free(conversion);
	}
	plugin_set_close(set);
}
END_TEST

/* A request of the hub with these certificates as texts: %s the operation and what it holds. */
#define HUB(operation, inside) \
	"<s:Envelope xmlns:s=\"urn:s\" xmlns:h=\"urn:h\"><s:Header><w:Security xmlns:w=\"urn:w\">" \
	"SECRET</w:Security></s:Header>\n<s:Body><e:" operation " xmlns:e=\"urn:e\">" inside \
	"</e:" operation "></s:Body></s:Envelope>"
#define HUB_ENVELOPE(number, content) \
	"<h:From>TH</h:From><h:To>CN</h:To><h:CertificateType>851</h:CertificateType>" \
	"<h:NPPOCertificateNumber>" number "</h:NPPOCertificateNumber>" \
	"<h:Forwardings><h:EnvelopeForwarding><h:Code>A&amp;W</h:Code></h:EnvelopeForwarding>" \
	"</h:Forwardings><h:Content>" content "</h:Content>"
#define AS_TEXT(id, after) \
	"&lt;SPSCertificate&gt;\n&lt;SPSExchangedDocument&gt;&lt;ID&gt;" id "&lt;/ID&gt;" \
	"&lt;/SPSExchangedDocument&gt;&lt;/SPSCertificate&gt;" after
#define AS_CDATA(id) \
	"\n<![CDATA[<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<r:SPSCertificate " \
	"xmlns:r=\"urn:r\">" \
	"<r:SPSExchangedDocument><ID>" id "</ID></r:SPSExchangedDocument></r:SPSCertificate>]]>\n"

START_TEST(certificate_that_the_hub_carries_as_text_is_unpacked)
{
	static const struct {
		const char *file;
		const char *numbers[3];
	} cases[] = {
		{HUB("DeliverEnvelope", "<e:env>" HUB_ENVELOPE("N1", AS_TEXT("N1", "")) "</e:env>"),
			{"N1"}},
		{HUB("ValidateAndDeliverEnvelope",
			 "<e:env>" HUB_ENVELOPE("N2", AS_CDATA("N2")) "</e:env>"),
			{"N2"}},
		{HUB("PULLImportEnvelopeResponse",
			 "<e:Result><h:Envelope>" HUB_ENVELOPE("N3",
				 AS_TEXT("N3",
					 "\n")) "</h:Envelope>"
						"<h:Envelope>" HUB_ENVELOPE("N4",
							AS_CDATA("N4")) "</h:Envelope></e:Result>"),
			{"N3", "N4"}},
	};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rg_bytes file = bytes_of_text(cases[i].file);
		ck_assert_str_eq(plugin_set_detect(set, file)->format->name, "sps-ephyto");
		struct conversion *conversion = decode_native(set, "sps-ephyto", file);
		size_t n = 0;
		ck_assert_msg(!convert_is_refused(conversion), "%zu", i);
		for (; cases[i].numbers[n]; n++) {
			const Rivergate__V1__Certificate *certificate =
				(const Rivergate__V1__Certificate *)doc_root(
					convert_document(conversion, n));
			ck_assert_str_eq(certificate->number, cases[i].numbers[n]);
			ck_assert_str_eq(certificate->exchange->number, cases[i].numbers[n]);
			ck_assert_str_eq(certificate->exchange->from, "TH");
			ck_assert_str_eq(certificate->exchange->forwardings[0]->to, "A&W");
			ck_assert_str_eq(certificate->exchange->operation, "ePhytoEnvelope");
			ck_assert_uint_eq(certificate->n_extensions, 0);
		}
		ck_assert_uint_eq(convert_n_documents(conversion), n);
		ck_assert_int_eq(convert_encode(conversion, format_of(set, "sps-ephyto"),
					 RG_PURPOSE_UNSPECIFIED),
			RG_OK);
		ck_assert_uint_eq(convert_n_outputs(conversion), n);
		struct rg_bytes output = convert_output(conversion, 0);
		ck_assert_ptr_nonnull(memmem(output.data, output.len, "ePhytoEnvelope", 14));
		ck_assert_ptr_null(memmem(output.data, output.len, "SECRET", 6));
		ck_assert_uint_ge(convert_translation(conversion)->n_losses, 1);
		convert_free(conversion);
	}
	plugin_set_close(set);
}
END_TEST

START_TEST(text_that_is_no_certificate_is_refused_with_its_line)
{
	static const struct {
		const char *content;
		unsigned line;
	} cases[] = {
		{"&lt;", 2},
		{"no certificate &lt;", 2},
		{"PD94bWw+ <![CDATA[]]>", 2},
		{"&lt;Other/&gt;", 2},
		{"&lt;SPSCertificate&gt;\n&lt;ID&gt;\n&lt;/SPSCertificate&gt;", 4},
		{"&lt;SPSCertificate/&gt;&lt;/h:Content&gt;&lt;h:From&gt;CN&lt;/h:From&gt;", 2},
		{"&lt;SPSCertificate/&gt;&lt;SPSCertificate/&gt;", 2},
		{"&lt;!DOCTYPE a&gt;&lt;SPSCertificate/&gt;", 2},
		{"&lt;SPSCertificate&gt;&amp;a;&lt;/SPSCertificate&gt;", 2},
	};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char file[2000];
		snprintf(file, sizeof(file),
			HUB("DeliverEnvelope", "<e:env>" HUB_ENVELOPE("N1", "%s") "</e:env>"),
			cases[i].content);
		struct conversion *conversion =
			decode_native(set, "sps-ephyto", bytes_of_text(file));
		ck_assert_msg(convert_is_refused(conversion), "%s", file);
		ck_assert_msg(convert_finding(conversion, 0)->line == cases[i].line, "%s: line %u",
			cases[i].content, convert_finding(conversion, 0)->line);
		convert_free(conversion);
	}
	plugin_set_close(set);
}
END_TEST

START_TEST(answer_of_the_hub_says_what_it_means)
{
	static const struct {
		const char *file, *number, *text;
		Rivergate__V1__AcknowledgementFacts__Outcome outcome;
	} cases[] = {
		{"delivered", "TH-CN-000055", "",
			RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__OUTCOME__OUTCOME_TAKEN_OVER},
		{"failed", "TH-CN-000055", "The certificate does not conform to the schema",
			RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__OUTCOME__OUTCOME_REFUSED},
		{"fault", "", "The receiving country does not take part",
			RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__OUTCOME__OUTCOME_REFUSED},
	};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[200];
		struct buf file = {.data = NULL};
		snprintf(path, sizeof(path), "adapters/formats/sps-ephyto/testdata/answers/%s.xml",
			cases[i].file);
		read_own(path, &file);
		struct conversion *conversion =
			decode_native(set, "sps-ephyto-answer", buf_view(&file));
		ck_assert(!convert_is_refused(conversion));
		const Rivergate__V1__NationalAnswer *answer =
			doc_declaration(convert_document(conversion, 0))->answer;
		ck_assert_ptr_nonnull(answer);
		ck_assert_int_eq(answer->outcome, cases[i].outcome);
		ck_assert_str_eq(answer->number, cases[i].number);
		ck_assert_str_eq(answer->n_texts ? answer->texts[0]->text : "", cases[i].text);
		convert_free(conversion);
		buf_deinit(&file);
	}
	plugin_set_close(set);
}
END_TEST

START_TEST(file_that_is_cut_anywhere_is_refused)
{
	static const char *const files[][2] = {
		{"sps-ephyto", "adapters/formats/sps-ephyto/testdata/hub-request-default.xml"},
		{"cites-epix", "adapters/formats/cites-epix/testdata/permit-rosewood.xml"},
	};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < 2; i++) {
		struct buf file = {.data = NULL};
		read_own(files[i][1], &file);
		for (size_t len = 0; len + 1 < file.len; len += 5) {
			struct conversion *conversion =
				decode_native(set, files[i][0], (struct rg_bytes){file.data, len});
			ck_assert_msg(convert_is_refused(conversion), "%s cut at %zu", files[i][1],
				len);
			convert_free(conversion);
		}
		buf_deinit(&file);
	}
	plugin_set_close(set);
}
END_TEST

START_TEST(route_of_another_kind_is_refused)
{
	static const struct {
		const char *json, *kind, *purpose;
	} cases[] = {
		{text, "DECLARATION", "ADVANCE"},
		{text, "AMENDMENT", "LODGED_COPY"},
		{text, "CERTIFICATE", "ADVANCE"},
		{text, "DECISION", ""},
		{"{\"ucr\": \"U\"}", "CERTIFICATE", ""},
		{"{\"ucr\": \"U\"}", "DECLARATION", ""},
	};
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conversion *conversion = decode_text(set, cases[i].json);
		struct outgoing_draft draft;
		const char *problem = NULL;
		ck_assert_int_eq(build(doc_root(convert_document(conversion, 0)), cases[i].kind,
					 cases[i].purpose, &draft, &problem),
			RG_OK);
		ck_assert_msg(problem, "case %zu", i);
		outgoing_draft_deinit(&draft);
		convert_free(conversion);
	}
	plugin_set_close(set);
}
END_TEST

CHECK_MAIN("certificate", certificate_in_json_says_what_it_is,
	declaration_in_json_needs_no_type_and_may_say_it, type_that_is_no_document_is_refused,
	format_for_another_type_is_refused, part_of_an_unknown_type_is_refused,
	header_says_which_certificate_and_what_goods, certificate_travels_as_part_sps,
	withdrawn_certificate_goes_as_its_status, token_of_a_request_never_leaves,
	certificate_that_the_hub_carries_as_text_is_unpacked,
	text_that_is_no_certificate_is_refused_with_its_line, file_that_is_cut_anywhere_is_refused,
	answer_of_the_hub_says_what_it_means, route_of_another_kind_is_refused)
