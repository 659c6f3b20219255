#ifndef EVIDENCE_SEGMENT_H
#define EVIDENCE_SEGMENT_H

/*
 * The frame of a journal segment: how a record lies on the disk
 *
 *     offset 0  magic         4 bytes  "RGJ1"
 *            4  leaf_len      uint32 BE, 1 to 65,535
 *            8  parts_len     uint32 BE
 *           12  index         uint64 BE, of this record
 *           20  durable_size  uint64 BE, records durable before this frame's batch
 *           28  leaf_crc      uint32 BE, CRC-32C(bytes 0..27 ‖ leaf)
 *           32  parts_crc     uint32 BE, CRC-32C(parts)
 *           36  leaf ‖ parts
 *
 * parts = for each part of the header uint32 BE length ‖ salt ‖ bytes (length 0:
 * withheld or pruned). Files are preallocated: zeroes after the last frame.
 * Shared by the router, which writes, and by whoever reads a copied journal.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>

#include "base/buf.h"

#define SEGMENT_FRAME_HEAD 36

struct segment_frame {
	uint64_t index;
	uint64_t durable_size;
	uint32_t leaf_len;
	uint32_t parts_len;
	uint32_t leaf_crc;
	uint32_t parts_crc;
};

enum segment_state {
	SEGMENT_FRAME_WHOLE,
	SEGMENT_FRAME_END,     /* zeroes or end of file: no frame here */
	SEGMENT_FRAME_DAMAGED,
};

uint32_t segment_crc(uint32_t crc, struct rg_bytes bytes); /* CRC-32C; start with 0 */
/* Fills lengths and checksums and writes the head; leaf and parts follow as they are. */
void segment_frame_write(struct segment_frame *frame, struct rg_bytes leaf,
	const struct rg_bytes *parts, size_t n_parts, uint8_t ret_head[SEGMENT_FRAME_HEAD]);
/* Reads the frame at the start of bytes and checks both sums. ret_leaf and ret_parts view bytes. */
enum segment_state segment_frame_read(struct rg_bytes bytes, struct segment_frame *ret_frame,
	struct rg_bytes *ret_leaf, struct rg_bytes *ret_parts);

#endif
