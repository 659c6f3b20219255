#ifndef ROUTER_PIPELINE_H
#define ROUTER_PIPELINE_H

/*
 * The pipeline: the whole path of a message, and the threads that it runs on
 *
 * One table (pipeline.c) names each stage with its thread and what it refuses with.
 * Start goes from the end of the path to its beginning, so that a message finds every
 * stage behind it; stop goes the other way, so that nothing is lost between two.
 *
 * Threads: start, reload and stop by one thread (main).
 */

#include <stdbool.h>
#include <stdio.h>

#include <rivergate/error.h>

#include "base/scoped.h"
#include "settings.h"

struct pipeline;

/* Why a pipeline ended. */
struct pipeline_end {
	rg_err fault;         /* RG_OK: it was stopped */
	bool is_contradicted; /* a party holds a checkpoint that does not fit this history */
};

/*
 * Recovers the journal, appends what a start appends, opens the front. settings is
 * borrowed until the stop. RG_E_FORMAT: the journal is damaged; RG_E_CONFIG: files
 * contradict each other. Both have been logged.
 */
RG_MUST_USE rg_err pipeline_start(const struct settings *settings, struct pipeline **ret_pipeline);
/* Readable when the pipeline ended by itself. */
int pipeline_ended_fd(const struct pipeline *pipeline);
/* Reads registry and directories again; new versions become candidates. */
void pipeline_reload(struct pipeline *pipeline);
/* Drains (10 s at most), then ends all threads and frees. */
struct pipeline_end pipeline_stop(struct pipeline *pipeline);

/* The table, for people. */
void pipeline_print(FILE *out);

#endif
