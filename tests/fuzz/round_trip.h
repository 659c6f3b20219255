#ifndef TESTS_FUZZ_ROUND_TRIP_H
#define TESTS_FUZZ_ROUND_TRIP_H

/* What a format accepts: decoded, encoded and decoded again, it says the same. */

#include <stdlib.h>
#include <string.h>

#include "host/convert.h"

/* Decodes and encodes, with a site's names (none: empty); NULL: refused. */
static inline struct conversion *round_trip_once(const struct plugin_format *format,
	struct rg_bytes native, struct rg_bytes names)
{
	struct conversion *conversion = NULL;
	if (convert_new(&conversion)) {
		abort();
	}
	convert_set_names(conversion, format, names);
	if (convert_decode(conversion, format, native)) {
		abort();
	}
	if (!convert_is_refused(conversion) &&
		convert_encode(conversion, format, RG_PURPOSE_UNSPECIFIED)) {
		abort();
	}
	if (convert_is_refused(conversion)) {
		convert_free(conversion);
		return NULL;
	}
	return conversion;
}

/* Tries the bytes as every format of the adapter; aborts where one says something else. */
static inline void round_trip_named(const struct rg_adapter *adapter, struct rg_bytes native,
	struct rg_bytes names)
{
	for (size_t i = 0; i < adapter->n_formats; i++) {
		const struct plugin_format format = {adapter, &adapter->formats[i]};
		struct conversion *first = round_trip_once(&format, native, names);
		if (!first) {
			continue;
		}
		struct rg_bytes text = convert_output(first, 0);
		struct conversion *second = round_trip_once(&format, text, names);
		struct rg_bytes again =
			second ? convert_output(second, 0) : (struct rg_bytes){NULL, 0};
		if (!second || again.len != text.len ||
			memcmp(again.data, text.data, text.len) != 0) {
			abort();
		}
		convert_free(first);
		convert_free(second);
	}
}

static inline void round_trip(const struct rg_adapter *adapter, struct rg_bytes native)
{
	round_trip_named(adapter, native, (struct rg_bytes){NULL, 0});
}

#endif
