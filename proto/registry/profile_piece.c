/*
 * A window profile taken apart: see pieces.h
 *
 * Threads: immutable once a trust holds it, but for the atomic count.
 */
#include <stdlib.h>
#include <string.h>

#include "registry/pieces.h"
#include "registry/profile.h"
#include "registry/rulebook.h"
#include "wire/scan.h"

struct profile_piece *profile_piece_ref(struct profile_piece *piece)
{
	if (piece) {
		atomic_fetch_add_explicit(&piece->n_refs, 1, memory_order_relaxed);
	}
	return piece;
}

void profile_piece_unref(struct profile_piece *piece)
{
	if (!piece || atomic_fetch_sub_explicit(&piece->n_refs, 1, memory_order_acq_rel) > 1) {
		return;
	}
	arena_freep(&piece->arena);
	free(piece);
}

static rg_err unpack(struct profile_piece *piece, struct rg_bytes content,
	struct governance_answer *answer)
{
	struct scan_answer scan;
	ProtobufCMessage *message = NULL;

	piece->arena = arena_new(0);
	uint8_t *copy = piece->arena ? arena_alloc(piece->arena, content.len + 1) : NULL;
	if (!copy) {
		return RG_E_NOMEM;
	}
	if (content.len > 0) {
		memcpy(copy, content.data, content.len);
	}
	piece->content = bytes_of(copy, content.len);
	rg_err err = scan_unpack(&rivergate__v1__window_profile__descriptor, content, piece->arena,
		&scan, &message);
	if (err) {
		return err;
	}
	if (!message) {
		governance_refuse(answer, scan.path, "", "%s", scan.rule);
		return RG_OK;
	}
	piece->message = (const Rivergate__V1__WindowProfile *)message;
	return profile_check(piece->message, answer)
		? rulebook_new(piece->message, piece->arena, &piece->rules)
		: RG_OK;
}

rg_err profile_piece_new(struct rg_bytes content, uint64_t index, struct profile_piece **ret_piece,
	struct governance_answer *ret_answer)
{
	scoped(profile_piece_unrefp) struct profile_piece *piece = calloc(1, sizeof(*piece));

	*ret_piece = NULL;
	if (!piece) {
		return RG_E_NOMEM;
	}
	atomic_init(&piece->n_refs, 1);
	piece->index = index;
	governance_agree(ret_answer);
	rg_err err = unpack(piece, content, ret_answer);
	if (err || !ret_answer->is_ok) {
		return err;
	}
	*ret_piece = steal(piece);
	return RG_OK;
}
