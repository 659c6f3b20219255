/*
 * The gate: see gate.h.
 *
 * Source: https://rfc.zeromq.org/spec/27/ (ZAP). A request is version, request id,
 * domain, address, identity, mechanism, credentials; the answer version, request id,
 * status code, status text, user id, metadata.
 * Threads: the front's.
 */
#include "front/gate.h"

#include <stdio.h>
#include <string.h>

#include <zmq.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "front/session.h"
#include "wire/frame.h"

#define ZAP_VERSION   "1.0"
#define ZAP_BYTES_MAX 4096
#define SECOND_US     1000000
#define KNOCKS_LOGGED 5
#define KEY_TEXT_LEN  41 /* Z85 of 32 bytes, and NUL */

enum {
	ZAP_REQUEST_VERSION,
	ZAP_REQUEST_ID,
	ZAP_REQUEST_DOMAIN,
	ZAP_REQUEST_ADDRESS,
	ZAP_REQUEST_IDENTITY,
	ZAP_REQUEST_MECHANISM,
	ZAP_REQUEST_KEY,
	ZAP_REQUEST_ITEMS,
};

static bool is_curve_request(const struct frame_multipart *request)
{
	return request->n_items == ZAP_REQUEST_ITEMS &&
		bytes_equal(frame_item(request, ZAP_REQUEST_VERSION), bytes_of_text(ZAP_VERSION)) &&
		bytes_equal(frame_item(request, ZAP_REQUEST_MECHANISM), bytes_of_text("CURVE")) &&
		frame_item(request, ZAP_REQUEST_KEY).len == FRONT_KEY_LEN;
}

/* A few of each second one by one, then how many there were. */
static void log_refusal(const struct frame_multipart *request, struct front_knocks *knocks)
{
	struct rg_bytes address = frame_item(request, ZAP_REQUEST_ADDRESS);
	int64_t now_us = clock_monotonic_us();
	char peer[64];

	if (now_us - knocks->since_us >= SECOND_US) {
		if (knocks->n > KNOCKS_LOGGED) {
			log_event(LOG_WARNING, "front", "more-keys-refused",
				log_number("n", (int64_t)(knocks->n - KNOCKS_LOGGED)));
		}
		*knocks = (struct front_knocks){.since_us = now_us};
	}
	if (++knocks->n > KNOCKS_LOGGED) {
		return;
	}
	(void)snprintf(peer, sizeof(peer), "%.*s", (int)(address.len & 63u),
		address.data ? (const char *)address.data : "");
	log_event(LOG_WARNING, "front", "key-refused",
		log_hex("key", frame_item(request, ZAP_REQUEST_KEY)), log_text("peer", peer));
}

static rg_err answer_one(void *socket, const struct trust *trust,
	const struct frame_multipart *request, struct front_knocks *knocks)
{
	struct rg_bytes key = frame_item(request, ZAP_REQUEST_KEY);
	const struct trust_party *party = is_curve_request(request)
		? trust_party_of_curve(trust, key.data, clock_now_us())
		: NULL;
	char user[2 * FRONT_KEY_LEN + 1] = "";
	scoped(frame_deinitv) struct frame_multipart reply = {.n_items = 0};
	enum frame_sent sent = FRAME_SENT;

	if (party) {
		text_hex(key, user);
	} else {
		log_refusal(request, knocks);
	}
	const struct rg_bytes items[] = {
		bytes_of_text(ZAP_VERSION),
		frame_item(request, ZAP_REQUEST_ID),
		bytes_of_text(party ? "200" : "400"),
		bytes_of_text(party ? "OK" : "unknown key"),
		bytes_of_text(user),
		bytes_of_text(""),
	};

	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		rg_err err = frame_add(&reply, items[i]);

		if (err) {
			return err;
		}
	}
	return frame_send(socket, &reply, &sent);
}

rg_err front_gate_answer(void *zap_socket, const struct trust *trust, struct front_knocks *knocks)
{
	scoped(frame_deinitv) struct frame_multipart request = {.n_items = 0};
	bool is_received = true;
	rg_err err = frame_receive(zap_socket, ZAP_BYTES_MAX, &request, &is_received);

	while (!err && is_received) {
		err = answer_one(zap_socket, trust, &request, knocks);
		if (!err) {
			err = frame_receive(zap_socket, ZAP_BYTES_MAX, &request, &is_received);
		}
	}
	return err;
}

static bool set_key(void *socket, int option, const void *key, size_t len)
{
	return zmq_setsockopt(socket, option, key, len) == 0;
}

static bool probe_connect(const char *endpoint, const uint8_t *server, struct front_probe *probe)
{
	const char *channel = "inproc://front-probe";
	char public_key[KEY_TEXT_LEN];
	char secret_key[KEY_TEXT_LEN];
	const int none = 0;

	return zmq_curve_keypair(public_key, secret_key) == 0 &&
		set_key(probe->socket, ZMQ_CURVE_SERVERKEY, server, FRONT_KEY_LEN) &&
		set_key(probe->socket, ZMQ_CURVE_PUBLICKEY, public_key, KEY_TEXT_LEN) &&
		set_key(probe->socket, ZMQ_CURVE_SECRETKEY, secret_key, KEY_TEXT_LEN) &&
		zmq_setsockopt(probe->socket, ZMQ_LINGER, &none, sizeof(none)) == 0 &&
		zmq_setsockopt(probe->monitor, ZMQ_LINGER, &none, sizeof(none)) == 0 &&
		zmq_socket_monitor(probe->socket, channel,
			ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) == 0 &&
		zmq_connect(probe->monitor, channel) == 0 &&
		zmq_connect(probe->socket, endpoint) == 0;
}

rg_err front_probe_start(void *zmq, const char *endpoint, const uint8_t curve_public[32],
	struct front_probe *ret_probe)
{
	struct front_probe probe = {
		.socket = zmq_socket(zmq, ZMQ_DEALER),
		.monitor = zmq_socket(zmq, ZMQ_PAIR),
	};

	if (!probe.socket || !probe.monitor || !probe_connect(endpoint, curve_public, &probe)) {
		log_event(LOG_ERROR, "front", "probe-failed",
			log_text("os", zmq_strerror(zmq_errno())));
		front_probe_stop(&probe);
		return RG_E_IO;
	}
	*ret_probe = probe;
	return RG_OK;
}

void front_probe_stop(struct front_probe *probe)
{
	if (probe->socket) {
		(void)zmq_socket_monitor(probe->socket, NULL, 0);
		(void)zmq_close(probe->socket);
	}
	if (probe->monitor) {
		(void)zmq_close(probe->monitor);
	}
	*probe = (struct front_probe){.socket = NULL};
}

enum front_probe_answer front_probe_read(struct front_probe *probe)
{
	scoped(frame_deinitv) struct frame_multipart event = {.n_items = 0};
	bool is_received = false;
	uint16_t type = 0;

	if (frame_receive(probe->monitor, ZAP_BYTES_MAX, &event, &is_received) || !is_received ||
		frame_item(&event, 0).len < sizeof(type)) {
		return FRONT_PROBE_WAITING;
	}
	memcpy(&type, frame_item(&event, 0).data, sizeof(type));
	return type == ZMQ_EVENT_HANDSHAKE_SUCCEEDED ? FRONT_PROBE_LET_IN : FRONT_PROBE_REFUSED;
}
