/*
 * Amending: see amend.h.
 *
 * Threads: one.
 */
#include "cli/amend.h"

#include <string.h>

#include "base/merkle.h"
#include "cli/show.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define KIND(name)     RIVERGATE__V1__KIND__KIND_##name
#define TRACK_MESSAGES 1000

/* What is known of the party's declarations. */
struct amended {
	const Rivergate__V1__Header *declaration; /* the newest; NULL: none */
	struct rg_bytes bytes;                    /* of its header */
	uint32_t version;                         /* the highest of it and its amendments */
	bool is_answered;
};

static rg_err ask(const struct amend_question *question, const char *ucr, struct arena *arena,
	Rivergate__V1__Answer **ret_answer)
{
	Rivergate__V1__Query query = RIVERGATE__V1__QUERY__INIT;
	Rivergate__V1__TrackQuery track = RIVERGATE__V1__TRACK_QUERY__INIT;
	const struct party_question asked = {&query, question->timeout_s, NULL};

	track.key = (char *)(uintptr_t)ucr;
	track.limit = TRACK_MESSAGES;
	query.what_case = RIVERGATE__V1__QUERY__WHAT_TRACK;
	query.track = &track;
	return party_ask(question->client, &asked, arena, ret_answer);
}

static void take(const struct amend_question *question, const Rivergate__V1__Header *wanted,
	const Rivergate__V1__Header *header, struct rg_bytes bytes, struct amended *amended)
{
	bool is_own = strcmp(header->from, question->party) == 0 &&
		strcmp(header->ucr, wanted->ucr) == 0 && header->purpose == wanted->purpose;

	if (!is_own || (header->kind != KIND(DECLARATION) && header->kind != KIND(AMENDMENT))) {
		return;
	}
	/* The newest come first. */
	if (header->kind == KIND(DECLARATION) && !amended->declaration) {
		amended->declaration = header;
		amended->bytes = bytes;
	}
	amended->version = header->version > amended->version ? header->version : amended->version;
}

static rg_err append(const Rivergate__V1__Header *header, const struct amended *amended,
	struct buf *out)
{
	Rivergate__V1__Header amendment = *header;
	Rivergate__V1__Ref ref = RIVERGATE__V1__REF__INIT;
	Rivergate__V1__Ref *refs[] = {&ref};
	struct merkle_hash hash;
	rg_err err = merkle_hash_of(amended->bytes, (struct rg_bytes){.data = NULL}, &hash);

	ref.from = amended->declaration->from;
	ref.id = amended->declaration->id;
	ref.header_hash = (ProtobufCBinaryData){sizeof(hash.bytes), hash.bytes};
	ref.relation = RIVERGATE__V1__RELATION__RELATION_AMENDS;
	amendment.kind = KIND(AMENDMENT);
	amendment.version = amended->version + 1;
	amendment.refs = refs;
	amendment.n_refs = 1;
	return err ? err : pack_append(&amendment.base, out);
}

static rg_err find(const struct amend_question *question, const Rivergate__V1__Header *wanted,
	struct arena *arena, struct amended *amended)
{
	Rivergate__V1__Answer *answer = NULL;
	rg_err err = ask(question, wanted->ucr, arena, &answer);

	amended->is_answered = answer != NULL;
	for (size_t i = 0; !err && answer && i < answer->n_messages; i++) {
		const Rivergate__V1__Tracked *message = answer->messages[i];
		const Rivergate__V1__Header *header = show_read_header(message, arena);

		if (header) {
			take(question, wanted, header,
				bytes_of(message->header.data, message->header.len), amended);
		}
	}
	return err;
}

rg_err amend_header(const struct amend_question *question, struct buf *out,
	const char **ret_problem)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	struct amended amended = {.declaration = NULL};
	struct scan_answer answer = {.is_ok = false};
	ProtobufCMessage *message = NULL;

	*ret_problem = NULL;
	if (!arena) {
		return RG_E_NOMEM;
	}
	rg_err err = scan_unpack(&rivergate__v1__header__descriptor, question->header, arena,
		&answer, &message);
	const Rivergate__V1__Header *wanted = (const Rivergate__V1__Header *)message;

	if (err || !wanted) {
		return err ? err : RG_E_FORMAT;
	}
	if (wanted->kind != KIND(DECLARATION)) {
		*ret_problem = "--amend is for declarations: this is none";
		return RG_OK;
	}
	err = find(question, wanted, arena, &amended);
	if (!err && !amended.declaration) {
		*ret_problem = !amended.is_answered
			? "the router did not say what has been declared: try again"
			: "the party has not declared this reference for this purpose: send "
			  "it without --amend";
		return RG_OK;
	}
	return err ? err : append(wanted, &amended, out);
}
