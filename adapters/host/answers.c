/*
 * JSON for people and national systems
 *
 * Threads: any.
 */
#include "host/answers.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/scoped.h"
#include "base/text.h"
#include "wire/json.h"

static void free_json(json_t **json)
{
	json_decref(*json);
}

/* Texts from outside that are no UTF-8 are shown escaped. */
static json_t *text_value(const char *text)
{
	scoped(buf_deinitv) struct buf escaped = {0};
	json_t *plain = json_string(text);

	if (plain) {
		return plain;
	}
	buf_init(&escaped);
	text_escape(bytes_of_text(text), &escaped);
	return buf_text(&escaped) ? json_string(buf_text(&escaped)) : NULL;
}

static json_t *hex_value(ProtobufCBinaryData bytes)
{
	char hex[2 * 64 + 1];

	if (bytes.len > 64) {
		return NULL;
	}
	text_hex(bytes_of(bytes.data, bytes.len), hex);
	return json_string(hex);
}

static json_t *header_value(const Rivergate__V1__Header *header)
{
	scoped(freep) char *text = NULL;

	if (json_encode(&header->base, 0, &text)) {
		return NULL;
	}
	return json_loads(text, 0, NULL);
}

static const char *enum_name(const ProtobufCEnumDescriptor *desc, int value)
{
	const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(desc, value);

	return found ? found->name : "";
}

static json_t *findings_value(const Rivergate__V1__AcknowledgementFacts *facts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < facts->n_findings; i++) {
		const Rivergate__V1__Finding *finding = facts->findings[i];

		(void)json_array_append_new(list,
			json_pack("{s:s, s:s, s:s}", "rule", finding->rule, "path", finding->path,
				"text", finding->text));
	}
	return list;
}

static json_t *references_value(const Rivergate__V1__Header *header)
{
	json_t *list = json_array();

	for (size_t i = 0; i < header->n_refs; i++) {
		const Rivergate__V1__Ref *ref = header->refs[i];

		(void)json_array_append_new(list,
			json_pack("{s:s, s:o, s:s}", "from", ref->from, "id", hex_value(ref->id),
				"relation",
				enum_name(&rivergate__v1__relation__descriptor,
					(int)ref->relation)));
	}
	return list;
}

static rg_err write_json(const json_t *json, struct buf *out)
{
	scoped(freep) char *text = json_dumps(json, JSON_INDENT(2) | JSON_ENSURE_ASCII);

	if (!text) {
		return RG_E_NOMEM;
	}
	buf_add_text(out, text);
	buf_add_text(out, "\n");
	return buf_error(out);
}

rg_err answers_message(const Rivergate__V1__Header *header, struct buf *out)
{
	scoped(free_json) json_t *root = json_object();

	(void)json_object_set_new(root, "kind",
		json_string(enum_name(&rivergate__v1__kind__descriptor, (int)header->kind)));
	(void)json_object_set_new(root, "from", json_string(header->from));
	(void)json_object_set_new(root, "id", hex_value(header->id));
	(void)json_object_set_new(root, "ucr", text_value(header->ucr));
	(void)json_object_set_new(root, "answers", references_value(header));
	if (header->facts_case == RIVERGATE__V1__HEADER__FACTS_ACKNOWLEDGEMENT) {
		const Rivergate__V1__AcknowledgementFacts *facts = header->acknowledgement;

		(void)json_object_set_new(root, "outcome",
			json_string(enum_name(
				&rivergate__v1__acknowledgement_facts__outcome__descriptor,
				(int)facts->outcome)));
		(void)json_object_set_new(root, "handedOverAs", text_value(facts->handed_over_as));
		(void)json_object_set_new(root, "nativeCode", text_value(facts->native_code));
		(void)json_object_set_new(root, "findings", findings_value(facts));
	}
	if (header->facts_case == RIVERGATE__V1__HEADER__FACTS_DECISION) {
		const Rivergate__V1__DecisionFacts *facts = header->decision;

		(void)json_object_set_new(root, "decision",
			json_string(enum_name(&rivergate__v1__decision_status__descriptor,
				(int)facts->status)));
		(void)json_object_set_new(root, "nativeCode", text_value(facts->native_code));
		(void)json_object_set_new(root, "text", text_value(facts->text));
		(void)json_object_set_new(root, "number",
			text_value(facts->national_ref ? facts->national_ref->number : ""));
	}
	json_t *whole = header_value(header);
	if (!whole || json_object_set_new(root, "header", whole) != 0) {
		return RG_E_NOMEM;
	}
	return write_json(root, out);
}

rg_err answers_findings(const char *file, const struct answers_finding *findings, size_t n_findings,
	struct buf *out)
{
	scoped(free_json) json_t *root = json_object();
	json_t *list = json_array();

	(void)json_object_set_new(root, "file", text_value(file));
	for (size_t i = 0; i < n_findings; i++) {
		json_t *finding = json_object();

		(void)json_object_set_new(finding, "rule", text_value(findings[i].rule));
		(void)json_object_set_new(finding, "path", text_value(findings[i].path));
		(void)json_object_set_new(finding, "text", text_value(findings[i].text));
		(void)json_array_append_new(list, finding);
	}
	(void)json_object_set_new(root, "findings", list);
	return write_json(root, out);
}
