/*
 * Looking up codes
 *
 * Method: binary search in the generated arrays.
 *
 * Threads: constants only.
 */
#include "formats/codes/codes.h"

#include <string.h>

/* Compares a sorted entry with a key that does not end with NUL. */
static int compare(const char *entry, const char *key, size_t len)
{
	int order = strncmp(entry, key, len);
	return order ? order : (entry[len] ? 1 : 0);
}

static const char *find(const struct code_pair *pairs, size_t n, const char *key, size_t len)
{
	size_t low = 0;
	size_t high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(pairs[middle].from, key, len);
		if (order == 0) {
			return pairs[middle].to;
		}
		if (order < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return NULL;
}

const char *code_international(const struct code_table *table, const char *code, size_t len)
{
	return find(table->in, table->n_in, code, len);
}

const char *code_national(const struct code_table *table, const char *code)
{
	return find(table->out, table->n_out, code, strlen(code));
}
