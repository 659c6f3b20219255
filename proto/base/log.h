#ifndef BASE_LOG_H
#define BASE_LOG_H

/*
 * Structured log lines, one event a line, for grep
 *
 *     2026-11-21T18:37:17.123456Z info admit refused verdict=CHANNEL from=la.customs id=0193…
 *
 * Time, level, area, event (kebab-case word), then key=value pairs; values with
 * spaces or odd characters are quoted and escaped, so one event stays one line.
 * Never pass a secret. Lines go to standard error.
 * errno stays as it was. Threads: any; a line is written by one write().
 */

#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

enum log_level {
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG,
};

/* A pair; build with the makers below. Views live until log_event() returns. */
struct log_pair {
	const char *key;
	const char *text;      /* NULL: use bytes or number */
	struct rg_bytes bytes; /* shown as hex */
	int64_t number;
	int kind;
};

struct log_pair log_text(const char *key, const char *text);
struct log_pair log_hex(const char *key, struct rg_bytes bytes);
struct log_pair log_number(const char *key, int64_t number);
struct log_pair log_fault(rg_err err); /* error="…" */
struct log_pair log_errno(void);       /* os="…", from errno */

/* Lines less important than level are dropped. Set once, before threads start. */
void log_set_level(enum log_level level);

#define log_event(level, area, event, ...) \
	log_event_pairs(level, area, event, \
		(const struct log_pair[]){__VA_ARGS__ __VA_OPT__(, ){.key = 0}})
/* pairs end with a pair whose key is NULL. */
void log_event_pairs(enum log_level level, const char *area, const char *event,
	const struct log_pair *pairs);

#endif
