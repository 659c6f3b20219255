/*
 * rivergate audit export --as PARTY: see audit_view.h
 *
 * Threads: one.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/view.h"
#include "cli/arguments.h"
#include "cli/audit_view.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "registry/address.h"

static void show_progress(void *context, uint64_t done, uint64_t size)
{
	(void)context;
	fprintf(stderr, "\r%3u %%  %llu records ", (unsigned)(size ? done * 50 / size : 100),
		(unsigned long long)size);
	if (done >= 2 * size) {
		fputc('\n', stderr);
	}
}

static int print(const struct audit_view *view, const struct view_report *report)
{
	int code = report->refused ? VERB_ANSWERED_NO : VERB_DONE;

	if (view->wants_json) {
		int shown = show_json(json_pack("{s:b, s:s, s:I, s:I, s:s, s:s}", "made",
			!report->refused, "party", view->party, "size", (json_int_t)report->size,
			"own", (json_int_t)report->n_own, "refused",
			report->refused ? report->refused : "", "where", report->where));

		return shown == VERB_DONE ? code : shown;
	}
	if (report->refused) {
		arguments_complain(view->form, "%s%s%s", report->where,
			report->where[0] ? ": " : "", report->refused);
		return code;
	}
	printf("view of %s: %llu of %llu records, in ", view->party,
		(unsigned long long)report->n_own, (unsigned long long)report->size);
	show_text(stdout, view->to);
	printf("\n");
	return code;
}

int audit_view_make(const struct audit_view *view)
{
	struct view_report report;

	if (!view->party || !view->to) {
		arguments_complain(view->form, "--as PARTY and --to DIR belong together");
		return VERB_USAGE;
	}
	if (!address_is_valid(view->party)) {
		arguments_complain(view->form, "--as: not an address, e.g. la.customs.boten");
		return VERB_USAGE;
	}
	const struct view_options options = {.log_dir = view->log_dir,
		.party = view->party,
		.to = view->to,
		.progress = isatty(STDERR_FILENO) ? show_progress : NULL};
	rg_err err = view_export(&options, &report);

	if (err) {
		arguments_complain(view->form, "%s", rg_strerror(err));
		return VERB_COULD_NOT;
	}
	return print(view, &report);
}
