/*
 * How track shows a consignment: see show_consignment.h
 *
 * Threads: one.
 */
#include "cli/show_consignment.h"

#include <stdio.h>

#include "base/text.h"
#include "cli/show.h"

#define ID_MAX 32

/* --- Text ----------------------------------------------------------------------------------- */

static void print_names(char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fputs(i ? ", " : "", stdout);
		show_text(stdout, names[i]);
	}
}

static void print_leg(const Rivergate__V1__StatusLeg *leg, size_t number)
{
	char time[SHOW_TIME_LEN];

	printf("  leg %zu  ", number);
	show_text(stdout, leg->country);
	printf(" %s  %s since %s  turn: %s",
		show_enum(&rivergate__v1__regime__descriptor, (int)leg->regime),
		show_enum(&rivergate__v1__leg_status__descriptor, (int)leg->status),
		show_time(leg->since_us, time),
		show_enum(&rivergate__v1__turn__descriptor, (int)leg->turn));
	if (leg->n_authorities) {
		fputs("  by ", stdout);
		print_names(leg->authorities, leg->n_authorities);
	}
	if (leg->due_us) {
		printf("  due %s", show_time(leg->due_us, time));
	}
	putchar('\n');
}

static void print_entry(const Rivergate__V1__PlanEntry *entry)
{
	fputs("      ", stdout);
	show_text(stdout, entry->authority);
	printf(" %s by rule ",
		show_enum(&rivergate__v1__authority_role__descriptor, (int)entry->role));
	show_text(stdout, entry->rule);
	if (entry->profile_version) {
		printf(" of profile version %llu (record %llu)",
			(unsigned long long)entry->profile_version,
			(unsigned long long)entry->profile_index);
	}
	if (entry->legal_basis) {
		fputs(": ", stdout);
		show_text(stdout, entry->legal_basis->instrument);
		fputs(", article ", stdout);
		show_text(stdout, entry->legal_basis->article);
	} else {
		fputs(": every leg has its customs", stdout);
	}
	if (entry->n_documents) {
		fputs("; asks for ", stdout);
		print_names(entry->documents, entry->n_documents);
	}
	if (entry->n_outstanding) {
		fputs("; lacks ", stdout);
		print_names(entry->outstanding, entry->n_outstanding);
	}
	if (entry->n_data_sets) {
		fputs("; gets ", stdout);
		print_names(entry->data_sets, entry->n_data_sets);
	}
	putchar('\n');
}

static void print_why(const Rivergate__V1__PlanLeg *leg)
{
	if (leg->no_rule) {
		puts("      no profile says anything about these goods here");
	}
	for (size_t i = 0; i < leg->n_entries; i++) {
		print_entry(leg->entries[i]);
	}
}

static void print_declaration(const Rivergate__V1__DeclarationView *one)
{
	show_text(stdout, one->number[0] ? one->number : one->from);
	if (one->number[0]) {
		fputs(" of ", stdout);
		show_text(stdout, one->from);
	}
	printf("  %s  %s", show_enum(&rivergate__v1__purpose__descriptor, (int)one->purpose),
		show_enum(&rivergate__v1__leg_status__descriptor, (int)one->status));
	if (one->authority[0]) {
		fputs("  by ", stdout);
		show_text(stdout, one->authority);
	}
	putchar('\n');
}

/* Of several declarations of a leg each has a status of its own. */
static void print_declarations(const Rivergate__V1__ConsignmentView *view, size_t leg)
{
	size_t n = 0;

	for (size_t i = 0; i < view->n_declarations; i++) {
		n += view->declarations[i]->leg == leg;
	}
	for (size_t i = 0; n > 1 && i < view->n_declarations; i++) {
		if (view->declarations[i]->leg == leg) {
			fputs("    declaration ", stdout);
			print_declaration(view->declarations[i]);
		}
	}
}

void show_movement(const Rivergate__V1__MovementView *movement)
{
	fputs("truck ", stdout);
	print_names(movement->names, movement->n_names);
	puts(movement->n_holds ? "  held" : "  no open hold known");
	for (size_t i = 0; i < movement->n_holds; i++) {
		const Rivergate__V1__MovementHold *hold = movement->holds[i];

		fputs("  held by UCR ", stdout);
		show_text(stdout, hold->ucr);
		printf(" on leg %u: ", hold->declaration->leg);
		print_declaration(hold->declaration);
	}
}

void show_consignment(const Rivergate__V1__ConsignmentView *view, bool why)
{
	const Rivergate__V1__StatusFacts *status = view->status;

	fputs("UCR ", stdout);
	show_text(stdout, view->ucr);
	fputs(status->held_by[0] ? "  held by " : "  no open hold known", stdout);
	show_text(stdout, status->held_by);
	printf("  declaration version %u\n", status->version);
	for (size_t i = 0; i < status->n_legs; i++) {
		print_leg(status->legs[i], i + 1);
		print_declarations(view, i + 1);
		if (why && view->plan && i < view->plan->n_legs) {
			print_why(view->plan->legs[i]);
		}
	}
	for (size_t i = 0; i < status->n_findings; i++) {
		fputs("  finding ", stdout);
		show_text(stdout, status->findings[i]->rule);
		fputs(": ", stdout);
		show_text(stdout, status->findings[i]->text);
		putchar('\n');
	}
}

/* --- JSON ----------------------------------------------------------------------------------- */

static json_t *texts_json(char *const *texts, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		(void)json_array_append_new(array, json_string(texts[i]));
	}
	return array;
}

static json_t *entry_json(const Rivergate__V1__PlanEntry *entry)
{
	const Rivergate__V1__LegalBasis *law = entry->legal_basis;

	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:o, s:o, s:o, s:I}", "authority",
		entry->authority, "role",
		show_enum(&rivergate__v1__authority_role__descriptor, (int)entry->role), "rule",
		entry->rule, "profileVersion", (json_int_t)entry->profile_version, "profileRecord",
		(json_int_t)entry->profile_index, "instrument", law ? law->instrument : "",
		"article", law ? law->article : "", "documents",
		texts_json(entry->documents, entry->n_documents), "outstanding",
		texts_json(entry->outstanding, entry->n_outstanding), "dataSets",
		texts_json(entry->data_sets, entry->n_data_sets), "targetUs",
		(json_int_t)entry->target_us);
}

static json_t *declaration_json(const Rivergate__V1__DeclarationView *one)
{
	char hex[2 * ID_MAX + 1] = "";

	if (one->id.len <= ID_MAX) {
		text_hex(bytes_of(one->id.data, one->id.len), hex);
	}
	return json_pack("{s:s, s:s, s:I, s:s, s:s, s:I, s:s, s:s}", "from", one->from, "id", hex,
		"version", (json_int_t)one->version, "purpose",
		show_enum(&rivergate__v1__purpose__descriptor, (int)one->purpose), "number",
		one->number, "leg", (json_int_t)one->leg, "status",
		show_enum(&rivergate__v1__leg_status__descriptor, (int)one->status), "authority",
		one->authority);
}

json_t *show_movement_json(const Rivergate__V1__MovementView *movement)
{
	json_t *holds = json_array();

	for (size_t i = 0; i < movement->n_holds; i++) {
		json_t *hold = declaration_json(movement->holds[i]->declaration);

		(void)json_object_set_new(hold, "ucr", json_string(movement->holds[i]->ucr));
		(void)json_array_append_new(holds, hold);
	}
	return json_pack("{s:o, s:o, s:b, s:o}", "names",
		texts_json(movement->names, movement->n_names), "ucrs",
		texts_json(movement->ucrs, movement->n_ucrs), "held", movement->n_holds > 0,
		"heldBy", holds);
}

static json_t *declarations_json(const Rivergate__V1__ConsignmentView *view)
{
	json_t *list = json_array();

	for (size_t i = 0; i < view->n_declarations; i++) {
		(void)json_array_append_new(list, declaration_json(view->declarations[i]));
	}
	return list;
}

static json_t *leg_json(const Rivergate__V1__StatusLeg *leg, const Rivergate__V1__PlanLeg *plan)
{
	json_t *entries = json_array();

	for (size_t i = 0; plan && i < plan->n_entries; i++) {
		(void)json_array_append_new(entries, entry_json(plan->entries[i]));
	}
	return json_pack("{s:s, s:s, s:s, s:I, s:s, s:o, s:I, s:b, s:o}", "country", leg->country,
		"regime", show_enum(&rivergate__v1__regime__descriptor, (int)leg->regime), "status",
		show_enum(&rivergate__v1__leg_status__descriptor, (int)leg->status), "sinceUs",
		(json_int_t)leg->since_us, "turn",
		show_enum(&rivergate__v1__turn__descriptor, (int)leg->turn), "authorities",
		texts_json(leg->authorities, leg->n_authorities), "dueUs", (json_int_t)leg->due_us,
		"noRule", plan ? (int)plan->no_rule : 0, "plan", entries);
}

json_t *show_consignment_json(const Rivergate__V1__ConsignmentView *view)
{
	const Rivergate__V1__StatusFacts *status = view->status;
	json_t *legs = json_array();
	json_t *findings = json_array();

	for (size_t i = 0; i < status->n_legs; i++) {
		const Rivergate__V1__PlanLeg *plan =
			view->plan && i < view->plan->n_legs ? view->plan->legs[i] : NULL;

		(void)json_array_append_new(legs, leg_json(status->legs[i], plan));
	}
	for (size_t i = 0; i < status->n_findings; i++) {
		const Rivergate__V1__Finding *finding = status->findings[i];

		(void)json_array_append_new(findings,
			json_pack("{s:s, s:s, s:s}", "rule", finding->rule, "path", finding->path,
				"text", finding->text));
	}
	return json_pack("{s:s, s:s, s:I, s:o, s:o, s:o}", "ucr", view->ucr, "heldBy",
		status->held_by, "version", (json_int_t)status->version, "legs", legs,
		"declarations", declarations_json(view), "findings", findings);
}
