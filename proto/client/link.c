/*
 * The link: see link.h
 *
 * The secret key is read once, from a file only its owner can read, and wiped at the end.
 * Threads: owned by the session's thread.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/crypto.h>
#include <zmq.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "client/link.h"

#define KEY_LEN      32
#define Z85_LEN      41
#define KEY_FILE     256
#define HANDSHAKE_MS 10000

struct link {
	char *endpoint;
	uint8_t router_key[KEY_LEN];
	uint8_t secret[KEY_LEN];
	uint8_t public[KEY_LEN];
	void *context;
	void *socket;
	void *monitor;
	unsigned n_sockets; /* numbers the monitors' endpoints */
};

/* What ends a connection, and how. */
static const struct {
	uint16_t event;
	enum link_news news;
} endings[] = {
	{ZMQ_EVENT_DISCONNECTED, LINK_LOST},
	{ZMQ_EVENT_CLOSED, LINK_LOST},
	{ZMQ_EVENT_CONNECT_RETRIED, LINK_LOST},
	{ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, LINK_LOST},
	{ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, LINK_REJECTED},
	{ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, LINK_REJECTED},
};

static rg_err zmq_fault(const char *what)
{
	log_event(LOG_ERROR, "client", "socket-failed", log_text("call", what),
		log_text("os", zmq_strerror(zmq_errno())));
	return RG_E_IO;
}

static rg_err key_fault(const char *path, const char *what)
{
	log_event(LOG_ERROR, "client", "bad-curve-key", log_text("path", path),
		log_text("why", what), log_text("do", "make one with: rivergate keygen curve"));
	return RG_E_CONFIG;
}

static rg_err check_mode(const char *path)
{
	struct stat info;

	if (stat(path, &info) != 0) {
		return key_fault(path,
			errno == ENOENT ? "there is no such file" : "it cannot be read");
	}
	return info.st_mode & 077 ? key_fault(path, "others can read it: chmod 600") : RG_OK;
}

static rg_err read_secret(const char *path, uint8_t secret[KEY_LEN])
{
	scoped(buf_deinit) struct buf text = {0};

	buf_init(&text);
	rg_err err = check_mode(path);
	err = err ? err : file_read(path, KEY_FILE, &text, NULL);
	if (err) {
		return err;
	}
	while (text.len && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == '\r')) {
		text.len--;
	}
	const char *hex = buf_text(&text);
	bool is_read = hex && text_unhex(hex, secret, KEY_LEN);
	buf_wipe(&text);
	return is_read ? RG_OK : key_fault(path, "it does not hold 64 hex digits");
}

static rg_err derive_public(const uint8_t secret[KEY_LEN], uint8_t public[KEY_LEN])
{
	char secret_z85[Z85_LEN];
	char public_z85[Z85_LEN];
	bool is_done = zmq_z85_encode(secret_z85, secret, KEY_LEN) &&
		zmq_curve_public(public_z85, secret_z85) == 0 && zmq_z85_decode(public, public_z85);

	OPENSSL_cleanse(secret_z85, sizeof(secret_z85));
	return is_done ? RG_OK : zmq_fault("zmq_curve_public");
}

rg_err link_new(const struct link_options *options, struct link **ret_link)
{
	scoped(link_freep) struct link *link = calloc(1, sizeof(*link));

	if (!link) {
		return RG_E_NOMEM;
	}
	memcpy(link->router_key, options->router_key, KEY_LEN);
	link->endpoint = strdup(options->endpoint);
	if (!link->endpoint) {
		return RG_E_NOMEM;
	}
	rg_err err = read_secret(options->curve_key_path, link->secret);
	err = err ? err : derive_public(link->secret, link->public);
	if (err) {
		return err;
	}
	link->context = zmq_ctx_new();
	if (!link->context) {
		return RG_E_NOMEM;
	}
	*ret_link = steal(link);
	return RG_OK;
}

void link_free(struct link *link)
{
	if (link) {
		link_close(link, 0);
		if (link->context) {
			(void)zmq_ctx_term(link->context);
		}
		OPENSSL_cleanse(link->secret, KEY_LEN);
		free(link->endpoint);
		free(link);
	}
}

static bool set_number(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof(value)) == 0;
}

/* Windows bound what is queued; so the socket itself never blocks or drops. */
static rg_err set_options(const struct link *link)
{
	void *socket = link->socket;
	bool is_set = set_number(socket, ZMQ_SNDHWM, 0) && set_number(socket, ZMQ_RCVHWM, 0) &&
		set_number(socket, ZMQ_RECONNECT_IVL, -1) && set_number(socket, ZMQ_LINGER, 0) &&
		set_number(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS) &&
		zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, link->router_key, KEY_LEN) == 0 &&
		zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, link->public, KEY_LEN) == 0 &&
		zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, link->secret, KEY_LEN) == 0;

	return is_set ? RG_OK : zmq_fault("zmq_setsockopt");
}

static rg_err watch(struct link *link)
{
	char name[64];
	int events = 0;

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		events |= endings[i].event;
	}
	(void)snprintf(name, sizeof(name), "inproc://monitor-%u", link->n_sockets++);
	if (zmq_socket_monitor(link->socket, name, events) != 0) {
		return zmq_fault("zmq_socket_monitor");
	}
	link->monitor = zmq_socket(link->context, ZMQ_PAIR);
	if (!link->monitor || zmq_connect(link->monitor, name) != 0) {
		return zmq_fault("zmq_connect");
	}
	return RG_OK;
}

rg_err link_open(struct link *link)
{
	link_close(link, 0);
	link->socket = zmq_socket(link->context, ZMQ_DEALER);
	if (!link->socket) {
		return zmq_fault("zmq_socket");
	}
	rg_err err = set_options(link);
	err = err ? err : watch(link);
	if (!err && zmq_connect(link->socket, link->endpoint) != 0) {
		log_event(LOG_ERROR, "client", "bad-endpoint", log_text("endpoint", link->endpoint),
			log_text("os", zmq_strerror(zmq_errno())));
		err = RG_E_CONFIG;
	}
	if (err) {
		link_close(link, 0);
	}
	return err;
}

void link_close(struct link *link, int linger_ms)
{
	if (link->monitor) {
		(void)zmq_socket_monitor(link->socket, NULL, 0);
		(void)set_number(link->monitor, ZMQ_LINGER, 0);
		(void)zmq_close(link->monitor);
		link->monitor = NULL;
	}
	if (link->socket) {
		(void)set_number(link->socket, ZMQ_LINGER, linger_ms);
		(void)zmq_close(link->socket);
		link->socket = NULL;
	}
}

bool link_is_open(const struct link *link)
{
	return link->socket != NULL;
}

void *link_socket(const struct link *link)
{
	return link->socket;
}

void *link_monitor(const struct link *link)
{
	return link->monitor;
}

static enum link_news meaning(uint16_t event)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (endings[i].event == event) {
			return endings[i].news;
		}
	}
	return LINK_NOTHING;
}

/* One event: two frames, number and value (16 and 32 bits, host order), then the address. */
static bool read_event(void *monitor, enum link_news *ret_news)
{
	uint8_t body[6];
	uint16_t event;
	char address[8];

	if (zmq_recv(monitor, body, sizeof(body), ZMQ_DONTWAIT) < 2) {
		return false;
	}
	(void)zmq_recv(monitor, address, sizeof(address), 0);
	memcpy(&event, body, sizeof(event));
	*ret_news = meaning(event);
	return true;
}

enum link_news link_read_monitor(struct link *link)
{
	enum link_news worst = LINK_NOTHING;
	enum link_news news = LINK_NOTHING;

	while (read_event(link->monitor, &news)) {
		worst = news > worst ? news : worst;
	}
	return worst;
}
