/*
 * Types of canonical documents
 *
 * Threads: constants only.
 */
#include "wire/doctype.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "rivergate/v1/certificate.pb-c.h"
#include "rivergate/v1/declaration.pb-c.h"

/* The first is what a format holds that names none; the second goes as a certificate's kinds. */
static const struct doctype types[] = {
	{"rivergate.v1.Declaration", "customs", &rivergate__v1__declaration__descriptor},
	{"rivergate.v1.Certificate", "sps", &rivergate__v1__certificate__descriptor},
};

#define N_TYPES (sizeof(types) / sizeof(types[0]))

const struct doctype *doctype_find(const char *name)
{
	if (!name || !*name) {
		return &types[0];
	}
	for (size_t i = 0; i < N_TYPES; i++) {
		if (strcmp(types[i].name, name) == 0) {
			return &types[i];
		}
	}
	return NULL;
}

const struct doctype *doctype_of_kind(Rivergate__V1__Kind kind)
{
	bool is_certificate = kind == RIVERGATE__V1__KIND__KIND_CERTIFICATE ||
		kind == RIVERGATE__V1__KIND__KIND_CERTIFICATE_STATUS;

	return &types[is_certificate ? 1 : 0];
}

const struct doctype *doctype_of(const ProtobufCMessage *root)
{
	for (size_t i = 0; i < N_TYPES; i++) {
		if (types[i].desc == root->descriptor) {
			return &types[i];
		}
	}
	return NULL;
}
