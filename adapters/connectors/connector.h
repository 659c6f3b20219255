#ifndef CONNECTORS_CONNECTOR_H
#define CONNECTORS_CONNECTOR_H

/*
 * Connector: how a staged file reaches the national system
 *
 * Every connector works on the folders of directory.h: a file that is to be handed over
 * is staged in tmp/, and what the national system wants sent lies in out/ when it is
 * complete and on the disk. They differ in what happens to a staged file:
 *
 *     directory    one rename into in/
 *     http         one POST, repeated until there is an answer; then it moves to done/
 *
 * The caller (host/handover.c) takes the files of a delivery one after the other:
 *
 *     recall()     after a crash or a fault: has the national system got this file?
 *     is_ready()   may one be begun now?
 *     begin()      starts; not to be repeated before outcome() has said how it ended
 *     outcome()    how it stands
 *     sync()       makes what outcome() said durable
 *     leave()      the file will not be handed over any more
 *     drain()      at the end: waits for what is under way
 *
 * is_exact: recall() knows the truth whatever happened, or to begin again does no harm.
 * Where not, the caller writes down before begin() that an attempt is about to be made,
 * and after outcome() that nothing came of it.
 *
 * Threads: all functions belong to the adapter's thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#define CONNECTOR_CODE_MAX 16
#define CONNECTOR_TEXT_MAX 300 /* bytes of a text, UTF-8 */

enum connector_answer {
	CONNECTOR_TAKEN,   /* the national system has it */
	CONNECTOR_WAITS,   /* under way: watch_fd() becomes readable when there is more to say */
	CONNECTOR_LATER,   /* it has nothing of it: begin again when is_ready() */
	CONNECTOR_REFUSED, /* it has seen it and does not want it */
	CONNECTOR_UNKNOWN, /* it may or may not have it */
};

struct connector_outcome {
	enum connector_answer answer;
	char code[CONNECTOR_CODE_MAX + 1]; /* REFUSED: the system's own, e.g. "422" */
	char text[CONNECTOR_TEXT_MAX + 1]; /* REFUSED, UNKNOWN: for people */
};

/* What was written down about a file before the caller lost its memory. */
struct connector_trace {
	bool was_begun;    /* an attempt was about to be made, and nothing says how it ended */
	bool is_same_boot; /* the system did not go down since */
};

struct connector_type {
	bool (*is_exact)(const void *state);
	/* TAKEN, LATER or UNKNOWN. */
	rg_err (*recall)(void *state, const char *name, const struct connector_trace *trace,
		struct connector_outcome *ret_outcome);
	bool (*is_ready)(const void *state, const char *name);
	rg_err (*begin)(void *state, const char *name);
	rg_err (*outcome)(void *state, const char *name, struct connector_outcome *ret_outcome);
	rg_err (*sync)(void *state);
	rg_err (*leave)(void *state, const char *name, const struct connector_outcome *why);
	/* Readable when something changed, in out/ or with what is under way; -1: none. */
	int (*watch_fd)(const void *state);
	void (*watch_clear)(void *state);
	/* Begins nothing more; *ret: whether something is still under way. */
	bool (*drain)(void *state);
	/* Stops at once what is under way, and listens no longer. */
	void (*close)(void *state);
};

/* state belongs to the connector: connector_close(). */
struct connector {
	const struct connector_type *type;
	void *state;
};

void connector_close(struct connector *connector);

#endif
