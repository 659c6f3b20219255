#ifndef TESTS_UNIT_LOG_KIT_H
#define TESTS_UNIT_LOG_KIT_H

/*
 * A published log in a temporary folder, written straight from the specification: every
 * hash of every tile by RFC 6962's definition, without tree or router
 */

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "evidence/note.h"
#include "evidence/tile.h"
#include "suite.h"

#define LOG_KIT_ORIGIN "rivergate.example/kit"
#define LOG_KIT_LEAF   40

struct log_kit {
	char dir[64];
	uint64_t size;
	struct key *key;
	struct note_verifier verifier;
};

static inline void log_kit_leaf(uint64_t index, char ret_leaf[LOG_KIT_LEAF])
{
	(void)snprintf(ret_leaf, LOG_KIT_LEAF, "leaf number %llu", (unsigned long long)index);
}

/* MTH(D[begin:end]). */
static inline struct merkle_hash log_kit_hash(uint64_t begin, uint64_t end)
{
	struct merkle_hash hash;
	uint64_t k = 1;
	char leaf[LOG_KIT_LEAF];

	if (end - begin == 1) {
		log_kit_leaf(begin, leaf);
		ck_assert_int_eq(merkle_leaf(bytes_of_text(leaf), &hash), RG_OK);
		return hash;
	}
	while (k * 2 < end - begin) {
		k *= 2;
	}
	struct merkle_hash left = log_kit_hash(begin, begin + k);
	struct merkle_hash right = log_kit_hash(begin + k, end);

	ck_assert_int_eq(merkle_node(&left, &right, &hash), RG_OK);
	return hash;
}

static inline char *log_kit_path(const struct log_kit *kit, const char *name)
{
	char *path = file_join(kit->dir, name);

	ck_assert_ptr_nonnull(path);
	return path;
}

/* Writes a file below the folder, with the folders above it. */
static inline void log_kit_write(const struct log_kit *kit, const char *name,
	struct rg_bytes content)
{
	scoped(freep) char *path = log_kit_path(kit, name);
	char *slash = strrchr(path, '/');

	*slash = '\0';
	ck_assert_int_eq(file_make_dirs(path), RG_OK);
	*slash = '/';
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(content.data, 1, content.len, file), content.len);
	ck_assert_int_eq(fclose(file), 0);
}

static inline void log_kit_remove(const struct log_kit *kit, const char *name)
{
	scoped(freep) char *path = log_kit_path(kit, name);

	ck_assert_int_eq(unlink(path), 0);
}

/* Changes one byte of a file. */
static inline void log_kit_flip(const struct log_kit *kit, const char *name, size_t offset)
{
	scoped(freep) char *path = log_kit_path(kit, name);
	FILE *file = fopen(path, "r+b");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fseek(file, (long)offset, SEEK_SET), 0);
	int byte = fgetc(file);

	ck_assert_int_ne(byte, EOF);
	ck_assert_int_eq(fseek(file, (long)offset, SEEK_SET), 0);
	ck_assert_int_eq(fputc(byte ^ 1, file), byte ^ 1);
	ck_assert_int_eq(fclose(file), 0);
}

static inline void log_kit_tile(const struct log_kit *kit, unsigned level, uint64_t number)
{
	scoped(buf_deinitv) struct buf bytes = {.data = NULL};
	unsigned width = tile_width(level, number, kit->size);
	uint64_t span = UINT64_C(1) << (level * TILE_HEIGHT);
	char name[TILE_NAME_MAX];

	for (uint64_t i = number * TILE_WIDTH; i < number * TILE_WIDTH + width; i++) {
		struct merkle_hash hash = log_kit_hash(i * span, (i + 1) * span);

		buf_add(&bytes, hash.bytes, sizeof(hash.bytes));
	}
	tile_name(level, number, width, name);
	log_kit_write(kit, name, buf_view(&bytes));
}

static inline void log_kit_bundle(const struct log_kit *kit, uint64_t number)
{
	scoped(buf_deinitv) struct buf bytes = {.data = NULL};
	unsigned width = tile_width(0, number, kit->size);
	char name[TILE_NAME_MAX];
	char leaf[LOG_KIT_LEAF];

	for (uint64_t i = number * TILE_WIDTH; i < number * TILE_WIDTH + width; i++) {
		log_kit_leaf(i, leaf);
		tile_bundle_add(&bytes, bytes_of_text(leaf));
	}
	tile_bundle_name(number, width, name);
	log_kit_write(kit, name, buf_view(&bytes));
}

/* Signs and writes the checkpoint of the kit's size with this root. */
static inline void log_kit_sign(const struct log_kit *kit, const struct merkle_hash *root)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	struct note_checkpoint checkpoint = {.origin = LOG_KIT_ORIGIN,
		.size = kit->size,
		.root = *root};

	ck_assert_int_eq(note_checkpoint_sign(&checkpoint, kit->key, &note), RG_OK);
	log_kit_write(kit, "checkpoint", buf_view(&note));
}

static inline void log_kit_checkpoint(const struct log_kit *kit)
{
	struct merkle_hash root;

	if (kit->size == 0) {
		ck_assert_int_eq(merkle_empty(&root), RG_OK);
	} else {
		root = log_kit_hash(0, kit->size);
	}
	log_kit_sign(kit, &root);
}

/* Makes the folder and a log of `size` leaves in it. */
static inline void log_kit_init(struct log_kit *kit, uint64_t size)
{
	scoped(buf_deinitv) struct buf vkey = {.data = NULL};
	uint8_t public_key[32];

	*kit = (struct log_kit){.dir = "/tmp/rg-log-kit-XXXXXX", .size = size};
	ck_assert_ptr_nonnull(mkdtemp(kit->dir));
	ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519, &kit->key),
		RG_OK);
	ck_assert_int_eq(key_ed25519_raw(kit->key, public_key), RG_OK);
	ck_assert_int_eq(note_verifier_of(LOG_KIT_ORIGIN, public_key, &kit->verifier), RG_OK);
	note_verifier_print(&kit->verifier, &vkey);
	buf_add_u8(&vkey, '\n');
	log_kit_write(kit, "log.vkey", buf_view(&vkey));
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		for (uint64_t n = 0; tile_width(level, n, size) > 0; n++) {
			log_kit_tile(kit, level, n);
		}
	}
	for (uint64_t n = 0; tile_width(0, n, size) > 0; n++) {
		log_kit_bundle(kit, n);
	}
	log_kit_checkpoint(kit);
}

static inline int log_kit_unlink(const char *path, const struct stat *status, int flag,
	struct FTW *where)
{
	(void)status;
	(void)flag;
	(void)where;
	return remove(path);
}

static inline void log_kit_deinit(struct log_kit *kit)
{
	key_free(kit->key);
	ck_assert_int_eq(nftw(kit->dir, log_kit_unlink, 16, FTW_DEPTH | FTW_PHYS), 0);
}

#endif
