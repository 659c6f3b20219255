/*
 * One batch as the system's scatter list: see gather.h
 *
 * Threads: owned by the journal thread.
 */

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/record.h"
#include "evidence/segment.h"
#include "journal/gather.h"

#define PART_LEN_SIZE sizeof(uint32_t)

void journal_gather_init(struct journal_gather *gather)
{
	*gather = (struct journal_gather){0};
}

void journal_gather_deinit(struct journal_gather *gather)
{
	free(gather->vectors);
	free(gather->small);
	free(gather->sizes);
	*gather = (struct journal_gather){0};
}

/* Makes room for n items; what was there may go. */
static rg_err make_room(void **items, size_t *cap, size_t n, size_t size)
{
	if (n <= *cap) {
		return RG_OK;
	}
	void *room = reallocarray(NULL, n, size);

	if (!room) {
		return RG_E_NOMEM;
	}
	free(*items);
	*items = room;
	*cap = n;
	return RG_OK;
}

static rg_err prepare(struct journal_gather *gather, const struct journal_entry *entries,
	size_t n_entries)
{
	size_t n_parts = 0;
	void *vectors = gather->vectors;
	void *small = gather->small;
	void *sizes = gather->sizes;

	for (size_t i = 0; i < n_entries; i++) {
		n_parts += entries[i].n_parts;
	}
	rg_err err = make_room(&vectors, &gather->vectors_cap, 2 * (n_entries + n_parts),
		sizeof(*gather->vectors));

	gather->vectors = vectors;
	err = err ? err
		  : make_room(&small, &gather->small_cap,
			    n_entries * SEGMENT_FRAME_HEAD + n_parts * PART_LEN_SIZE, 1);
	gather->small = small;
	err = err ? err : make_room(&sizes, &gather->sizes_cap, n_entries, sizeof(*gather->sizes));
	gather->sizes = sizes;
	gather->n_vectors = 0;
	gather->n_bytes = 0;
	return err;
}

static void add_vector(struct journal_gather *gather, struct rg_bytes bytes)
{
	if (bytes.len > 0) {
		/* The system only reads it. */
		gather->vectors[gather->n_vectors++] =
			(struct iovec){.iov_base = (void *)(uintptr_t)bytes.data,
				.iov_len = bytes.len};
	}
}

static void put_len(uint8_t *at, size_t len)
{
	for (unsigned i = 0; i < PART_LEN_SIZE; i++) {
		at[i] = (uint8_t)(len >> (24 - 8 * i));
	}
}

/* Lays out one frame, its small pieces at `small`; returns how much of that it took. */
static size_t add_frame(struct journal_gather *gather, struct segment_frame frame,
	const struct journal_entry *entry, uint8_t *small)
{
	struct rg_bytes section[2 * JOURNAL_PARTS_MAX];
	uint8_t *lens = small + SEGMENT_FRAME_HEAD;

	for (size_t i = 0; i < entry->n_parts; i++) {
		put_len(lens + i * PART_LEN_SIZE, entry->parts[i].len);
		section[2 * i] = bytes_of(lens + i * PART_LEN_SIZE, PART_LEN_SIZE);
		section[2 * i + 1] = entry->parts[i];
	}
	segment_frame_write(&frame, entry->leaf, section, 2 * entry->n_parts, small);
	add_vector(gather, bytes_of(small, SEGMENT_FRAME_HEAD));
	add_vector(gather, entry->leaf);
	for (size_t i = 0; i < 2 * entry->n_parts; i++) {
		add_vector(gather, section[i]);
	}
	gather->n_bytes += (uint64_t)SEGMENT_FRAME_HEAD + frame.leaf_len + frame.parts_len;
	return SEGMENT_FRAME_HEAD + entry->n_parts * PART_LEN_SIZE;
}

rg_err journal_gather_fill(struct journal_gather *gather, uint64_t size,
	const struct journal_entry *entries, size_t n_entries)
{
	rg_err err = prepare(gather, entries, n_entries);
	uint8_t *small = gather->small;

	if (err) {
		return err;
	}
	for (size_t i = 0; i < n_entries; i++) {
		struct segment_frame frame = {.index = size + i, .durable_size = size};
		uint64_t before = gather->n_bytes;

		assert(entries[i].leaf.len > 0 && entries[i].leaf.len <= RECORD_LEAF_MAX);
		assert(entries[i].n_parts <= JOURNAL_PARTS_MAX);
		small += add_frame(gather, frame, &entries[i], small);
		gather->sizes[i] = gather->n_bytes - before;
	}
	return RG_OK;
}

/* Takes n written bytes off the front; returns the first vector that still has some. */
static struct iovec *take_off(struct iovec *vector, size_t n)
{
	while (n > 0 && n >= vector->iov_len) {
		n -= vector->iov_len;
		vector++;
	}
	if (n > 0) {
		vector->iov_base = (uint8_t *)vector->iov_base + n;
		vector->iov_len -= n;
	}
	return vector;
}

rg_err journal_gather_write(struct journal_gather *gather, int fd, uint64_t offset)
{
	struct iovec *next = gather->vectors;
	uint64_t left = gather->n_bytes;

	while (left > 0) {
		size_t n_vectors = (size_t)(gather->vectors + gather->n_vectors - next);
		int n_now = n_vectors < IOV_MAX ? (int)n_vectors : IOV_MAX;
		ssize_t n = pwritev(fd, next, n_now, (off_t)offset);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			errno = n == 0 ? ENOSPC : errno;
			return RG_E_IO;
		}
		next = take_off(next, (size_t)n);
		offset += (uint64_t)n;
		left -= (uint64_t)n;
	}
	return RG_OK;
}
