/*
 * The journal's files in order: see segments.h.
 *
 * Method: the names, sorted, say where each file begins; a window slides over the file at
 * hand. A damaged frame is stepped over by the lengths in its head if the next frame
 * begins there; otherwise the rest of its file counts as absent.
 * Threads: one.
 */
#include "audit/segments.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "evidence/segment.h"

#define NAME_DIGITS 20
#define NAME_ROOM   (NAME_DIGITS + 5) /* digits, ".seg", NUL */
#define STEP        ((size_t)256 << 10)
#define PARTS_MAX   ((uint32_t)40 << 20) /* what a message may hold, with room to spare */

struct segments {
	char *dir;
	uint64_t *firsts; /* ascending */
	size_t n_firsts;
	size_t at;       /* the file at hand: firsts[at], if fd is open */
	int fd;          /* -1: none */
	uint64_t offset; /* of the next frame */
	bool is_spent;   /* nothing more can be read from the file at hand */
	uint64_t place;  /* offset to start from in firsts[at]; 0: the beginning */
	struct buf window;
	uint64_t window_at;
};

void segments_close(struct segments *segments)
{
	if (!segments) {
		return;
	}
	fd_close(&segments->fd);
	buf_deinit(&segments->window);
	free(segments->firsts);
	free(segments->dir);
	free(segments);
}

/* --- The folder ------------------------------------------------------------------------------ */

static bool first_of_name(const char *name, uint64_t *ret_first)
{
	char digits[NAME_DIGITS + 1];
	size_t zeroes = 0;

	if (strlen(name) != NAME_DIGITS + 4 || strcmp(name + NAME_DIGITS, ".seg") != 0) {
		return false;
	}
	memcpy(digits, name, NAME_DIGITS);
	digits[NAME_DIGITS] = '\0';
	while (zeroes < NAME_DIGITS - 1 && digits[zeroes] == '0') {
		zeroes++;
	}
	return text_u64(digits + zeroes, ret_first);
}

static int compare_firsts(const void *a, const void *b)
{
	uint64_t first = *(const uint64_t *)a;
	uint64_t second = *(const uint64_t *)b;

	return first < second ? -1 : first > second;
}

static rg_err add_first(struct segments *segments, uint64_t first)
{
	uint64_t *firsts =
		realloc(segments->firsts, (segments->n_firsts + 1) * sizeof(*segments->firsts));

	if (!firsts) {
		return RG_E_NOMEM;
	}
	segments->firsts = firsts;
	segments->firsts[segments->n_firsts++] = first;
	return RG_OK;
}

static void closedirp(DIR **dir)
{
	if (*dir) {
		(void)closedir(*dir);
	}
}

static rg_err list(struct segments *segments)
{
	scoped(closedirp) DIR *dir = opendir(segments->dir);
	const struct dirent *entry = NULL;
	rg_err err = RG_OK;

	if (!dir && errno != ENOENT) {
		log_event(LOG_ERROR, "audit", "cannot-read", log_text("path", segments->dir),
			log_errno());
		return RG_E_IO;
	}
	while (dir && !err && (entry = readdir(dir))) {
		uint64_t first = 0;

		err = first_of_name(entry->d_name, &first) ? add_first(segments, first) : RG_OK;
	}
	if (!err && segments->n_firsts > 1) {
		qsort(segments->firsts, segments->n_firsts, sizeof(*segments->firsts),
			compare_firsts);
	}
	return err;
}

rg_err segments_open(const char *dir, struct segments **ret_segments)
{
	scoped(segments_closep) struct segments *segments = calloc(1, sizeof(*segments));

	if (!segments) {
		return RG_E_NOMEM;
	}
	segments->fd = -1;
	segments->dir = strdup(dir);
	rg_err err = segments->dir ? list(segments) : RG_E_NOMEM;

	if (!err) {
		*ret_segments = steal(segments);
	}
	return err;
}

/* --- The file at hand ------------------------------------------------------------------------ */

static rg_err io_fault(const struct segments *segments, const char *what)
{
	log_event(LOG_ERROR, "audit", what, log_text("path", segments->dir),
		log_number("segment", (int64_t)segments->firsts[segments->at]), log_errno());
	return RG_E_IO;
}

static rg_err open_file(struct segments *segments)
{
	char name[NAME_ROOM];

	(void)snprintf(name, sizeof(name), "%020llu.seg",
		(unsigned long long)segments->firsts[segments->at]);
	scoped(freep) char *path = file_join(segments->dir, name);

	if (!path) {
		return RG_E_NOMEM;
	}
	segments->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (segments->fd < 0) {
		return io_fault(segments, "cannot-open");
	}
	segments->offset = segments->place;
	segments->is_spent = false;
	segments->window_at = segments->offset;
	buf_clear(&segments->window);
	return RG_OK;
}

static void leave_file(struct segments *segments)
{
	fd_close(&segments->fd);
	segments->fd = -1;
	segments->at++;
	segments->place = 0;
}

/* Makes the window hold len bytes from the offset on, or all there are. */
static rg_err look(struct segments *segments, size_t len, struct rg_bytes *ret_bytes)
{
	size_t skip = (size_t)(segments->offset - segments->window_at);
	struct buf *window = &segments->window;

	if (skip >= window->len) {
		buf_clear(window);
		segments->window_at = segments->offset;
		skip = 0;
	} else if (window->len - skip < len) {
		memmove(window->data, window->data + skip, window->len - skip);
		window->len -= skip;
		segments->window_at = segments->offset;
		skip = 0;
	}
	while (window->len - skip < len) {
		size_t missing = len - (window->len - skip);
		size_t want = missing < STEP ? STEP : missing;
		uint8_t *room = buf_reserve(window, want);
		ssize_t n = room ? pread(segments->fd, room, want,
					   (off_t)(segments->window_at + window->len))
				 : -1;

		if (!room) {
			return RG_E_NOMEM;
		}
		if (n < 0 && errno != EINTR) {
			return io_fault(segments, "cannot-read");
		}
		if (n == 0) {
			break;
		}
		window->len += n > 0 ? (size_t)n : 0;
	}
	*ret_bytes = bytes_of(window->data + skip, window->len - skip);
	return RG_OK;
}

/* What the head says of the frame, believed only as far as it is plausible. */
struct head {
	bool is_frame; /* magic and lengths could be those of a frame */
	bool is_blank; /* zeroes, or the end of the file */
	uint64_t index;
	size_t len; /* of the whole frame */
};

static struct head read_head(struct rg_bytes bytes)
{
	struct cursor cursor = cursor_of(bytes);
	struct rg_bytes magic = cursor_bytes(&cursor, 4);
	uint32_t leaf_len = cursor_u32(&cursor);
	uint32_t parts_len = cursor_u32(&cursor);
	struct head head = {.index = cursor_u64(&cursor)};

	if (cursor.is_bad) {
		head.is_blank = true;
		return head;
	}
	head.is_frame = memcmp(magic.data, "RGJ1", 4) == 0 && leaf_len > 0 && leaf_len <= 65535 &&
		parts_len <= PARTS_MAX;
	head.is_blank = memcmp(magic.data, "\0\0\0\0", 4) == 0 && leaf_len == 0;
	head.len = SEGMENT_FRAME_HEAD + (size_t)leaf_len + parts_len;
	return head;
}

static rg_err peek_head(struct segments *segments, struct head *ret_head)
{
	struct rg_bytes bytes;
	rg_err err = look(segments, SEGMENT_FRAME_HEAD, &bytes);

	if (!err) {
		*ret_head = read_head(bytes);
	}
	return err;
}

/* The file may have been rewritten since the place was noted: then from its beginning. */
static rg_err confirm_place(struct segments *segments, uint64_t index)
{
	struct head head;
	rg_err err = peek_head(segments, &head);

	segments->place = 0;
	/* Blank may be the end of what is written, or of a file that has become shorter. */
	if (!err && !(head.is_frame && head.index <= index)) {
		segments->offset = 0;
		segments->window_at = 0;
		buf_clear(&segments->window);
	}
	return err;
}

/* The file that could hold the record becomes the one at hand; false: none does. */
static rg_err choose_file(struct segments *segments, uint64_t index, bool *ret_has)
{
	while (segments->at + 1 < segments->n_firsts &&
		segments->firsts[segments->at + 1] <= index) {
		leave_file(segments);
	}
	*ret_has = segments->at < segments->n_firsts && segments->firsts[segments->at] <= index;
	if (!*ret_has || segments->fd >= 0) {
		*ret_has = *ret_has && !segments->is_spent;
		return RG_OK;
	}
	rg_err err = open_file(segments);

	if (!err && segments->place > 0) {
		err = confirm_place(segments, index);
	}
	return err;
}

/* After a damaged frame: at the next one, or at the end of what this file gives. */
static rg_err step_over(struct segments *segments, const struct head *head)
{
	struct head next = {.is_frame = false};
	rg_err err = RG_OK;

	segments->offset += head->len;
	err = peek_head(segments, &next);
	if (!err && !(next.is_frame && next.index == head->index + 1)) {
		segments->is_spent = true;
	}
	return err;
}

static rg_err read_frame(struct segments *segments, const struct head *head,
	struct segments_found *ret_found)
{
	struct segment_frame frame;
	struct rg_bytes bytes;
	rg_err err = look(segments, head->len, &bytes);

	if (err) {
		return err;
	}
	if (segment_frame_read(bytes, &frame, &ret_found->leaf, &ret_found->parts) !=
		SEGMENT_FRAME_WHOLE) {
		ret_found->state = SEGMENTS_DAMAGED;
		return step_over(segments, head);
	}
	ret_found->state = SEGMENTS_WHOLE;
	segments->offset += head->len;
	return RG_OK;
}

rg_err segments_read(struct segments *segments, uint64_t index, struct segments_found *ret_found)
{
	bool has_file = false;
	rg_err err = choose_file(segments, index, &has_file);

	*ret_found = (struct segments_found){.state = SEGMENTS_ABSENT};
	while (!err && has_file) {
		struct head head;

		err = peek_head(segments, &head);
		if (err || head.is_blank || (head.is_frame && head.index > index)) {
			return err;
		}
		if (!head.is_frame) {
			ret_found->state = SEGMENTS_DAMAGED;
			head.index = index;
			head.len = 1;
			return step_over(segments, &head);
		}
		if (head.index == index) {
			return read_frame(segments, &head, ret_found);
		}
		segments->offset += head.len;
	}
	return err;
}

struct segments_place segments_tell(const struct segments *segments)
{
	struct segments_place place = {.segment = 0};

	if (segments->at < segments->n_firsts && segments->fd >= 0 && !segments->is_spent) {
		place.segment = segments->firsts[segments->at];
		place.offset = segments->offset;
	}
	return place;
}

void segments_seek(struct segments *segments, struct segments_place place)
{
	for (size_t i = 0; i < segments->n_firsts; i++) {
		if (segments->firsts[i] == place.segment && place.offset <= INT64_MAX) {
			segments->at = i;
			segments->place = place.offset;
		}
	}
}
