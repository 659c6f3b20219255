#ifndef JOURNAL_FRAMES_H
#define JOURNAL_FRAMES_H

/*
 * Frames of one segment file, one after the other
 *
 * Reads through a window of its own, so that a frame of any allowed size is seen whole
 * and a file of any size takes bounded memory. Believes nothing of what it reads.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "evidence/segment.h"

/* Bytes of all parts of a message with their salts and lengths, with room to spare. */
#define JOURNAL_FRAMES_PARTS_MAX (40u << 20)

struct journal_frames {
	int fd;            /* borrowed */
	uint64_t offset;   /* of the next frame */
	size_t step;       /* least bytes to read at once */
	struct buf window; /* bytes of the file from window_at on */
	uint64_t window_at;
};

/* One step. */
struct journal_found {
	enum segment_state state;
	struct segment_frame frame; /* WHOLE */
	struct rg_bytes leaf;       /* WHOLE; both live until the next call */
	struct rg_bytes parts;
	uint64_t offset;
	uint64_t end;      /* where the next frame would begin, as far as is known */
	bool head_is_good; /* DAMAGED: head and leaf are as written, only the parts are not */
};

void journal_frames_init(struct journal_frames *frames, int fd, size_t step);
void journal_frames_deinit(struct journal_frames *frames);
SCOPED_DEFINE_VALUE(struct journal_frames, journal_frames_deinit);

/* Goes to an offset and forgets what was read: the file may have grown. */
void journal_frames_seek(struct journal_frames *frames, uint64_t offset);
/* Reads the frame at the offset; a whole one is stepped over, otherwise the offset stays. */
RG_MUST_USE rg_err journal_frames_next(struct journal_frames *frames,
	struct journal_found *ret_found);
/* Steps over a frame by the lengths in its head alone. False: they cannot be right. */
RG_MUST_USE rg_err journal_frames_skip(struct journal_frames *frames, bool *ret_is_skipped);
/* Whether nothing but zeroes follows from the offset to the end of the file. */
RG_MUST_USE rg_err journal_frames_is_blank(struct journal_frames *frames, bool *ret_is_blank);
/*
 * Looks from the offset on, at every byte, for a whole frame whose durable_size is above
 * index: proof that the record `index` was durable. ret_state: WHOLE: ret_found is it;
 * END: there is none; DAMAGED: too much looks like a frame to decide.
 */
RG_MUST_USE rg_err journal_frames_search(struct journal_frames *frames, uint64_t index,
	struct journal_found *ret_found, enum segment_state *ret_state);

#endif
