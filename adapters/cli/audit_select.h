#ifndef CLI_AUDIT_SELECT_H
#define CLI_AUDIT_SELECT_H

/*
 * What `audit search` and `audit export` have in common: which records, of which log
 */

#include <stdbool.h>

#include "audit/filter.h"
#include "cli/arguments.h"

struct select_options {
	const char *ucr;
	const char *id;
	const char *party;
	const char *kind;
	const char *since;
	const char *until;
	const char *hs;
	const char *document;
	const char *vehicle;
	const char *at;
};

/* Rows of an argument table whose target has a member `select` of that struct. */
#define SELECT_ROW(type_, word, member, value_, help_) \
	{ \
		.name = word, .type = ARGUMENT_TEXT, .offset = offsetof(type_, select.member), \
		.value = value_, .help = help_ \
	}
#define SELECT_ROWS(type_) \
	SELECT_ROW(type_, "ucr", ucr, "UCR", "unique consignment reference"), \
		SELECT_ROW(type_, "id", id, "HEX", "id of a message"), \
		SELECT_ROW(type_, "party", party, "ADDRESS", \
			"sender or recipient, or an address above it"), \
		SELECT_ROW(type_, "kind", kind, "KIND", "e.g. DECLARATION"), \
		SELECT_ROW(type_, "since", since, "TIME", "recorded at or after this"), \
		SELECT_ROW(type_, "until", until, "TIME", "recorded at or before this"), \
		SELECT_ROW(type_, "hs", hs, "HS", "goods whose code begins so, e.g. 0810"), \
		SELECT_ROW(type_, "document", document, "NUMBER", \
			"a supporting document's number"), \
		SELECT_ROW(type_, "vehicle", vehicle, "TEXT", \
			"plate, trailer, container or seal"), \
		SELECT_ROW(type_, "at", at, "SIZE|TIME", "the log as it was then")

/* False: an option is wrong, which has been said. The filter borrows the options' texts. */
bool select_read(const struct argument_form *form, const struct select_options *options,
	struct filter *ret_filter);

struct select_job {
	const struct argument_form *form;
	const struct select_options *options;
	const char *dir;
	bool with_others; /* records that are no messages too, when nothing was asked of messages */
	/* For each that is meant; false: enough. */
	bool (*take)(void *context, const struct walk_record *record);
	void *context;
};

/*
 * Walks the log. Returns VERB_DONE; VERB_ANSWERED_NO when the log cannot be read through, with
 * what is wrong on standard error; VERB_USAGE; or VERB_COULD_NOT.
 */
int select_run(const struct select_job *job);

#endif
