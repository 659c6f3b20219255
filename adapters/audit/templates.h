#ifndef AUDIT_TEMPLATES_H
#define AUDIT_TEMPLATES_H

/* The files verify.sh and VERIFY.md of this folder, as every bundle has them (see embed). */

#include <rivergate/bytes.h>

extern const struct rg_bytes template_verify_sh;
extern const struct rg_bytes template_verify_md;

#endif
