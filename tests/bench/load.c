/*
 * Load on a router: one client that submits and waits for receipts
 *
 * Method: as fast as it goes, or at a rate on a fixed schedule, so that a slow answer
 * does not slow the asking. A message counts when its receipt has come, which the
 * client library has then verified. Latency is from the call of rg_client_submit() to
 * the event.
 * Threads: one, and the client library's own.
 */

#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <rivergate/client.h>

#include "base/buf.h"
#include "base/clock.h"
#include "rivergate/v1/message.pb-c.h"
#include "wire/pack.h"

#define CONTENT_LEN  850 /* with header, signature and salt about 1,500 bytes */
#define CONNECT_US   20000000
#define STALLED_US   60000000
#define FULL_WAIT_MS 100

struct waiting {
	uint8_t id[16];
	int64_t submitted_us;
};

struct run {
	const struct bench_load *load;
	struct rg_client *client;
	struct rg_client_message message;
	struct waiting *waiting; /* in order of submission */
	int64_t *latencies_us;
	uint64_t first_waiting;
	uint64_t n_submitted;
	uint64_t n_receipted;
	uint64_t n_refused;
	int64_t heard_us;
	bool is_connected;
};

static rg_err pack_header(const struct bench_load *load, struct buf *out)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Part part = RIVERGATE__V1__PART__INIT;
	Rivergate__V1__Part *parts[] = {&part};
	char *to[] = {(char *)load->to};

	part.name = (char *)"customs";
	part.type = (char *)"rivergate.v1.Declaration";
	header.to = to;
	header.n_to = 1;
	header.kind = RIVERGATE__V1__KIND__KIND_DECLARATION;
	header.purpose = RIVERGATE__V1__PURPOSE__PURPOSE_ADVANCE;
	header.lodged_by = RIVERGATE__V1__LODGED_BY__LODGED_BY_AUTHORITY_COPY;
	header.ucr = (char *)"LA-BENCH-2026-E-1";
	header.version = 1;
	header.parts = parts;
	header.n_parts = 1;
	return pack_append(&header.base, out);
}

/* Receipts come in the order of submission, but nothing here depends on it. */
static void note_latency(struct run *run, const struct rg_event *event, int64_t now_us)
{
	uint64_t i = run->first_waiting;

	while (i < run->n_submitted &&
		memcmp(run->waiting[i].id, event->id, sizeof(event->id)) != 0) {
		i++;
	}
	if (i == run->n_submitted) {
		return;
	}
	run->latencies_us[run->n_receipted++] = now_us - run->waiting[i].submitted_us;
	if (i == run->first_waiting) {
		run->first_waiting++;
	}
}

static bool heed(struct run *run, const struct rg_event *event)
{
	run->heard_us = clock_monotonic_us();
	if (event->type == RG_EVENT_CONNECTED) {
		run->is_connected = true;
	} else if (event->type == RG_EVENT_RECEIPT) {
		note_latency(run, event, run->heard_us);
	} else if (event->type == RG_EVENT_REFUSAL) {
		run->n_refused++;
		fprintf(stderr, "rivergate-bench: refused: %s (%s) %s\n", event->rule, event->field,
			event->text);
	} else if (event->type == RG_EVENT_ALARM || event->type == RG_EVENT_DISCONNECTED) {
		fprintf(stderr, "rivergate-bench: %s\n", event->text);
		return event->type != RG_EVENT_ALARM;
	}
	return true;
}

/* Takes what is there; waits at most timeout_ms for the first. False: it is over. */
static bool take_events(struct run *run, int timeout_ms)
{
	const struct rg_event *event = NULL;
	bool is_good = true;

	do {
		if (rg_client_next(run->client, timeout_ms, &event)) {
			return false;
		}
		timeout_ms = 0;
		is_good = !event || heed(run, event);
	} while (event && is_good);
	return is_good && clock_monotonic_us() - run->heard_us < STALLED_US;
}

/* False: a rule of the client stops the run. ret_is_full: no room now. */
static bool submit(struct run *run, bool *ret_is_full)
{
	enum rg_submit_answer answer;
	const char *rule = NULL;
	struct waiting *slot = &run->waiting[run->n_submitted];

	slot->submitted_us = clock_monotonic_us();
	if (rg_client_submit(run->client, &run->message, &answer, slot->id, &rule)) {
		return false;
	}
	*ret_is_full = answer == RG_SUBMIT_FULL;
	run->n_submitted += answer == RG_SUBMIT_TAKEN;
	if (answer == RG_SUBMIT_WRONG) {
		fprintf(stderr, "rivergate-bench: %s\n", rule);
	}
	return answer != RG_SUBMIT_WRONG;
}

static bool submit_fast(struct run *run)
{
	bool is_full = false;
	bool is_good = true;

	while (is_good && run->n_submitted < run->load->count) {
		is_good = submit(run, &is_full);
		if (is_good && (is_full || run->n_submitted % 64 == 0)) {
			is_good = take_events(run, is_full ? FULL_WAIT_MS : 0);
		}
	}
	return is_good;
}

static bool submit_at_rate(struct run *run)
{
	int64_t started_us = clock_monotonic_us();
	bool is_full = false;
	bool is_good = true;

	while (is_good && run->n_submitted < run->load->count) {
		int64_t due_us =
			started_us + (int64_t)(run->n_submitted * 1000000 / run->load->rate);
		int64_t left_us = due_us - clock_monotonic_us();

		is_good = left_us > 0 ? take_events(run, (int)((left_us + 999) / 1000))
				      : submit(run, &is_full);
	}
	return is_good;
}

static bool await_connection(struct run *run)
{
	int64_t until_us = clock_monotonic_us() + CONNECT_US;

	while (!run->is_connected && clock_monotonic_us() < until_us) {
		if (!take_events(run, 100)) {
			return false;
		}
	}
	return run->is_connected;
}

static bool await_receipts(struct run *run)
{
	bool is_good = true;

	while (is_good && run->n_receipted + run->n_refused < run->n_submitted) {
		is_good = take_events(run, 100);
	}
	return is_good;
}

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static double cpu_seconds(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void report(struct run *run, double seconds, double cpu)
{
	uint64_t n = run->n_receipted;

	qsort(run->latencies_us, n, sizeof(run->latencies_us[0]), compare);
	printf("{\"accepted\": %llu, \"refused\": %llu, \"seconds\": %.4f, \"cpu_s\": %.4f, "
	       "\"p50_us\": %lld, \"p99_us\": %lld}\n",
		(unsigned long long)n, (unsigned long long)run->n_refused, seconds, cpu,
		(long long)(n ? run->latencies_us[n / 2] : 0),
		(long long)(n ? run->latencies_us[n * 99 / 100] : 0));
}

static int drive(struct run *run)
{
	run->heard_us = clock_monotonic_us();
	if (!await_connection(run)) {
		fputs("rivergate-bench: no connection to the router\n", stderr);
		return 3;
	}
	double cpu = cpu_seconds();
	int64_t started_us = clock_monotonic_us();
	bool is_good = run->load->rate ? submit_at_rate(run) : submit_fast(run);
	is_good = is_good && await_receipts(run);
	report(run, (double)(clock_monotonic_us() - started_us) / 1e6, cpu_seconds() - cpu);
	return is_good && run->n_receipted == run->load->count ? 0 : 3;
}

int bench_load(const struct bench_load *load)
{
	static const uint8_t content[CONTENT_LEN] = {1};
	const struct rg_client_part part = {.content = {content, sizeof(content)}};
	const struct rg_client_options options = {
		.party = load->party,
		.router = load->router,
		.registry_path = load->registry,
		.directories_path = load->directories,
		.pin = load->pin,
		.curve_key_path = load->curve_key,
		.signing_key_path = load->signing_key,
		.batch_max = load->batch_max,
	};
	scoped(buf_deinit) struct buf header = {0};
	struct run run = {.load = load};
	int exit_code = 3;

	run.waiting = calloc(load->count + 1, sizeof(*run.waiting));
	run.latencies_us = calloc(load->count + 1, sizeof(*run.latencies_us));
	if (run.waiting && run.latencies_us && !pack_header(load, &header) &&
		!rg_client_open(&options, &run.client)) {
		run.message = (struct rg_client_message){.header = buf_view(&header),
			.parts = &part,
			.n_parts = 1};
		exit_code = drive(&run);
	}
	rg_client_close(run.client, 0);
	free(run.waiting);
	free(run.latencies_us);
	return exit_code;
}
