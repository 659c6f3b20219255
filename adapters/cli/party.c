/*
 * The party on whose behalf a verb speaks: see party.h
 *
 * Threads: one, and the client library's own.
 */

#include "cli/party.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "host/outgoing.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define LINGER_MS 2000

static const struct conf_row rows[] = {
	{.name = "party",
		.type = CONF_TEXT,
		.offset = offsetof(struct party, address),
		.is_required = true,
		.help = "address of this party"},
	{.name = "router",
		.type = CONF_TEXT,
		.offset = offsetof(struct party, router),
		.is_required = true,
		.help = "address of the router, as in the registry"},
	{.name = "endpoint",
		.type = CONF_TEXT,
		.offset = offsetof(struct party, endpoint),
		.help = "ZeroMQ endpoint of the router; else as the registry says"},
	{.name = "registry",
		.type = CONF_PATH,
		.offset = offsetof(struct party, registry),
		.is_required = true,
		.help = "the registry file"},
	{.name = "directories",
		.type = CONF_PATH,
		.offset = offsetof(struct party, directories),
		.is_required = true,
		.help = "folder of directories and revocation lists"},
	{.name = "pin",
		.type = CONF_TEXT,
		.offset = offsetof(struct party, pin),
		.is_required = true,
		.help = "hex SHA-256 of the genesis registry's content"},
	{.name = "curve_key",
		.type = CONF_PATH,
		.offset = offsetof(struct party, curve_key),
		.is_required = true,
		.help = "secret CURVE key, mode 0600"},
	{.name = "signing_key",
		.type = CONF_PATH,
		.offset = offsetof(struct party, signing_key),
		.is_required = true,
		.help = "secret signing key, PEM, mode 0600"},
	{.name = "state",
		.type = CONF_PATH,
		.offset = offsetof(struct party, state),
		.is_required = true,
		.help = "folder for checkpoint, spool, receipts"},
	{.name = "routes",
		.type = CONF_LIST,
		.offset = offsetof(struct party, routes),
		.rows = outgoing_route_rows,
		.item_size = sizeof(struct outgoing_route),
		.help = "where files go that are submitted without --to"},
	{.name = NULL},
};

static void text_free(char **text)
{
	free(*text);
}

static const char *home_of(const struct party_choice *choice)
{
	const char *home = choice->home ? choice->home : getenv("RIVERGATE_HOME");

	return home && home[0] ? home : ".";
}

/* The party's name becomes part of a path: only what an address may hold. */
static bool is_name(const char *as)
{
	return as[0] && as[0] != '.' &&
		strspn(as, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(as);
}

/* Path of client.conf; NULL: no memory. */
static char *find_config(const struct party_choice *choice)
{
	if (choice->config) {
		return strdup(choice->config);
	}
	if (!choice->as || !is_name(choice->as)) {
		fputs("rivergate: say who speaks: --as PARTY (e.g. la.customs.boten) or --config "
		      "FILE\n",
			stderr);
		return NULL;
	}
	scoped(buf_deinit) struct buf path = {0};
	buf_printf(&path, "%s/parties/%s/client.conf", home_of(choice), choice->as);
	return (char *)buf_take(&path, &(size_t){0});
}

static rg_err read_config(const struct party_choice *choice, struct party **ret_party)
{
	scoped(text_free) char *path = find_config(choice);
	scoped(party_freep) struct party *party = calloc(1, sizeof(*party));

	if (!path || !party) {
		return RG_E_NOMEM;
	}
	rg_err err = conf_read(path, rows, party);
	if (!err) {
		*ret_party = steal(party);
	}
	return err;
}

void party_free(struct party *party)
{
	if (party) {
		conf_release(rows, party);
		free(party);
	}
}

static rg_err connect_to(const struct party *party, bool use_spool, struct rg_client **ret_client)
{
	const struct rg_client_options options = {
		.party = party->address,
		.router = party->router,
		.endpoint = party->endpoint && party->endpoint[0] ? party->endpoint : NULL,
		.registry_path = party->registry,
		.directories_path = party->directories,
		.pin = party->pin,
		.curve_key_path = party->curve_key,
		.signing_key_path = party->signing_key,
		.state_path = party->state,
		.use_spool = use_spool,
	};
	rg_err err = rg_client_open(&options, ret_client);

	if (err) {
		fprintf(stderr, "rivergate: cannot open a session for %s: %s\n", party->address,
			rg_strerror(err));
	}
	return err;
}

int party_open(const struct party_choice *choice, bool use_spool, struct party_opened *ret_opened)
{
	scoped(party_close) struct party_opened opened = {0};

	if (!choice->config && !(choice->as && is_name(choice->as))) {
		fputs("rivergate: say who speaks: --as PARTY (e.g. la.customs.boten) or --config "
		      "FILE\n",
			stderr);
		return VERB_USAGE;
	}
	/* Who types a command hears of the session's inner life only what went wrong. */
	log_set_level(LOG_WARNING);
	if (read_config(choice, &opened.party) ||
		connect_to(opened.party, use_spool, &opened.client)) {
		return VERB_COULD_NOT;
	}
	*ret_opened = (struct party_opened){steal(opened.party), steal(opened.client)};
	return VERB_DONE;
}

void party_close(struct party_opened *opened)
{
	rg_client_close(opened->client, LINGER_MS);
	party_free(opened->party);
	*opened = (struct party_opened){0};
}

/* --- Asking -------------------------------------------------------------------------------- */

static rg_err read_answer(struct rg_bytes packed, struct arena *arena,
	Rivergate__V1__Answer **ret_answer)
{
	struct scan_answer scan;
	ProtobufCMessage *msg = NULL;
	rg_err err = scan_unpack(&rivergate__v1__answer__descriptor, packed, arena, &scan, &msg);

	if (!err && !msg) {
		fprintf(stderr, "rivergate: the router's answer cannot be read: %s\n", scan.rule);
	}
	*ret_answer = (Rivergate__V1__Answer *)msg;
	return err;
}

/* The next event that matters to who waits for an answer; NULL in *ret_event: time is over. */
static rg_err wait_event(struct rg_client *client, int64_t until_us,
	const struct rg_event **ret_event)
{
	rg_err err = RG_OK;

	*ret_event = NULL;
	while (!err && !*ret_event) {
		int64_t left_us = until_us - clock_monotonic_us();

		if (left_us <= 0) {
			return RG_OK;
		}
		err = rg_client_next(client, (int)(left_us / 1000) + 1, ret_event);
	}
	return err;
}

static rg_err await(struct rg_client *client, uint64_t number,
	const struct party_question *question, const struct rg_event **ret_event)
{
	int64_t until_us = clock_monotonic_us() + question->timeout_s * 1000000;
	bool is_connected = false;
	rg_err err = RG_OK;

	for (;;) {
		err = wait_event(client, until_us, ret_event);
		if (err || !*ret_event) {
			break;
		}
		if ((*ret_event)->type == RG_EVENT_ANSWER && (*ret_event)->number == number) {
			return RG_OK;
		}
		if ((*ret_event)->type == RG_EVENT_ALARM) {
			fputs("rivergate: ALARM: ", stderr);
			show_text(stderr, (*ret_event)->text);
			fputc('\n', stderr);
			*ret_event = NULL;
			return RG_OK;
		}
		if ((*ret_event)->type == RG_EVENT_WITNESSED && question->witnessed) {
			*question->witnessed = (*ret_event)->witnessed;
		}
		is_connected = is_connected || (*ret_event)->type == RG_EVENT_CONNECTED;
	}
	fprintf(stderr, "rivergate: %s within %lld s; %s\n",
		is_connected ? "the router gave no answer" : "no connection to the router",
		(long long)question->timeout_s,
		is_connected ? "see its log"
			     : "is it running, and is this party's CURVE key in the directory?");
	return err;
}

rg_err party_ask(struct rg_client *client, const struct party_question *question,
	struct arena *arena, Rivergate__V1__Answer **ret_answer)
{
	scoped(buf_deinit) struct buf packed = {0};
	const struct rg_event *event = NULL;
	uint64_t number = 0;
	rg_err err = pack_append(&question->query->base, &packed);

	*ret_answer = NULL;
	err = err ? err : rg_client_query(client, buf_view(&packed), &number);
	err = err ? err : await(client, number, question, &event);
	if (err) {
		fprintf(stderr, "rivergate: the session failed: %s\n", rg_strerror(err));
		return err;
	}
	return event ? read_answer(event->answer, arena, ret_answer) : RG_OK;
}
