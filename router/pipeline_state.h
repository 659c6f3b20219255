#ifndef ROUTER_PIPELINE_STATE_H
#define ROUTER_PIPELINE_STATE_H

/*
 * What the files of the pipeline share; nobody else
 *
 *     pipeline.c       the stages, their start and stop
 *     pipeline_core.c  the core thread: inputs in, effects out
 */

#include <pthread.h>
#include <stdatomic.h>

#include "acts.h"
#include "core.h"
#include "dispatch.h"
#include "front/front.h"
#include "journal/writer.h"
#include "keeper.h"
#include "own.h"
#include "pipeline.h"
#include "recover.h"
#include "stamp.h"
#include "tree/publish.h"
#include "verify/ring.h"

struct pipeline {
	const struct settings *settings;
	struct recover_paths paths;
	struct journal *journal;
	struct core *core;
	struct journal_writer *writer;
	struct dispatch *dispatch;
	struct tree_publish *publish;
	struct verify_ring *ring;
	struct front *front;
	struct keeper *keeper;
	struct stamp *stamp; /* NULL: there is no authority */
	struct acts *acts;
	int64_t started_us;

	pthread_mutex_t entry; /* of the next: the front may give to the ring */
	bool is_entry_open;

	pthread_mutex_t lock; /* of what follows, up to the blank line */
	struct journal_report report;
	bool has_report;
	struct own_messages reloaded;
	struct pipeline_end end;

	bool is_alone; /* core thread: what is stepped now came alone, nothing waits behind it */
	int commit_fd;
	int wake_fd;
	int ended_fd;
	atomic_bool is_stopping;
	pthread_t thread;
	bool has_thread;
};

/* Wakes whoever polls fd. */
void pipeline_raise(int fd);
/* Any thread: the first fault ends the router. context: the pipeline. */
void pipeline_fail(void *context, rg_err fault);
/* The journal's report: noted, and the core thread woken. context: the pipeline. */
void pipeline_take_report(void *context, const struct journal_report *report);

/* One input into the core, its effects handed out. Core thread, or before it starts. */
RG_MUST_USE rg_err pipeline_step(struct pipeline *pipeline, struct core_input *input);
RG_MUST_USE rg_err pipeline_step_own(struct pipeline *pipeline, struct own_messages *messages);
RG_MUST_USE rg_err pipeline_step_admin(struct pipeline *pipeline, Rivergate__V1__Admin__Act act,
	const char *detail);
/* Records of the acts that wait for one. */
RG_MUST_USE rg_err pipeline_step_acts(struct pipeline *pipeline);
/* Turns until nothing is under way. RG_E_IO: that took longer than limit_us. */
RG_MUST_USE rg_err pipeline_settle(struct pipeline *pipeline, int64_t limit_us);
/* Says in the log what the registry in force says otherwise of this router. */
void pipeline_warn_trust(const struct pipeline *pipeline, const struct trust *trust);
/* The witnesses in force, for the published log. */
RG_MUST_USE rg_err pipeline_tell_witnesses(struct pipeline *pipeline, const struct trust *trust);
void pipeline_drop_item(const struct verify_item *item);
/* The core thread; argument: the pipeline. */
void *pipeline_run(void *argument);

#endif
