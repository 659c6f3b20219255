/* Reading a published log: what leads to the root is given, all else is named. */

#include <sys/stat.h>

#include "evidence/published.h"
#include "log_kit.h"

static struct published *open_log(const struct log_kit *kit)
{
	struct published_finding finding;
	struct published *log = NULL;

	ck_assert_int_eq(published_open(kit->dir, NULL, &log, &finding), RG_OK);
	ck_assert_msg(log != NULL, "%s: %s", finding.file, finding.what);
	ck_assert_int_eq(finding.state, PUBLISHED_GOOD);
	return log;
}

/* Opening answers this about this file. */
static void check_not_opened(const struct log_kit *kit, enum published_state state,
	const char *file)
{
	struct published_finding finding;
	struct published *log = NULL;

	ck_assert_int_eq(published_open(kit->dir, NULL, &log, &finding), RG_OK);
	ck_assert_ptr_null(log);
	ck_assert_int_eq(finding.state, state);
	ck_assert_str_eq(finding.file, file);
	ck_assert_uint_gt(strlen(finding.what), 0);
}

static enum published_state entry_state(struct published *log, uint64_t index, const char *file)
{
	struct published_finding finding;
	struct rg_bytes leaf;
	char want[LOG_KIT_LEAF];

	ck_assert_int_eq(published_entry(log, index, &leaf, &finding), RG_OK);
	if (finding.state == PUBLISHED_GOOD) {
		log_kit_leaf(index, want);
		ck_assert(bytes_equal(leaf, bytes_of_text(want)));
	}
	ck_assert_str_eq(finding.file, file);
	return finding.state;
}

START_TEST(every_leaf_of_every_size_is_read)
{
	static const uint64_t sizes[] = {1, 2, 255, 256, 257, 600};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct log_kit kit;

		log_kit_init(&kit, sizes[i]);
		struct published *log = open_log(&kit);

		for (uint64_t index = 0; index < sizes[i]; index++) {
			ck_assert_int_eq(entry_state(log, index, ""), PUBLISHED_GOOD);
		}
		ck_assert_int_eq(published_last(log)->state, PUBLISHED_GOOD);
		ck_assert_ptr_null(published_party(log));
		published_close(log);
		log_kit_deinit(&kit);
	}
}
END_TEST

START_TEST(a_log_without_records_opens)
{
	struct log_kit kit;

	log_kit_init(&kit, 0);
	struct published *log = open_log(&kit);
	struct proof_source source = published_source(log);
	struct merkle_hash head;

	ck_assert_int_eq(proof_head(&source, 0, &head), RG_OK);
	ck_assert_mem_eq(&head, &published_checkpoint(log)->root, sizeof(head));
	published_close(log);
	log_kit_deinit(&kit);
}
END_TEST

START_TEST(proofs_at_earlier_sizes_come_from_the_tiles)
{
	static const uint64_t sizes[] = {1, 255, 256, 300, 512, 599, 600};
	struct log_kit kit;

	log_kit_init(&kit, 600);
	struct published *log = open_log(&kit);
	struct proof_source source = published_source(log);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct proof_tree earlier = {.size = sizes[i]};
		struct proof_tree now = {600, published_checkpoint(log)->root};
		struct merkle_hash want = log_kit_hash(0, sizes[i]);
		struct proof_path path;
		bool is_valid = false;

		ck_assert_int_eq(proof_head(&source, sizes[i], &earlier.root), RG_OK);
		ck_assert_mem_eq(&earlier.root, &want, sizeof(want));
		ck_assert_int_eq(proof_consistency(&source, sizes[i], 600, &path), RG_OK);
		ck_assert_int_eq(proof_consistency_check(&earlier, &now, &path, &is_valid), RG_OK);
		ck_assert(is_valid);
	}
	published_close(log);
	log_kit_deinit(&kit);
}
END_TEST

START_TEST(a_tree_of_three_levels_is_read)
{
	static const uint64_t indexes[] = {0, 255, 256, 65535, 65536, 65999};
	struct log_kit kit;

	log_kit_init(&kit, 66000);
	struct published *log = open_log(&kit);

	for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
		ck_assert_int_eq(entry_state(log, indexes[i], ""), PUBLISHED_GOOD);
	}
	log_kit_flip(&kit, "tile/1/000", 7);
	published_close(log);
	log = open_log(&kit);
	ck_assert_int_eq(entry_state(log, 65537, ""), PUBLISHED_GOOD);
	ck_assert_int_eq(entry_state(log, 3, "tile/1/000"), PUBLISHED_DAMAGED);
	published_close(log);
	log_kit_deinit(&kit);
}
END_TEST

START_TEST(a_full_tile_stands_for_a_partial_one)
{
	struct log_kit kit;

	log_kit_init(&kit, 300);
	kit.size = 512;
	log_kit_tile(&kit, 0, 1);
	log_kit_bundle(&kit, 1);
	kit.size = 300;
	log_kit_remove(&kit, "tile/0/001.p/44");
	log_kit_remove(&kit, "tile/entries/001.p/44");
	struct published *log = open_log(&kit);

	ck_assert_int_eq(entry_state(log, 299, ""), PUBLISHED_GOOD);
	published_close(log);
	log_kit_deinit(&kit);
}
END_TEST

/* What is done to a log of 600 records, and what reading record 10 or 590 then answers. */
static const struct {
	const char *file;
	bool is_removed;
	size_t offset;
	uint64_t index;
	enum published_state state;
	const char *named;
} damages[] = {
	{"tile/entries/000", false, 20, 1, PUBLISHED_DAMAGED, "tile/entries/000"},
	{"tile/entries/000", false, 0, 10, PUBLISHED_DAMAGED, "tile/entries/000"},
	{"tile/entries/000", true, 0, 10, PUBLISHED_MISSING, "tile/entries/000"},
	{"tile/entries/002.p/88", true, 0, 590, PUBLISHED_MISSING, "tile/entries/002.p/88"},
	{"tile/0/000", false, 8191, 10, PUBLISHED_DAMAGED, "tile/0/000"},
	{"tile/0/000", true, 0, 10, PUBLISHED_MISSING, "tile/0/000"},
	{"tile/0/002.p/88", false, 1, 590, PUBLISHED_DAMAGED, "checkpoint"},
	{"tile/0/002.p/88", false, 1, 10, PUBLISHED_DAMAGED, "checkpoint"},
	{"tile/0/002.p/88", true, 0, 590, PUBLISHED_MISSING, "tile/0/002.p/88"},
	{"tile/1/000.p/2", false, 33, 300, PUBLISHED_DAMAGED, "checkpoint"},
	{"tile/1/000.p/2", true, 0, 10, PUBLISHED_MISSING, "tile/1/000.p/2"},
};

START_TEST(damage_is_found_and_the_file_named)
{
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		struct log_kit kit;

		log_kit_init(&kit, 600);
		if (damages[i].is_removed) {
			log_kit_remove(&kit, damages[i].file);
		} else {
			log_kit_flip(&kit, damages[i].file, damages[i].offset);
		}
		struct published *log = open_log(&kit);

		ck_assert_int_eq(entry_state(log, damages[i].index, damages[i].named),
			damages[i].state);
		ck_assert_str_eq(published_last(log)->file, damages[i].named);
		published_close(log);
		log_kit_deinit(&kit);
	}
}
END_TEST

START_TEST(damage_elsewhere_does_not_hide_a_good_record)
{
	struct log_kit kit;

	log_kit_init(&kit, 600);
	log_kit_flip(&kit, "tile/entries/000", 20);
	log_kit_flip(&kit, "tile/0/001", 5);
	struct published *log = open_log(&kit);

	ck_assert_int_eq(entry_state(log, 0, ""), PUBLISHED_GOOD);
	ck_assert_int_eq(entry_state(log, 2, ""), PUBLISHED_GOOD);
	ck_assert_int_eq(entry_state(log, 599, ""), PUBLISHED_GOOD);
	published_close(log);
	log_kit_deinit(&kit);
}
END_TEST

START_TEST(a_file_of_the_wrong_length_is_found)
{
	static const char *const files[] = {"tile/0/000", "tile/0/002.p/88", "tile/entries/000",
		"tile/1/000.p/2"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct log_kit kit;

		log_kit_init(&kit, 600);
		log_kit_write(&kit, files[i], bytes_of_text("short"));
		struct published *log = open_log(&kit);

		ck_assert_int_eq(entry_state(log, 10, files[i]), PUBLISHED_DAMAGED);
		published_close(log);
		log_kit_deinit(&kit);
	}
}
END_TEST

START_TEST(what_is_no_file_is_not_waited_for)
{
	struct log_kit kit;

	log_kit_init(&kit, 300);
	scoped(freep) char *path = log_kit_path(&kit, "tile/0/000");

	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	struct published *log = open_log(&kit);

	ck_assert_int_eq(entry_state(log, 10, "tile/0/000"), PUBLISHED_DAMAGED);
	published_close(log);
	log_kit_deinit(&kit);
}
END_TEST

START_TEST(a_rewritten_record_with_tiles_to_match_does_not_give_the_root)
{
	struct log_kit kit;

	log_kit_init(&kit, 300);
	struct merkle_hash other = log_kit_hash(7, 8);
	const char leaf[] = "a record that never was";
	scoped(buf_deinitv) struct buf bundle = {.data = NULL};

	/* The last record is rewritten, in the bundle and in its tile. */
	for (uint64_t i = 256; i < 299; i++) {
		char text[LOG_KIT_LEAF];

		log_kit_leaf(i, text);
		tile_bundle_add(&bundle, bytes_of_text(text));
	}
	tile_bundle_add(&bundle, bytes_of_text(leaf));
	log_kit_write(&kit, "tile/entries/001.p/44", buf_view(&bundle));
	ck_assert_int_eq(merkle_leaf(bytes_of_text(leaf), &other), RG_OK);
	scoped(freep) char *path = log_kit_path(&kit, "tile/0/001.p/44");
	FILE *file = fopen(path, "r+b");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fseek(file, 43 * MERKLE_HASH_LEN, SEEK_SET), 0);
	ck_assert_uint_eq(fwrite(other.bytes, 1, MERKLE_HASH_LEN, file), MERKLE_HASH_LEN);
	ck_assert_int_eq(fclose(file), 0);
	struct published *log = open_log(&kit);

	ck_assert_int_eq(entry_state(log, 299, "checkpoint"), PUBLISHED_DAMAGED);
	published_close(log);
	log_kit_deinit(&kit);
}
END_TEST

START_TEST(a_checkpoint_that_the_key_did_not_sign_is_refused)
{
	struct log_kit kit;
	struct log_kit other;
	struct published_finding finding;
	struct published *log = NULL;

	log_kit_init(&kit, 5);
	log_kit_init(&other, 5);
	ck_assert_int_eq(published_open(kit.dir, &other.verifier, &log, &finding), RG_OK);
	ck_assert_ptr_null(log);
	ck_assert_str_eq(finding.file, "checkpoint");
	ck_assert_int_eq(published_open(kit.dir, &kit.verifier, &log, &finding), RG_OK);
	ck_assert_ptr_nonnull(log);
	published_close(log);
	log_kit_flip(&kit, "checkpoint", strlen(LOG_KIT_ORIGIN) + 1);
	check_not_opened(&kit, PUBLISHED_DAMAGED, "checkpoint");
	log_kit_deinit(&kit);
	log_kit_deinit(&other);
}
END_TEST

START_TEST(a_root_of_another_tree_is_found)
{
	struct log_kit kit;

	log_kit_init(&kit, 300);
	struct merkle_hash root = log_kit_hash(0, 299);

	log_kit_sign(&kit, &root);
	struct published *log = open_log(&kit);

	ck_assert_int_eq(entry_state(log, 0, "checkpoint"), PUBLISHED_DAMAGED);
	published_close(log);
	log_kit_deinit(&kit);
}
END_TEST

START_TEST(a_folder_that_is_no_log_is_refused)
{
	struct log_kit kit;

	log_kit_init(&kit, 5);
	log_kit_write(&kit, "log.vkey", bytes_of_text("two\nlines\n"));
	check_not_opened(&kit, PUBLISHED_DAMAGED, "log.vkey");
	log_kit_write(&kit, "log.vkey", bytes_of_text("no key\n"));
	check_not_opened(&kit, PUBLISHED_DAMAGED, "log.vkey");
	log_kit_remove(&kit, "log.vkey");
	check_not_opened(&kit, PUBLISHED_MISSING, "log.vkey");
	log_kit_deinit(&kit);
	log_kit_init(&kit, 5);
	log_kit_remove(&kit, "checkpoint");
	check_not_opened(&kit, PUBLISHED_MISSING, "checkpoint");
	log_kit_deinit(&kit);
}
END_TEST

START_TEST(a_view_gives_its_own_leaves_and_calls_others_absent)
{
	struct log_kit kit;
	struct published_finding finding;
	struct published_bundle bundle;
	char leaf[LOG_KIT_LEAF];

	log_kit_init(&kit, 300);
	log_kit_remove(&kit, "tile/entries/000");
	log_kit_remove(&kit, "tile/entries/001.p/44");
	log_kit_write(&kit, "view", bytes_of_text("la.customs.boten\n"));
	log_kit_leaf(7, leaf);
	log_kit_write(&kit, "leaf/007", bytes_of_text(leaf));
	log_kit_write(&kit, "leaf/299", bytes_of_text("what it never was"));
	struct published *log = open_log(&kit);

	ck_assert_str_eq(published_party(log), "la.customs.boten");
	ck_assert_int_eq(entry_state(log, 7, ""), PUBLISHED_GOOD);
	ck_assert_int_eq(entry_state(log, 8, "leaf/008"), PUBLISHED_ABSENT);
	ck_assert_int_eq(entry_state(log, 299, "leaf/299"), PUBLISHED_DAMAGED);
	ck_assert_int_eq(published_bundle(log, 0, &bundle, &finding), RG_OK);
	ck_assert_int_eq(finding.state, PUBLISHED_ABSENT);
	published_close(log);
	log_kit_write(&kit, "view", bytes_of_text("not an address\n"));
	check_not_opened(&kit, PUBLISHED_DAMAGED, "view");
	log_kit_deinit(&kit);
}
END_TEST

START_TEST(what_the_files_say_is_given_without_a_check)
{
	struct log_kit kit;
	struct published_finding finding;
	struct published_bundle bundle;
	struct tile_hashes tile;

	log_kit_init(&kit, 300);
	log_kit_flip(&kit, "tile/0/000", 32 * 9);
	log_kit_flip(&kit, "tile/entries/001.p/44", 10);
	struct published *log = open_log(&kit);

	ck_assert_int_eq(published_peek(log, 0, 0, &tile, &finding), RG_OK);
	ck_assert_int_eq(finding.state, PUBLISHED_GOOD);
	ck_assert_uint_eq(tile.width, 256);
	ck_assert_int_eq(published_bundle(log, 1, &bundle, &finding), RG_OK);
	ck_assert_int_eq(finding.state, PUBLISHED_GOOD);
	ck_assert_uint_eq(bundle.first, 256);
	ck_assert_uint_eq(bundle.n_entries, 44);
	published_close(log);
	log_kit_deinit(&kit);
}
END_TEST

CHECK_MAIN("evidence_published", every_leaf_of_every_size_is_read, a_log_without_records_opens,
	proofs_at_earlier_sizes_come_from_the_tiles, a_tree_of_three_levels_is_read,
	a_full_tile_stands_for_a_partial_one, damage_is_found_and_the_file_named,
	damage_elsewhere_does_not_hide_a_good_record, a_file_of_the_wrong_length_is_found,
	what_is_no_file_is_not_waited_for,
	a_rewritten_record_with_tiles_to_match_does_not_give_the_root,
	a_checkpoint_that_the_key_did_not_sign_is_refused, a_root_of_another_tree_is_found,
	a_folder_that_is_no_log_is_refused, a_view_gives_its_own_leaves_and_calls_others_absent,
	what_the_files_say_is_given_without_a_check)
