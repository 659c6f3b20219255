/*
 * A segment file of any content, read as a start does it: frame after frame, then what
 * lies behind the first that is not whole.
 */

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "journal/frames.h"
#include "journal/journal.h"

int fuzz_journal_frames(const uint8_t *data, size_t len);

/* What must hold of every whole frame. */
static void check(const struct journal_found *found, size_t len)
{
	struct rg_bytes parts[JOURNAL_PARTS_MAX];
	size_t n_parts;

	if (found->end > len || found->leaf.len == 0 ||
		found->end - found->offset !=
			SEGMENT_FRAME_HEAD + found->leaf.len + found->parts.len) {
		abort();
	}
	(void)journal_record_parts(found->parts, parts, &n_parts);
}

static void read_all(int fd, size_t len)
{
	struct journal_frames frames;
	struct journal_found found;
	enum segment_state state;
	bool is_blank;

	/* A small step: frames then lie across the window's borders. */
	journal_frames_init(&frames, fd, 64);
	while (journal_frames_next(&frames, &found) == RG_OK &&
		found.state == SEGMENT_FRAME_WHOLE) {
		check(&found, len);
	}
	if (journal_frames_is_blank(&frames, &is_blank) ||
		journal_frames_search(&frames, 0, &found, &state)) {
		abort();
	}
	if (state == SEGMENT_FRAME_WHOLE) {
		check(&found, len);
	}
	journal_frames_deinit(&frames);
}

int fuzz_journal_frames(const uint8_t *data, size_t len)
{
	int fd = memfd_create("segment", MFD_CLOEXEC);

	if (fd >= 0 && (len == 0 || write(fd, data, len) == (ssize_t)len)) {
		read_all(fd, len);
	}
	if (fd >= 0) {
		close(fd);
	}
	return 0;
}
