/*
 * One event is one line, whatever the values are.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "suite.h"

static char line[16384];

/* What was written to standard error since the last call; without the time. */
static const char *said(int fd)
{
	ssize_t n = read(fd, line, sizeof(line) - 1);

	line[n > 0 ? n : 0] = '\0';
	return n > 28 ? line + 28 : line;
}

/* Standard error becomes a pipe; returns its other end. */
static int listen_to_errors(void)
{
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	ck_assert_int_ge(dup2(ends[1], STDERR_FILENO), 0);
	return ends[0];
}

START_TEST(event_is_one_line_of_pairs)
{
	int fd = listen_to_errors();

	log_event(LOG_INFO, "admit", "refused", log_text("verdict", "CHANNEL"),
		log_number("at", -5), log_hex("id", bytes_of("\x01\xff", 2)),
		log_fault(RG_E_NOMEM));
	ck_assert_str_eq(said(fd),
		"info admit refused verdict=CHANNEL at=-5 id=01ff "
		"error=\"out of memory\"\n");
	log_event(LOG_ERROR, "main", "stopped");
	ck_assert_str_eq(said(fd), "error main stopped\n");
	ck_assert_int_eq(line[26], 'Z');
	ck_assert_int_eq(line[10], 'T');
}
END_TEST

START_TEST(text_of_any_length_makes_a_line_of_bounded_length)
{
	int fd = listen_to_errors();
	char text[10001];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_event(LOG_INFO, "a", "b", log_text("v", text), log_text("w", "y"));
	ck_assert_uint_lt(strlen(said(fd)), 4096 + 64);
	ck_assert_ptr_nonnull(strstr(line, "x+5904 w=y\n"));
}
END_TEST

START_TEST(hostile_value_stays_within_its_quotes)
{
	int fd = listen_to_errors();

	log_event(LOG_WARNING, "a", "b", log_text("v", "x\n2026 error a b \"k=v\\"),
		log_text("empty", ""), log_text("none", NULL), log_text("esc", "\x1b[0m"),
		log_text("eq", "a=b"), log_text("lao", "ລາວ"), log_text("bad", "\xff"));
	ck_assert_str_eq(said(fd),
		"warning a b v=\"x\\n2026 error a b \\\"k=v\\\\\" empty=\"\" none=\"\" "
		"esc=\"\\x1b[0m\" eq=\"a=b\" lao=\"ລາວ\" bad=\"\\xff\"\n");
}
END_TEST

START_TEST(less_important_events_are_dropped)
{
	int fd = listen_to_errors();

	log_event(LOG_DEBUG, "a", "dropped");
	ck_assert_str_eq(said(fd), "");
	log_set_level(LOG_DEBUG);
	log_event(LOG_DEBUG, "a", "kept");
	ck_assert_str_eq(said(fd), "debug a kept\n");
	log_set_level(LOG_ERROR);
	log_event(LOG_WARNING, "a", "dropped");
	ck_assert_str_eq(said(fd), "");
}
END_TEST

START_TEST(errno_is_told_and_kept)
{
	int fd = listen_to_errors();

	errno = ENOENT;
	log_event(LOG_ERROR, "a", "b", log_errno());
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_str_eq(said(fd), "error a b os=\"No such file or directory\"\n");
}
END_TEST

START_TEST(long_bytes_are_cut_and_counted)
{
	int fd = listen_to_errors();
	static const uint8_t zeroes[1000];

	log_event(LOG_ERROR, "a", "b", log_hex("x", bytes_of(zeroes, sizeof(zeroes))));
	ck_assert_uint_eq(strlen(said(fd)), strlen("error a b x=") + 128 + strlen("+936\n"));
}
END_TEST

CHECK_MAIN("base_log", event_is_one_line_of_pairs,
	text_of_any_length_makes_a_line_of_bounded_length, hostile_value_stays_within_its_quotes,
	less_important_events_are_dropped, errno_is_told_and_kept, long_bytes_are_cut_and_counted)
