#ifndef REGISTRY_ADDRESS_H
#define REGISTRY_ADDRESS_H

/*
 * Addresses: cc.agency[.office…], lower case, whole labels
 *
 * A label is 1 to 32 of a-z, 0-9 and inner '-'; 2 to 6 labels, 100 bytes at most.
 * A prefix matches whole labels: la.customs covers la.customs.boten, not la.customsx.
 * The first label of a party's address is its member's cc; a router's is no cc.
 */

#include <stdbool.h>

#define ADDRESS_MAX 100

bool address_is_valid(const char *address);
/* A member's label: two letters a-z. */
bool address_cc_is_valid(const char *cc);
/* Prefix: an address, or a member's cc alone. */
bool address_prefix_is_valid(const char *prefix);
/* The address is the prefix, or lies below it. */
bool address_has_prefix(const char *address, const char *prefix);
/* The address starts with the member's label. */
bool address_is_of_member(const char *address, const char *cc);

#endif
