/*
 * Fields of messages that own what they hold: see fields.h
 *
 * Threads: no state.
 */
#include "host/fields.h"

#include <stdlib.h>
#include <string.h>

#include <protobuf-c/protobuf-c.h>

rg_err fields_set_text(char **field, const char *text)
{
	if (text[0] == '\0') {
		return RG_OK;
	}
	char *copy = strdup(text);
	if (!copy) {
		return RG_E_NOMEM;
	}
	if (*field != (const char *)protobuf_c_empty_string) {
		free(*field);
	}
	*field = copy;
	return RG_OK;
}

rg_err fields_insert(void *list, size_t *n, size_t at, void *entry)
{
	void ***entries = list;
	void **grown = entry ? realloc(*entries, (*n + 1) * sizeof(*grown)) : NULL;
	if (!grown) {
		return RG_E_NOMEM;
	}
	*entries = grown;
	memmove(grown + at + 1, grown + at, (*n - at) * sizeof(*grown));
	grown[at] = entry;
	(*n)++;
	return RG_OK;
}

rg_err fields_append(void *list, size_t *n, void *entry)
{
	return fields_insert(list, n, *n, entry);
}
