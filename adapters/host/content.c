/*
 * What a delivery says
 *
 * Method: the parts are found by their names. One that stands alone in the header is a
 * document as it is, whoever cut it; where there are several, those that came are joined,
 * and the document is packed anew.
 *
 * Threads: no state.
 */
#include "host/content.h"

#include <string.h>

#include "wire/pack.h"
#include "wire/scan.h"

/* Where one part is the whole: as much memory as three parts may take. */
#define MESSAGES_MAX 900000
#define ELEMENTS_MAX 2000000

/* Either of these states all that a header's facts are taken from. */
#define FACTS (AUDIENCE_BIT(AUDIENCE_CUSTOMS) | AUDIENCE_BIT(AUDIENCE_SPS))

static const struct parts_answer ambiguous = {
	.verdict = PARTS_DIFFER,
	.path = "parts",
	.text = "Two parts of the message have one name, so that nobody can say which is meant.",
};

struct found {
	struct rg_bytes parts[AUDIENCE_TRAVELLING]; /* data NULL: it did not come */
	unsigned named;                             /* by the header */
	unsigned came;
	bool is_ambiguous; /* one name stands twice */
};

/* The content of a part; data NULL: withheld, pruned or not there. */
static struct rg_bytes part_at(const Rivergate__V1__Envelope *envelope, size_t i)
{
	const Rivergate__V1__PartData *part = i < envelope->n_parts ? envelope->parts[i] : NULL;

	if (!part || part->salt.len == 0) {
		return (struct rg_bytes){0};
	}
	return bytes_of(part->bytes.len ? part->bytes.data : (const uint8_t *)"", part->bytes.len);
}

/* The first part of this name from here on. */
static size_t index_of(const Rivergate__V1__Header *header, const char *name, size_t from)
{
	size_t i = from;

	while (i < header->n_parts && strcmp(header->parts[i]->name, name) != 0) {
		i++;
	}
	return i;
}

static struct found find_parts(const Rivergate__V1__Header *header,
	const Rivergate__V1__Envelope *envelope)
{
	struct found found = {.named = 0};

	for (unsigned i = 0; i < AUDIENCE_TRAVELLING; i++) {
		const char *name = audience_parts[i].name;
		size_t at = index_of(header, name, 0);

		if (at < header->n_parts) {
			found.is_ambiguous |= index_of(header, name, at + 1) < header->n_parts;
			found.parts[i] = part_at(envelope, at);
			found.named |= AUDIENCE_BIT(i);
			found.came |= found.parts[i].data ? AUDIENCE_BIT(i) : 0;
		}
	}
	return found;
}

static bool is_one(unsigned set)
{
	return set && !(set & (set - 1));
}

static struct rg_bytes only_one(const struct found *found)
{
	unsigned i = 0;

	while (i + 1 < AUDIENCE_TRAVELLING && !found->parts[i].data) {
		i++;
	}
	return found->parts[i];
}

/* A document of one part, as it came. */
static rg_err read_alone(struct content *content, struct arena *arena)
{
	const struct scan_limits limits = {.n_messages = MESSAGES_MAX, .n_elements = ELEMENTS_MAX};
	const ProtobufCMessageDescriptor *desc = content->type->desc;
	struct rg_bytes packed = content->packed;

	if (!packed.data || !scan_check(desc, packed, &limits).is_ok) {
		return RG_OK; /* the translation will say what is wrong with it */
	}
	content->root =
		protobuf_c_message_unpack(desc, arena_protobuf(arena), packed.len, packed.data);
	return content->root ? RG_OK : RG_E_NOMEM;
}

static rg_err read_parts(struct content *content, const struct found *found, struct arena *arena)
{
	Rivergate__V1__Declaration *joined = NULL;
	rg_err err = parts_join(found->parts, arena, &joined, &content->answer);

	if (err) {
		return err;
	}
	if (content->answer.verdict == PARTS_BROKEN) {
		content->packed = found->parts[content->answer.audience];
		return RG_OK;
	}
	content->root = joined ? &joined->base : NULL;
	content->packed = only_one(found);
	return joined && !is_one(found->came)
		? pack_in_arena(content->root, arena, &content->packed)
		: RG_OK;
}

rg_err content_read(const Rivergate__V1__Header *header, const Rivergate__V1__Envelope *envelope,
	struct arena *arena, struct content *ret_content)
{
	struct content content = {.type = doctype_of_kind(header->kind), .answer = {.text = ""}};
	const struct found found = find_parts(header, envelope);
	rg_err err = RG_OK;

	content.has_facts = found.came & FACTS;
	content.missing = found.named & ~found.came;
	if (content.type != doctype_find(NULL)) {
		content.packed = part_at(envelope, index_of(header, content.type->part, 0));
		content.has_facts = true;
		content.missing = 0;
		err = read_alone(&content, arena);
	} else if (found.is_ambiguous) {
		content.packed = only_one(&found);
		content.answer = ambiguous;
	} else if (is_one(found.named)) {
		content.packed = only_one(&found);
		err = read_alone(&content, arena);
	} else if (found.came) {
		err = read_parts(&content, &found, arena);
	}
	if (!err) {
		*ret_content = content;
	}
	return err;
}
