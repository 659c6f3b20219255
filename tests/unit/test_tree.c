/*
 * The tree: its heads against RFC 6962 done naively, proofs at every size, and tiles as
 * other tools expect to find them.
 */

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "suite.h"
#include "tree/frontier.h"
#include "tree/tree.h"

#define PATH_LEN   256
#define TILE_BYTES 8192

static void remove_folder(const char *dir)
{
	DIR *folder = opendir(dir);

	for (struct dirent *entry = folder ? readdir(folder) : NULL; entry;
		entry = readdir(folder)) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			char *path = file_join(dir, entry->d_name);

			ck_assert_ptr_nonnull(path);
			if (unlink(path) != 0) {
				remove_folder(path);
			}
			free(path);
		}
	}
	if (folder) {
		closedir(folder);
	}
	rmdir(dir);
}

static void make_folder(char dir[PATH_LEN])
{
	snprintf(dir, PATH_LEN, "%s/rg-tree-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static struct merkle_hash leaf_of(uint64_t n)
{
	struct merkle_hash leaf;

	ck_assert_int_eq(merkle_leaf(bytes_of(&n, sizeof(n)), &leaf), RG_OK);
	return leaf;
}

/* MTH of RFC 6962, section 2.1, word for word. */
static struct merkle_hash naive_head(uint64_t begin, uint64_t end)
{
	uint64_t k = 1;
	struct merkle_hash head;

	if (end - begin == 1) {
		return leaf_of(begin);
	}
	while (k * 2 < end - begin) {
		k *= 2;
	}
	struct merkle_hash left = naive_head(begin, begin + k);
	struct merkle_hash right = naive_head(begin + k, end);

	ck_assert_int_eq(merkle_node(&left, &right, &head), RG_OK);
	return head;
}

static struct tree *open_tree(const char *path, uint64_t size)
{
	struct tree *tree = NULL;

	ck_assert_int_eq(tree_open(path, &tree), RG_OK);
	for (uint64_t n = 0; n < size; n++) {
		struct merkle_hash leaf = leaf_of(n);

		ck_assert_int_eq(tree_append(tree, &leaf), RG_OK);
	}
	ck_assert_uint_eq(tree_size(tree), size);
	return tree;
}

static void check_head(struct tree *tree)
{
	struct merkle_hash head;
	struct merkle_hash from_tiles;
	struct merkle_hash want = naive_head(0, tree_size(tree));
	struct proof_source source = tree_source(tree);

	ck_assert_int_eq(tree_head(tree, &head), RG_OK);
	ck_assert_mem_eq(&head, &want, sizeof(head));
	ck_assert_int_eq(proof_head(&source, tree_size(tree), &from_tiles), RG_OK);
	ck_assert_mem_eq(&from_tiles, &want, sizeof(head));
}

START_TEST(heads_are_those_of_the_rfc)
{
	static const uint64_t sizes[] = {1, 2, 3, 7, 255, 256, 257, 511, 512, 513, 1000, 20000};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct tree *tree = open_tree(NULL, sizes[i]);

		check_head(tree);
		tree_close(tree);
	}
}
END_TEST

static void check_inclusion(struct tree *tree, uint64_t index, uint64_t size)
{
	struct proof_source source = tree_source(tree);
	struct proof_path path;
	struct merkle_hash leaf = leaf_of(index);
	struct merkle_hash head;
	struct merkle_hash want;
	bool is_valid = false;

	ck_assert_int_eq(proof_inclusion(&source, index, size, &path), RG_OK);
	ck_assert_int_eq(proof_inclusion_head(&leaf, index, size, &path, &head, &is_valid), RG_OK);
	ck_assert(is_valid);
	ck_assert_int_eq(proof_head(&source, size, &want), RG_OK);
	ck_assert_mem_eq(&head, &want, sizeof(head));
}

START_TEST(proofs_hold_at_every_earlier_size)
{
	char dir[PATH_LEN];

	make_folder(dir);
	/* More tiles than the tree keeps: old ones are read back. */
	struct tree *tree = open_tree(dir, 66000);

	for (uint64_t index = 0; index < 66000; index = index * 3 + 1) {
		for (uint64_t size = index + 1; size <= 66000; size = size * 2 + 1) {
			check_inclusion(tree, index, size);
		}
		check_inclusion(tree, index, 66000);
	}
	tree_close(tree);
	remove_folder(dir);
}
END_TEST

START_TEST(what_is_not_there_yet_is_an_overflow)
{
	struct tree *tree = open_tree(NULL, 300);
	struct proof_source source = tree_source(tree);
	struct merkle_hash hash;
	struct buf out = {0};

	ck_assert_int_eq(tree_leaf(tree, 299, &hash), RG_OK);
	ck_assert_int_eq(tree_leaf(tree, 300, &hash), RG_E_OVERFLOW);
	ck_assert_int_eq(tree_leaf(tree, 1000000, &hash), RG_E_OVERFLOW);
	ck_assert_int_eq(source.node(source.context, 8, 0, &hash), RG_OK);
	ck_assert_int_eq(source.node(source.context, 8, 1, &hash), RG_E_OVERFLOW);
	ck_assert_int_eq(source.node(source.context, 3, 36, &hash), RG_OK);
	ck_assert_int_eq(source.node(source.context, 3, 37, &hash), RG_E_OVERFLOW);
	ck_assert_int_eq(source.node(source.context, 64, 0, &hash), RG_E_OVERFLOW);
	ck_assert_int_eq(tree_tile(tree, 0, 1, 44, &out), RG_OK);
	ck_assert_uint_eq(out.len, 44 * 32);
	ck_assert_int_eq(tree_tile(tree, 0, 1, 45, &out), RG_E_OVERFLOW);
	ck_assert_int_eq(tree_tile(tree, 1, 0, 1, &out), RG_OK);
	ck_assert_int_eq(tree_tile(tree, 1, 0, 2, &out), RG_E_OVERFLOW);
	buf_deinit(&out);
	tree_close(tree);
}
END_TEST

START_TEST(empty_tree_has_the_head_of_no_leaves)
{
	struct tree *tree = open_tree(NULL, 0);
	struct merkle_hash head;
	struct merkle_hash want;

	ck_assert_int_eq(tree_head(tree, &head), RG_OK);
	ck_assert_int_eq(merkle_empty(&want), RG_OK);
	ck_assert_mem_eq(&head, &want, sizeof(head));
	tree_close(tree);
}
END_TEST

static void read_file(const char *dir, const char *name, uint8_t bytes[TILE_BYTES])
{
	char *path = file_join(dir, name);
	int fd = open(path, O_RDONLY);

	ck_assert_msg(fd >= 0, "no %s", path);
	ck_assert_int_eq(read(fd, bytes, TILE_BYTES), TILE_BYTES);
	ck_assert_int_eq(read(fd, bytes, 1), 0);
	close(fd);
	free(path);
}

static void write_file(const char *dir, const char *name, const void *bytes, size_t len)
{
	char *path = file_join(dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
	free(path);
}

START_TEST(full_tiles_lie_where_tlog_tiles_says)
{
	char dir[PATH_LEN];
	uint8_t bytes[TILE_BYTES];
	uint64_t size = 0;

	make_folder(dir);
	struct tree *tree = open_tree(dir, 256 * 1002 + 5);

	for (uint64_t n = 0; n < 256; n++) {
		struct merkle_hash leaf = leaf_of(256 * 1001 + n);

		read_file(dir, "tile/0/x001/001", bytes);
		ck_assert_mem_eq(bytes + n * 32, &leaf, 32);
		struct merkle_hash root = naive_head(256 * (256 * 2 + n), 256 * (256 * 2 + n + 1));

		read_file(dir, "tile/1/002", bytes);
		ck_assert_mem_eq(bytes + n * 32, &root, 32);
	}
	ck_assert_int_eq(tree_stored_size(dir, &size), RG_OK);
	ck_assert_uint_eq(size, 256 * 1002);
	tree_close(tree);
	remove_folder(dir);
}
END_TEST

START_TEST(stored_size_counts_whole_tiles_only)
{
	char dir[PATH_LEN];
	uint64_t size = 99;

	make_folder(dir);
	ck_assert_int_eq(tree_stored_size(dir, &size), RG_OK);
	ck_assert_uint_eq(size, 0);
	tree_close(open_tree(dir, 256 * 3));
	write_file(dir, "tile/0/777", "short", 5);
	write_file(dir, "tile/0/004.tmp", "left behind", 11);
	ck_assert_int_eq(tree_stored_size(dir, &size), RG_OK);
	ck_assert_uint_eq(size, 256 * 3);
	remove_folder(dir);
}
END_TEST

START_TEST(damaged_and_missing_tiles_are_rebuilt_from_the_leaves)
{
	static const char *const names[] = {"tile/0/000", "tile/0/001", "tile/0/200", "tile/1/000"};
	static const size_t kept[] = {TILE_BYTES, 0, 100, TILE_BYTES}; /* 0: removed */
	uint8_t good[4][TILE_BYTES];
	uint8_t bytes[TILE_BYTES];
	char dir[PATH_LEN];

	make_folder(dir);
	tree_close(open_tree(dir, 66000));
	for (size_t i = 0; i < 4; i++) {
		char *path = file_join(dir, names[i]);

		read_file(dir, names[i], good[i]);
		memcpy(bytes, good[i], TILE_BYTES);
		bytes[i * 1000] ^= 1;
		unlink(path);
		if (kept[i] > 0) {
			write_file(dir, names[i], bytes, kept[i]);
		}
		free(path);
	}
	struct tree *tree = open_tree(dir, 66000);

	for (size_t i = 0; i < 4; i++) {
		read_file(dir, names[i], bytes);
		ck_assert_mem_eq(bytes, good[i], TILE_BYTES);
	}
	check_inclusion(tree, 3, 66000);
	tree_close(tree);
	remove_folder(dir);
}
END_TEST

START_TEST(full_disk_costs_no_proof_and_tiles_are_written_later)
{
	char dir[PATH_LEN];
	struct rlimit limit;
	uint8_t bytes[TILE_BYTES];
	uint64_t size = 0;

	make_folder(dir);
	(void)signal(SIGXFSZ, SIG_IGN);
	struct tree *tree = open_tree(dir, 256 * 3);

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	rlim_t before = limit.rlim_cur;

	limit.rlim_cur = 4096;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	/* More tiles than the tree keeps for speed. */
	for (uint64_t n = 256 * 3; n < 256 * 50 + 9; n++) {
		struct merkle_hash leaf = leaf_of(n);

		ck_assert_int_eq(tree_append(tree, &leaf), RG_OK);
	}
	for (uint64_t n = 0; n < 256 * 50; n += 100) {
		check_inclusion(tree, n, 256 * 50 + 9);
	}
	ck_assert_int_eq(tree_stored_size(dir, &size), RG_OK);
	ck_assert_uint_eq(size, 256 * 3);
	limit.rlim_cur = before;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (uint64_t n = 256 * 50 + 9; n < 256 * 51; n++) {
		struct merkle_hash leaf = leaf_of(n);

		ck_assert_int_eq(tree_append(tree, &leaf), RG_OK);
	}
	for (uint64_t tile = 0; tile < 51; tile++) {
		struct merkle_hash leaf = leaf_of(tile * 256 + 7);
		char name[32];

		snprintf(name, sizeof(name), "tile/0/%03u", (unsigned)tile);
		read_file(dir, name, bytes);
		ck_assert_mem_eq(bytes + 7 * 32, &leaf, 32);
	}
	tree_close(tree);
	remove_folder(dir);
}
END_TEST

START_TEST(checkpoint_is_signed_for_this_head)
{
	struct key *key = NULL;
	struct tree *tree = open_tree(NULL, 300);
	struct buf note = {0};
	struct note_verifier verifier;
	struct note_checkpoint checkpoint;
	struct merkle_hash head;
	uint8_t raw[32];
	bool is_valid = false;

	ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519, &key), RG_OK);
	ck_assert_int_eq(key_ed25519_raw(key, raw), RG_OK);
	ck_assert_int_eq(note_verifier_of("example.org/log", raw, &verifier), RG_OK);
	ck_assert_int_eq(tree_checkpoint(tree, "example.org/log", key, &note), RG_OK);
	ck_assert_int_eq(note_checkpoint_verify(buf_view(&note), &verifier, &checkpoint, &is_valid),
		RG_OK);
	ck_assert(is_valid);
	ck_assert_uint_eq(checkpoint.size, 300);
	ck_assert_int_eq(tree_head(tree, &head), RG_OK);
	ck_assert_mem_eq(&checkpoint.root, &head, sizeof(head));
	buf_deinit(&note);
	tree_close(tree);
	key_free(key);
}
END_TEST

CHECK_MAIN("tree", heads_are_those_of_the_rfc, proofs_hold_at_every_earlier_size,
	what_is_not_there_yet_is_an_overflow, empty_tree_has_the_head_of_no_leaves,
	full_tiles_lie_where_tlog_tiles_says, stored_size_counts_whole_tiles_only,
	damaged_and_missing_tiles_are_rebuilt_from_the_leaves,
	full_disk_costs_no_proof_and_tiles_are_written_later, checkpoint_is_signed_for_this_head)
