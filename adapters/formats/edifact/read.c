/*
 * A file as interchanges and messages
 *
 * Method: one loop over segments; what has begun decides what may come next.
 *
 * Threads: no state.
 */
#include "formats/edifact/read.h"

#include <string.h>

struct scanning {
	struct edi_reader reader;
	struct edi_file *file;
	struct edi_mail **last;
	struct edi_envelope *envelope;
	struct edi_group *group;
	struct edi_mail *mail; /* that has begun */
	const char *lead, *una_gap, *advice;
	bool is_refused;
};

const char *edi_text_at(const struct edi_node *segment, unsigned element, unsigned component)
{
	struct edi_place place = {element, 1, component};
	const struct edi_value *value = segment ? edi_value_find(segment, &place) : NULL;
	return value ? value->text : "";
}

static rg_err refuse(struct scanning *scanning, const struct edi_node *at, const char *rule,
	const char *text)
{
	struct rg_finding finding = {RG_FINDING_ERROR, rule, "",
		at ? at->line : scanning->reader.line, at ? at->column : scanning->reader.column,
		text};
	scanning->is_refused = true;
	return text ? rg_call_finding(scanning->reader.call, &finding) : RG_E_NOMEM;
}

/* UNA and the white space around it, before an interchange. */
static rg_err take_advice(struct scanning *scanning)
{
	struct edi_reader *reader = &scanning->reader;
	scanning->advice = NULL;
	scanning->una_gap = "";
	reader->service = edi_service_usual;
	if (reader->end - reader->at < 9 || memcmp(reader->at, "UNA", 3) != 0) {
		return RG_OK;
	}
	if (!edi_service_read(reader->at + 3, &reader->service)) {
		return refuse(scanning, NULL, "SYNTAX",
			"UNA names service characters that cannot serve: they are six different "
			"signs, no letters and no digits");
	}
	scanning->advice = pool_copy(reader->pool, reader->at + 3, 6);
	reader->at += 9;
	reader->column += 9;
	scanning->una_gap = edi_read_gap(reader);
	return scanning->advice && scanning->una_gap ? RG_OK : RG_E_NOMEM;
}

/* Without UNA, level B of the syntax and version 4 have characters of their own. */
static void choose_service(struct scanning *scanning)
{
	struct edi_reader *reader = &scanning->reader;
	const char *at = reader->at;
	bool is_head = !scanning->advice && reader->end - at > 10 && memcmp(at, "UNB", 3) == 0;
	if (is_head && at[3] == edi_service_level_b.element) {
		reader->service = edi_service_level_b;
	} else if (is_head && at[3] == '+' && at[8] == ':' && at[9] >= '4' && at[9] <= '9') {
		reader->service = edi_service_repeating;
	}
}

static rg_err open_envelope(struct scanning *scanning, struct edi_node *head)
{
	struct edi_envelope *envelope = pool_alloc(scanning->reader.pool, sizeof(*envelope));
	if (!envelope) {
		return RG_E_NOMEM;
	}
	envelope->service = scanning->reader.service;
	envelope->advice = scanning->advice;
	envelope->lead = scanning->lead;
	envelope->una_gap = scanning->una_gap;
	envelope->head = head;
	scanning->envelope = envelope;
	return RG_OK;
}

static rg_err begin_envelope(struct scanning *scanning, struct edi_node *segment)
{
	bool is_inside = scanning->envelope && scanning->envelope->head;
	return is_inside || scanning->mail
		? refuse(scanning, segment, "SYNTAX", "UNB stands inside an interchange")
		: open_envelope(scanning, segment);
}

static rg_err begin_group(struct scanning *scanning, struct edi_node *segment)
{
	struct edi_envelope *envelope = scanning->envelope;
	if (!envelope || !envelope->head || scanning->group || scanning->mail ||
		envelope->n_messages > 0) {
		bool is_next =
			envelope && envelope->n_groups > 0 && !scanning->group && !scanning->mail;
		if (!is_next) {
			return refuse(scanning, segment, "SYNTAX",
				"UNG stands where no group of messages can begin");
		}
	}
	scanning->group = pool_alloc(scanning->reader.pool, sizeof(*scanning->group));
	if (!scanning->group) {
		return RG_E_NOMEM;
	}
	scanning->group->head = segment;
	scanning->group->number = ++envelope->n_groups;
	return RG_OK;
}

static rg_err begin_mail(struct scanning *scanning, struct edi_node *segment)
{
	struct edi_envelope *envelope = scanning->envelope;
	rg_err err = RG_OK;
	if (scanning->mail || (envelope && envelope->n_groups > 0 && !scanning->group)) {
		return refuse(scanning, segment, "SYNTAX", "UNH stands where no message can begin");
	}
	if (scanning->file->n_mails >= EDI_MAX_MESSAGES) {
		return refuse(scanning, segment, "LIMIT",
			"a file holds at most 1000 messages; split it");
	}
	if (!envelope) {
		err = open_envelope(scanning, NULL);
	}
	scanning->mail = pool_alloc(scanning->reader.pool, sizeof(*scanning->mail));
	if (err || !scanning->mail) {
		return err ? err : RG_E_NOMEM;
	}
	scanning->mail->first = scanning->mail->last = segment;
	scanning->mail->n_segments = 1;
	scanning->mail->envelope = scanning->envelope;
	scanning->mail->group = scanning->group;
	scanning->mail->number = ++scanning->envelope->n_messages;
	segment->index = 1;
	scanning->file->n_mails++;
	return RG_OK;
}

static rg_err take_inside(struct scanning *scanning, struct edi_node *segment)
{
	struct edi_mail *mail = scanning->mail;
	if (!mail) {
		return refuse(scanning, segment, "SYNTAX",
			"the segment stands outside a message: a message begins with UNH");
	}
	mail->last->next = segment;
	mail->last = segment;
	segment->index = ++mail->n_segments;
	if (strcmp(segment->tag, "UNT") == 0) {
		*scanning->last = mail;
		scanning->last = &mail->next;
		scanning->mail = NULL;
		if (scanning->group) {
			scanning->group->n_messages++;
		}
	}
	return RG_OK;
}

static rg_err end_group(struct scanning *scanning, struct edi_node *segment)
{
	if (!scanning->group || scanning->mail || scanning->group->n_messages == 0) {
		return refuse(scanning, segment, "SYNTAX",
			"UNE stands where no group of messages can end");
	}
	scanning->group->tail = segment;
	scanning->group = NULL;
	return RG_OK;
}

static rg_err end_envelope(struct scanning *scanning, struct edi_node *segment)
{
	struct edi_envelope *envelope = scanning->envelope;
	if (!envelope || !envelope->head || scanning->group || scanning->mail ||
		envelope->n_messages == 0) {
		return refuse(scanning, segment, "SYNTAX",
			"UNZ stands where no interchange can end");
	}
	envelope->tail = segment;
	scanning->envelope = NULL;
	return RG_OK;
}

static const struct {
	const char *tag;
	rg_err (*take)(struct scanning *scanning, struct edi_node *segment);
} tags[] = {
	{"UNB", begin_envelope},
	{"UNG", begin_group},
	{"UNH", begin_mail},
	{"UNE", end_group},
	{"UNZ", end_envelope},
};

static rg_err take_segment(struct scanning *scanning)
{
	struct edi_node *segment = NULL;
	rg_err err = edi_read_segment(&scanning->reader, &segment);
	if (err || !segment) {
		scanning->is_refused = true;
		return err;
	}
	segment->gap = edi_read_gap(&scanning->reader);
	if (!segment->gap) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (strcmp(tags[i].tag, segment->tag) == 0) {
			return tags[i].take(scanning, segment);
		}
	}
	return take_inside(scanning, segment);
}

/* Between interchanges the service characters may change. */
static rg_err take_next(struct scanning *scanning)
{
	rg_err err = RG_OK;
	if (!scanning->envelope) {
		err = take_advice(scanning);
		choose_service(scanning);
	}
	if (!err && !scanning->is_refused && scanning->reader.at < scanning->reader.end) {
		err = take_segment(scanning);
	}
	scanning->lead = "";
	return err;
}

static rg_err check_end(struct scanning *scanning)
{
	bool is_open = scanning->mail || scanning->group ||
		(scanning->envelope && scanning->envelope->head);
	if (is_open) {
		return refuse(scanning, NULL, "SYNTAX",
			scanning->mail ? "the file ends within a message: UNT is missing"
				: scanning->group
				? "the file ends within a group: UNE is missing"
				: "the file ends within an interchange: UNZ is missing");
	}
	return scanning->file->first ? RG_OK
				     : refuse(scanning, NULL, "SYNTAX",
					       "the file holds no message: none begins with UNH");
}

rg_err edi_file_read(struct pool *pool, struct rg_bytes native, struct rg_call *call,
	struct edi_file *file, bool *ret_ok)
{
	struct scanning scanning = {.file = file, .last = &file->first};
	rg_err err = edi_charset_read(pool, native, call, &file->input, ret_ok);
	if (err || !*ret_ok) {
		return err;
	}
	scanning.reader = (struct edi_reader){.pool = pool,
		.call = call,
		.service = edi_service_usual,
		.start = file->input.text,
		.at = file->input.text,
		.end = file->input.text + file->input.len,
		.line = 1,
		.column = 1};
	scanning.lead = edi_read_gap(&scanning.reader);
	err = scanning.lead ? RG_OK : RG_E_NOMEM;
	while (!err && !scanning.is_refused && scanning.reader.at < scanning.reader.end) {
		err = take_next(&scanning);
	}
	if (err == RG_E_NOMEM && pool_is_spent(pool)) {
		err = refuse(&scanning, NULL, "LIMIT",
			"the file needs more memory than a translation may have; split it");
	}
	if (!err && !scanning.is_refused) {
		err = check_end(&scanning);
	}
	*ret_ok = !scanning.is_refused;
	return err;
}
