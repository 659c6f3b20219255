/*
 * The limits that everything is compared with
 *
 * Method: the same operations that a router cannot avoid, each alone and in the same
 * run as the load: a P-256 verification as the verifiers do it
 * (processor time, as it is compared with processor time); a ROUTER and a DEALER
 * with CURVE on loopback that answer 1,500 bytes with two; a write of 1,500 bytes into
 * preallocated space with fdatasync, once as fast as it goes and once at the rate of the
 * latency load: a processor that slept between two messages finds its caches cold, with
 * a router as without one.
 * Threads: the echo has two, one a socket.
 */

#include "bench.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <zmq.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "sign/key.h"

#define MESSAGE_LEN 1500
#define N_VERIFY    4000
#define N_ECHO      60000
#define N_SYNC      400
#define PACE_US     2000 /* 500 a second, as bench.py's RATE */
#define RECEIVE_MS  20000

static double seconds_since(int64_t started_us)
{
	return (double)(clock_monotonic_us() - started_us) / 1e6;
}

static double cpu_seconds(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* --- Verification ---------------------------------------------------------------------------- */

static double verify_us(void)
{
	static const uint8_t content[400];
	scoped(key_freep) struct key *key = NULL;
	scoped(buf_deinit) struct buf signature = {0};
	bool is_valid = true;

	if (key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ECDSA_P256_SHA256, &key) ||
		key_sign(key, "rivergate/v1 header", bytes_of(content, sizeof(content)),
			&signature)) {
		return -1;
	}
	double started_s = cpu_seconds();
	for (int i = 0; i < N_VERIFY && is_valid; i++) {
		if (key_verify(key, "rivergate/v1 header", bytes_of(content, sizeof(content)),
			    buf_view(&signature), &is_valid)) {
			return -1;
		}
	}
	return is_valid ? (cpu_seconds() - started_s) * 1e6 / N_VERIFY : -1;
}

/* --- Echo ------------------------------------------------------------------------------------ */

struct echo {
	void *context;
	char endpoint[128];
	char server_public[41];
	char server_secret[41];
	char client_public[41];
	char client_secret[41];
};

static void set_number(void *socket, int option, int value)
{
	(void)zmq_setsockopt(socket, option, &value, sizeof(value));
}

static void set_common(void *socket)
{
	set_number(socket, ZMQ_SNDHWM, 0);
	set_number(socket, ZMQ_RCVHWM, 0);
	set_number(socket, ZMQ_LINGER, 0);
	set_number(socket, ZMQ_RCVTIMEO, RECEIVE_MS);
}

static void *ask(void *argument)
{
	const struct echo *echo = argument;
	void *socket = zmq_socket(echo->context, ZMQ_DEALER);
	uint8_t message[MESSAGE_LEN] = {0};
	char answer[8];

	set_common(socket);
	(void)zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, echo->server_public, 40);
	(void)zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, echo->client_public, 40);
	(void)zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, echo->client_secret, 40);
	(void)zmq_connect(socket, echo->endpoint);
	for (int i = 0; i < N_ECHO; i++) {
		(void)zmq_send(socket, message, sizeof(message), 0);
	}
	for (int i = 0; i < N_ECHO && zmq_recv(socket, answer, sizeof(answer), 0) >= 0; i++) {
	}
	(void)zmq_close(socket);
	return NULL;
}

/* Answers every message; false: one did not come. */
static bool answer_all(void *socket)
{
	for (int i = 0; i < N_ECHO; i++) {
		zmq_msg_t id;
		zmq_msg_t body;

		(void)zmq_msg_init(&id);
		(void)zmq_msg_init(&body);
		bool is_there =
			zmq_msg_recv(&id, socket, 0) >= 0 && zmq_msg_recv(&body, socket, 0) >= 0;
		(void)zmq_msg_close(&body);
		if (!is_there) {
			(void)zmq_msg_close(&id);
			return false;
		}
		(void)zmq_msg_send(&id, socket, ZMQ_SNDMORE);
		(void)zmq_send(socket, "ok", 2, 0);
	}
	return true;
}

static void *make_server(struct echo *echo)
{
	size_t len = sizeof(echo->endpoint);
	void *socket = zmq_socket(echo->context, ZMQ_ROUTER);

	set_common(socket);
	set_number(socket, ZMQ_CURVE_SERVER, 1);
	(void)zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, echo->server_secret, 40);
	if (zmq_bind(socket, "tcp://127.0.0.1:*") != 0 ||
		zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, echo->endpoint, &len) != 0) {
		(void)zmq_close(socket);
		return NULL;
	}
	return socket;
}

/* Messages a second; ret_cpu_us: CPU of both ends a message. */
static double echo_rate(double *ret_cpu_us)
{
	struct echo echo = {.context = zmq_ctx_new()};
	pthread_t thread;
	double rate = -1;

	(void)zmq_curve_keypair(echo.server_public, echo.server_secret);
	(void)zmq_curve_keypair(echo.client_public, echo.client_secret);
	void *socket = make_server(&echo);
	if (socket) {
		double cpu = cpu_seconds();
		int64_t started_us = clock_monotonic_us();

		(void)pthread_create(&thread, NULL, ask, &echo);
		bool is_done = answer_all(socket);
		(void)pthread_join(thread, NULL);
		rate = is_done ? N_ECHO / seconds_since(started_us) : -1;
		*ret_cpu_us = (cpu_seconds() - cpu) * 1e6 / N_ECHO;
		(void)zmq_close(socket);
	}
	(void)zmq_ctx_term(echo.context);
	return rate;
}

/* --- Disk ------------------------------------------------------------------------------------ */

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* Median of write and sync, pause_us apart; -1: the disk refused. */
static double sync_us(const char *folder, int64_t pause_us)
{
	const struct timespec pause = {.tv_nsec = pause_us * 1000};
	static const uint8_t message[MESSAGE_LEN];
	char path[4096];
	int64_t took[N_SYNC];

	(void)snprintf(path, sizeof(path), "%s/limits.tmp", folder);
	scoped(fd_close) int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		return -1;
	}
	(void)unlink(path);
	if (posix_fallocate(fd, 0, (off_t)N_SYNC * MESSAGE_LEN) != 0 || fsync(fd) != 0) {
		return -1;
	}
	for (int i = 0; i < N_SYNC; i++) {
		if (pause_us > 0) {
			(void)nanosleep(&pause, NULL);
		}
		int64_t started_us = clock_monotonic_us();

		if (pwrite(fd, message, sizeof(message), (off_t)i * MESSAGE_LEN) != MESSAGE_LEN ||
			fdatasync(fd) != 0) {
			return -1;
		}
		took[i] = clock_monotonic_us() - started_us;
	}
	qsort(took, N_SYNC, sizeof(took[0]), compare);
	size_t middle = N_SYNC / 2;

	return (double)took[middle];
}

int bench_limits(const char *folder)
{
	double echo_cpu_us = 0;
	double verify = verify_us();
	double echo = echo_rate(&echo_cpu_us);
	double sync = sync_us(folder, 0);
	double paced = sync_us(folder, PACE_US);

	printf("{\"verify_us\": %.2f, \"echo_per_s\": %.0f, \"echo_cpu_us\": %.2f, \"sync_us\": "
	       "%.1f, \"paced_sync_us\": %.1f}\n",
		verify, echo, echo_cpu_us, sync, paced);
	return verify > 0 && echo > 0 && sync > 0 && paced > 0 ? 0 : 3;
}
