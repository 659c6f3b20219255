/*
 * Showing findings: see audit_findings.h.
 *
 * Threads: one.
 */
#include "cli/audit_findings.h"

#include <stdio.h>

#include "cli/show.h"

#define SHOWN_MAX 200 /* as text; --json prints all that are kept */

static void print_finding(const struct finding *finding)
{
	if (finding->first == FINDING_NO_RECORD) {
		printf("the log: ");
	} else if (finding->first == finding->last) {
		printf("record %llu: ", (unsigned long long)finding->first);
	} else {
		printf("records %llu to %llu: ", (unsigned long long)finding->first,
			(unsigned long long)finding->last);
	}
	printf("%s: ", finding_word(finding->rule));
	show_text(stdout, finding->text);
	printf("\n    %s\n", finding_meaning(finding->rule));
}

void findings_print(const struct findings *findings)
{
	for (size_t i = 0; i < findings->n_items && i < SHOWN_MAX; i++) {
		print_finding(&findings->items[i]);
	}
	if (findings->n_all > SHOWN_MAX) {
		printf("… and %llu more (--json lists up to %d)\n",
			(unsigned long long)(findings->n_all - SHOWN_MAX), FINDING_KEPT_MAX);
	}
}

static json_t *finding_json(const struct finding *finding)
{
	bool has_record = finding->first != FINDING_NO_RECORD;

	return json_pack("{s:o, s:o, s:s, s:s, s:s}", "record",
		has_record ? json_integer((json_int_t)finding->first) : json_null(), "lastRecord",
		has_record ? json_integer((json_int_t)finding->last) : json_null(), "rule",
		finding_word(finding->rule), "text", finding->text, "meaning",
		finding_meaning(finding->rule));
}

json_t *findings_json(const struct findings *findings)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < findings->n_items; i++) {
		if (json_array_append_new(list, finding_json(&findings->items[i]))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}
