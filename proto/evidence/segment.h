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
 * parts = for each part of the header uint32 BE length ‖ salt ‖ bytes, where length
 * counts salt and bytes (0: withheld or pruned). Files are preallocated: zeroes after
 * the last frame. The sums find damage; that nobody changed a byte on purpose is the
 * tree's business.
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
	SEGMENT_FRAME_DAMAGED, /* something, but no whole frame: cut short, changed, or never one */
};

/* CRC-32C of what was summed so far and bytes; start with 0. */
uint32_t segment_crc(uint32_t crc, struct rg_bytes bytes);

/*
 * Makes the head of a frame whose index and durable_size the caller has set: fills in
 * lengths and sums and writes the head. On the disk the leaf follows, then the parts as
 * they are: n_parts pieces that together are the `parts` above, length words included.
 * Needs a leaf of 1 to 65,535 bytes and parts of less than 4 GiB together.
 */
void segment_frame_write(struct segment_frame *frame, struct rg_bytes leaf,
	const struct rg_bytes *parts, size_t n_parts, uint8_t ret_head[SEGMENT_FRAME_HEAD]);

/*
 * Reads the frame at the start of bytes (all that is left of the file) and checks both
 * sums. WHOLE: the outputs are set; ret_leaf and ret_parts view bytes, and the next
 * frame starts SEGMENT_FRAME_HEAD + leaf_len + parts_len further. Else they stay as they
 * were. END looks at the first 36 bytes only: what may follow zeroes is for the caller
 * to judge.
 */
enum segment_state segment_frame_read(struct rg_bytes bytes, struct segment_frame *ret_frame,
	struct rg_bytes *ret_leaf, struct rg_bytes *ret_parts);

#endif
