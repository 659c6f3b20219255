#ifndef CLI_SUBMIT_FILE_H
#define CLI_SUBMIT_FILE_H

/*
 * What a file becomes when it is submitted
 *
 *     *.rge             an envelope, as it is: own, relayed or repeated
 *     --kind directory, registry, revocation-list
 *                       a governance file, as the one part of a message to everybody
 *     --kind header     a header in JSON, of a kind that needs no parts (an event, a notice)
 *     anything else     a national file or a canonical document (JSON): translated, and
 *                       one message for each route (host/outgoing.h)
 *
 * Threads: one.
 */

#include <stddef.h>

#include <rivergate/client.h>

#include "base/conf.h"
#include "cli/arguments.h"
#include "host/plugin.h"

struct submit_file_options {
	const char *format;  /* NULL: recognised by its content */
	const char *kind;    /* NULL: DECLARATION */
	const char *purpose; /* NULL: from the routes */
	const char *lodged_by;
	const char *ucr;                         /* NULL: from the document */
	const struct argument_texts *to;         /* none: from the routes */
	const struct argument_texts *legs;       /* host/legs.h; none: those of the route */
	const struct conf_list *routes;          /* of struct outgoing_route */
	const struct argument_texts *documents;  /* host/documents.h */
	const struct argument_texts *conditions; /* host/condition.h */
	const char *state;                       /* folder; withheld content is kept below it */
	const struct plugin_set *plugins;
};

/* Where the messages go, one call each; a fault ends the file. */
struct submit_sink {
	rg_err (*message)(void *context, const struct rg_client_message *message);
	rg_err (*envelope)(void *context, struct rg_bytes envelope);
	void *context;
};

/*
 * Reads the file and gives what it becomes to the sink. *ret_exit: an enum verb_exit;
 * what is not VERB_DONE has been said on standard error.
 */
RG_MUST_USE rg_err submit_file(const char *path, const struct submit_file_options *options,
	const struct submit_sink *sink, int *ret_exit);

#endif
