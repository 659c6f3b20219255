#ifndef CLI_AUDIT_VIEW_H
#define CLI_AUDIT_VIEW_H

/*
 * rivergate audit export --as PARTY --to DIR: a party's view of a log (audit/view.h)
 */

#include <stdbool.h>

#include "cli/arguments.h"

/* Texts are the command line's; party and to are NULL where it is silent. */
struct audit_view {
	const struct argument_form *form; /* in whose name complaints are made */
	const char *log_dir;
	const char *party;
	const char *to;
	bool wants_json;
};

/* Makes and reports; an enum verb_exit: ANSWERED_NO when log or question do not allow it. */
int audit_view_make(const struct audit_view *view);

#endif
