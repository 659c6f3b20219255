/*
 * What a start makes of damage: every byte changed, every length cut, frames repeated
 * and swapped, segments lost. The mark decides: below it the start is refused and the
 * record named, above it the whole prefix is kept and the rest set aside.
 */

#include "evidence/segment.h"
#include "journal_kit.h"

#define SEGMENTS_MAX 8
#define FRAMES_MAX   64
#define LOG_MAX      16384

/* A frame of the sample. */
struct place {
	uint64_t durable_size;
	size_t offset;
	size_t end;
};

/* A journal as bytes: segments, and the frames of the last one. */
struct sample {
	size_t n_segments;
	char names[SEGMENTS_MAX][32];
	struct buf contents[SEGMENTS_MAX];
	uint64_t first; /* record of the last segment */
	size_t n_frames;
	struct place frames[FRAMES_MAX];
	uint64_t size;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void list_names(const char *dir, struct sample *sample)
{
	DIR *folder = opendir(dir);

	ck_assert_ptr_nonnull(folder);
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		if (strstr(entry->d_name, ".seg")) {
			ck_assert_uint_lt(sample->n_segments, SEGMENTS_MAX);
			snprintf(sample->names[sample->n_segments++], 32, "%.31s", entry->d_name);
		}
	}
	closedir(folder);
	qsort(sample->names, sample->n_segments, sizeof(sample->names[0]), compare_names);
}

static void find_frames(struct sample *sample)
{
	struct buf *last = &sample->contents[sample->n_segments - 1];
	size_t offset = 0;

	for (;; sample->n_frames++) {
		struct segment_frame frame;
		struct rg_bytes leaf;
		struct rg_bytes parts;
		struct rg_bytes rest = bytes_of(last->data + offset, last->len - offset);

		if (segment_frame_read(rest, &frame, &leaf, &parts) != SEGMENT_FRAME_WHOLE) {
			break;
		}
		ck_assert_uint_lt(sample->n_frames, FRAMES_MAX);
		struct place *place = &sample->frames[sample->n_frames];

		place->durable_size = frame.durable_size;
		place->offset = offset;
		offset += SEGMENT_FRAME_HEAD + leaf.len + parts.len;
		place->end = offset;
	}
	/* A short tail of zeroes is enough, and quicker. */
	last->len = offset + 50;
}

/* Segments of some 700 bytes; the last holds batches of 1, 2 and 3 records. */
static void make_sample(struct sample *sample)
{
	struct kit kit;

	kit_init(&kit);
	kit.options.segment_bytes = 700;
	kit.options.step_bytes = 64;
	kit.options.reserve_bytes = 64;
	struct journal *journal = kit_open(&kit);

	for (size_t n = 0; n < 8; n++) {
		ck_assert_int_eq(kit_append(journal, 1 + n % 3), JOURNAL_WRITTEN);
	}
	*sample = (struct sample){.size = journal_size(journal)};
	journal_close(journal);
	list_names(kit.dir, sample);
	for (size_t i = 0; i < sample->n_segments; i++) {
		sample->contents[i] = kit_load(kit.dir, sample->names[i]);
	}
	sample->first = strtoull(sample->names[sample->n_segments - 1], NULL, 10);
	find_frames(sample);
	kit_remove(kit.dir);
	ck_assert_uint_ge(sample->n_segments, 2);
	ck_assert_uint_ge(sample->n_frames, 5);
	ck_assert_uint_eq(sample->first + sample->n_frames, sample->size);
}

static void free_sample(struct sample *sample)
{
	for (size_t i = 0; i < sample->n_segments; i++) {
		buf_deinit(&sample->contents[i]);
	}
}

static void lay_out(const struct sample *sample, const struct kit *kit)
{
	char torn[KIT_PATH_MAX + 8];

	snprintf(torn, sizeof(torn), "%s/torn", kit->dir);
	kit_remove(torn);
	for (size_t i = 0; i < sample->n_segments; i++) {
		kit_store(kit->dir, sample->names[i], buf_view(&sample->contents[i]));
	}
}

static struct buf *last_of(struct sample *sample)
{
	return &sample->contents[sample->n_segments - 1];
}

/* The start is refused and names the record. */
static void check_refused(const struct kit *kit, uint64_t record)
{
	struct journal *journal = NULL;
	char log[LOG_MAX];
	char want[64];
	int saved = kit_capture();
	rg_err err = journal_open(&kit->options, &journal);

	kit_captured(saved, log, sizeof(log));
	ck_assert_int_eq(err, RG_E_FORMAT);
	ck_assert_ptr_null(journal);
	snprintf(want, sizeof(want), "error journal damaged record=%llu ",
		(unsigned long long)record);
	ck_assert_msg(strstr(log, want), "no \"%s\" in: %s", want, log);
	ck_assert(strstr(log, "segment=") && strstr(log, "offset=") && strstr(log, "what="));
}

/* The start keeps size records, sets something aside if it should, and can go on. */
static void check_kept(const struct kit *kit, uint64_t size, bool is_torn)
{
	struct journal *journal = NULL;
	char torn[KIT_PATH_MAX + 8];
	char log[LOG_MAX];
	int saved = kit_capture();
	rg_err err = journal_open(&kit->options, &journal);

	kit_captured(saved, log, sizeof(log));
	ck_assert_msg(err == RG_OK, "not opened: %s", log);
	snprintf(torn, sizeof(torn), "%s/torn", kit->dir);
	ck_assert_uint_eq(kit_count(torn, ".seg"), is_torn);
	kit_check_all(journal, size);
	ck_assert_int_eq(kit_append(journal, 4), JOURNAL_WRITTEN);
	kit_check_all(journal, size + 4);
	journal_close(journal);
	journal = kit_open(kit);
	kit_check_all(journal, size + 4);
	journal_close(journal);
}

/* The largest durable size that frames of the last segment vouch for, without one of them. */
static uint64_t mark_without(const struct sample *sample, size_t lost)
{
	uint64_t mark = 0;

	for (size_t i = 0; i < sample->n_frames; i++) {
		if (i != lost && sample->frames[i].durable_size > mark) {
			mark = sample->frames[i].durable_size;
		}
	}
	return mark;
}

/* The frame that a byte of the last segment belongs to; n_frames: the tail. */
static size_t frame_of(const struct sample *sample, size_t at)
{
	size_t frame = 0;

	while (frame < sample->n_frames && at >= sample->frames[frame].end) {
		frame++;
	}
	return frame;
}

START_TEST(every_changed_byte_of_the_last_segment_is_found)
{
	struct sample sample;
	struct kit kit;
	size_t n_refused = 0;
	size_t n_torn = 0;

	make_sample(&sample);
	kit_init(&kit);
	for (size_t at = 0; at < last_of(&sample)->len; at++) {
		size_t frame = frame_of(&sample, at);
		uint64_t record = sample.first + frame;
		uint8_t *byte = &last_of(&sample)->data[at];

		*byte ^= (uint8_t)(1u << at % 8);
		lay_out(&sample, &kit);
		*byte ^= (uint8_t)(1u << at % 8);
		if (mark_without(&sample, frame) > record) {
			check_refused(&kit, record);
			n_refused++;
		} else {
			check_kept(&kit, record, true);
			n_torn++;
		}
	}
	ck_assert_uint_gt(n_refused, 100);
	ck_assert_uint_gt(n_torn, 100);
	kit_remove(kit.dir);
	free_sample(&sample);
}
END_TEST

START_TEST(changed_byte_below_the_mark_from_outside_is_refused)
{
	struct sample sample;
	struct kit kit;

	make_sample(&sample);
	kit_init(&kit);
	for (size_t i = 0; i < sample.n_frames; i++) {
		uint8_t *byte = &last_of(&sample)->data[sample.frames[i].end - 1];

		*byte ^= 1;
		lay_out(&sample, &kit);
		*byte ^= 1;
		kit.options.high_water = sample.first + i + 1;
		check_refused(&kit, sample.first + i);
	}
	kit_remove(kit.dir);
	free_sample(&sample);
}
END_TEST

START_TEST(every_changed_byte_of_a_closed_segment_is_refused)
{
	struct sample sample;
	struct kit kit;

	make_sample(&sample);
	kit_init(&kit);
	for (size_t at = 0; at < sample.contents[0].len; at++) {
		struct journal *journal = NULL;

		sample.contents[0].data[at] ^= 0x10;
		lay_out(&sample, &kit);
		sample.contents[0].data[at] ^= 0x10;
		int saved = kit_capture();
		char log[LOG_MAX];
		rg_err err = journal_open(&kit.options, &journal);

		kit_captured(saved, log, sizeof(log));
		ck_assert_int_eq(err, RG_E_FORMAT);
		ck_assert_ptr_nonnull(strstr(log, "error journal damaged record="));
	}
	kit_remove(kit.dir);
	free_sample(&sample);
}
END_TEST

START_TEST(last_segment_cut_anywhere_keeps_the_whole_prefix)
{
	struct sample sample;
	struct kit kit;

	make_sample(&sample);
	kit_init(&kit);
	size_t whole = last_of(&sample)->len;

	for (size_t len = 0; len <= whole; len++) {
		size_t frame = frame_of(&sample, len);
		uint64_t mark = 0;
		bool is_between =
			frame < sample.n_frames ? len == sample.frames[frame].offset : true;

		for (size_t i = 0; i < frame; i++) {
			mark = sample.frames[i].durable_size;
		}
		ck_assert_uint_le(mark, sample.first + frame);
		last_of(&sample)->len = len;
		lay_out(&sample, &kit);
		check_kept(&kit, sample.first + frame, !is_between);
	}
	kit_remove(kit.dir);
	free_sample(&sample);
}
END_TEST

START_TEST(cut_below_the_mark_from_outside_is_refused)
{
	struct sample sample;
	struct kit kit;

	make_sample(&sample);
	kit_init(&kit);
	kit.options.high_water = sample.size - 1;
	size_t whole = last_of(&sample)->len;

	for (size_t len = 0; len < whole; len++) {
		size_t frame = frame_of(&sample, len);

		last_of(&sample)->len = len;
		lay_out(&sample, &kit);
		if (sample.first + frame < sample.size - 1) {
			check_refused(&kit, sample.first + frame);
		}
	}
	kit_remove(kit.dir);
	free_sample(&sample);
}
END_TEST

/* Replaces the frames of the last segment by those in this order; -1 ends it. */
static void reorder(const struct sample *sample, struct sample *changed, const int *order)
{
	const struct buf *from = &sample->contents[sample->n_segments - 1];
	struct buf *to = &changed->contents[sample->n_segments - 1];
	static const uint8_t zeroes[50];

	*changed = *sample;
	*to = (struct buf){0};
	for (; *order >= 0; order++) {
		const struct place *place = &sample->frames[*order];

		buf_add(to, from->data + place->offset, place->end - place->offset);
	}
	buf_add(to, zeroes, sizeof(zeroes));
}

START_TEST(repeated_and_swapped_and_lost_frames_are_found)
{
	struct sample sample;
	struct sample changed;
	struct kit kit;

	make_sample(&sample);
	int n = (int)sample.n_frames;
	const struct {
		int order[8];
		int refused_at; /* frame; -1: torn instead */
		int kept;       /* frames */
	} cases[] = {
		{{0, 0, 1, 2, -1}, -1, 1},       /* nobody vouches for what follows */
		{{0, 1, 0, 1, n - 1, -1}, 2, 0}, /* the last batch vouches for frame 2 */
		{{1, 0, 2, n - 1, -1}, 0, 0},
		{{1, 0, -1}, sample.frames[1].durable_size > sample.first ? 0 : -1, 0},
		{{0, 2, 3, n - 1, -1}, 1, 0},
		{{0, 1, n - 1, -1}, 2, 0},
		{{n - 1, -1}, 0, 0},
	};

	kit_init(&kit);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reorder(&sample, &changed, cases[i].order);
		lay_out(&changed, &kit);
		if (cases[i].refused_at >= 0) {
			check_refused(&kit, sample.first + (uint64_t)cases[i].refused_at);
		} else {
			check_kept(&kit, sample.first + (uint64_t)cases[i].kept, true);
		}
		buf_deinit(last_of(&changed));
	}
	kit_remove(kit.dir);
	free_sample(&sample);
}
END_TEST

START_TEST(missing_segment_is_refused_and_the_record_named)
{
	struct sample sample;
	struct kit kit;

	make_sample(&sample);
	kit_init(&kit);
	for (size_t i = 0; i < sample.n_segments; i++) {
		char path[KIT_PATH_MAX * 2];

		lay_out(&sample, &kit);
		snprintf(path, sizeof(path), "%s/%s", kit.dir, sample.names[i]);
		ck_assert_int_eq(unlink(path), 0);
		kit.options.high_water = sample.first + 1;
		check_refused(&kit, strtoull(sample.names[i], NULL, 10));
	}
	kit_remove(kit.dir);
	free_sample(&sample);
}
END_TEST

START_TEST(empty_folder_is_refused_when_records_were_durable)
{
	struct kit kit;

	kit_init(&kit);
	kit.options.high_water = 1;
	check_refused(&kit, 0);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(segment_under_another_name_is_refused)
{
	struct sample sample;
	struct kit kit;

	make_sample(&sample);
	kit_init(&kit);
	uint64_t first = strtoull(sample.names[1], NULL, 10);

	snprintf(sample.names[1], 32, "%020llu.seg", (unsigned long long)first + 1);
	lay_out(&sample, &kit);
	check_refused(&kit, first);
	kit_remove(kit.dir);
	free_sample(&sample);
}
END_TEST

START_TEST(page_that_never_reached_the_disk_is_a_torn_tail)
{
	struct sample sample;
	struct kit kit;

	make_sample(&sample);
	kit_init(&kit);
	/* The head of the last batch's first frame is blank, what follows is there. */
	size_t frame = sample.n_frames - 1;

	while (frame > 0 &&
		sample.frames[frame - 1].durable_size == sample.frames[frame].durable_size) {
		frame--;
	}
	memset(last_of(&sample)->data + sample.frames[frame].offset, 0, 60);
	lay_out(&sample, &kit);
	check_kept(&kit, sample.first + frame, true);
	kit_remove(kit.dir);
	free_sample(&sample);
}
END_TEST

START_TEST(any_sectors_of_the_last_batch_may_be_lost_in_a_power_cut)
{
	struct sample sample;
	struct kit kit;
	uint32_t state = 1;

	make_sample(&sample);
	kit_init(&kit);
	const struct place *last = &sample.frames[sample.n_frames - 1];
	size_t begin = sample.frames[last->durable_size - sample.first].offset;
	struct buf *content = last_of(&sample);
	uint8_t *whole = malloc(content->len);

	ck_assert_ptr_nonnull(whole);
	memcpy(whole, content->data, content->len);
	for (int round = 0; round < 100; round++) {
		/* Sectors of 16 bytes: what was not written is zero, as it was allocated. */
		for (size_t at = begin; at < last->end; at += 16) {
			size_t len = last->end - at < 16 ? last->end - at : 16;

			state = state * 1664525u + 1013904223u;
			if (state >> 30 == 0) {
				memset(content->data + at, 0, len);
			}
		}
		lay_out(&sample, &kit);
		memcpy(content->data, whole, content->len);
		struct journal *journal = kit_open(&kit);

		ck_assert_uint_ge(journal_size(journal), last->durable_size);
		kit_check_all(journal, journal_size(journal));
		journal_close(journal);
	}
	free(whole);
	kit_remove(kit.dir);
	free_sample(&sample);
}
END_TEST

START_TEST(frames_inside_a_torn_part_prove_nothing)
{
	struct kit kit;
	uint8_t forged[SEGMENT_FRAME_HEAD + 4] = {0};
	struct segment_frame frame = {.index = 500, .durable_size = 499};
	struct rg_bytes part = bytes_of(forged, sizeof(forged));
	struct journal_entry entry = {bytes_of("leaf", 4), &part, 1, false};
	enum journal_answer answer;

	segment_frame_write(&frame, bytes_of("leaf", 4), NULL, 0, forged);
	memcpy(forged + SEGMENT_FRAME_HEAD, "leaf", 4);
	kit_init(&kit);
	struct journal *journal = kit_open(&kit);

	ck_assert_int_eq(kit_append(journal, 3), JOURNAL_WRITTEN);
	ck_assert_int_eq(journal_append(journal, &entry, 1, &answer), RG_OK);
	journal_close(journal);
	struct buf content = kit_load(kit.dir, "00000000000000000000.seg");
	uint8_t *found = memmem(content.data, content.len, forged, sizeof(forged));

	/* The part is torn before the forged frame, which is whole. */
	ck_assert_ptr_nonnull(found);
	found[-1] ^= 1;
	kit_store(kit.dir, "00000000000000000000.seg", buf_view(&content));
	check_kept(&kit, 3, true);
	buf_deinit(&content);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(what_a_crash_in_the_repair_left_is_repaired_again)
{
	struct sample sample;
	struct kit kit;

	make_sample(&sample);
	kit_init(&kit);
	last_of(&sample)->len = sample.frames[sample.n_frames - 1].end - 1;
	lay_out(&sample, &kit);
	kit_store(kit.dir, "fresh.tmp", bytes_of("half a copy", 11));
	check_kept(&kit, sample.size - 1, true);
	ck_assert_uint_eq(kit_count(kit.dir, "fresh"), 0);
	kit_remove(kit.dir);
	free_sample(&sample);
}
END_TEST

CHECK_MAIN("journal_damage", every_changed_byte_of_the_last_segment_is_found,
	changed_byte_below_the_mark_from_outside_is_refused,
	every_changed_byte_of_a_closed_segment_is_refused,
	last_segment_cut_anywhere_keeps_the_whole_prefix,
	cut_below_the_mark_from_outside_is_refused, repeated_and_swapped_and_lost_frames_are_found,
	missing_segment_is_refused_and_the_record_named,
	empty_folder_is_refused_when_records_were_durable, segment_under_another_name_is_refused,
	page_that_never_reached_the_disk_is_a_torn_tail,
	any_sectors_of_the_last_batch_may_be_lost_in_a_power_cut,
	frames_inside_a_torn_part_prove_nothing, what_a_crash_in_the_repair_left_is_repaired_again)
