/*
 * Findings: see finding.h.
 *
 * Threads: one at a time.
 */
#include "audit/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct rule_row {
	const char *word;
	const char *meaning;
};

static const struct rule_row rules[FINDING_RULES] = {
	[FINDING_CHECKPOINT] = {"CHECKPOINT",
		"Nothing signed by the log's key says how many records it has and which: ask the "
		"operator for a checkpoint, and compare it with a witness's."},
	[FINDING_COSIGNATURE] = {"COSIGNATURE",
		"A line claims that a witness saw this checkpoint, and the witness's key did not "
		"sign it: the line was forged or damaged."},
	[FINDING_LOG_KEY] = {"LOG_KEY",
		"The key that signs this log is not the one that the members' registry gives to "
		"its router."},
	[FINDING_ORIGIN] = {"ORIGIN",
		"Record 0 does not make this the log that its checkpoint names."},
	[FINDING_PIN] = {"PIN",
		"The log starts from another registry than the one whose hash you gave: its "
		"members are not those you know."},
	[FINDING_HEAD] = {"HEAD",
		"The records are not those that the log's key signed: at least one was changed, "
		"removed, added or moved."},
	[FINDING_TILE] = {"TILE",
		"A published hash tile does not follow from the records: proofs made from it do "
		"not hold."},
	[FINDING_HISTORY] = {"HISTORY",
		"The log signed another history before: records that it had then were changed, "
		"removed or moved since, or two histories were shown to two people."},
	[FINDING_TRUNCATED] = {"TRUNCATED",
		"The log had more records when it signed the earlier checkpoint: records at its "
		"end were removed."},
	[FINDING_RECEIPT] = {"RECEIPT",
		"The log promised this record to its sender in another form: it was changed or "
		"replaced since."},
	[FINDING_ENTRY] = {"ENTRY",
		"The bytes of the record and its hash in the tile differ: one of the two was "
		"changed."},
	[FINDING_MISSING] = {"MISSING",
		"A file that the log must hold is not there: this part of the log cannot be "
		"checked."},
	[FINDING_JOURNAL] = {"JOURNAL",
		"The router's own journal holds something else than what it published, or is "
		"damaged."},
	[FINDING_LEAF] = {"LEAF",
		"The bytes are no record of this protocol: no honest router writes them."},
	[FINDING_HEADER] = {"HEADER",
		"A router has to refuse a message with such a header: this record was not made by "
		"the rules."},
	[FINDING_CONTENT] = {"CONTENT",
		"The part that is stored is not the one that the sender signed: it was changed or "
		"replaced."},
	[FINDING_SIGNATURE] = {"SIGNATURE",
		"The sender did not sign this: header or signature was changed, or made up."},
	[FINDING_CERTIFICATE] = {"CERTIFICATE",
		"The key was not in force for signing when the record was made."},
	[FINDING_REVOKED] = {"REVOKED",
		"The sender's certificate was revoked, or its revocation list too old, when the "
		"record was made."},
	[FINDING_SENDER] = {"SENDER", "The message is signed by a key of another party."},
	[FINDING_ROUTE] = {"ROUTE",
		"The message is addressed to somebody whom no directory in force knew."},
	[FINDING_CHANNEL] = {"CHANNEL",
		"No channel rule in force allowed this message to pass: data left a country "
		"without a legal basis."},
	[FINDING_TIME] = {"TIME",
		"By its own times the message could not be admitted when the record was made."},
	[FINDING_TIME_ORDER] = {"TIME_ORDER",
		"Time runs backwards here: the record was moved, or its time was changed."},
	[FINDING_TIME_AHEAD] = {"TIME_AHEAD",
		"A witness or a time-stamping authority had seen the record before the time it "
		"states: the time was made up, or the router's clock ran ahead of theirs."},
	[FINDING_META] = {"META",
		"The record names another registry, directory or revocation list than the one in "
		"force: it was admitted under the wrong law, or records before it are missing."},
	[FINDING_MARK] = {"MARK",
		"The marks of the record do not say what they have to: its readers were not "
		"warned, or warned without cause."},
	[FINDING_IDENTITY] = {"IDENTITY",
		"Two records bear the same message identity: one was replayed or replaced."},
	[FINDING_GOVERNANCE] = {"GOVERNANCE",
		"Registry, directory or revocation list was changed without the signatures that "
		"such a change needs; what follows was judged under what was in force before."},
	[FINDING_DELIVERY] = {"DELIVERY",
		"The log says that something was delivered or set aside that was not to be "
		"delivered then: to another party, twice, or not at all."},
	[FINDING_DERIVED] = {"DERIVED",
		"The log speaks of a message derived from it that does not follow from its "
		"records."},
	[FINDING_SPLIT] = {"SPLIT",
		"One log shows two histories, both signed: whoever holds its key deceives at least "
		"one of the two who got them. The two checkpoints together prove it."},
	[FINDING_ABSENT] = {"ABSENT",
		"A record is in one of the two logs and not in the other: it was removed, added or "
		"changed in one of them."},
	[FINDING_COUNTER] = {"COUNTER",
		"The party received something that the log does not list as that delivery: it was "
		"delivered without being logged, or logged otherwise."},
	[FINDING_UNDELIVERED] = {"UNDELIVERED",
		"The log lists a delivery to the party that never reached it: it was held back, or "
		"is still on its way."},
	[FINDING_TIMESTAMP] = {"TIMESTAMP",
		"A time-stamp that lies with the log proves nothing: it was damaged or replaced, "
		"covers something else, or its authority is none that you trust."},
	[FINDING_UNWITNESSED] = {"UNWITNESSED",
		"The log continues another, and too few witnesses had seen the end of that one: "
		"that these are its records is its operator's word alone. Compare with what others "
		"kept of it."},
};

const char *finding_word(enum finding_rule rule)
{
	return rules[rule].word;
}

const char *finding_meaning(enum finding_rule rule)
{
	return rules[rule].meaning;
}

bool finding_rule_of(const char *word, enum finding_rule *ret_rule)
{
	for (int rule = 0; rule < (int)FINDING_RULES; rule++) {
		if (strcmp(rules[rule].word, word) == 0) {
			*ret_rule = (enum finding_rule)rule;
			return true;
		}
	}
	return false;
}

void findings_deinit(struct findings *findings)
{
	free(findings->items);
	*findings = (struct findings){.items = NULL};
}

static bool make_room(struct findings *findings)
{
	if (findings->n_items < findings->n_room) {
		return true;
	}
	size_t n_room = findings->n_room ? 2 * findings->n_room : 16;
	struct finding *items = realloc(findings->items, n_room * sizeof(*items));

	if (!items) {
		findings->err = RG_E_NOMEM;
		return false;
	}
	findings->items = items;
	findings->n_room = n_room;
	return true;
}

/* A text that was cut in the middle of a character, or holds others' bytes, stays UTF-8. */
static void mend(char *text)
{
	if (text_is_utf8(bytes_of_text(text))) {
		return;
	}
	for (; *text; text++) {
		if ((unsigned char)*text >= 0x80) {
			*text = '?';
		}
	}
}

void findings_put(struct findings *findings, const struct finding *finding)
{
	findings->n_all++;
	if (findings->n_items < FINDING_KEPT_MAX && make_room(findings)) {
		findings->items[findings->n_items] = *finding;
		mend(findings->items[findings->n_items++].text);
	}
}

void findings_add(struct findings *findings, enum finding_rule rule, uint64_t record,
	const char *format, ...)
{
	struct finding finding = {.rule = rule, .first = record, .last = record};
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(finding.text, sizeof(finding.text), format, arguments);
	va_end(arguments);
	findings_put(findings, &finding);
}

void findings_move(struct findings *findings, struct findings *from)
{
	for (size_t i = 0; i < from->n_items; i++) {
		findings_put(findings, &from->items[i]);
	}
	findings->n_all += from->n_all - from->n_items;
	findings->err = findings->err ? findings->err : from->err;
	from->n_items = 0;
	from->n_all = 0;
	from->err = RG_OK;
}

static int compare(const void *a, const void *b)
{
	const struct finding *first = a;
	const struct finding *second = b;
	/* The log itself has the highest number, which wraps to the lowest. */
	uint64_t one = first->first + 1;
	uint64_t other = second->first + 1;

	if (one != other) {
		return one < other ? -1 : 1;
	}
	return first->rule < second->rule ? -1 : first->rule > second->rule;
}

void findings_sort(struct findings *findings)
{
	if (findings->n_items > 1) {
		qsort(findings->items, findings->n_items, sizeof(*findings->items), compare);
	}
}
