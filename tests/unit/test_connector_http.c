/*
 * The connector http without a network: what answers mean, when to try again, which
 * settings are refused, and that what comes in under a key comes in once through a crash
 * at every step.
 */
#include "suite.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "connectors/http_answer.h"
#include "connectors/http_inflow.h"
#include "connectors/http_options.h"
#include "crash.h"

#define STEPS_MAX 200

/* --- Answers ---------------------------------------------------------------------------------- */

START_TEST(status_says_what_became_of_the_file)
{
	static const struct {
		long status;
		bool was_sent;
		enum connector_answer exact;
		enum connector_answer inexact;
	} cases[] = {
		{200, true, CONNECTOR_TAKEN, CONNECTOR_TAKEN},
		{201, true, CONNECTOR_TAKEN, CONNECTOR_TAKEN},
		{202, true, CONNECTOR_TAKEN, CONNECTOR_TAKEN},
		{299, true, CONNECTOR_TAKEN, CONNECTOR_TAKEN},
		{300, true, CONNECTOR_LATER, CONNECTOR_UNKNOWN},
		{301, true, CONNECTOR_LATER, CONNECTOR_LATER},
		{303, true, CONNECTOR_LATER, CONNECTOR_UNKNOWN},
		{307, true, CONNECTOR_LATER, CONNECTOR_LATER},
		{400, true, CONNECTOR_REFUSED, CONNECTOR_REFUSED},
		{401, true, CONNECTOR_LATER, CONNECTOR_LATER},
		{403, true, CONNECTOR_REFUSED, CONNECTOR_REFUSED},
		{404, true, CONNECTOR_LATER, CONNECTOR_LATER},
		{408, true, CONNECTOR_LATER, CONNECTOR_LATER},
		{409, true, CONNECTOR_LATER, CONNECTOR_REFUSED},
		{413, true, CONNECTOR_REFUSED, CONNECTOR_REFUSED},
		{422, true, CONNECTOR_REFUSED, CONNECTOR_REFUSED},
		{429, true, CONNECTOR_LATER, CONNECTOR_LATER},
		{500, true, CONNECTOR_LATER, CONNECTOR_UNKNOWN},
		{502, true, CONNECTOR_LATER, CONNECTOR_UNKNOWN},
		{503, true, CONNECTOR_LATER, CONNECTOR_LATER},
		{504, true, CONNECTOR_LATER, CONNECTOR_UNKNOWN},
		{999, true, CONNECTOR_LATER, CONNECTOR_UNKNOWN},
		{0, false, CONNECTOR_LATER, CONNECTOR_LATER},
		{0, true, CONNECTOR_LATER, CONNECTOR_UNKNOWN},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct http_result result = {.status = cases[i].status,
			.was_sent = cases[i].was_sent};

		ck_assert_msg(http_answer_judge(&result, true).outcome.answer == cases[i].exact,
			"%ld with keys", cases[i].status);
		ck_assert_msg(http_answer_judge(&result, false).outcome.answer == cases[i].inexact,
			"%ld without keys", cases[i].status);
	}
}
END_TEST

START_TEST(only_the_file_s_own_failures_are_counted)
{
	struct http_result result = {.status = 500, .was_sent = true};

	ck_assert(http_answer_judge(&result, true).is_counted);
	result.status = 502;
	ck_assert(!http_answer_judge(&result, true).is_counted);
	result.status = 404;
	ck_assert(http_answer_judge(&result, true).is_ours);
	result.status = 0;
	ck_assert(!http_answer_judge(&result, true).is_counted);
}
END_TEST

START_TEST(words_of_a_refusal_are_bounded_and_harmless)
{
	struct http_result *result = calloc(1, sizeof(*result));

	result->status = 422;
	result->body_len = sizeof(result->body);
	memset(result->body, 0x1b, sizeof(result->body));
	struct http_verdict verdict = http_answer_judge(result, true);
	ck_assert_uint_le(strlen(verdict.outcome.text), CONNECTOR_TEXT_MAX);
	ck_assert_ptr_null(strchr(verdict.outcome.text, 0x1b));
	ck_assert_str_eq(verdict.outcome.code, "422");
	memcpy(result->body, "HS \"0803\"\nno", 12);
	result->body_len = 12;
	verdict = http_answer_judge(result, true);
	ck_assert_ptr_nonnull(strstr(verdict.outcome.text, "422: HS \\\"0803\\\"\\nno"));
	free(result);
}
END_TEST

START_TEST(delay_doubles_up_to_its_bound_and_jitters)
{
	ck_assert_int_eq(http_answer_delay_ms(1, 1000, 300000, 0, 0), 1000);
	ck_assert_int_eq(http_answer_delay_ms(2, 1000, 300000, 0, 0), 2000);
	ck_assert_int_eq(http_answer_delay_ms(9, 1000, 300000, 0, 0), 256000);
	ck_assert_int_eq(http_answer_delay_ms(10, 1000, 300000, 0, 0), 300000);
	ck_assert_int_eq(http_answer_delay_ms(4000000000u, 1000, 300000, 0, 0), 300000);
	ck_assert_int_eq(http_answer_delay_ms(0, 1000, 10, 0, 0), 10);
	for (uint32_t random = 1; random != 0; random *= 3) {
		int64_t delay_ms = http_answer_delay_ms(3, 1000, 300000, 0, random);

		ck_assert_int_ge(delay_ms, 2000);
		ck_assert_int_le(delay_ms, 4000);
		if (random > 1000000000u) {
			break;
		}
	}
	ck_assert_int_eq(http_answer_delay_ms(1, 1000, 300000, 7000, 5), 7000);
	ck_assert_int_eq(http_answer_delay_ms(1, 1000, 300000, INT64_MAX, 5), 86400000);
}
END_TEST

START_TEST(alert_of_a_handshake_is_told_from_others)
{
	ck_assert(http_answer_is_handshake_alert("OpenSSL SSL_read: error:0A00045C:SSL "
						 "routines::tlsv13 alert certificate required"));
	ck_assert(http_answer_is_handshake_alert("tlsv1 alert unknown ca, errno 0"));
	ck_assert(!http_answer_is_handshake_alert("tlsv1 alert internal error"));
	ck_assert(!http_answer_is_handshake_alert("Connection reset by peer"));
	ck_assert(!http_answer_is_handshake_alert(""));
	ck_assert_str_eq(http_answer_media_type("a.b.xml"), "application/xml");
	ck_assert_str_eq(http_answer_media_type("a.part1"), "application/octet-stream");
	ck_assert_str_eq(http_answer_media_type("xml"), "application/octet-stream");
}
END_TEST

/* --- Settings --------------------------------------------------------------------------------- */

START_TEST(addresses_to_listen_on_are_numbers)
{
	static const char *const good[] = {"127.0.0.1:1", "0.0.0.0:65535", "192.0.2.7:8443"};
	static const char *const bad[] = {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0",
		"127.0.0.1:65536", "localhost:80", "1.2.3:80", "1.2.3.4:-1", "1.2.3.4:08",
		"1111.2222.3333.4444:80", "[::1]:80"};
	struct sockaddr_in address;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert(http_options_address(good[i], &address));
		ck_assert_int_eq(http_options_is_loopback(&address), i == 0);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!http_options_address(bad[i], &address), "%s", bad[i]);
	}
}
END_TEST

START_TEST(options_without_protection_are_refused)
{
	static const struct {
		struct http_options options;
		bool is_good;
	} cases[] = {
		{{.url = "https://a.example/in"}, true},
		{{.url = "http://127.0.0.1:80/in"}, true},
		{{.url = "http://127.0.0.1"}, true},
		{{.url = "http://a.example/in", .insecure = true}, true},
		{{.listen = "127.0.0.1:80", .listen_token_file = "t"}, true},
		{{.listen = "0.0.0.0:80", .listen_token_file = "t", .insecure = true}, true},
		{{.listen = "0.0.0.0:443",
			 .listen_certificate = "c",
			 .listen_key = "k",
			 .listen_client_ca = "a"},
			true},
		{{.url = ""}, false},
		{{.url = "a.example/in"}, false},
		{{.url = "file:///etc/passwd"}, false},
		{{.url = "http://a.example/in"}, false},
		{{.url = "http://127.0.0.1.a.example/in"}, false},
		{{.url = "http://localhost/in"}, false},
		{{.url = "https://user:word@a.example/in"}, false},
		{{.url = "https://a.example/in\r\nX: y"}, false},
		{{.url = "https://a.example/in", .certificate = "c"}, false},
		{{.url = "https://a.example/in", .key = "k"}, false},
		{{.listen = "127.0.0.1:80"}, false},
		{{.listen = "0.0.0.0:80", .listen_token_file = "t"}, false},
		{{.listen = "127.0.0.1:80", .listen_client_ca = "a"}, false},
		{{.listen = "127.0.0.1:80", .listen_token_file = "t", .listen_key = "k"}, false},
		{{.listen = "127.0.0.1", .listen_token_file = "t"}, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *problem = http_options_problem(&cases[i].options);

		ck_assert_msg(!problem == cases[i].is_good, "%zu: %s", i,
			problem ? problem : "taken");
	}
}
END_TEST

START_TEST(copy_is_the_same_and_its_own)
{
	struct http_options options = {.url = "https://a.example", .max_tries = 3};
	struct http_options copy = {.url = NULL};

	ck_assert_int_eq(http_options_copy(&options, &copy), RG_OK);
	ck_assert(http_options_same(&options, &copy));
	ck_assert_ptr_ne(options.url, copy.url);
	ck_assert_str_eq(copy.listen, "");
	options.max_tries = 4;
	ck_assert(!http_options_same(&options, &copy));
	options.max_tries = 3;
	options.listen = "127.0.0.1:1";
	ck_assert(!http_options_same(&options, &copy));
	conf_release(http_option_rows, &copy);
}
END_TEST

/* --- What comes in ---------------------------------------------------------------------------- */

static char root[64];

static const char *at(const char *name)
{
	static char path[2][512];
	static unsigned turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", root, name);
	return path[turn];
}

static void setup(void)
{
	log_set_level(LOG_ERROR);
	crash_make_folder("inflow", root, sizeof(root));
}

static void teardown(void)
{
	crash_remove_tree(root);
}

START_TEST(token_is_one_line_of_a_private_file)
{
	static const struct {
		const char *text;
		mode_t mode;
		bool is_good;
	} cases[] = {
		{"0123456789abcdef\n", 0600, true},
		{"0123456789abcdef \r\n\n", 0600, true},
		{"0123456789abcdef", 0640, false},
		{"0123456789abcde", 0600, false},
		{"0123456789 abcdef", 0600, false},
		{"0123456789abcdef\nmore", 0600, false},
		{"", 0600, false},
	};

	setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *token = NULL;

		unlink(at("token"));
		ck_assert_int_eq(file_create(at("token"), bytes_of_text(cases[i].text), 0600),
			RG_OK);
		ck_assert_int_eq(chmod(at("token"), cases[i].mode), 0);
		rg_err err = http_options_token(at("token"), &token);
		ck_assert_msg((err == RG_OK) == cases[i].is_good, "%zu", i);
		if (token) {
			ck_assert_str_eq(token, "0123456789abcdef");
		}
		free(token);
	}
	teardown();
}
END_TEST

START_TEST(keys_are_printable_and_bounded)
{
	char key[INFLOW_KEY_MAX + 1];
	char longest[INFLOW_KEY_MAX + 2];

	memset(longest, 'k', sizeof(longest));
	longest[INFLOW_KEY_MAX] = '\0';
	ck_assert(inflow_read_key("a", key));
	ck_assert(inflow_read_key("\"8e03978e-40d5\"", key));
	ck_assert_str_eq(key, "8e03978e-40d5");
	ck_assert(inflow_read_key(longest, key));
	longest[INFLOW_KEY_MAX] = 'k';
	char *over = strndup(longest, sizeof(longest));
	ck_assert(!inflow_read_key(over, key));
	free(over);
	static const char *const bad[] = {"", "\"\"", "a\nb", "a\x7f", "\xc3\xa4", "a\"b", "a\\b"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!inflow_read_key(bad[i], key), "%zu", i);
	}
}
END_TEST

/* Sends a content under a key; a fault is the full disk of a test. */
static rg_err send_content(struct inflow *inflow, const char *key, const char *content,
	enum inflow_answer *ret_answer, struct inflow_record *ret_record)
{
	scoped(inflow_freep) struct inflow_load *load = NULL;
	rg_err err = inflow_begin(inflow, &load);

	if (!err) {
		err = inflow_add(load, content, strlen(content));
	}
	return err ? err : inflow_commit(load, key, "xml", ret_answer, ret_record);
}

static void open_both(struct directory **directory, struct inflow **inflow)
{
	ck_assert_int_eq(directory_open(at("exchange"), directory), RG_OK);
	ck_assert_int_eq(file_make_dirs(at("state")), RG_OK);
	ck_assert_int_eq(inflow_open(*directory, at("state"), inflow), RG_OK);
}

START_TEST(key_means_one_content_for_ever)
{
	scoped(directory_closep) struct directory *directory = NULL;
	scoped(inflow_closep) struct inflow *inflow = NULL;
	struct inflow_record first;
	struct inflow_record again;
	enum inflow_answer told = INFLOW_OTHER;

	setup();
	open_both(&directory, &inflow);
	ck_assert_int_eq(send_content(inflow, "k", "one", &told, &first), RG_OK);
	ck_assert_int_eq(told, INFLOW_NEW);
	ck_assert_int_eq(send_content(inflow, "k", "one", &told, &again), RG_OK);
	ck_assert_int_eq(told, INFLOW_SAME);
	ck_assert_str_eq(first.file, again.file);
	ck_assert_str_eq(first.sha256, again.sha256);
	ck_assert_int_eq(first.received_us, again.received_us);
	ck_assert_int_eq(send_content(inflow, "k", "two", &told, &again), RG_OK);
	ck_assert_int_eq(told, INFLOW_OTHER);
	ck_assert_str_eq(first.file, "http-k.xml");
	ck_assert_int_eq(rename(at("exchange/out/http-k.xml"), at("exchange/done/http-k.xml")), 0);
	ck_assert_int_eq(send_content(inflow, "k", "one", &told, &again), RG_OK);
	ck_assert_int_eq(told, INFLOW_SAME);
	ck_assert_int_ne(access(at("exchange/out/http-k.xml"), F_OK), 0);
	ck_assert_int_eq(send_content(inflow, "../k", "one", &told, &again), RG_OK);
	ck_assert_int_eq(told, INFLOW_NEW);
	ck_assert_ptr_null(strchr(again.file, '/'));
	teardown();
}
END_TEST

START_TEST(status_follows_the_file)
{
	static const struct {
		const char *from;
		const char *to;
		enum inflow_state state;
	} moves[] = {
		{"exchange/out/http-k.xml", "exchange/done/http-k.xml", INFLOW_SENT},
		{"exchange/done/http-k.xml", "exchange/failed/http-k.xml", INFLOW_FAILED},
		{"exchange/failed/http-k.xml", "elsewhere", INFLOW_GONE},
	};
	scoped(directory_closep) struct directory *directory = NULL;
	scoped(inflow_closep) struct inflow *inflow = NULL;
	scoped(buf_deinitv) struct buf findings = {0};
	struct inflow_record record;
	enum inflow_answer told = INFLOW_OTHER;
	enum inflow_state state = INFLOW_GONE;
	bool is_found = true;

	setup();
	buf_init(&findings);
	open_both(&directory, &inflow);
	ck_assert_int_eq(inflow_status(inflow, "k", &is_found, &record, &state, &findings), RG_OK);
	ck_assert(!is_found);
	ck_assert_int_eq(send_content(inflow, "k", "one", &told, &record), RG_OK);
	ck_assert_int_eq(inflow_status(inflow, "k", &is_found, &record, &state, &findings), RG_OK);
	ck_assert(is_found && state == INFLOW_WAITING);
	ck_assert_int_eq(file_create(at("exchange/failed/http-k.xml.findings.json"),
				 bytes_of_text("{}"), 0600),
		RG_OK);
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		ck_assert_int_eq(rename(at(moves[i].from), at(moves[i].to)), 0);
		ck_assert_int_eq(inflow_status(inflow, "k", &is_found, &record, &state, &findings),
			RG_OK);
		ck_assert_int_eq(state, moves[i].state);
		ck_assert_uint_eq(findings.len, state == INFLOW_FAILED ? 2 : 0);
	}
	teardown();
}
END_TEST

static unsigned full_at;

/* The national system: sends again, until it has its answer. */
static void live(void)
{
	scoped(directory_closep) struct directory *directory = NULL;
	scoped(inflow_closep) struct inflow *inflow = NULL;
	struct inflow_record record;
	enum inflow_answer told = INFLOW_OTHER;
	rg_err err = RG_E_IO;

	open_both(&directory, &inflow);
	if (full_at) {
		crash_arm(0, full_at);
	}
	for (unsigned i = 0; err && i < 3; i++) {
		err = send_content(inflow, "k", "one", &told, &record);
	}
	ck_assert_int_eq(err, RG_OK);
	ck_assert_int_ne(told, INFLOW_OTHER);
	/* Answered: the file and the record are there, whatever comes. */
	ck_assert_int_eq(mkdir(at("answered"), 0700) == 0 || access(at("answered"), F_OK) == 0, 1);
}

/* The adapter takes the file up: a second one is a second message. */
static void take_up(void)
{
	if (access(at("exchange/out/http-k.xml"), F_OK) == 0) {
		ck_assert_msg(mkdir(at("taken"), 0700) == 0, "sent twice");
		ck_assert_int_eq((int)syscall(SYS_renameat2, AT_FDCWD,
					 at("exchange/out/http-k.xml"), AT_FDCWD,
					 at("exchange/done/http-k.xml"), 0),
			0);
	}
}

START_TEST(what_comes_in_counts_once_through_a_crash_at_any_step)
{
	bool is_over = false;

	for (unsigned step = 1; !is_over && step < STEPS_MAX; step++) {
		setup();
		is_over = crash_runs_to_its_end(step, live);
		take_up();
		ck_assert(crash_runs_to_its_end(0, live));
		take_up();
		ck_assert(crash_runs_to_its_end(0, live));
		take_up();
		ck_assert_int_eq(access(at("taken"), F_OK), 0);
		teardown();
	}
	ck_assert(is_over);
}
END_TEST

START_TEST(what_comes_in_counts_once_with_a_full_disk_at_any_step)
{
	for (full_at = 1; full_at < 20; full_at++) {
		setup();
		ck_assert(crash_runs_to_its_end(0, live));
		take_up();
		ck_assert(crash_runs_to_its_end(0, live));
		take_up();
		ck_assert_int_eq(access(at("taken"), F_OK), 0);
		teardown();
	}
}
END_TEST

CHECK_MAIN("connector_http", status_says_what_became_of_the_file,
	only_the_file_s_own_failures_are_counted, words_of_a_refusal_are_bounded_and_harmless,
	delay_doubles_up_to_its_bound_and_jitters, alert_of_a_handshake_is_told_from_others,
	addresses_to_listen_on_are_numbers, options_without_protection_are_refused,
	copy_is_the_same_and_its_own, token_is_one_line_of_a_private_file,
	keys_are_printable_and_bounded, key_means_one_content_for_ever, status_follows_the_file,
	what_comes_in_counts_once_through_a_crash_at_any_step,
	what_comes_in_counts_once_with_a_full_disk_at_any_step)
