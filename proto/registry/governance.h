#ifndef REGISTRY_GOVERNANCE_H
#define REGISTRY_GOVERNANCE_H

/*
 * Governance files: canonical content, signatures over exactly those bytes
 *
 * File form: JSON of rivergate.v1.Governed (content in base64). Content is a Registry, a
 * Directory or a WindowProfile; contexts are "rivergate/v1 registry", "rivergate/v1
 * directory" and "rivergate/v1 profile".
 * Whether a file is to be believed is trust's business (trust.h); this file reads,
 * writes and signs.
 */

#include <stdbool.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "rivergate/v1/registry.pb-c.h"
#include "sign/key.h"

#define GOVERNANCE_FILE_MAX          (4u << 20)
#define GOVERNANCE_CONTEXT_REGISTRY  "rivergate/v1 registry"
#define GOVERNANCE_CONTEXT_DIRECTORY "rivergate/v1 directory"
#define GOVERNANCE_CONTEXT_PROFILE   "rivergate/v1 profile"

/* Why a governance file, or one that would follow, is refused; a correct answer, not a fault. */
struct governance_answer {
	bool is_ok;
	char path[128]; /* where: rules[3].from[0], parties[2].keys[0].certificate … */
	char text[200]; /* what contradicts what, and what to do */
};

/*
 * Fills an answer that refuses: path = where, or where.field (either may be empty), and
 * the text. Returns false, so that a judge can `return governance_refuse(…)`.
 */
__attribute__((format(printf, 4, 5))) bool governance_refuse(struct governance_answer *answer,
	const char *where, const char *field, const char *format, ...);
/* An answer that agrees. Returns true. */
bool governance_agree(struct governance_answer *answer);

/*
 * Reads the JSON file; the message (NULL: refused, see answer, also when there is no
 * such file) is freed with governance_free(). Its content has not been looked at.
 */
RG_MUST_USE rg_err governance_read(const char *path, Rivergate__V1__Governed **ret_governed,
	struct governance_answer *ret_answer);
/*
 * Takes canonical protobuf bytes of a Governed, as a message's part has them. As governance_read().
 */
RG_MUST_USE rg_err governance_parse(struct rg_bytes bytes, Rivergate__V1__Governed **ret_governed,
	struct governance_answer *ret_answer);
/* Writes it atomically, mode 0644. */
RG_MUST_USE rg_err governance_write(const char *path, const Rivergate__V1__Governed *governed);
/* Makes one with this content, copied, and no signatures. */
RG_MUST_USE rg_err governance_new(struct rg_bytes content, Rivergate__V1__Governed **ret_governed);
void governance_free(Rivergate__V1__Governed *governed);
SCOPED_DEFINE(Rivergate__V1__Governed, governance_free);

/* SHA-256 of the content: the file's hash, and of a genesis registry the pin. */
RG_MUST_USE rg_err governance_hash(const Rivergate__V1__Governed *governed, uint8_t ret_hash[32]);

/* Adds or replaces member's signature over content; signatures stay ascending by member. */
RG_MUST_USE rg_err governance_sign(Rivergate__V1__Governed *governed, const char *context,
	const char *member, const struct key *governance_key);
/* Is signature number i made by this key over the content? Its member name is not looked at. */
RG_MUST_USE rg_err governance_verify(const Rivergate__V1__Governed *governed, size_t i,
	const char *context, const struct key *governance_key, bool *ret_is_valid);

#endif
