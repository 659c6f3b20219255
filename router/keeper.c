/*
 * The keeper: see keeper.h.
 *
 * Threads: `run` and what it calls are the keeper's.
 */
#include "keeper.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "acts.h"
#include "base/clock.h"
#include "base/log.h"
#include "prune.h"

#define TURN_MS  500
#define FIRST_US INT64_C(600000000) /* a start has other things to do */

struct keeper {
	struct keeper_options options;
	struct acts *acts;
	int64_t prune_us; /* when the next pruning is due */
	pthread_t thread;
	bool has_thread;
	atomic_bool is_stopping;
};

static bool is_over(void *context)
{
	const struct keeper *keeper = context;

	return atomic_load(&keeper->is_stopping);
}

static int64_t interval_us(const struct keeper *keeper)
{
	return keeper->options.settings->prune_s * 1000000;
}

static void prune(struct keeper *keeper)
{
	const struct prune_options options = {
		.data_dir = keeper->options.settings->data_dir,
		.journal = keeper->options.journal,
		.before_us = clock_now_us(),
		.is_over = is_over,
		.context = keeper,
	};
	struct prune_result result;
	rg_err err = prune_run(&options, &result);

	if (err) {
		log_event(LOG_ERROR, "prune", "failed", log_fault(err),
			log_text("do", "see above; it is tried again after `prune_s`"));
	} else if (result.n_parts > 0) {
		log_event(LOG_INFO, "prune", "done",
			log_number("records", (int64_t)result.n_records),
			log_number("parts", (int64_t)result.n_parts),
			log_number("bytes", (int64_t)result.n_bytes));
	}
	keeper->prune_us = clock_monotonic_us() + interval_us(keeper);
}

static void *run(void *context)
{
	struct keeper *keeper = context;
	const struct timespec turn = {.tv_nsec = TURN_MS * 1000000L};

	while (!is_over(keeper)) {
		if (keeper->prune_us && clock_monotonic_us() >= keeper->prune_us) {
			prune(keeper);
		}
		if (acts_has_news(keeper->acts)) {
			acts_look(keeper->acts);
			keeper->options.news(keeper->options.context);
		}
		(void)nanosleep(&turn, NULL);
	}
	return NULL;
}

rg_err keeper_start(const struct keeper_options *options, struct keeper **ret_keeper)
{
	scoped(keeper_stopp) struct keeper *keeper = calloc(1, sizeof(*keeper));

	if (!keeper) {
		return RG_E_NOMEM;
	}
	keeper->options = *options;
	keeper->acts = acts_new(options->settings->data_dir);
	if (!keeper->acts) {
		return RG_E_NOMEM;
	}
	acts_look(keeper->acts);
	if (interval_us(keeper) > 0) {
		keeper->prune_us = clock_monotonic_us() +
			(interval_us(keeper) < FIRST_US ? interval_us(keeper) : FIRST_US);
	}
	if (pthread_create(&keeper->thread, NULL, run, keeper) != 0) {
		log_event(LOG_ERROR, "keeper", "no-thread", log_errno());
		return RG_E_IO;
	}
	keeper->has_thread = true;
	*ret_keeper = steal(keeper);
	return RG_OK;
}

void keeper_stop(struct keeper *keeper)
{
	if (!keeper) {
		return;
	}
	atomic_store(&keeper->is_stopping, true);
	if (keeper->has_thread) {
		(void)pthread_join(keeper->thread, NULL);
	}
	acts_free(keeper->acts);
	free(keeper);
}
