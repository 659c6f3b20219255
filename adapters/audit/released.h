#ifndef AUDIT_RELEASED_H
#define AUDIT_RELEASED_H

/*
 * The texts that bundles of earlier versions hold
 *
 * verify.sh and VERIFY.md of a bundle must be ours, byte for byte: of this build, or of a
 * version before it, whose hash stands in a table here. So evidence stays evidence when
 * the script is changed: whoever changes it adds the hash of the text before (tests/flow/bundle.py
 * checks bundles of every form that lie in tests/vectors/).
 *
 * Threads: any.
 */

#include <stdbool.h>

#include "base/merkle.h"

/* path: in the bundle; hash: SHA-256 of the file. */
bool released_has(const char *path, const struct merkle_hash *hash);

#endif
