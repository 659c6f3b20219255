#ifndef CLI_PARTY_H
#define CLI_PARTY_H

/*
 * The party on whose behalf a verb speaks, and its session
 *
 * A party's folder holds `client.conf` (base/conf.h):
 *
 *     party        = "la.customs.boten";
 *     router       = "router.mekong";
 *     registry     = "../../registry.json";
 *     directories  = "../../directories";
 *     pin          = "…64 hex digits…";
 *     curve_key    = "curve.key";
 *     signing_key  = "signing.key";
 *     state        = "client-state";
 *     routes       = ( { format = "asycuda-sad"; purpose = "ADVANCE";
 *                        to = [ "cn.gacc.mohan" ]; } );
 *
 * It is found by --config FILE, or by --as PARTY below --home DIR
 * (DIR/parties/PARTY/client.conf; DIR: $RIVERGATE_HOME, else the present folder).
 * Functions say on standard error what went wrong and what to do, and return RG_E_…
 * for it.
 */

#include <stddef.h>
#include <stdint.h>

#include <rivergate/client.h>

#include "base/arena.h"
#include "base/conf.h"
#include "cli/arguments.h"
#include "rivergate/v1/session.pb-c.h"

/* First member of the options of every verb that speaks to a router. */
struct party_choice {
	const char *as;
	const char *home;
	const char *config;
	int64_t timeout_s;
};

#define PARTY_TIMEOUT_S 30

/* The rows for it; options is the verb's struct, choice its member. */
#define PARTY_ROWS(options, choice) \
	{.name = "as", \
		.type = ARGUMENT_TEXT, \
		.offset = offsetof(options, choice.as), \
		.value = "PARTY", \
		.help = "speak as this party; its folder lies below parties/"}, \
		{.name = "home", \
			.type = ARGUMENT_TEXT, \
			.offset = offsetof(options, choice.home), \
			.value = "DIR", \
			.help = "folder with parties/ (else $RIVERGATE_HOME, else here)"}, \
		{.name = "config", \
			.type = ARGUMENT_TEXT, \
			.offset = offsetof(options, choice.config), \
			.value = "FILE", \
			.help = "this configuration instead of the party's client.conf"}, \
	{ \
		.name = "timeout", .type = ARGUMENT_NUMBER, \
		.offset = offsetof(options, choice.timeout_s), .value = "SECONDS", .min = 1, \
		.max = 86400, .help = "how long to wait for the router" \
	}

struct party {
	char *address;
	char *router;
	char *endpoint; /* "" : as the registry says */
	char *registry;
	char *directories;
	char *pin;
	char *curve_key;
	char *signing_key;
	char *state;
	struct conf_list routes; /* of struct outgoing_route */
};

void party_free(struct party *party);
SCOPED_DEFINE(struct party, party_free);

/*
 * Reads the configuration and opens a session, which connects in the background. Returns
 * an enum verb_exit; what is not VERB_DONE has been said on standard error.
 */
struct party_opened {
	struct party *party;
	struct rg_client *client;
};
int party_open(const struct party_choice *choice, bool use_spool, struct party_opened *ret_opened);
void party_close(struct party_opened *opened);
SCOPED_DEFINE_VALUE(struct party_opened, party_close);

/* A question to the router, and until when its answer is awaited. */
struct party_question {
	Rivergate__V1__Query *query;
	int64_t timeout_s;
	struct rg_witnessed *witnessed; /* what the client says meanwhile; NULL: not wanted */
};
/*
 * Asks and waits. The answer lives in arena. *ret_answer NULL: no answer came in time,
 * or the router is not to be trusted; said on standard error.
 */
RG_MUST_USE rg_err party_ask(struct rg_client *client, const struct party_question *question,
	struct arena *arena, Rivergate__V1__Answer **ret_answer);

#endif
