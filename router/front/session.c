/*
 * Sessions and quotas: see session.h.
 *
 * Method: places in an array, a hash chain over (key, routing id). A session's number is
 * serial × places + place, so that it names its place and is never used again. Parties
 * are few (a registry's), looked up by a walk when a session opens and held by pointer.
 * Threads: the front's.
 */
#include "front/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHAINS      4096
#define PARTIES_MAX 4096

struct front_sessions {
	struct front_quota quota;
	struct front_session **places; /* grows to FRONT_SESSIONS_MAX */
	size_t n_places;
	size_t n_open;
	uint64_t serial;
	struct front_session *chains[CHAINS];
	struct front_party *parties[PARTIES_MAX];
	size_t n_parties;
};

struct front_sessions *front_sessions_new(struct front_quota quota)
{
	scoped(front_sessions_freep) struct front_sessions *sessions = calloc(1, sizeof(*sessions));

	if (!sessions) {
		return NULL;
	}
	sessions->quota = quota;
	sessions->places = calloc(FRONT_SESSIONS_MAX, sizeof(struct front_session *));
	return sessions->places ? steal(sessions) : NULL;
}

static void session_free(struct front_session *session)
{
	while (session->backlog) {
		struct front_out *out = session->backlog;

		session->backlog = out->next;
		front_out_free(out);
	}
	free(session);
}

void front_sessions_free(struct front_sessions *sessions)
{
	if (!sessions) {
		return;
	}
	for (size_t i = 0; i < sessions->n_places; i++) {
		if (sessions->places[i]) {
			session_free(sessions->places[i]);
		}
	}
	for (size_t i = 0; i < sessions->n_parties; i++) {
		free(sessions->parties[i]);
	}
	free(sessions->places);
	free(sessions);
}

static size_t chain_of(const uint8_t *key, struct rg_bytes routing)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < FRONT_KEY_LEN; i++) {
		hash = (hash ^ key[i]) * 16777619u;
	}
	for (size_t i = 0; i < routing.len; i++) {
		hash = (hash ^ routing.data[i]) * 16777619u;
	}
	return hash % CHAINS;
}

static struct rg_bytes routing_of(const struct front_session *session)
{
	return (struct rg_bytes){session->routing, session->routing_len};
}

struct front_session *front_session_find(struct front_sessions *sessions,
	const uint8_t key[FRONT_KEY_LEN], struct rg_bytes routing)
{
	struct front_session *session = sessions->chains[chain_of(key, routing)];

	while (session &&
		(memcmp(session->key, key, FRONT_KEY_LEN) != 0 ||
			!bytes_equal(routing_of(session), routing))) {
		session = session->next;
	}
	return session;
}

struct front_session *front_session_at(struct front_sessions *sessions, uint64_t number)
{
	struct front_session *session = sessions->places[number % FRONT_SESSIONS_MAX];

	return session && session->number == number ? session : NULL;
}

struct front_session *front_session_place(struct front_sessions *sessions, size_t i)
{
	return sessions->places[i];
}

size_t front_session_places(const struct front_sessions *sessions)
{
	return sessions->n_places;
}

size_t front_session_count(const struct front_sessions *sessions)
{
	return sessions->n_open;
}

static size_t free_place(const struct front_sessions *sessions)
{
	size_t i = 0;

	while (i < sessions->n_places && sessions->places[i]) {
		i++;
	}
	return i;
}

rg_err front_session_open(struct front_sessions *sessions, const struct front_opening *opening,
	struct front_session **ret_session)
{
	struct front_party *party = front_party_of(sessions, opening->party, opening->now_us);
	size_t place = free_place(sessions);

	*ret_session = NULL;
	if (!party || party->n_sessions >= opening->sessions_per_party ||
		place == FRONT_SESSIONS_MAX || opening->routing.len > FRONT_ROUTING_MAX) {
		return RG_OK;
	}
	struct front_session *session = calloc(1, sizeof(*session));

	if (!session) {
		return RG_E_NOMEM;
	}
	size_t chain = chain_of(opening->key, opening->routing);

	session->number = ++sessions->serial * FRONT_SESSIONS_MAX + place;
	session->party = party;
	session->heard_us = opening->now_us;
	session->backlog_end = &session->backlog;
	memcpy(session->key, opening->key, FRONT_KEY_LEN);
	memcpy(session->routing, opening->routing.data, opening->routing.len);
	session->routing_len = opening->routing.len;
	session->next = sessions->chains[chain];
	sessions->chains[chain] = session;
	sessions->places[place] = session;
	sessions->n_places += place == sessions->n_places;
	sessions->n_open++;
	party->n_sessions++;
	*ret_session = session;
	return RG_OK;
}

void front_session_close(struct front_sessions *sessions, struct front_session *session)
{
	struct front_session **link =
		&sessions->chains[chain_of(session->key, routing_of(session))];

	while (*link != session) {
		link = &(*link)->next;
	}
	*link = session->next;
	sessions->places[session->number % FRONT_SESSIONS_MAX] = NULL;
	sessions->n_open--;
	session->party->n_sessions--;
	session_free(session);
}

struct front_party *front_party_of(struct front_sessions *sessions, const char *address,
	int64_t now_us)
{
	for (size_t i = 0; i < sessions->n_parties; i++) {
		if (strcmp(sessions->parties[i]->address, address) == 0) {
			return sessions->parties[i];
		}
	}
	if (sessions->n_parties == PARTIES_MAX) {
		return NULL;
	}
	struct front_party *party = calloc(1, sizeof(*party));

	if (!party) {
		return NULL;
	}
	(void)snprintf(party->address, sizeof(party->address), "%s", address);
	party->tokens_us = sessions->quota.burst_us;
	party->filled_us = now_us;
	sessions->parties[sessions->n_parties++] = party;
	return party;
}

static void fill(const struct front_sessions *sessions, struct front_party *party, int64_t now_us)
{
	int64_t elapsed_us = now_us - party->filled_us;
	/* Longer than it takes to fill the whole bucket is as good as that. */
	int64_t whole_us = sessions->quota.burst_us / sessions->quota.rate_us * 1000000 + 1000000;

	if (elapsed_us > whole_us) {
		elapsed_us = whole_us;
	}
	int64_t gained_us = elapsed_us * sessions->quota.rate_us / 1000000;

	if (gained_us > 0) {
		party->filled_us = now_us;
		front_party_refund(sessions, party, gained_us);
	}
}

bool front_party_charge(const struct front_sessions *sessions, struct front_party *party,
	int64_t cost_us, int64_t now_us)
{
	fill(sessions, party, now_us);
	if (party->tokens_us < cost_us) {
		return false;
	}
	party->tokens_us -= cost_us;
	return true;
}

void front_party_refund(const struct front_sessions *sessions, struct front_party *party,
	int64_t amount_us)
{
	party->tokens_us += amount_us;
	if (party->tokens_us > sessions->quota.burst_us) {
		party->tokens_us = sessions->quota.burst_us;
	}
	/* Debts that would take longer to pay than the bucket to fill teach nothing more. */
	if (party->tokens_us < -sessions->quota.burst_us / 2) {
		party->tokens_us = -sessions->quota.burst_us / 2;
	}
}
