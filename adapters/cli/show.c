/*
 * How verbs show what others have sent: see show.h
 *
 * Threads: one.
 */

#include "cli/show.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/merkle.h"
#include "base/text.h"
#include "cli/verb.h"
#include "wire/scan.h"

void show_text(FILE *out, const char *text)
{
	scoped(buf_deinit) struct buf escaped = {0};

	text_escape(bytes_of_text(text), &escaped);
	const char *shown = buf_text(&escaped);
	fputs(shown ? shown : "?", out);
}

const char *show_time(int64_t time_us, char text[SHOW_TIME_LEN])
{
	if (time_us == 0) {
		return "-";
	}
	text_time_us(time_us, text);
	return text;
}

const char *show_id(struct rg_bytes id, char text[SHOW_ID_LEN])
{
	if (id.len != (SHOW_ID_LEN - 1) / 2) {
		return "-";
	}
	text_hex(id, text);
	return text;
}

/* Length of what all values of the enumeration begin with, up to and with an underscore. */
static size_t prefix_of(const ProtobufCEnumDescriptor *desc)
{
	static const char unspecified[] = "UNSPECIFIED";
	const char *zero = desc->n_values ? desc->values[0].name : "";
	const char *at = strstr(zero, unspecified);

	return at ? (size_t)(at - zero) : 0;
}

const char *show_enum(const ProtobufCEnumDescriptor *desc, int value)
{
	const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(desc, value);

	return found ? found->name + prefix_of(desc) : "?";
}

static const char *kind_of(const Rivergate__V1__Header *header)
{
	return show_enum(&rivergate__v1__kind__descriptor, (int)header->kind);
}

static const char *purpose_of(const Rivergate__V1__Header *header)
{
	return header->purpose
		? show_enum(&rivergate__v1__purpose__descriptor, (int)header->purpose)
		: "";
}

void show_header(FILE *out, const Rivergate__V1__Header *header)
{
	fprintf(out, "%s%s%s  ", kind_of(header), header->purpose ? " " : "", purpose_of(header));
	show_text(out, header->from);
	fputs(" → ", out);
	for (size_t i = 0; i < header->n_to; i++) {
		fputs(i ? ", " : "", out);
		show_text(out, header->to[i]);
	}
	if (header->ucr[0]) {
		fputs("  UCR ", out);
		show_text(out, header->ucr);
	}
}

/* Ids of the messages that this one answers, amends, decides: refs in their order. */
static json_t *refs_json(const Rivergate__V1__Header *header)
{
	char id[SHOW_ID_LEN];
	json_t *refs = json_array();

	for (size_t i = 0; i < header->n_refs; i++) {
		const Rivergate__V1__Ref *ref = header->refs[i];

		(void)json_array_append_new(refs,
			json_pack("{s:s, s:s, s:s}", "relation",
				show_enum(&rivergate__v1__relation__descriptor, (int)ref->relation),
				"from", ref->from, "id",
				show_id(bytes_of(ref->id.data, ref->id.len), id)));
	}
	return refs;
}

static json_t *acknowledgement_json(const Rivergate__V1__AcknowledgementFacts *facts)
{
	return json_pack("{s:s, s:s, s:s}", "outcome",
		show_enum(&rivergate__v1__acknowledgement_facts__outcome__descriptor,
			(int)facts->outcome),
		"handedOverAs", facts->handed_over_as, "nativeCode", facts->native_code);
}

json_t *show_header_json(const Rivergate__V1__Header *header)
{
	char id[SHOW_ID_LEN];
	json_t *to = json_array();

	for (size_t i = 0; i < header->n_to; i++) {
		(void)json_array_append_new(to, json_string(header->to[i]));
	}
	json_t *object = json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:I, s:o}", "id",
		show_id(bytes_of(header->id.data, header->id.len), id), "from", header->from, "to",
		to, "kind", kind_of(header), "purpose", purpose_of(header), "ucr", header->ucr,
		"sentAtUs", (json_int_t)header->sent_at_us, "refs", refs_json(header));

	if (header->facts_case == RIVERGATE__V1__HEADER__FACTS_ACKNOWLEDGEMENT) {
		(void)json_object_set_new(object, "acknowledgement",
			acknowledgement_json(header->acknowledgement));
	}
	return object;
}

int show_json(json_t *value)
{
	int failed = value ? json_dumpf(value, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : -1;

	json_decref(value);
	if (failed) {
		fputs("rivergate: out of memory\n", stderr);
		return VERB_COULD_NOT;
	}
	putchar('\n');
	return VERB_DONE;
}

/* --- Lists --------------------------------------------------------------------------------- */

static const char *state_of(const Rivergate__V1__TrackedDelivery *delivery)
{
	return show_enum(&rivergate__v1__delivery_state__descriptor, (int)delivery->state);
}

const Rivergate__V1__Header *show_read_header(const Rivergate__V1__Tracked *message,
	struct arena *arena)
{
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;
	rg_err err = scan_unpack(&rivergate__v1__header__descriptor,
		bytes_of(message->header.data, message->header.len), arena, &answer, &msg);

	return err ? NULL : (const Rivergate__V1__Header *)msg;
}

/* How far the record is witnessed; false: nobody said, or the registry names no witness. */
static bool is_told(const struct show_list *list)
{
	return list->witnessed && list->witnessed->n_witnesses > 0;
}

static size_t n_cosigned(const struct show_list *list, uint64_t index)
{
	return index < list->witnessed->size ? list->witnessed->n_cosigned : 0;
}

static bool is_witnessed(const struct show_list *list, uint64_t index)
{
	return n_cosigned(list, index) >= list->witnessed->quorum && list->witnessed->has_own;
}

static void print_witnessed(const struct show_list *list, uint64_t index)
{
	size_t n = n_cosigned(list, index);

	printf("          %switnessed %zu of %zu%s\n", is_witnessed(list, index) ? "" : "un", n,
		list->witnessed->n_witnesses,
		n > 0 && !list->witnessed->has_own ? ", not by our own member's witness" : "");
}

/* What the window says of the message's consignment; NULL: not told. */
static const Rivergate__V1__StatusFacts *status_of(const struct show_list *list,
	const Rivergate__V1__Header *header)
{
	for (size_t i = 0; header && i < list->n_consignments; i++) {
		if (strcmp(list->consignments[i]->ucr, header->ucr) == 0) {
			return list->consignments[i]->status;
		}
	}
	return NULL;
}

static const char *turn_of(const Rivergate__V1__StatusLeg *leg)
{
	return show_enum(&rivergate__v1__turn__descriptor, (int)leg->turn);
}

static const char *leg_status_of(const Rivergate__V1__StatusLeg *leg)
{
	return show_enum(&rivergate__v1__leg_status__descriptor, (int)leg->status);
}

static void print_turns(const Rivergate__V1__StatusFacts *status)
{
	fputs("          turn: ", stdout);
	for (size_t i = 0; i < status->n_legs; i++) {
		fputs(i ? ", " : "", stdout);
		show_text(stdout, status->legs[i]->country);
		printf(" %s (%s)", turn_of(status->legs[i]), leg_status_of(status->legs[i]));
	}
	if (status->held_by[0]) {
		fputs("; held by ", stdout);
		show_text(stdout, status->held_by);
	}
	putchar('\n');
}

static json_t *turns_json(const Rivergate__V1__StatusFacts *status)
{
	json_t *turns = json_array();

	for (size_t i = 0; i < status->n_legs; i++) {
		const Rivergate__V1__StatusLeg *leg = status->legs[i];

		(void)json_array_append_new(turns,
			json_pack("{s:s, s:s, s:s}", "country", leg->country, "status",
				leg_status_of(leg), "turn", turn_of(leg)));
	}
	return turns;
}

static void print_message(const struct show_list *list, const Rivergate__V1__Tracked *message)
{
	const Rivergate__V1__Header *header = show_read_header(message, list->arena);
	char time[SHOW_TIME_LEN];
	char id[SHOW_ID_LEN];

	printf("%8llu  %s  ", (unsigned long long)message->index,
		show_time(message->time_us, time));
	if (header) {
		printf("%s  ", show_id(bytes_of(header->id.data, header->id.len), id));
		show_header(stdout, header);
	}
	putchar('\n');
	if (is_told(list)) {
		print_witnessed(list, message->index);
	}
	for (size_t i = 0; i < message->n_deliveries; i++) {
		const Rivergate__V1__TrackedDelivery *delivery = message->deliveries[i];

		printf("          %s since %s  ", state_of(delivery),
			show_time(delivery->since_us, time));
		show_text(stdout, delivery->to);
		if (delivery->reason[0]) {
			fputs("  ", stdout);
			show_text(stdout, delivery->reason);
		}
		putchar('\n');
	}
	const Rivergate__V1__StatusFacts *status = status_of(list, header);

	if (status) {
		print_turns(status);
	}
}

/* By which another message names this one; empty: it could not be computed. */
static json_t *header_hash_json(const Rivergate__V1__Tracked *message)
{
	struct merkle_hash hash;
	char hex[2 * sizeof(hash.bytes) + 1] = "";
	rg_err err = merkle_hash_of(bytes_of(message->header.data, message->header.len),
		(struct rg_bytes){.data = NULL}, &hash);

	if (!err) {
		text_hex(bytes_of(hash.bytes, sizeof(hash.bytes)), hex);
	}
	return json_string(hex);
}

static json_t *message_json(const struct show_list *list, const Rivergate__V1__Tracked *message)
{
	const Rivergate__V1__Header *header = show_read_header(message, list->arena);
	json_t *deliveries = json_array();

	for (size_t i = 0; i < message->n_deliveries; i++) {
		const Rivergate__V1__TrackedDelivery *delivery = message->deliveries[i];

		(void)json_array_append_new(deliveries,
			json_pack("{s:s, s:s, s:I, s:s}", "to", delivery->to, "state",
				state_of(delivery), "sinceUs", (json_int_t)delivery->since_us,
				"reason", delivery->reason));
	}
	json_t *object = header ? show_header_json(header) : json_object();
	const Rivergate__V1__StatusFacts *status = status_of(list, header);

	(void)json_object_set_new(object, "headerHash", header_hash_json(message));
	(void)json_object_set_new(object, "index", json_integer((json_int_t)message->index));
	(void)json_object_set_new(object, "timeUs", json_integer((json_int_t)message->time_us));
	(void)json_object_set_new(object, "deliveries", deliveries);
	if (is_told(list)) {
		(void)json_object_set_new(object, "witnessed",
			json_pack("{s:b, s:I, s:I, s:b}", "isWitnessed",
				is_witnessed(list, message->index), "cosigned",
				(json_int_t)n_cosigned(list, message->index), "of",
				(json_int_t)list->witnessed->n_witnesses, "byOwnMember",
				list->witnessed->has_own));
	}
	if (status) {
		(void)json_object_set_new(object, "turns", turns_json(status));
		(void)json_object_set_new(object, "heldBy", json_string(status->held_by));
	}
	return object;
}

json_t *show_messages_json(const struct show_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->answer->n_messages; i++) {
		(void)json_array_append_new(array, message_json(list, list->answer->messages[i]));
	}
	return array;
}

int show_messages(const struct show_list *list)
{
	const Rivergate__V1__Answer *answer = list->answer;

	if (!list->wants_json) {
		for (size_t i = 0; i < answer->n_messages; i++) {
			print_message(list, answer->messages[i]);
		}
		return answer->n_messages ? VERB_DONE : VERB_ANSWERED_NO;
	}
	int exit_code = show_json(show_messages_json(list));

	return exit_code || answer->n_messages ? exit_code : VERB_ANSWERED_NO;
}

int show_answer(const char *verb, const struct show_list *list)
{
	if (!list->answer->error[0]) {
		return show_messages(list);
	}
	fprintf(stderr, "rivergate %s: ", verb);
	show_text(stderr, list->answer->error);
	fputc('\n', stderr);
	return VERB_ANSWERED_NO;
}
