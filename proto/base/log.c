/*
 * Log lines: see log.h
 *
 * A line is built in memory and handed to the system whole, so that lines of
 * several threads and processes never mix.
 * Threads: any; the level is set before they start.
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

enum {
	PAIR_TEXT,
	PAIR_HEX,
	PAIR_NUMBER,
	PAIR_ERRNO,
};

#define HEX_MAX  64   /* bytes shown of a value; the rest is counted */
#define TEXT_MAX 4096 /* the same of a text, which a peer may have chosen */

static enum log_level least = LOG_INFO;

static const char *const level_names[] = {
	[LOG_ERROR] = "error",
	[LOG_WARNING] = "warning",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

struct log_pair log_text(const char *key, const char *text)
{
	return (struct log_pair){.key = key, .text = text ? text : "", .kind = PAIR_TEXT};
}

struct log_pair log_hex(const char *key, struct rg_bytes bytes)
{
	return (struct log_pair){.key = key, .bytes = bytes, .kind = PAIR_HEX};
}

struct log_pair log_number(const char *key, int64_t number)
{
	return (struct log_pair){.key = key, .number = number, .kind = PAIR_NUMBER};
}

struct log_pair log_fault(rg_err err)
{
	return log_text("error", rg_strerror(err));
}

struct log_pair log_errno(void)
{
	return (struct log_pair){.key = "os", .number = errno, .kind = PAIR_ERRNO};
}

void log_set_level(enum log_level level)
{
	least = level;
}

/* Letters that need no quotes: all that is not blank, control, quote, backslash or '='. */
static bool is_bare(const char *text)
{
	static const char odd[] = " \"\\=";

	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f || strchr(odd, *c)) {
			return false;
		}
	}
	return *text != '\0';
}

static void add_text(struct buf *line, const char *text)
{
	size_t len = strlen(text);
	size_t shown = len < TEXT_MAX ? len : TEXT_MAX;

	if (is_bare(text)) {
		buf_add(line, text, shown);
	} else {
		buf_add_u8(line, '"');
		text_escape(bytes_of(text, shown), line);
		buf_add_u8(line, '"');
	}
	if (shown < len) {
		buf_printf(line, "+%zu", len - shown);
	}
}

static void add_hex(struct buf *line, struct rg_bytes bytes)
{
	char hex[2 * HEX_MAX + 1];
	size_t shown = bytes.len < HEX_MAX ? bytes.len : HEX_MAX;

	text_hex(bytes_of(bytes.data, shown), hex);
	buf_add_text(line, hex);
	if (shown < bytes.len) {
		buf_printf(line, "+%zu", bytes.len - shown);
	}
}

static void add_errno(struct buf *line, int number)
{
	char text[128];

	/* The GNU form: may answer with a static text instead of filling the buffer. */
	add_text(line, strerror_r(number, text, sizeof(text)));
}

static void add_pair(struct buf *line, const struct log_pair *pair)
{
	buf_printf(line, " %s=", pair->key);
	switch (pair->kind) {
	case PAIR_HEX:
		add_hex(line, pair->bytes);
		break;
	case PAIR_NUMBER:
		buf_printf(line, "%lld", (long long)pair->number);
		break;
	case PAIR_ERRNO:
		add_errno(line, (int)pair->number);
		break;
	default:
		add_text(line, pair->text ? pair->text : "");
		break;
	}
}

void log_event_pairs(enum log_level level, const char *area, const char *event,
	const struct log_pair *pairs)
{
	scoped(buf_deinit) struct buf line = {0};
	int saved = errno;
	char time[28];

	if (level > least) {
		return;
	}
	text_time_us(clock_now_us(), time);
	buf_printf(&line, "%s %s %s %s", time, level_names[level], area, event);
	for (; pairs->key; pairs++) {
		add_pair(&line, pairs);
	}
	buf_add_u8(&line, '\n');
	if (!buf_error(&line)) {
		/* A log that cannot be written has nobody to tell. */
		ssize_t written = write(STDERR_FILENO, line.data, line.len);

		(void)written;
	}
	errno = saved;
}
