#ifndef REGISTRY_GOVERNANCE_H
#define REGISTRY_GOVERNANCE_H

/*
 * Governance files: canonical content, signatures over exactly those bytes
 *
 * File form: JSON of rivergate.v1.Governed (content in base64). Content is a Registry
 * or a Directory; contexts are "rivergate/v1 registry" and "rivergate/v1 directory".
 */

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "rivergate/v1/registry.pb-c.h"
#include "sign/key.h"

#define GOVERNANCE_FILE_MAX (4u << 20)

/* Why a governance file, or one that would follow, is refused; a correct answer, not a fault. */
struct governance_answer {
	bool is_ok;
	char path[128]; /* where: rules[3].from[0], parties[2].keys[0].certificate … */
	char text[200]; /* what contradicts what, and what to do */
};

/* Reads the JSON file; the message (NULL: refused, see answer) is freed with governance_free(). */
RG_MUST_USE rg_err governance_read(const char *path, Rivergate__V1__Governed **ret_governed,
	struct governance_answer *ret_answer);
/* Writes it atomically, mode 0644. */
RG_MUST_USE rg_err governance_write(const char *path, const Rivergate__V1__Governed *governed);
void governance_free(Rivergate__V1__Governed *governed);
SCOPED_DEFINE(Rivergate__V1__Governed, governance_free);

/* Adds or replaces member's signature over content. */
RG_MUST_USE rg_err governance_sign(Rivergate__V1__Governed *governed, const char *context,
	const char *member, const struct key *governance_key);

#endif
