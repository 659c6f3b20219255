/*
 * Translation in a process of its own: what a plug-in does wrong costs one call, is told
 * as an answer, and the next call works.
 */
#include "suite.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "host/translator.h"
#include "rivergate/v1/declaration.pb-c.h"

static struct translator *translator;
static struct translation answer;
static uint8_t packed[64];
static struct rg_bytes declaration;

static void setup(void)
{
	const struct translator_limits limits = {.cpu_s = 1, .memory_mib = 256};
	Rivergate__V1__Declaration document = RIVERGATE__V1__DECLARATION__INIT;
	char plugins[512];

	log_set_level(LOG_ERROR);
	snprintf(plugins, sizeof(plugins), "%s/tests/unit", getenv("RIVERGATE_BUILD"));
	setenv("RIVERGATE_PLUGINS", plugins, 1);
	document.country = "LA";
	document.ucr = "UCR-1";
	declaration = bytes_of(packed, rivergate__v1__declaration__pack(&document, packed));
	translation_init(&answer);
	ck_assert_int_eq(translator_start(&limits, &translator), RG_OK);
}

static void teardown(void)
{
	translation_deinit(&answer);
	translator_stop(translator);
}

static rg_err encode_bytes(const char *format, struct rg_bytes document)
{
	const struct translator_task task = {format, "rivergate.v1.Declaration",
		RG_PURPOSE_ADVANCE};
	return translator_encode(translator, &task, document, &answer);
}

static void encode(const char *format)
{
	ck_assert_int_eq(encode_bytes(format, declaration), RG_OK);
}

static void check_works(void)
{
	encode("crasher-work");
	ck_assert(!answer.is_crash && !answer.is_refused);
	ck_assert_uint_eq(answer.n_outputs, 1);
	ck_assert_int_eq(memcmp(answer.outputs[0].data, "fine", 4), 0);
	ck_assert_str_eq(answer.format, "crasher-work");
}

START_TEST(document_goes_to_json_and_back)
{
	struct buf json;
	const char *format = "json";

	setup();
	encode("json");
	ck_assert_uint_eq(answer.n_outputs, 1);
	buf_init(&json);
	buf_add_bytes(&json, answer.outputs[0]);
	ck_assert_int_eq(translator_decode(translator, &format, 1, buf_view(&json), &answer),
		RG_OK);
	ck_assert(!answer.is_refused);
	ck_assert_uint_eq(answer.n_documents, 1);
	ck_assert(bytes_equal(answer.documents[0], declaration));
	buf_deinit(&json);
	teardown();
}
END_TEST

START_TEST(wrong_file_is_refused_with_findings)
{
	const char *format = "json";

	setup();
	ck_assert_int_eq(translator_decode(translator, &format, 1,
				 bytes_of_text("{\"nonsense\": 1}"), &answer),
		RG_OK);
	ck_assert(answer.is_refused && !answer.is_crash);
	ck_assert_uint_ge(answer.n_findings, 1);
	teardown();
}
END_TEST

START_TEST(declaration_that_is_none_is_refused)
{
	setup();
	ck_assert_int_eq(encode_bytes("json", bytes_of_text("\xff\xff\xff")), RG_OK);
	ck_assert(answer.is_refused && !answer.is_crash);
	teardown();
}
END_TEST

START_TEST(unknown_format_is_told)
{
	bool has = true;

	setup();
	encode("nowhere");
	ck_assert(answer.is_unknown);
	ck_assert_int_eq(translator_has(translator, "nowhere", &has), RG_OK);
	ck_assert(!has);
	ck_assert_int_eq(translator_has(translator, "crasher-work", &has), RG_OK);
	ck_assert(has);
	teardown();
}
END_TEST

START_TEST(plugin_that_misbehaves_costs_one_call)
{
	static const char *const ways[] = {"crasher-abort", "crasher-leave", "crasher-spin",
		"crasher-sleep", "crasher-eat"};

	setup();
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		time_t start = time(NULL);

		/* The address sanitizer reports memory that is refused as a defect. */
		if (strcmp(ways[i], "crasher-eat") == 0 && dlsym(RTLD_DEFAULT, "__asan_init")) {
			continue;
		}

		encode(ways[i]);
		ck_assert_msg(answer.is_crash, "%s", ways[i]);
		ck_assert_uint_gt(strlen(answer.crash), 0);
		ck_assert_uint_eq(answer.n_outputs, 0);
		ck_assert_int_lt(time(NULL) - start, 15);
		check_works();
	}
	teardown();
}
END_TEST

START_TEST(end_of_the_process_is_a_fault)
{
	setup();
	check_works();
	kill(translator_pid(translator), SIGKILL);
	ck_assert_int_eq(encode_bytes("json", declaration), RG_E_IO);
	ck_assert(translator_is_gone(translator));
	teardown();
}
END_TEST

CHECK_MAIN("connector_translator", document_goes_to_json_and_back,
	wrong_file_is_refused_with_findings, declaration_that_is_none_is_refused,
	unknown_format_is_told, plugin_that_misbehaves_costs_one_call,
	end_of_the_process_is_a_fault)
