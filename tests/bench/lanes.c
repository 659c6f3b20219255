/*
 * rivergate-bench-lanes: do perishables wait behind general cargo, and does that starve?
 *
 * Method: the router's own stage of delivery under a virtual clock. One destination with a
 * window of CREDIT takes SERVICE_US for each delivery, one after the other, and settles it;
 * 20,000 general messages, each of a consignment of its own, are queued for it from the start.
 *
 *     single  one urgent message at a time, at ever other moments: how many service times from
 *             its record to the end of its hand-over? At most CREDIT + 1: the window was full of
 *             general ones, and it leaves with the first credit
 *     flood   perishables never run out: the longest row of hand-overs without a general one
 *     all     no lane runs out: the same, and the share of each
 *
 * One JSON object on standard output. Exit: 0 promises kept, 1 broken, 3 could not.
 * Threads: one.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/scoped.h"
#include "deliver/deliver.h"
#include "rules/goods.h"

#define TO         "cn.gacc.mohan"
#define FROM       "la.customs.boten"
#define QUEUED     20000
#define CREDIT     10
#define SERVICE_US INT64_C(1000000)
#define FAR_US     INT64_C(1000000000000000)
#define SINGLES    300
#define FLOOD      4000
#define AHEAD      (2 * CREDIT) /* of a lane that does not run out */
#define RECORDS    100000
#define GAP_MAX    7 /* general gets 1 of 8 */

/* The destination, and what it has been given. */
struct post {
	struct deliver *deliver;
	uint64_t n_records;
	int64_t now_us;
	uint8_t *lanes;                /* of each record */
	int64_t *times_us;             /* of each record */
	size_t n_waiting[GOODS_LANES]; /* not handed over */
	uint64_t given[CREDIT];        /* a ring: not served, in their order */
	size_t first;
	size_t n_given;
	size_t run[GOODS_LANES]; /* hand-overs since the lane's last one, while it waited */
	size_t gap[GOODS_LANES]; /* the longest */
	size_t n_handed[GOODS_LANES];
};

static void post_close(struct post *post)
{
	deliver_free(post->deliver);
	free(post->lanes);
	free(post->times_us);
}

static rg_err post_open(struct post *post)
{
	const struct deliver_options options = {.router = "router.one", .origin = "example/log"};
	uint64_t fenced = 0;
	rg_err err = deliver_new(&options, &post->deliver);

	post->lanes = calloc(RECORDS, sizeof(*post->lanes));
	post->times_us = calloc(RECORDS, sizeof(*post->times_us));
	if (!err && (!post->lanes || !post->times_us)) {
		err = RG_E_NOMEM;
	}
	if (!err) {
		err = deliver_open(post->deliver, 1, TO, post->now_us, &fenced);
	}
	if (!err) {
		deliver_credit(post->deliver, 1, TO, CREDIT, FAR_US);
	}
	return err;
}

static rg_err apply(struct post *post, struct fold_record *record, const struct deliver_plan *plan)
{
	Rivergate__V1__Meta meta = RIVERGATE__V1__META__INIT;

	if (post->n_records == RECORDS) {
		return RG_E_OVERFLOW;
	}
	meta.time_us = post->now_us;
	record->index = post->n_records++;
	record->meta = &meta;
	return deliver_apply(post->deliver, record, plan, NULL);
}

/* A message of a consignment of its own. */
static rg_err put(struct post *post, enum goods_lane lane)
{
	const struct deliver_plan plan = {.recipients = {{.party = TO}},
		.n_recipients = 1,
		.sender = FROM,
		.expires_us = FAR_US,
		.lane = lane};
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	struct fold_record record = {.header = &header};
	char ucr[32];

	(void)snprintf(ucr, sizeof(ucr), "%llu", (unsigned long long)post->n_records);
	header.from = (char *)(uintptr_t)FROM;
	header.ucr = ucr;
	rg_err err = apply(post, &record, &plan);

	if (!err) {
		post->lanes[record.index] = (uint8_t)lane;
		post->times_us[record.index] = post->now_us;
		post->n_waiting[lane]++;
	}
	return err;
}

static void count(struct post *post, unsigned lane)
{
	for (unsigned other = 0; other < GOODS_LANES; other++) {
		bool is_passed = other != lane && post->n_waiting[other] > 0;

		post->run[other] = is_passed ? post->run[other] + 1 : 0;
		if (post->run[other] > post->gap[other]) {
			post->gap[other] = post->run[other];
		}
	}
	post->n_waiting[lane]--;
	post->n_handed[lane]++;
}

/* Everything that credit allows. */
static rg_err take(struct post *post)
{
	struct deliver_order order;
	bool has = true;
	rg_err err = RG_OK;

	while (!err && has) {
		err = deliver_next(post->deliver, post->now_us, &order, &has);
		if (!err && has) {
			post->given[(post->first + post->n_given++) % CREDIT] = order.index;
			count(post, post->lanes[order.index]);
		}
	}
	return err;
}

/* Serves the oldest that it was given: time passes, and the router hears of it. */
static rg_err serve(struct post *post, uint64_t *ret_index)
{
	Rivergate__V1__DeliveryRef ref = RIVERGATE__V1__DELIVERY_REF__INIT;
	Rivergate__V1__DeliveryRef *refs[] = {&ref};
	Rivergate__V1__Progress progress = RIVERGATE__V1__PROGRESS__INIT;
	struct fold_record record = {.progress = &progress};
	const struct deliver_plan plan = {.default_life_us = FAR_US};

	if (post->n_given == 0) {
		return RG_E_FORMAT; /* it had work, and was not given it */
	}
	*ret_index = post->given[post->first];
	post->first = (post->first + 1) % CREDIT;
	post->n_given--;
	post->now_us += SERVICE_US;
	ref.index = *ret_index;
	ref.to = (char *)(uintptr_t)TO;
	progress.settled = refs;
	progress.n_settled = 1;
	rg_err err = apply(post, &record, &plan);

	if (!err) {
		deliver_credit(post->deliver, 1, TO, 1, FAR_US);
		err = take(post);
	}
	return err;
}

/* The most service times that an urgent message took from its record to the end. */
static rg_err single(struct post *post, double *ret_services)
{
	int64_t worst_us = 0;
	rg_err err = RG_OK;

	for (unsigned i = 0; !err && i < SINGLES; i++) {
		enum goods_lane lane = (enum goods_lane)(i % GOODS_LANE_GENERAL);
		uint64_t urgent = post->n_records;
		uint64_t served = UINT64_MAX;

		err = put(post, lane);
		/* It comes while something is being served: the earlier, the longer it waits. */
		post->times_us[urgent] += err ? 0 : SERVICE_US * (i % 11) / 11;
		while (!err && served != urgent) {
			err = serve(post, &served);
		}
		if (!err && post->now_us - post->times_us[urgent] > worst_us) {
			worst_us = post->now_us - post->times_us[urgent];
		}
		for (unsigned j = 0; !err && j < 1 + i % 5; j++) {
			err = serve(post, &served);
		}
	}
	*ret_services = (double)worst_us / (double)SERVICE_US;
	return err;
}

/* Serves while these lanes never run out. */
static rg_err flood(struct post *post, unsigned from, unsigned to)
{
	uint64_t served = 0;
	rg_err err = RG_OK;

	memset(post->gap, 0, sizeof(post->gap));
	memset(post->run, 0, sizeof(post->run));
	memset(post->n_handed, 0, sizeof(post->n_handed));
	for (size_t i = 0; !err && i < FLOOD; i++) {
		for (unsigned lane = from; !err && lane <= to; lane++) {
			while (!err && post->n_waiting[lane] < AHEAD) {
				err = put(post, (enum goods_lane)lane);
			}
		}
		err = err ? err : serve(post, &served);
	}
	return err;
}

static double share(const struct post *post, enum goods_lane lane)
{
	return (double)post->n_handed[lane] / FLOOD;
}

static rg_err run(bool *ret_is_kept)
{
	scoped(post_close) struct post post = {.now_us = 1};
	double services = 0;
	int64_t started_us = 0;
	rg_err err = post_open(&post);

	for (size_t i = 0; !err && i < QUEUED; i++) {
		err = put(&post, GOODS_LANE_GENERAL);
	}
	err = err ? err : take(&post);
	err = err ? err : single(&post, &services);
	started_us = clock_monotonic_us();
	err = err ? err : flood(&post, GOODS_LANE_PERISHABLE, GOODS_LANE_PERISHABLE);
	if (err) {
		return err;
	}
	size_t gap = post.gap[GOODS_LANE_GENERAL];

	printf("{\"queued\": %d, \"credit\": %d, \"urgent_services\": %.2f, \"general_gap\": %zu, "
	       "\"general_share\": %.4f, \"cpu_us\": %.2f",
		QUEUED, CREDIT, services, gap, share(&post, GOODS_LANE_GENERAL),
		(double)(clock_monotonic_us() - started_us) / FLOOD);
	err = flood(&post, GOODS_LANE_EMERGENCY, GOODS_LANE_PERISHABLE);
	printf(", \"all_gaps\": [%zu, %zu, %zu, %zu], \"all_shares\": [%.3f, %.3f, %.3f, %.3f]}\n",
		post.gap[0], post.gap[1], post.gap[2], post.gap[3], share(&post, 0),
		share(&post, 1), share(&post, 2), share(&post, 3));
	*ret_is_kept =
		services <= CREDIT + 1 && gap <= GAP_MAX && post.gap[GOODS_LANE_GENERAL] <= GAP_MAX;
	return err;
}

int main(void)
{
	bool is_kept = false;
	rg_err err = run(&is_kept);

	if (err) {
		fprintf(stderr, "rivergate-bench-lanes: error %d\n", (int)err);
		return 3;
	}
	return is_kept ? 0 : 1;
}
