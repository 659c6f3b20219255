/*
 * rivergate status --state: see status_state.h
 *
 * Threads: one.
 */
#include "cli/status_state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "client/account.h"

#define ALARMS_MAX ((size_t)64 << 20)

static void text_free(char **text)
{
	free(*text);
}

static void json_free(json_t **json)
{
	json_decref(*json);
}

static rg_err add_range(json_t *ranges, uint64_t first, uint64_t last)
{
	return json_array_append_new(ranges,
		       json_pack("{s:I, s:I}", "first", (json_int_t)first, "last",
			       (json_int_t)last)) != 0
		? RG_E_NOMEM
		: RG_OK;
}

static json_t *deliveries_json(struct account *account)
{
	scoped(json_free) json_t *missing = json_array();
	scoped(json_free) json_t *open = json_array();
	size_t n_gaps = 0;
	const struct account_gap *gaps = account_gaps(account, &n_gaps);
	uint64_t first = 0;
	uint64_t last = 0;
	rg_err err = missing && open ? RG_OK : RG_E_NOMEM;

	for (size_t i = 0; !err && account_missing_at(account, i, &first, &last); i++) {
		err = add_range(missing, first, last);
	}
	for (size_t i = 0; !err && i < n_gaps; i++) {
		err = add_range(open, gaps[i].first, gaps[i].last);
	}
	return err ? NULL
		   : json_pack("{s:I, s:O, s:O}", "highest", (json_int_t)account_highest(account),
			     "open", open, "missing", missing);
}

/* The lines of the file as an array; a line that is no JSON stands as a text. */
static rg_err read_alarms(const char *state_path, json_t *alarms)
{
	scoped(text_free) char *path = file_join(state_path, "alarms");
	scoped(buf_deinitv) struct buf content = {0};
	struct rg_bytes line;
	bool is_found = false;
	rg_err err = path ? file_read(path, ALARMS_MAX, &content, &is_found) : RG_E_NOMEM;
	struct rg_bytes rest = buf_view(&content);

	while (!err && is_found && text_next_line(&rest, &line)) {
		json_t *alarm = json_loadb((const char *)line.data, line.len, 0, NULL);

		if (!alarm) {
			alarm = json_stringn((const char *)line.data, line.len);
		}
		err = json_array_append_new(alarms, alarm) == 0 ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

static void print_ranges(const char *name, const json_t *ranges)
{
	size_t i = 0;
	json_t *range = NULL;

	json_array_foreach(ranges, i, range)
	{
		printf("%-13s %lld to %lld\n", name,
			json_integer_value(json_object_get(range, "first")),
			json_integer_value(json_object_get(range, "last")));
	}
}

static void print_alarm(const json_t *alarm)
{
	char time[SHOW_TIME_LEN];
	const char *kind = json_string_value(json_object_get(alarm, "kind"));
	const char *text = json_string_value(json_object_get(alarm, "text"));

	printf("alarm         %s ",
		show_time(json_integer_value(json_object_get(alarm, "timeUs")), time));
	show_text(stdout, kind ? kind : "a line that does not parse");
	fputs(": ", stdout);
	show_text(stdout, text ? text : "");
	putchar('\n');
}

static void print_state(const json_t *deliveries, const json_t *alarms)
{
	size_t i = 0;
	json_t *alarm = NULL;

	printf("deliveries    %lld\n", json_integer_value(json_object_get(deliveries, "highest")));
	print_ranges("not yet here", json_object_get(deliveries, "open"));
	print_ranges("never came", json_object_get(deliveries, "missing"));
	json_array_foreach(alarms, i, alarm)
	{
		print_alarm(alarm);
	}
	puts(i || json_array_size(json_object_get(deliveries, "missing"))
			? "Ask the operator and the auditors; keep this folder."
			: "no alarms");
}

/* An adapter keeps it below client/, another client beside its spool. */
static rg_err find_account(const char *state_path, struct account **ret_account)
{
	scoped(text_free) char *below = file_join(state_path, "client");
	rg_err err = below ? account_look(below, ret_account) : RG_E_NOMEM;

	return err || *ret_account ? err : account_look(state_path, ret_account);
}

int status_state(const char *state_path, bool wants_json)
{
	scoped(account_closep) struct account *account = NULL;
	scoped(json_free) json_t *alarms = json_array();
	scoped(json_free) json_t *deliveries = NULL;
	rg_err err = alarms ? find_account(state_path, &account) : RG_E_NOMEM;

	if (!err && !account) {
		fprintf(stderr,
			"rivergate status: %s holds no account of deliveries; name the state "
			"folder of an adapter that has received\n",
			state_path);
		return VERB_COULD_NOT;
	}
	if (!err) {
		err = read_alarms(state_path, alarms);
	}
	deliveries = err ? NULL : deliveries_json(account);
	if (!deliveries) {
		return VERB_COULD_NOT;
	}
	bool is_bad = json_array_size(alarms) || account_missing(account);
	if (!wants_json) {
		print_state(deliveries, alarms);
		return is_bad ? VERB_ANSWERED_NO : VERB_DONE;
	}
	int exit_code =
		show_json(json_pack("{s:O, s:O}", "deliveries", deliveries, "alarms", alarms));
	return exit_code == VERB_DONE && is_bad ? VERB_ANSWERED_NO : exit_code;
}
