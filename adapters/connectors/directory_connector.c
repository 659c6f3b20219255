/*
 * The connector `directory`: one rename hands a file over
 *
 * Method: a staged file is gone from tmp/ exactly when it was put, so recall() only has
 * to look. What it cannot know is said in host/handover.h.
 *
 * Threads: one.
 */
#include <stdio.h>

#include "connectors/directory.h"

static bool is_exact(const void *state)
{
	(void)state;
	return true;
}

static rg_err recall(void *state, const char *name, const struct connector_trace *trace,
	struct connector_outcome *ret_outcome)
{
	enum directory_place place = DIRECTORY_NOWHERE;
	rg_err err = directory_find(state, name, &place);

	*ret_outcome = (struct connector_outcome){.answer = CONNECTOR_TAKEN};
	if (place == DIRECTORY_STAGED && trace->is_same_boot) {
		ret_outcome->answer = CONNECTOR_LATER;
	} else if (place != DIRECTORY_PUT) {
		ret_outcome->answer = CONNECTOR_UNKNOWN;
		snprintf(ret_outcome->text, sizeof(ret_outcome->text),
			"A crash came between intent and hand-over, and the files are neither in "
			"in/ nor in done/.");
	}
	return err;
}

static bool is_ready(const void *state, const char *name)
{
	(void)state;
	(void)name;
	return true;
}

static rg_err begin(void *state, const char *name)
{
	(void)state;
	(void)name;
	return RG_OK;
}

static rg_err outcome(void *state, const char *name, struct connector_outcome *ret_outcome)
{
	bool is_put = true;
	rg_err err = directory_put(state, name, &is_put);

	*ret_outcome = (struct connector_outcome){.answer = CONNECTOR_TAKEN};
	if (!is_put) {
		/* Somebody else made a file of our name since we looked. */
		ret_outcome->answer = CONNECTOR_UNKNOWN;
		snprintf(ret_outcome->text, sizeof(ret_outcome->text),
			"A file of this name appeared in in/ that this adapter did not put there.");
	}
	return err;
}

static rg_err sync_put(void *state)
{
	return directory_sync_put(state);
}

/* A file that is left in tmp/ is removed at the next start. */
static rg_err leave(void *state, const char *name, const struct connector_outcome *why)
{
	(void)state;
	(void)name;
	(void)why;
	return RG_OK;
}

static int watch_fd(const void *state)
{
	return directory_watch_fd(state);
}

static void watch_clear(void *state)
{
	directory_watch_clear(state);
}

static bool drain(void *state)
{
	(void)state;
	return false;
}

static void close_nothing(void *state)
{
	(void)state;
}

struct connector directory_connector(struct directory *directory)
{
	static const struct connector_type type = {
		.is_exact = is_exact,
		.recall = recall,
		.is_ready = is_ready,
		.begin = begin,
		.outcome = outcome,
		.sync = sync_put,
		.leave = leave,
		.watch_fd = watch_fd,
		.watch_clear = watch_clear,
		.drain = drain,
		.close = close_nothing,
	};

	return (struct connector){.type = &type, .state = directory};
}
