/* Publishing: what is published verifies; what cannot be published is not claimed. */

#include <sys/stat.h>
#include <time.h>

#include "evidence/published.h"
#include "log_kit.h"
#include "tree/publish.h"
#include "tree/tree.h"

/* A router's tree and journal in small: leaves are those of the kit. */
struct world {
	struct log_kit kit; /* its folder begins empty */
	struct tree *tree;
	struct tree_publish *publish;
	unsigned n_failed;
	bool is_damaged; /* the journal */
};

static rg_err read_leaves(void *context, uint64_t first, uint64_t end,
	rg_err (*take)(void *to, struct rg_bytes leaf), void *to)
{
	const struct world *world = context;
	rg_err err = world->is_damaged ? RG_E_FORMAT : RG_OK;

	for (uint64_t i = first; !err && i < end; i++) {
		char leaf[LOG_KIT_LEAF];

		log_kit_leaf(i, leaf);
		err = take(to, bytes_of_text(leaf));
	}
	return err;
}

static void note_failure(void *context, rg_err fault)
{
	struct world *world = context;

	ck_assert_int_eq(fault, RG_E_FORMAT);
	world->n_failed++;
}

static void start(struct world *world)
{
	scoped(buf_deinitv) struct buf vkey = {.data = NULL};
	const struct tree_publish_options options = {
		.dir = world->kit.dir,
		.vkey = (note_verifier_print(&world->kit.verifier, &vkey), buf_text(&vkey)),
		.leaves = {.read = read_leaves, .context = world},
		.failed = note_failure,
		.context = world,
	};

	ck_assert_int_eq(tree_publish_start(&options, &world->publish), RG_OK);
}

static void grow(struct world *world, uint64_t size)
{
	while (tree_size(world->tree) < size) {
		struct merkle_hash leaf =
			log_kit_hash(tree_size(world->tree), tree_size(world->tree) + 1);

		ck_assert_int_eq(tree_append(world->tree, &leaf), RG_OK);
	}
}

/* Gives the tree's head as the core would. */
static void give(struct world *world)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	scoped(buf_deinitv) struct buf tiles = {.data = NULL};

	ck_assert_int_eq(tree_checkpoint(world->tree, LOG_KIT_ORIGIN, world->kit.key, &note),
		RG_OK);
	ck_assert_int_eq(tree_edge(world->tree, &tiles), RG_OK);
	tree_publish_head(world->publish, &note, &tiles);
}

static void stop(struct world *world)
{
	tree_publish_stop(world->publish);
	world->publish = NULL;
}

/* A run of the router from its start to its end, in which the log reaches this size. */
static void run_to(struct world *world, uint64_t size)
{
	start(world);
	grow(world, size);
	give(world);
	stop(world);
}

static void begin(struct world *world)
{
	*world = (struct world){.n_failed = 0};
	log_kit_init(&world->kit, 0);
	log_kit_remove(&world->kit, "checkpoint");
	ck_assert_int_eq(tree_open(world->kit.dir, &world->tree), RG_OK);
}

static void end(struct world *world)
{
	tree_publish_stop(world->publish);
	tree_close(world->tree);
	log_kit_deinit(&world->kit);
}

/* The tree of a router that starts again. */
static void restart_tree(struct world *world)
{
	uint64_t size = tree_size(world->tree);

	tree_close(world->tree);
	ck_assert_int_eq(tree_open(world->kit.dir, &world->tree), RG_OK);
	grow(world, size);
}

static void pause_ms(long ms)
{
	(void)nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000},
		NULL);
}

static bool is_there(const struct world *world, const char *name)
{
	scoped(freep) char *path = log_kit_path(&world->kit, name);

	return access(path, F_OK) == 0;
}

/* The published size; 0: none. */
static uint64_t size_of(const struct world *world)
{
	struct published_finding finding;
	struct published *log = NULL;

	ck_assert_int_eq(published_open(world->kit.dir, &world->kit.verifier, &log, &finding),
		RG_OK);
	uint64_t size = log ? published_checkpoint(log)->size : 0;

	published_close(log);
	return size;
}

/* Waits for what comes within seconds, or never. */
static void await_size(const struct world *world, uint64_t size)
{
	for (unsigned i = 0; i < 1000 && size_of(world) != size; i++) {
		pause_ms(10);
	}
	ck_assert_uint_eq(size_of(world), size);
}

static void await_file(const struct world *world, const char *name)
{
	for (unsigned i = 0; i < 1000 && !is_there(world, name); i++) {
		pause_ms(10);
	}
	ck_assert_msg(is_there(world, name), "%s", name);
}

/* Every leaf, by a reader that believes nothing. */
static void check_all(const struct world *world, uint64_t size)
{
	struct published_finding finding;
	struct published *log = NULL;
	struct rg_bytes leaf;

	ck_assert_int_eq(published_open(world->kit.dir, &world->kit.verifier, &log, &finding),
		RG_OK);
	ck_assert_msg(log != NULL, "%s: %s", finding.file, finding.what);
	ck_assert_uint_eq(published_checkpoint(log)->size, size);
	for (uint64_t i = 0; i < size; i++) {
		ck_assert_int_eq(published_entry(log, i, &leaf, &finding), RG_OK);
		ck_assert_msg(finding.state == PUBLISHED_GOOD, "%s: %s", finding.file,
			finding.what);
	}
	published_close(log);
}

START_TEST(what_is_published_verifies_at_every_size)
{
	static const uint64_t sizes[] = {1, 2, 255, 256, 257, 511, 700, 769};
	struct world world;

	begin(&world);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		run_to(&world, sizes[i]);
		check_all(&world, sizes[i]);
	}
	ck_assert_uint_eq(world.n_failed, 0);
	end(&world);
}
END_TEST

START_TEST(a_log_of_three_levels_verifies)
{
	struct world world;

	begin(&world);
	run_to(&world, 66000);
	check_all(&world, 66000);
	ck_assert(is_there(&world, "tile/2/000.p/1"));
	end(&world);
}
END_TEST

START_TEST(partial_files_stay_until_the_full_one_is_there)
{
	struct world world;

	begin(&world);
	run_to(&world, 100);
	run_to(&world, 200);
	ck_assert(is_there(&world, "tile/0/000.p/100"));
	ck_assert(is_there(&world, "tile/entries/000.p/100"));
	ck_assert(is_there(&world, "tile/0/000.p/200"));
	run_to(&world, 300);
	ck_assert(!is_there(&world, "tile/0/000.p"));
	ck_assert(!is_there(&world, "tile/entries/000.p"));
	ck_assert(is_there(&world, "tile/0/001.p/44"));
	ck_assert(is_there(&world, "tile/1/000.p/1"));
	end(&world);
}
END_TEST

START_TEST(partial_files_that_a_crash_left_go_at_the_next_start)
{
	struct world world;

	begin(&world);
	run_to(&world, 300);
	log_kit_write(&world.kit, "tile/0/000.p/17", bytes_of_text("left over"));
	log_kit_write(&world.kit, "tile/entries/000.p/17.tmp", bytes_of_text("left over"));
	start(&world);
	for (unsigned i = 0; i < 1000 && is_there(&world, "tile/0/000.p"); i++) {
		pause_ms(10);
	}
	ck_assert(!is_there(&world, "tile/0/000.p"));
	ck_assert(!is_there(&world, "tile/entries/000.p"));
	end(&world);
}
END_TEST

START_TEST(heads_within_one_second_are_published_as_one)
{
	struct world world;

	begin(&world);
	start(&world);
	grow(&world, 10);
	give(&world);
	await_size(&world, 10);
	grow(&world, 20);
	give(&world);
	pause_ms(200);
	grow(&world, 30);
	give(&world);
	pause_ms(200);
	ck_assert_uint_eq(size_of(&world), 10);
	await_size(&world, 30);
	ck_assert(!is_there(&world, "tile/0/000.p/20"));
	end(&world);
}
END_TEST

START_TEST(stopping_publishes_what_waits)
{
	struct world world;

	begin(&world);
	start(&world);
	grow(&world, 10);
	give(&world);
	await_size(&world, 10);
	grow(&world, 20);
	give(&world);
	stop(&world);
	check_all(&world, 20);
	end(&world);
}
END_TEST

START_TEST(missing_and_damaged_files_of_before_are_made_again)
{
	static const char *const files[] = {"tile/entries/000", "tile/entries/001",
		"tile/entries/002", "tile/0/000", "tile/0/001", "tile/0/002"};
	struct world world;

	begin(&world);
	run_to(&world, 800);
	scoped(freep) char *whole = log_kit_path(&world.kit, "tile/entries/002");
	struct stat before;
	struct stat after;

	ck_assert_int_eq(stat(whole, &before), 0);
	log_kit_remove(&world.kit, files[0]);
	log_kit_flip(&world.kit, files[1], 100);
	log_kit_remove(&world.kit, files[3]);
	log_kit_flip(&world.kit, files[5], 100);
	log_kit_flip(&world.kit, "tile/0/003.p/32", 3);
	restart_tree(&world);
	start(&world);
	await_file(&world, files[0]);
	grow(&world, 801);
	give(&world);
	await_size(&world, 801);
	pause_ms(300); /* the bundles after the first */
	stop(&world);
	check_all(&world, 801);
	ck_assert_int_eq(stat(whole, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	end(&world);
}
END_TEST

START_TEST(partial_files_of_the_head_before_come_back)
{
	struct world world;

	begin(&world);
	run_to(&world, 600);
	log_kit_remove(&world.kit, "tile/0/002.p/88");
	log_kit_remove(&world.kit, "tile/1/000.p/2");
	log_kit_remove(&world.kit, "tile/entries/002.p/88");
	scoped(freep) char *kept = log_kit_path(&world.kit, "checkpoint");
	scoped(buf_deinitv) struct buf note = {.data = NULL};

	ck_assert_int_eq(file_read(kept, NOTE_MAX, &note, NULL), RG_OK);
	run_to(&world, 601);
	check_all(&world, 601);
	log_kit_write(&world.kit, "checkpoint", buf_view(&note));
	check_all(&world, 600);
	end(&world);
}
END_TEST

START_TEST(all_files_deleted_come_back)
{
	struct world world;

	begin(&world);
	run_to(&world, 600);
	log_kit_deinit(&world.kit);
	ck_assert_int_eq(mkdir(world.kit.dir, 0700), 0);
	ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519, &world.kit.key),
		RG_OK);
	uint8_t public_key[32];

	ck_assert_int_eq(key_ed25519_raw(world.kit.key, public_key), RG_OK);
	ck_assert_int_eq(note_verifier_of(LOG_KIT_ORIGIN, public_key, &world.kit.verifier), RG_OK);
	restart_tree(&world);
	run_to(&world, 601);
	check_all(&world, 601);
	ck_assert(is_there(&world, "log.vkey"));
	end(&world);
}
END_TEST

START_TEST(no_checkpoint_names_a_tile_that_is_not_there)
{
	struct world world;
	struct tile tile;

	begin(&world);
	run_to(&world, 200);
	start(&world);
	grow(&world, 300);
	scoped(freep) char *path = log_kit_path(&world.kit, "tile/0/000");
	scoped(buf_deinitv) struct buf content = {.data = NULL};

	ck_assert_int_eq(file_read(path, sizeof(tile), &content, NULL), RG_OK);
	log_kit_remove(&world.kit, "tile/0/000");
	give(&world);
	pause_ms(300);
	ck_assert_uint_eq(size_of(&world), 200);
	check_all(&world, 200);
	log_kit_write(&world.kit, "tile/0/000", buf_view(&content));
	await_size(&world, 300);
	check_all(&world, 300);
	ck_assert_uint_eq(world.n_failed, 0);
	end(&world);
}
END_TEST

START_TEST(a_file_that_cannot_be_written_holds_the_checkpoint_back)
{
	struct world world;

	begin(&world);
	run_to(&world, 200);
	/* A file where a folder should be: as good as a disk that takes nothing. */
	log_kit_write(&world.kit, "tile/entries/001.p", bytes_of_text(""));
	start(&world);
	grow(&world, 300);
	give(&world);
	pause_ms(300);
	ck_assert_uint_eq(size_of(&world), 200);
	log_kit_remove(&world.kit, "tile/entries/001.p");
	await_size(&world, 300);
	check_all(&world, 300);
	end(&world);
}
END_TEST

START_TEST(a_damaged_journal_is_told_and_not_published)
{
	struct world world;

	begin(&world);
	run_to(&world, 10);
	world.is_damaged = true;
	start(&world);
	grow(&world, 20);
	give(&world);
	stop(&world);
	ck_assert_uint_eq(world.n_failed, 1);
	ck_assert_uint_eq(size_of(&world), 10);
	end(&world);
}
END_TEST

/* The note in the file with one more signature line. */
static void cosign(const struct world *world, struct buf *ret_note)
{
	scoped(freep) char *path = log_kit_path(&world->kit, "checkpoint");

	ck_assert_int_eq(file_read(path, NOTE_MAX, ret_note, NULL), RG_OK);
	buf_add_text(ret_note, "\xe2\x80\x94 witness.example AAAAAAAA\n");
}

START_TEST(signatures_of_witnesses_join_the_published_head)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	scoped(buf_deinitv) struct buf after = {.data = NULL};
	struct world world;

	begin(&world);
	start(&world);
	grow(&world, 10);
	give(&world);
	await_size(&world, 10);
	cosign(&world, &note);
	scoped(freep) char *want = strndup(buf_text(&note), note.len);

	tree_publish_note(world.publish, &note);
	give(&world); /* the same head once more does not take them away */
	stop(&world);
	scoped(freep) char *path = log_kit_path(&world.kit, "checkpoint");

	ck_assert_int_eq(file_read(path, NOTE_MAX, &after, NULL), RG_OK);
	ck_assert_str_eq(buf_text(&after), want);
	check_all(&world, 10);
	end(&world);
}
END_TEST

START_TEST(signatures_over_an_older_head_come_too_late)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	struct world world;

	begin(&world);
	run_to(&world, 10);
	cosign(&world, &note);
	run_to(&world, 20);
	start(&world);
	tree_publish_note(world.publish, &note);
	stop(&world);
	ck_assert_uint_eq(size_of(&world), 20);
	end(&world);
}
END_TEST

START_TEST(another_key_in_log_vkey_is_replaced)
{
	struct published_finding finding;
	struct published *log = NULL;
	struct world world;

	begin(&world);
	run_to(&world, 5);
	log_kit_write(&world.kit, "log.vkey",
		bytes_of_text("example.com/foo+530d903a+"
			      "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n"));
	ck_assert_int_eq(published_open(world.kit.dir, NULL, &log, &finding), RG_OK);
	ck_assert_ptr_null(log);
	start(&world);
	stop(&world);
	ck_assert_int_eq(published_open(world.kit.dir, NULL, &log, &finding), RG_OK);
	ck_assert_ptr_nonnull(log);
	published_close(log);
	end(&world);
}
END_TEST

CHECK_MAIN("tree_publish", what_is_published_verifies_at_every_size, a_log_of_three_levels_verifies,
	partial_files_stay_until_the_full_one_is_there,
	partial_files_that_a_crash_left_go_at_the_next_start,
	heads_within_one_second_are_published_as_one, stopping_publishes_what_waits,
	missing_and_damaged_files_of_before_are_made_again,
	partial_files_of_the_head_before_come_back, all_files_deleted_come_back,
	no_checkpoint_names_a_tile_that_is_not_there,
	a_file_that_cannot_be_written_holds_the_checkpoint_back,
	a_damaged_journal_is_told_and_not_published,
	signatures_of_witnesses_join_the_published_head,
	signatures_over_an_older_head_come_too_late, another_key_in_log_vkey_is_replaced)
