/* Names and widths of tiles, and entry bundles. */

#include <stdio.h>
#include <string.h>

#include "evidence/tile.h"
#include "suite.h"

START_TEST(names_are_those_of_the_specification)
{
	static const struct {
		unsigned level;
		uint64_t number;
		unsigned width;
		const char *tile;
		const char *bundle;
	} cases[] = {
		{0, 0, 256, "tile/0/000", "tile/entries/000"},
		{0, 999, 1, "tile/0/999.p/1", "tile/entries/999.p/1"},
		{1, 1000, 256, "tile/1/x001/000", "tile/entries/x001/000"},
		{7, 1234067, 255, "tile/7/x001/x234/067.p/255", "tile/entries/x001/x234/067.p/255"},
		{3, UINT64_MAX, 256, "tile/3/x018/x446/x744/x073/x709/x551/615",
			"tile/entries/x018/x446/x744/x073/x709/x551/615"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[TILE_NAME_MAX];

		tile_name(cases[i].level, cases[i].number, cases[i].width, name);
		ck_assert_str_eq(name, cases[i].tile);
		tile_bundle_name(cases[i].number, cases[i].width, name);
		ck_assert_str_eq(name, cases[i].bundle);
	}
}
END_TEST

START_TEST(a_leaf_has_a_name_of_its_own)
{
	char name[TILE_NAME_MAX];

	tile_leaf_name(70123, name);
	ck_assert_str_eq(name, "leaf/x070/123");
	tile_leaf_name(7, name);
	ck_assert_str_eq(name, "leaf/007");
}
END_TEST

START_TEST(a_tree_of_70000_has_the_tiles_of_the_specification)
{
	ck_assert_uint_eq(tile_width(0, 272, 70000), 256);
	ck_assert_uint_eq(tile_width(0, 273, 70000), 112);
	ck_assert_uint_eq(tile_width(1, 0, 70000), 256);
	ck_assert_uint_eq(tile_width(1, 1, 70000), 17);
	ck_assert_uint_eq(tile_width(2, 0, 70000), 1);
	ck_assert_uint_eq(tile_width(0, 0, 256), 256);
	ck_assert_uint_eq(tile_width(1, 0, 256), 1);
}
END_TEST

START_TEST(a_tile_beyond_the_tree_has_no_width)
{
	ck_assert_uint_eq(tile_width(0, 274, 70000), 0);
	ck_assert_uint_eq(tile_width(2, 1, 70000), 0);
	ck_assert_uint_eq(tile_width(3, 0, 70000), 0);
	ck_assert_uint_eq(tile_width(0, 1, 256), 0);
	ck_assert_uint_eq(tile_width(0, 0, 0), 0);
	ck_assert_uint_eq(tile_width(0, UINT64_MAX, UINT64_MAX), 0);
	ck_assert_uint_eq(tile_width(7, 0, UINT64_MAX), 255);
}
END_TEST

static void fill(struct buf *bundle, unsigned n_entries)
{
	for (unsigned i = 0; i < n_entries; i++) {
		char text[20];

		(void)snprintf(text, sizeof(text), "entry %u", i);
		tile_bundle_add(bundle, bytes_of_text(text));
	}
	ck_assert_int_eq(buf_error(bundle), RG_OK);
}

START_TEST(a_bundle_gives_its_entries_back)
{
	static const unsigned widths[] = {1, 2, 255, 256};

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		scoped(buf_deinitv) struct buf bundle = {.data = NULL};
		struct rg_bytes entries[TILE_WIDTH];

		fill(&bundle, widths[i]);
		ck_assert(tile_bundle_read(buf_view(&bundle), widths[i], entries));
		ck_assert(bytes_equal(entries[0], bytes_of_text("entry 0")));
		ck_assert_uint_eq(entries[widths[i] - 1].len, widths[i] > 100 ? 9 : 7);
	}
}
END_TEST

START_TEST(a_bundle_of_longest_entries_is_as_long_as_one_can_be)
{
	static const uint8_t longest[TILE_ENTRY_MAX];
	scoped(buf_deinitv) struct buf bundle = {.data = NULL};
	struct rg_bytes entries[TILE_WIDTH];

	for (unsigned i = 0; i < TILE_WIDTH; i++) {
		tile_bundle_add(&bundle, bytes_of(longest, sizeof(longest)));
	}
	ck_assert_uint_eq(bundle.len, TILE_BUNDLE_MAX);
	ck_assert(tile_bundle_read(buf_view(&bundle), TILE_WIDTH, entries));
}
END_TEST

START_TEST(a_bundle_whose_lengths_do_not_add_up_is_refused)
{
	scoped(buf_deinitv) struct buf bundle = {.data = NULL};
	struct rg_bytes entries[TILE_WIDTH];

	fill(&bundle, 3);
	for (size_t len = 0; len < bundle.len; len++) {
		ck_assert(!tile_bundle_read(bytes_of(bundle.data, len), 3, entries));
	}
	ck_assert(!tile_bundle_read(buf_view(&bundle), 2, entries));
	ck_assert(!tile_bundle_read(buf_view(&bundle), 4, entries));
	buf_add_u8(&bundle, 0);
	ck_assert(!tile_bundle_read(buf_view(&bundle), 3, entries));
	bundle.data[1]++;
	ck_assert(!tile_bundle_read(bytes_of(bundle.data, bundle.len - 1), 3, entries));
}
END_TEST

START_TEST(a_tile_read_back_has_the_same_nodes)
{
	struct tile tile = {.width = 0};
	struct tile again;

	for (unsigned i = 0; i < 200; i++) {
		struct merkle_hash hash = {{(uint8_t)i}};

		ck_assert_int_eq(tile_add(&tile, &hash), RG_OK);
	}
	ck_assert_int_eq(tile_read(tile_bytes(&tile).data, 200, &again), RG_OK);
	ck_assert_mem_eq(tile_node(&tile, 7, 0), tile_node(&again, 7, 0), MERKLE_HASH_LEN);
	ck_assert_mem_eq(tile_node(&tile, 3, 24), tile_node(&again, 3, 24), MERKLE_HASH_LEN);
}
END_TEST

START_TEST(a_node_that_is_not_complete_is_not_given)
{
	struct tile tile = {.width = 0};
	struct merkle_hash hash = {{1}};

	ck_assert_ptr_null(tile_node(&tile, 0, 0));
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_int_eq(tile_add(&tile, &hash), RG_OK);
	}
	ck_assert_ptr_nonnull(tile_node(&tile, 1, 0));
	ck_assert_ptr_null(tile_node(&tile, 1, 1));
	ck_assert_ptr_null(tile_node(&tile, 8, 0));
	ck_assert_ptr_null(tile_node(&tile, 9, 0));
	ck_assert_ptr_null(tile_node(&tile, 0, 256));
}
END_TEST

CHECK_MAIN("evidence_tile", names_are_those_of_the_specification, a_leaf_has_a_name_of_its_own,
	a_tree_of_70000_has_the_tiles_of_the_specification, a_tile_beyond_the_tree_has_no_width,
	a_bundle_gives_its_entries_back, a_bundle_of_longest_entries_is_as_long_as_one_can_be,
	a_bundle_whose_lengths_do_not_add_up_is_refused, a_tile_read_back_has_the_same_nodes,
	a_node_that_is_not_complete_is_not_given)
