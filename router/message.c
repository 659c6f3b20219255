/*
 * A message on its way: see message.h.
 *
 * Threads: the stage that holds the message.
 */
#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct message *message_new(void)
{
	struct message *message = calloc(1, sizeof(*message));

	if (message) {
		(void)zmq_msg_init(&message->header_frame);
		(void)zmq_msg_init(&message->signature_frame);
	}
	return message;
}

void message_free(struct message *message)
{
	if (!message) {
		return;
	}
	(void)zmq_msg_close(&message->header_frame);
	(void)zmq_msg_close(&message->signature_frame);
	for (size_t i = 0; i < message->n_parts; i++) {
		(void)zmq_msg_close(&message->part_frames[i]);
	}
	free(message->part_frames);
	arena_free(message->arena);
	free(message);
}

static struct rg_bytes view(const zmq_msg_t *frame)
{
	/* libzmq's accessors are not const, though they change nothing. */
	zmq_msg_t *own = (zmq_msg_t *)frame;

	return (struct rg_bytes){.data = zmq_msg_data(own), .len = zmq_msg_size(own)};
}

struct rg_bytes message_header(const struct message *message)
{
	return view(&message->header_frame);
}

struct rg_bytes message_signature(const struct message *message)
{
	return view(&message->signature_frame);
}

struct rg_bytes message_part(const struct message *message, size_t i)
{
	return view(&message->part_frames[i]);
}

size_t message_size(const struct message *message)
{
	size_t size = message_header(message).len + message_signature(message).len;

	for (size_t i = 0; i < message->n_parts; i++) {
		size += message_part(message, i).len;
	}
	return size;
}

void message_refuse(struct message *message, Rivergate__V1__Verdict verdict, const char *rule,
	const char *field)
{
	if (message_is_refused(message)) {
		return;
	}
	message->verdict = verdict;
	message->rule = rule;
	(void)snprintf(message->field, sizeof(message->field), "%s", field ? field : "");
}

bool message_is_refused(const struct message *message)
{
	return message->verdict != RIVERGATE__V1__VERDICT__VERDICT_UNSPECIFIED &&
		message->verdict != RIVERGATE__V1__VERDICT__VERDICT_ADMITTED;
}

bool message_verdict_is_retryable(Rivergate__V1__Verdict verdict)
{
	return verdict == RIVERGATE__V1__VERDICT__VERDICT_QUOTA ||
		verdict == RIVERGATE__V1__VERDICT__VERDICT_STORAGE;
}
