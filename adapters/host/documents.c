/*
 * The documents of a header: see documents.h
 *
 * Threads: no state.
 */
#include "host/documents.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "host/fields.h"

#define TYPE_MAX   35
#define NUMBER_MAX 70

struct stated {
	char type[TYPE_MAX + 1];
	char country[3];
	char number[NUMBER_MAX + 1];
};

/* NULL, or what is wrong. */
static const char *read_stated(const char *text, struct stated *ret_stated)
{
	static const char problem[] =
		"a document is TYPE:CC:NUMBER, with the country of who issued it, such as "
		"851:TH:TH-PC-2026-004711";
	const char *country = strchr(text, ':');
	struct stated stated = {.country = ""};

	if (!country || country == text || country - text > TYPE_MAX ||
		!isalpha((unsigned char)country[1]) || !isalpha((unsigned char)country[2]) ||
		country[3] != ':' || !country[4] || strlen(country + 4) > NUMBER_MAX) {
		return problem;
	}
	memcpy(stated.type, text, (size_t)(country - text));
	stated.country[0] = (char)toupper((unsigned char)country[1]);
	stated.country[1] = (char)toupper((unsigned char)country[2]);
	memcpy(stated.number, country + 4, strlen(country + 4));
	*ret_stated = stated;
	return NULL;
}

bool documents_is_valid(const char *text, const char **ret_problem)
{
	struct stated stated;

	*ret_problem = read_stated(text, &stated);
	return !*ret_problem;
}

rg_err documents_name(Rivergate__V1__Header *header, const char *type, const char *number,
	Rivergate__V1__DocumentRef **ret_ref, bool *ret_is_new)
{
	*ret_is_new = false;
	for (size_t i = 0; i < header->n_documents; i++) {
		if (strcmp(header->documents[i]->type, type) == 0 &&
			strcmp(header->documents[i]->number, number) == 0) {
			*ret_ref = header->documents[i];
			return RG_OK;
		}
	}
	if (header->n_documents >= DOCUMENTS_MAX) {
		return RG_E_OVERFLOW;
	}
	Rivergate__V1__DocumentRef *ref = malloc(sizeof(*ref));
	if (!ref) {
		return RG_E_NOMEM;
	}
	rivergate__v1__document_ref__init(ref);
	rg_err err = fields_append(&header->documents, &header->n_documents, ref);
	if (err) {
		free(ref);
		return err;
	}
	err = fields_set_text(&ref->type, type);
	*ret_ref = ref;
	*ret_is_new = true;
	return err ? err : fields_set_text(&ref->number, number);
}

rg_err documents_complete(const struct conf_texts *texts, Rivergate__V1__Header *header)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < texts->n_items; i++) {
		Rivergate__V1__DocumentRef *ref = NULL;
		struct stated stated;
		bool is_new = false;

		if (read_stated(texts->items[i], &stated)) {
			continue;
		}
		err = documents_name(header, stated.type, stated.number, &ref, &is_new);
		if (!err) {
			err = fields_set_text(&ref->issuer_country, stated.country);
		}
	}
	return err;
}

static bool names(const Rivergate__V1__DocumentRef *ref, const Rivergate__V1__DocumentRef *fact)
{
	return strcmp(ref->type, fact->type) == 0 && strcmp(ref->number, fact->number) == 0 &&
		strcmp(ref->issuer, fact->issuer) == 0 && strcmp(ref->date, fact->date) == 0;
}

bool documents_contain(const Rivergate__V1__Header *facts, const Rivergate__V1__Header *header)
{
	size_t at = 0;

	for (size_t i = 0; i < facts->n_documents; i++) {
		while (at < header->n_documents &&
			!names(header->documents[at], facts->documents[i])) {
			at++;
		}
		if (at++ >= header->n_documents) {
			return false;
		}
	}
	return true;
}
