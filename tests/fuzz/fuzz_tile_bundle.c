/* Entry bundles: one that is accepted is exactly what its entries write again. The first byte
   is the number of entries less one. */

#include <stdlib.h>

#include "evidence/tile.h"

int fuzz_tile_bundle(const uint8_t *data, size_t len);

int fuzz_tile_bundle(const uint8_t *data, size_t len)
{
	scoped(buf_deinit) struct buf again = {0};
	struct rg_bytes entries[TILE_WIDTH];

	if (len == 0) {
		return 0;
	}
	unsigned width = data[0] + 1u;
	struct rg_bytes bundle = bytes_of(data + 1, len - 1);

	if (!tile_bundle_read(bundle, width, entries)) {
		return 0;
	}
	for (unsigned i = 0; i < width; i++) {
		tile_bundle_add(&again, entries[i]);
	}
	if (buf_error(&again) || !bytes_equal(buf_view(&again), bundle)) {
		abort();
	}
	return 0;
}
