/*
 * A decimal of a document as people write it
 *
 * Method: its two leaves are read, and the point is put between the digits.
 *
 * Threads: no state.
 */
#include "host/decimal.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

rg_err decimal_text(const struct doc *doc, const char *path, struct rg_bytes digits, char text[64])
{
	char scale_path[DOC_PATH_MAX + sizeof(".scale")];
	char scratch[32];
	struct doc_leaf scale;
	snprintf(scale_path, sizeof(scale_path), "%s.scale", path);
	rg_err err = doc_peek(doc, scale_path, &scale, scratch);
	if (err) {
		return err;
	}
	size_t places =
		scale.value.data ? (size_t)strtoul((const char *)scale.value.data, NULL, 10) : 0;
	bool is_negative = digits.len > 0 && digits.data[0] == '-';
	const char *first = (const char *)digits.data + (is_negative ? 1 : 0);
	size_t len = digits.len - (is_negative ? 1 : 0);
	char padded[48];
	places = places > 18 ? 18 : places;
	size_t n_zeroes = len <= places ? places + 1 - len : 0;
	snprintf(padded, sizeof(padded), "%.*s%.*s", (int)n_zeroes, "0000000000000000000", (int)len,
		first);
	size_t whole = strlen(padded) - places;
	snprintf(text, 64, "%s%.*s%s%s", is_negative ? "-" : "", (int)whole, padded,
		places ? "." : "", padded + whole);
	return RG_OK;
}
