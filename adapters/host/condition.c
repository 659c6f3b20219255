/*
 * The state of goods, stated beside the file: see condition.h
 *
 * Threads: no state.
 */
#include "host/condition.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX 40

struct stated {
	const char *hs; /* digits */
	size_t hs_len;
	char name[WORD_MAX]; /* of the enumeration */
};

/* NULL, or what is wrong. */
static const char *read_stated(const char *text, struct stated *ret_stated)
{
	const char *colon = strchr(text, ':');
	const char *word = colon ? colon + 1 : text;
	struct stated stated = {.hs = text, .hs_len = colon ? (size_t)(colon - text) : 0};

	if (stated.hs_len > 6 || strspn(text, "0123456789") < stated.hs_len ||
		(colon && stated.hs_len < 2)) {
		return "before the colon stand two to six digits of an HS code";
	}
	(void)snprintf(stated.name, sizeof(stated.name), "CONDITION_%.20s", word);
	for (char *at = stated.name; *at; at++) {
		*at = (char)toupper((unsigned char)*at);
	}
	const ProtobufCEnumValue *found =
		protobuf_c_enum_descriptor_get_value_by_name(&rivergate__v1__condition__descriptor,
			stated.name);
	if (!found || found->value == 0) {
		return "a condition is LIVE, FRESH, CHILLED, FROZEN, DRIED or OTHER, with digits "
		       "of "
		       "HS codes before it where it is not for all: 0804:DRIED";
	}
	*ret_stated = stated;
	return NULL;
}

bool condition_is_valid(const char *text, const char **ret_problem)
{
	struct stated stated;

	*ret_problem = read_stated(text, &stated);
	return !*ret_problem;
}

static rg_err state_item(const struct conf_texts *texts, const Rivergate__V1__Item *item, size_t i,
	struct doc *doc)
{
	char path[64];
	bool is_taken = false;

	for (size_t j = 0; j < texts->n_items; j++) {
		struct stated stated;

		if (read_stated(texts->items[j], &stated) ||
			strncmp(item->commodity->hs6, stated.hs, stated.hs_len) != 0) {
			continue;
		}
		(void)snprintf(path, sizeof(path), "items[%zu].commodity.condition", i);
		return rg_doc_set(doc_view(doc), path,
			(struct rg_bytes){(const uint8_t *)stated.name, strlen(stated.name)}, NULL,
			&is_taken);
	}
	return RG_OK;
}

rg_err condition_state(const struct conf_texts *texts, struct doc *doc)
{
	const Rivergate__V1__Declaration *declaration = NULL;
	rg_err err = RG_OK;

	if (doc_root(doc)->descriptor != &rivergate__v1__declaration__descriptor) {
		return RG_OK;
	}
	declaration = doc_declaration(doc);
	for (size_t i = 0; !err && i < declaration->n_items; i++) {
		const Rivergate__V1__Item *item = declaration->items[i];

		if (item->commodity && !item->commodity->condition) {
			err = state_item(texts, item, i, doc);
		}
	}
	return err;
}
