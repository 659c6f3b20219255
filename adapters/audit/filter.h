#ifndef AUDIT_FILTER_H
#define AUDIT_FILTER_H

/*
 * Which messages of a log are meant
 *
 * All that is set must hold. Texts are compared without regard to case, since people type
 * them; HS codes by their beginning (dots may stand in what is asked). The facts of a message
 * count as its header does: a certificate is found by its own number and goods, what its issuer or
 * others say about it by that number, an alert by what it is about. A code of 2 or 4 digits in
 * facts means all goods below, and is found by each of their codes.
 *
 * Threads: any.
 */

#include <stdbool.h>
#include <stdint.h>

#include "audit/walk.h"

#define FILTER_HS_MAX 6

/* NULL or 0: not asked. */
struct filter {
	const char *ucr;
	const char *party;    /* sender or recipient: this address, or one below it */
	const char *document; /* number of a document that the message relies on, is, or is about */
	const char *vehicle;  /* plate, trailer, container or seal */
	char hs[FILTER_HS_MAX + 1];
	Rivergate__V1__Kind kind;
	bool has_id;
	uint8_t id[16];
	int64_t from_us;  /* time_us of the record, first … */
	int64_t until_us; /* … and last that counts */
};

/* Digits of an HS code or of its beginning; false: it is none. */
bool filter_set_hs(struct filter *filter, const char *text);
/* DECLARATION, pest-alert …; false: there is no such kind. */
bool filter_set_kind(struct filter *filter, const char *text);
/* 32 hex digits, with or without the hyphens of a UUID. */
bool filter_set_id(struct filter *filter, const char *text);

/* Records that are no messages do not match. */
bool filter_matches(const struct filter *filter, const struct walk_record *record);

#endif
