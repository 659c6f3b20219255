/*
 * proto3 JSON by descriptors: what is written, what is refused and where.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "rivergate/v1/declaration.pb-c.h"
#include "rivergate/v1/message.pb-c.h"
#include "suite.h"
#include "wire/json.h"

static ProtobufCMessage *decode(const ProtobufCMessageDescriptor *desc, const char *text,
	struct json_mistake *mistake)
{
	ProtobufCMessage *msg = NULL;
	struct rg_bytes view = {(const uint8_t *)text, strlen(text)};
	ck_assert_int_eq(json_decode(desc, view, &msg, mistake), RG_OK);
	return msg;
}

START_TEST(every_kind_of_field_returns_as_written)
{
	static const char text[] =
		"{\"id\":\"AAECAwQFBgcICQoLDA0ODw==\",\"from\":\"la.customs\",\"to\":[\"cn.gacc\","
		"\"th.doa\"],"
		"\"kind\":\"KIND_DECLARATION\",\"version\":3,"
		"\"goods\":[{\"hs6\":\"080390\",\"quantity\":{\"value\":{\"unscaled\":\"-"
		"9223372036854775808\","
		"\"scale\":2},\"unit\":\"KGM\"}}],\"acknowledgement\":{},\"sentAtUs\":\"1\","
		"\"parts\":[{\"audience\":{\"roles\":[\"ROLE_CUSTOMS\"],\"withheld\":true}}]}\n";
	struct json_mistake mistake;
	ProtobufCMessage *msg = decode(&rivergate__v1__header__descriptor, text, &mistake);
	ck_assert_msg(msg, "%s: %s", mistake.path, mistake.text);
	char *back = NULL;
	ck_assert_int_eq(json_encode(msg, 0, &back), RG_OK);
	ck_assert_str_eq(back, text);
	free(back);
	protobuf_c_message_free_unpacked(msg, NULL);
}
END_TEST

START_TEST(a_stated_zero_differs_from_nothing)
{
	struct json_mistake mistake;
	ProtobufCMessage *msg = decode(&rivergate__v1__declaration__descriptor,
		"{\"grossMass\":{},\"transport\":{\"containerised\":false}, \"netMass\":null}",
		&mistake);
	ck_assert_ptr_nonnull(msg);
	char *back = NULL;
	ck_assert_int_eq(json_encode(msg, 0, &back), RG_OK);
	ck_assert_str_eq(back,
		"{\"transport\":{\"containerised\":false},"
		"\"grossMass\":{\"unscaled\":\"0\",\"scale\":0}}\n");
	free(back);
	protobuf_c_message_free_unpacked(msg, NULL);
}
END_TEST

static const struct {
	const char *text;
	const char *path;
	unsigned line;
	const char *complaint; /* part of it */
} refused[] = {
	{"{\"items\":[{},\n{\"commodity\":{\"hs7\":\"1\"}}]}", "items[1].commodity.hs7", 2,
		"not known"},
	{"{\"items\":[{\"gross_mass\":{}}]}", "items[0].gross_mass", 1, "not known"},
	{"{\"country\":\"LA\",\n\"country\":\"TH\"}", "", 2, "duplicate"},
	{"{\"country\":7}", "country", 1, "JSON type"},
	{"{\"direction\":1}", "direction", 1, "JSON type"},
	{"{\"direction\":\"DIRECTION_UP\"}", "direction", 1, "no value of its list"},
	{"{\"items\":{}}", "items", 1, "not a list"},
	{"{\"transport\":[]}", "transport", 1, "not an object"},
	{"{\"grossMass\":{\"unscaled\":\"9223372036854775808\"}}", "grossMass.unscaled", 1,
		"range"},
	{"{\"grossMass\":{\"unscaled\":\"1.5\"}}", "grossMass.unscaled", 1, "whole number"},
	{"{\"grossMass\":{\"scale\":-1}}", "grossMass.scale", 1, "whole number"},
	{"{\"grossMass\":{\"scale\":4294967296}}", "grossMass.scale", 1, "range"},
	{"{\"country\":\"L\\u0000A\"}", "", 1, ""},
	{"{\"country\":\"\xff\"}", "", 1, "unable to decode"},
	{"{\"country\":\"LA\"} x", "", 1, ""},
	{"{\"country\":\"LA\"", "", 1, ""},
	{"", "", 1, ""},
	{"[]", "", 1, "not an object"},
};

START_TEST(wrong_text_is_refused_with_path_and_line)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct json_mistake mistake;
		ck_assert_ptr_null(
			decode(&rivergate__v1__declaration__descriptor, refused[i].text, &mistake));
		ck_assert_msg(strcmp(mistake.path, refused[i].path) == 0 &&
				mistake.line == refused[i].line &&
				strstr(mistake.text, refused[i].complaint),
			"%s -> %s line %u: %s", refused[i].text, mistake.path, mistake.line,
			mistake.text);
	}
}
END_TEST

START_TEST(bytes_that_are_no_base64_are_refused)
{
	static const char *const texts[] = {"{\"id\":\"A\"}", "{\"id\":\"AA=A\"}",
		"{\"id\":\"A===\"}", "{\"id\":\"AA A\"}"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct json_mistake mistake;
		ck_assert_ptr_null(decode(&rivergate__v1__header__descriptor, texts[i], &mistake));
		ck_assert_str_eq(mistake.path, "id");
	}
}
END_TEST

START_TEST(endless_nesting_is_refused)
{
	size_t len = 1000000;
	char *text = malloc(len);
	ck_assert_ptr_nonnull(text);
	memset(text, '[', len);
	ProtobufCMessage *msg = NULL;
	struct json_mistake mistake;
	struct rg_bytes view = {(const uint8_t *)text, len};
	ck_assert_int_eq(json_decode(&rivergate__v1__declaration__descriptor, view, &msg, &mistake),
		RG_OK);
	ck_assert_ptr_null(msg);
	free(text);
}
END_TEST

CHECK_MAIN("json", every_kind_of_field_returns_as_written, a_stated_zero_differs_from_nothing,
	wrong_text_is_refused_with_path_and_line, bytes_that_are_no_base64_are_refused,
	endless_nesting_is_refused)
