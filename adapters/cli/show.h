#ifndef CLI_SHOW_H
#define CLI_SHOW_H

/*
 * How verbs show what others have sent: escaped, and the same everywhere
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>
#include <rivergate/bytes.h>
#include <rivergate/client.h>

#include "base/scoped.h"
#include "rivergate/v1/message.pb-c.h"
#include "rivergate/v1/session.pb-c.h"

#define SHOW_TIME_LEN 28
#define SHOW_ID_LEN   33

/* Control characters escaped: what others wrote must not steer a terminal. */
void show_text(FILE *out, const char *text);
/* 2026-11-21T18:37:17.123456Z; "-" for 0. */
const char *show_time(int64_t time_us, char text[SHOW_TIME_LEN]);
const char *show_id(struct rg_bytes id, char text[SHOW_ID_LEN]);
/* DECLARATION for KIND_DECLARATION: the name without its enumeration's prefix. */
const char *show_enum(const ProtobufCEnumDescriptor *desc, int value);

/* A header in one line: kind, purpose, from → to, UCR. */
void show_header(FILE *out, const Rivergate__V1__Header *header);
/* The same as members of a JSON object. NULL: no memory. */
json_t *show_header_json(const Rivergate__V1__Header *header);
/* Prints value indented and drops it; NULL means no memory. Returns an exit code. */
int show_json(json_t *value);

/* The header of a tracked message, in arena; NULL: it is none. */
struct arena;
const Rivergate__V1__Header *show_read_header(const Rivergate__V1__Tracked *message,
	struct arena *arena);

/* Messages of an answer (track, inbox). arena for reading their headers. Returns an exit code. */
struct show_list {
	const Rivergate__V1__Answer *answer;
	struct arena *arena;
	bool wants_json;
	const struct rg_witnessed *witnessed; /* NULL: not told */
	/* Consignments of the messages: whose turn it is stands with each message on them. */
	Rivergate__V1__ConsignmentView *const *consignments;
	size_t n_consignments;
};
int show_messages(const struct show_list *list);
json_t *show_messages_json(const struct show_list *list);
/* The same; says in the verb's name why the router did not answer: VERB_ANSWERED_NO. */
int show_answer(const char *verb, const struct show_list *list);

#endif
