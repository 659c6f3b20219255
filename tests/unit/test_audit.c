/*
 * The auditor's pieces, one by one: kinds, parts, moments, questions, tables, books, tree, store
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/anchors.h"
#include "audit/books.h"
#include "audit/deliveries.h"
#include "audit/examine.h"
#include "audit/filter.h"
#include "audit/fold.h"
#include "audit/growth.h"
#include "audit/segments.h"
#include "audit/store.h"
#include "audit/table.h"
#include "base/file.h"
#include "evidence/derived.h"
#include "evidence/segment.h"
#include "registry/moment.h"
#include "suite.h"
#include "wire/pack.h"

#define TYPE(name) RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_##name

/* --- Findings --------------------------------------------------------------------------------- */

START_TEST(every_rule_has_a_word_and_a_meaning)
{
	for (int i = 0; i < FINDING_RULES; i++) {
		enum finding_rule rule = (enum finding_rule)i;
		enum finding_rule back = FINDING_RULES;

		ck_assert_ptr_nonnull(finding_word(rule));
		ck_assert_uint_gt(strlen(finding_meaning(rule)), 20);
		ck_assert(finding_rule_of(finding_word(rule), &back));
		ck_assert_int_eq(back, rule);
	}
}
END_TEST

START_TEST(unknown_word_is_no_rule)
{
	enum finding_rule rule = FINDING_RULES;

	ck_assert(!finding_rule_of("", &rule));
	ck_assert(!finding_rule_of("signature", &rule));
}
END_TEST

START_TEST(findings_are_sorted_with_the_log_itself_first)
{
	scoped(findings_deinitv) struct findings findings = {.items = NULL};

	findings_add(&findings, FINDING_TIME, 9, "b");
	findings_add(&findings, FINDING_PIN, 0, "a");
	findings_add(&findings, FINDING_HEAD, FINDING_NO_RECORD, "c");
	findings_sort(&findings);
	ck_assert_int_eq(findings.items[0].rule, FINDING_HEAD);
	ck_assert_int_eq(findings.items[1].rule, FINDING_PIN);
	ck_assert_int_eq(findings.items[2].rule, FINDING_TIME);
}
END_TEST

START_TEST(findings_beyond_the_limit_are_counted_and_not_kept)
{
	scoped(findings_deinitv) struct findings findings = {.items = NULL};

	for (uint64_t i = 0; i < FINDING_KEPT_MAX + 5; i++) {
		findings_add(&findings, FINDING_TIME, i, "x");
	}
	ck_assert_uint_eq(findings.n_items, FINDING_KEPT_MAX);
	ck_assert_uint_eq(findings.n_all, FINDING_KEPT_MAX + 5);
}
END_TEST

START_TEST(text_cut_within_a_character_stays_utf8)
{
	scoped(findings_deinitv) struct findings findings = {.items = NULL};

	findings_add(&findings, FINDING_TIME, 1, "%.2s", "a\xc3\xa4");
	ck_assert_str_eq(findings.items[0].text, "a?");
}
END_TEST

/* --- Moments and questions -------------------------------------------------------------------- */

START_TEST(moments_are_sizes_days_and_instants)
{
	static const struct {
		const char *text;
		uint64_t size;
		int64_t time_us;
	} cases[] = {
		{"1", 1, 0},
		{"1000000", 1000000, 0},
		{"1970-01-02", 0, INT64_C(172799999999)},
		{"1970-01-01T00:00:01Z", 0, 1999999},
		{"1970-01-01T00:00:01.5Z", 0, 1599999},
		{"1970-01-01T00:00:01.123456Z", 0, 1123456},
		{"2026-11-21T18:37:17Z", 0, INT64_C(1795286237999999)},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct moment moment;

		ck_assert_msg(moment_parse(cases[i].text, &moment), "%s", cases[i].text);
		ck_assert_uint_eq(moment.size, cases[i].size);
		ck_assert_int_eq(moment.time_us, cases[i].time_us);
	}
}
END_TEST

START_TEST(what_is_no_moment_is_refused)
{
	static const char *const cases[] = {"", "0", "-1", "1 ", "yesterday", "2026-13-01",
		"2026-02-30", "2026-11-21T", "2026-11-21T18:37:17", "2026-11-21T24:00:00Z",
		"2026-11-21T18:60:00Z", "2026-11-21T18:37:17.Z", "2026-11-21T18:37:17.1234567Z",
		"2026-11-21 18:37:17Z", "2026-11-21T18:37:17+07:00", "2026-11-21T18:37:17ZZ"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct moment moment;

		ck_assert_msg(!moment_parse(cases[i], &moment), "%s", cases[i]);
	}
}
END_TEST

START_TEST(hs_codes_ids_and_kinds_are_read)
{
	struct filter filter = {.kind = 0};

	ck_assert(filter_set_hs(&filter, "08.10.60"));
	ck_assert_str_eq(filter.hs, "081060");
	ck_assert(filter_set_id(&filter, "0193AAbb-0000-7000-8000-000000000001"));
	ck_assert_uint_eq(filter.id[2], 0xaa);
	ck_assert(filter_set_kind(&filter, "pest-alert"));
	ck_assert_int_eq(filter.kind, RIVERGATE__V1__KIND__KIND_PEST_ALERT);
}
END_TEST

START_TEST(wrong_hs_codes_ids_and_kinds_are_refused)
{
	struct filter filter = {.kind = 0};

	ck_assert(!filter_set_hs(&filter, "8"));
	ck_assert(!filter_set_hs(&filter, "0810601"));
	ck_assert(!filter_set_hs(&filter, "08x"));
	ck_assert(!filter_set_id(&filter, "0193"));
	ck_assert(!filter_set_id(&filter, "0193aabb0000700080000000000000011"));
	ck_assert(!filter_set_id(&filter, "0193aabb00007000800000000000000g"));
	ck_assert(!filter_set_kind(&filter, ""));
	ck_assert(!filter_set_kind(&filter, "UNSPECIFIED"));
	ck_assert(!filter_set_kind(&filter, "DECLARATION_DECLARATION_DECLARATION_DECLARATION"));
}
END_TEST

static bool finds(Rivergate__V1__Header *header, const char *hs, const char *document,
	const char *vehicle)
{
	Rivergate__V1__Meta meta = RIVERGATE__V1__META__INIT;
	const struct walk_record record = {.meta = &meta, .header = header};
	struct filter filter = {.document = document, .vehicle = vehicle};

	ck_assert(!hs || filter_set_hs(&filter, hs));
	return filter_matches(&filter, &record);
}

START_TEST(certificate_is_found_by_its_number_goods_and_containers)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__CertificateFacts facts = RIVERGATE__V1__CERTIFICATE_FACTS__INIT;
	Rivergate__V1__CertifiedGoods goods = RIVERGATE__V1__CERTIFIED_GOODS__INIT;
	Rivergate__V1__CertifiedGoods any = RIVERGATE__V1__CERTIFIED_GOODS__INIT;
	Rivergate__V1__CertifiedGoods *list[] = {&any, &goods};
	char *containers[] = {(char[]){"TCLU4265447"}};

	header.facts_case = RIVERGATE__V1__HEADER__FACTS_CERTIFICATE;
	header.certificate = &facts;
	goods.hs = (char[]){"0810"};
	facts.number = (char[]){"PC-2026-7"};
	facts.goods = list;
	facts.n_goods = 2;
	facts.containers = containers;
	facts.n_containers = 1;
	ck_assert(finds(&header, "08.10.60", "pc-2026-7", "tclu4265447"));
	ck_assert(finds(&header, "08", NULL, NULL));
	ck_assert(!finds(&header, "0811", NULL, NULL));
	ck_assert(!finds(&header, NULL, "PC-2026-8", NULL));
	ck_assert(!finds(&header, "0810", "PC-2026-7", "TCLU4265448"));
}
END_TEST

START_TEST(what_is_about_a_certificate_is_found_by_its_number)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__CertificateStatusFacts status =
		RIVERGATE__V1__CERTIFICATE_STATUS_FACTS__INIT;
	Rivergate__V1__NonComplianceFacts against = RIVERGATE__V1__NON_COMPLIANCE_FACTS__INIT;
	Rivergate__V1__ReminderFacts reminder = RIVERGATE__V1__REMINDER_FACTS__INIT;
	char number[] = "PC-7";

	header.facts_case = RIVERGATE__V1__HEADER__FACTS_CERTIFICATE_STATUS;
	header.certificate_status = &status;
	status.number = number;
	status.replaced_by = (char[]){"PC-8"};
	ck_assert(finds(&header, NULL, "PC-7", NULL) && finds(&header, NULL, "PC-8", NULL));
	ck_assert(!finds(&header, NULL, "PC-9", NULL) && !finds(&header, "08", NULL, NULL));
	header.facts_case = RIVERGATE__V1__HEADER__FACTS_NON_COMPLIANCE;
	header.non_compliance = &against;
	ck_assert(!finds(&header, NULL, "PC-7", NULL));
	against.certificate_number = number;
	ck_assert(finds(&header, NULL, "PC-7", NULL));
	header.facts_case = RIVERGATE__V1__HEADER__FACTS_REMINDER;
	header.reminder = &reminder;
	ck_assert(!finds(&header, NULL, "PC-7", NULL));
	reminder.subject = number;
	ck_assert(finds(&header, NULL, "PC-7", NULL));
	header.facts_case = RIVERGATE__V1__HEADER__FACTS__NOT_SET;
	ck_assert(!finds(&header, NULL, "PC-7", "X") && finds(&header, NULL, NULL, NULL));
}
END_TEST

START_TEST(alerts_and_lists_are_found_by_the_goods_they_mean)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__PestAlertFacts alert = RIVERGATE__V1__PEST_ALERT_FACTS__INIT;
	Rivergate__V1__GoodsMatch match = RIVERGATE__V1__GOODS_MATCH__INIT;
	Rivergate__V1__GoodsMatch *matches[] = {&match};
	Rivergate__V1__EstablishmentListFacts list = RIVERGATE__V1__ESTABLISHMENT_LIST_FACTS__INIT;
	Rivergate__V1__EstablishmentListFacts__Entry entry =
		RIVERGATE__V1__ESTABLISHMENT_LIST_FACTS__ENTRY__INIT;
	Rivergate__V1__EstablishmentListFacts__Entry *entries[] = {&entry};
	char *hs[] = {(char[]){"1006"}, (char[]){"081060"}};

	header.facts_case = RIVERGATE__V1__HEADER__FACTS_PEST_ALERT;
	header.pest_alert = &alert;
	alert.number = (char[]){"ALERT-1"};
	alert.goods = matches;
	alert.n_goods = 1;
	ck_assert(!finds(&header, "0810", NULL, NULL));
	match.hs = hs;
	match.n_hs = 2;
	ck_assert(finds(&header, "0810", "alert-1", NULL) && finds(&header, "100630", NULL, NULL));
	ck_assert(!finds(&header, "081070", NULL, NULL));
	header.facts_case = RIVERGATE__V1__HEADER__FACTS_ESTABLISHMENT_LIST;
	header.establishment_list = &list;
	list.entries = entries;
	list.n_entries = 1;
	ck_assert(!finds(&header, "0810", NULL, NULL));
	entry.hs = hs;
	entry.n_hs = 2;
	ck_assert(finds(&header, "0810", NULL, NULL) && !finds(&header, "09", NULL, NULL));
}
END_TEST

/* --- Tables ----------------------------------------------------------------------------------- */

START_TEST(cells_that_would_be_formulas_get_an_apostrophe)
{
	static const struct {
		const char *text;
		const char *cell;
	} cases[] = {
		{"plain", "\"plain\""},
		{"", "\"\""},
		{"say \"no\"", "\"say \"\"no\"\"\""},
		{"a,b", "\"a,b\""},
		{"=1+1", "\"'=1+1\""},
		{"+1", "\"'+1\""},
		{"-1", "\"'-1\""},
		{"@SUM(1)", "\"'@SUM(1)\""},
		{"  =1", "\"'  =1\""},
		{"\t=1", "\"' =1\""},
		{"\r\n=1", "\"'  =1\""},
		{"a\x1b[2J", "\"a [2J\""},
		{"2=1", "\"2=1\""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scoped(buf_deinitv) struct buf out = {.data = NULL};

		table_csv_cell(cases[i].text, &out);
		ck_assert_str_eq(buf_text(&out), cases[i].cell);
	}
}
END_TEST

/* --- Leaves and parts ------------------------------------------------------------------------- */

static void write_message(Rivergate__V1__Kind kind, struct buf *leaf)
{
	scoped(buf_deinitv) struct buf header_bytes = {.data = NULL};
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	uint8_t id[16] = {1, 2, 3, 4, 5, 6, 0x70, 0, 0x80};
	char to_one[] = "cn.gacc";
	char to_two[] = "th.doa";
	char from[] = "la.customs";
	char *to[] = {to_one, to_two};

	header.id = (ProtobufCBinaryData){sizeof(id), id};
	header.from = from;
	header.to = to;
	header.n_to = 2;
	header.kind = kind;
	header.sent_at_us = 5;
	ck_assert_int_eq(pack_append(&header.base, &header_bytes), RG_OK);
	const struct record record = {.type = TYPE(MESSAGE),
		.body = buf_view(&header_bytes),
		.signature = bytes_of_text("s")};

	ck_assert_int_eq(record_write(&record, leaf), RG_OK);
}

START_TEST(kind_of_a_message_is_looked_up)
{
	static const Rivergate__V1__Kind kinds[] = {RIVERGATE__V1__KIND__KIND_DECLARATION,
		RIVERGATE__V1__KIND__KIND_REGISTRY, RIVERGATE__V1__KIND__KIND_EXPIRY};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		scoped(buf_deinitv) struct buf leaf = {.data = NULL};

		write_message(kinds[i], &leaf);
		ck_assert_int_eq(examine_kind(buf_view(&leaf)), kinds[i]);
	}
}
END_TEST

START_TEST(kind_of_what_is_no_message_is_none)
{
	scoped(buf_deinitv) struct buf tick = {.data = NULL};
	scoped(buf_deinitv) struct buf leaf = {.data = NULL};
	const struct record record = {.type = TYPE(TICK), .meta = bytes_of_text("m")};

	ck_assert_int_eq(record_write(&record, &tick), RG_OK);
	ck_assert_int_eq(examine_kind(buf_view(&tick)), 0);
	write_message(RIVERGATE__V1__KIND__KIND_REGISTRY, &leaf);
	for (size_t len = 0; len < leaf.len; len++) {
		ck_assert_int_eq(examine_kind(bytes_of(leaf.data, len)), 0);
	}
}
END_TEST

START_TEST(parts_are_taken_apart)
{
	static const uint8_t section[] = {0, 0, 0, 2, 'a', 'b', 0, 0, 0, 0, 0, 0, 0, 1, 'c'};
	struct rg_bytes parts[64];
	size_t n = 0;

	ck_assert(examine_parts(bytes_of(section, sizeof(section)), parts, &n));
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(parts[0].len, 2);
	ck_assert_uint_eq(parts[1].len, 0);
	ck_assert_uint_eq(parts[2].len, 1);
}
END_TEST

START_TEST(parts_that_do_not_add_up_are_refused)
{
	static const uint8_t section[] = {0, 0, 0, 2, 'a', 'b', 0, 0, 0, 9, 'c'};
	uint8_t many[65 * 4] = {0};
	struct rg_bytes parts[64];
	size_t n = 0;

	for (size_t len = 1; len <= sizeof(section); len++) {
		ck_assert(len == 6 || !examine_parts(bytes_of(section, len), parts, &n));
	}
	ck_assert(!examine_parts(bytes_of(many, sizeof(many)), parts, &n));
}
END_TEST

/* --- Books ------------------------------------------------------------------------------------ */

static uint64_t judge(const char *text, struct findings *findings)
{
	static const uint64_t listed[] = {10, 12, 14, 20};
	scoped(books_deinitv) struct books books = {.lines = NULL};
	size_t line = 0;

	ck_assert_int_eq(books_read(bytes_of_text(text), &books, &line), RG_OK);
	ck_assert_uint_eq(line, 0);
	return books_judge(&books, listed, 4, findings);
}

START_TEST(book_that_agrees_is_no_finding)
{
	static const struct {
		const char *text;
		uint64_t n;
	} cases[] = {
		{"", 0}, {"delivery 1 10 5\ndelivery 2 12 6\n", 2},
		{"delivery 2 12 6\ndelivery 1 10 7\n", 2},
		{"delivery 1 10 5\ndelivery 1 10 9\n", 1}, {"delivery 1 10 5\nmissing 2 2 9\n", 1},
		{"delivery 1 10 5\ndelivery 2 1", 1}, /* cut while it was written */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scoped(findings_deinitv) struct findings findings = {.items = NULL};

		ck_assert_uint_eq(judge(cases[i].text, &findings), cases[i].n);
		ck_assert_uint_eq(findings.n_all, 0);
	}
}
END_TEST

START_TEST(book_that_contradicts_the_log_is_found)
{
	static const struct {
		const char *text;
		enum finding_rule rule;
		uint64_t record;
	} cases[] = {
		{"delivery 1 11 5\n", FINDING_COUNTER, 11},
		{"delivery 5 21 5\n", FINDING_COUNTER, 21},
		{"delivery 1 10 5\ndelivery 3 14 6\n", FINDING_UNDELIVERED, 12},
		{"delivery 2 12 6\n", FINDING_UNDELIVERED, 10},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scoped(findings_deinitv) struct findings findings = {.items = NULL};

		(void)judge(cases[i].text, &findings);
		ck_assert_uint_ge(findings.n_all, 1);
		ck_assert_int_eq(findings.items[0].rule, cases[i].rule);
		ck_assert_uint_eq(findings.items[0].first, cases[i].record);
	}
}
END_TEST

START_TEST(line_that_is_none_is_named)
{
	static const char *const cases[] = {"delivery 1 1 1\n\n", "delivery 1 1 1\ngift 1 1 1\n",
		"delivery 1 1 1\ndelivery 0 1 1\n", "delivery 1 1 1\ndelivery 1 1\n",
		"delivery 1 1 1\ndelivery 1 1 1 \n", "delivery 1 1 1\ndelivery 01 1 1\n",
		"delivery 1 1 1\n delivery 1 1 1\n"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scoped(books_deinitv) struct books books = {.lines = NULL};
		size_t line = 0;

		ck_assert_int_eq(books_read(bytes_of_text(cases[i]), &books, &line), RG_OK);
		ck_assert_uint_eq(line, 2);
	}
}
END_TEST

/* --- The tree --------------------------------------------------------------------------------- */

static struct merkle_hash leaf_of(uint64_t i)
{
	struct merkle_hash hash;

	ck_assert_int_eq(merkle_leaf(bytes_of(&i, sizeof(i)), &hash), RG_OK);
	return hash;
}

/* RFC 6962, word for word. */
static struct merkle_hash head_of(uint64_t first, uint64_t n)
{
	uint64_t k = 1;
	struct merkle_hash head;

	if (n == 1) {
		return leaf_of(first);
	}
	while (2 * k < n) {
		k *= 2;
	}
	struct merkle_hash left = head_of(first, k);
	struct merkle_hash right = head_of(first + k, n - k);

	ck_assert_int_eq(merkle_node(&left, &right, &head), RG_OK);
	return head;
}

static rg_err count_tile(void *context, unsigned level, uint64_t number, const struct tile *tile)
{
	size_t *n = context;

	ck_assert_uint_eq(level, 1);
	ck_assert_uint_eq(number, *n);
	ck_assert_uint_eq(tile->width, TILE_WIDTH);
	(*n)++;
	return RG_OK;
}

START_TEST(heads_of_a_growing_tree_are_those_of_rfc_6962)
{
	scoped(freep) struct growth *growth = malloc(sizeof(*growth));
	size_t n_tiles = 0;
	const struct growth_sink sink = {.take = count_tile, .context = &n_tiles};

	growth_init(growth);
	for (uint64_t i = 0; i < 2 * TILE_WIDTH + 9; i++) {
		struct merkle_hash leaf = leaf_of(i);
		struct merkle_hash head;
		struct merkle_hash want = head_of(0, i + 1);

		ck_assert_int_eq(growth_add(growth, &leaf, &sink), RG_OK);
		ck_assert_int_eq(growth_head(growth, &head), RG_OK);
		ck_assert_mem_eq(&head, &want, sizeof(head));
	}
	ck_assert_uint_eq(n_tiles, 0);
}
END_TEST

START_TEST(whole_tiles_grow_the_same_tree_and_are_told_once)
{
	scoped(freep) struct growth *growth = malloc(sizeof(*growth));
	scoped(freep) struct tile *tile = malloc(sizeof(*tile));
	size_t n_tiles = 0;
	const struct growth_sink sink = {.take = count_tile, .context = &n_tiles};
	struct merkle_hash head;

	growth_init(growth);
	for (uint64_t number = 0; number < 256; number++) {
		tile->width = 0;
		for (uint64_t i = 0; i < TILE_WIDTH; i++) {
			struct merkle_hash leaf = leaf_of(number * TILE_WIDTH + i);

			ck_assert_int_eq(tile_add(tile, &leaf), RG_OK);
		}
		if (number == 2) {
			struct merkle_hash want = head_of(0, 600);

			ck_assert_int_eq(growth_head_within(growth, tile, 600, &head), RG_OK);
			ck_assert_mem_eq(&head, &want, sizeof(head));
		}
		ck_assert_int_eq(growth_add_tile(growth, tile, &sink), RG_OK);
	}
	struct merkle_hash want = head_of(0, 65536);

	ck_assert_int_eq(growth_head(growth, &head), RG_OK);
	ck_assert_mem_eq(&head, &want, sizeof(head));
	ck_assert_uint_eq(n_tiles, 1);
}
END_TEST

START_TEST(state_of_a_tree_reads_back_and_cut_ones_are_refused)
{
	scoped(freep) struct growth *growth = malloc(sizeof(*growth));
	scoped(freep) struct growth *back = malloc(sizeof(*back));
	scoped(buf_deinitv) struct buf state = {.data = NULL};
	const struct growth_sink nobody = {.take = count_tile};
	struct merkle_hash one;
	struct merkle_hash other;

	growth_init(growth);
	for (uint64_t i = 0; i < 700; i++) {
		struct merkle_hash leaf = leaf_of(i);

		ck_assert_int_eq(growth_add(growth, &leaf, &nobody), RG_OK);
	}
	growth_write(growth, &state);
	ck_assert(growth_read(buf_view(&state), back));
	ck_assert_int_eq(growth_head(growth, &one), RG_OK);
	ck_assert_int_eq(growth_head(back, &other), RG_OK);
	ck_assert_mem_eq(&one, &other, sizeof(one));
	for (size_t len = 0; len < state.len; len += 31) {
		ck_assert(!growth_read(bytes_of(state.data, len), back));
	}
}
END_TEST

/* --- The store -------------------------------------------------------------------------------- */

START_TEST(rows_that_were_not_committed_are_gone)
{
	char folder[] = "/tmp/rg-audit-store-XXXXXX";
	struct store *store = NULL;
	struct rg_bytes value;
	bool is_found = false;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(store_open(folder, &store), RG_OK);
	ck_assert_int_eq(store_put(store, STORE_STATE, bytes_of_text("a"), bytes_of_text("1")),
		RG_OK);
	ck_assert_int_eq(store_commit(store), RG_OK);
	ck_assert_int_eq(store_put(store, STORE_STATE, bytes_of_text("b"), bytes_of_text("2")),
		RG_OK);
	store_close(store);
	ck_assert_int_eq(store_open(folder, &store), RG_OK);
	ck_assert_int_eq(store_get(store, STORE_STATE, bytes_of_text("a"), &value, &is_found),
		RG_OK);
	ck_assert(is_found && bytes_equal(value, bytes_of_text("1")));
	ck_assert_int_eq(store_get(store, STORE_STATE, bytes_of_text("b"), &value, &is_found),
		RG_OK);
	ck_assert(!is_found);
	store_close(store);
}
END_TEST

START_TEST(folder_in_use_is_refused)
{
	char folder[] = "/tmp/rg-audit-used-XXXXXX";
	struct store *store = NULL;
	struct store *other = NULL;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(store_open(folder, &store), RG_OK);
	ck_assert_int_eq(store_open(folder, &other), RG_E_CONFIG);
	store_close(store);
}
END_TEST

START_TEST(row_that_is_there_is_not_overwritten)
{
	struct store *store = NULL;
	struct rg_bytes value;

	ck_assert_int_eq(store_open(NULL, &store), RG_OK);
	ck_assert_int_eq(store_add(store, STORE_IDENTITY, bytes_of_text("k"), bytes_of_text("1"),
				 &value),
		RG_OK);
	ck_assert_uint_eq(value.len, 0);
	ck_assert_int_eq(store_add(store, STORE_IDENTITY, bytes_of_text("k"), bytes_of_text("2"),
				 &value),
		RG_OK);
	ck_assert(bytes_equal(value, bytes_of_text("1")));
	store_close(store);
}
END_TEST

/* --- The journal ------------------------------------------------------------------------------ */

static void add_frame(struct buf *file, uint64_t index, const char *leaf, const char *parts)
{
	uint8_t head[SEGMENT_FRAME_HEAD];
	struct segment_frame frame = {.index = index};
	struct rg_bytes piece = bytes_of_text(parts);

	segment_frame_write(&frame, bytes_of_text(leaf), &piece, 1, head);
	buf_add(file, head, sizeof(head));
	buf_add_text(file, leaf);
	buf_add_text(file, parts);
}

static void write_segment(const char *folder, const char *name, const struct buf *file)
{
	scoped(freep) char *path = file_join(folder, name);

	ck_assert_int_eq(file_replace(path, buf_view(file), 0600), RG_OK);
}

static enum segments_state state_at(struct segments *segments, uint64_t index, const char *leaf)
{
	struct segments_found found;

	ck_assert_int_eq(segments_read(segments, index, &found), RG_OK);
	ck_assert(found.state != SEGMENTS_WHOLE || bytes_equal(found.leaf, bytes_of_text(leaf)));
	return found.state;
}

START_TEST(records_are_read_over_files_and_gaps)
{
	char folder[] = "/tmp/rg-audit-journal-XXXXXX";
	scoped(buf_deinitv) struct buf one = {.data = NULL};
	scoped(buf_deinitv) struct buf two = {.data = NULL};
	struct segments *segments = NULL;
	uint8_t zeroes[64] = {0};

	ck_assert_ptr_nonnull(mkdtemp(folder));
	add_frame(&one, 0, "zero", "p");
	add_frame(&one, 1, "one", "");
	buf_add(&one, zeroes, sizeof(zeroes));
	add_frame(&two, 5, "five", "q");
	write_segment(folder, "00000000000000000000.seg", &one);
	write_segment(folder, "00000000000000000005.seg", &two);
	write_segment(folder, "5.seg", &two);
	ck_assert_int_eq(segments_open(folder, &segments), RG_OK);
	ck_assert_int_eq(state_at(segments, 1, "one"), SEGMENTS_WHOLE);
	ck_assert_int_eq(state_at(segments, 2, ""), SEGMENTS_ABSENT);
	ck_assert_int_eq(state_at(segments, 5, "five"), SEGMENTS_WHOLE);
	ck_assert_int_eq(state_at(segments, 6, ""), SEGMENTS_ABSENT);
	segments_close(segments);
	ck_assert_int_eq(segments_open("/nowhere/at/all", &segments), RG_OK);
	ck_assert_int_eq(state_at(segments, 0, ""), SEGMENTS_ABSENT);
	segments_close(segments);
}
END_TEST

START_TEST(damaged_frame_is_found_and_the_next_one_read)
{
	char folder[] = "/tmp/rg-audit-damage-XXXXXX";
	scoped(buf_deinitv) struct buf file = {.data = NULL};

	ck_assert_ptr_nonnull(mkdtemp(folder));
	add_frame(&file, 0, "zero", "p");
	size_t begin = file.len;

	add_frame(&file, 1, "one", "parts");
	size_t end = file.len;

	add_frame(&file, 2, "two", "");
	for (size_t at = begin; at < end; at++) {
		struct segments *segments = NULL;

		file.data[at] ^= 1;
		write_segment(folder, "00000000000000000000.seg", &file);
		file.data[at] ^= 1;
		ck_assert_int_eq(segments_open(folder, &segments), RG_OK);
		ck_assert_int_eq(state_at(segments, 0, "zero"), SEGMENTS_WHOLE);
		ck_assert_int_ne(state_at(segments, 1, "one"), SEGMENTS_WHOLE);
		bool is_in_leaf = at >= begin + SEGMENT_FRAME_HEAD;

		ck_assert(!is_in_leaf || state_at(segments, 2, "two") == SEGMENTS_WHOLE);
		segments_close(segments);
	}
}
END_TEST

START_TEST(place_of_a_rewritten_file_is_forgotten)
{
	char folder[] = "/tmp/rg-audit-place-XXXXXX";
	scoped(buf_deinitv) struct buf file = {.data = NULL};
	scoped(buf_deinitv) struct buf pruned = {.data = NULL};
	struct segments *segments = NULL;
	struct segments_place place;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	add_frame(&file, 0, "zero", "parts");
	add_frame(&file, 1, "one", "parts");
	add_frame(&pruned, 0, "zero", "");
	add_frame(&pruned, 1, "one", "");
	write_segment(folder, "00000000000000000000.seg", &file);
	ck_assert_int_eq(segments_open(folder, &segments), RG_OK);
	ck_assert_int_eq(state_at(segments, 0, "zero"), SEGMENTS_WHOLE);
	place = segments_tell(segments);
	segments_close(segments);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(segments_open(folder, &segments), RG_OK);
		segments_seek(segments, place);
		ck_assert_int_eq(state_at(segments, 1, "one"), SEGMENTS_WHOLE);
		segments_close(segments);
		write_segment(folder, "00000000000000000000.seg", &pruned);
	}
}
END_TEST

START_TEST(place_behind_the_end_of_a_file_that_became_shorter_is_forgotten)
{
	static const char long_parts[] = "parts that are longer than the frame that comes after "
					 "them when they are pruned, with its head and its leaf";
	char folder[] = "/tmp/rg-audit-behind-XXXXXX";
	scoped(buf_deinitv) struct buf file = {.data = NULL};
	scoped(buf_deinitv) struct buf pruned = {.data = NULL};
	struct segments *segments = NULL;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	add_frame(&file, 0, "zero", long_parts);
	add_frame(&pruned, 0, "zero", "");
	add_frame(&pruned, 1, "one", "");
	ck_assert_uint_lt(pruned.len, file.len);
	write_segment(folder, "00000000000000000000.seg", &file);
	ck_assert_int_eq(segments_open(folder, &segments), RG_OK);
	ck_assert_int_eq(state_at(segments, 0, "zero"), SEGMENTS_WHOLE);
	const struct segments_place place = segments_tell(segments);

	segments_close(segments);
	write_segment(folder, "00000000000000000000.seg", &pruned);
	ck_assert_int_eq(segments_open(folder, &segments), RG_OK);
	segments_seek(segments, place);
	ck_assert_int_eq(state_at(segments, 1, "one"), SEGMENTS_WHOLE);
	segments_close(segments);
}
END_TEST

CHECK_MAIN("audit", every_rule_has_a_word_and_a_meaning, unknown_word_is_no_rule,
	findings_are_sorted_with_the_log_itself_first,
	findings_beyond_the_limit_are_counted_and_not_kept, text_cut_within_a_character_stays_utf8,
	moments_are_sizes_days_and_instants, what_is_no_moment_is_refused,
	hs_codes_ids_and_kinds_are_read, wrong_hs_codes_ids_and_kinds_are_refused,
	certificate_is_found_by_its_number_goods_and_containers,
	what_is_about_a_certificate_is_found_by_its_number,
	alerts_and_lists_are_found_by_the_goods_they_mean,
	cells_that_would_be_formulas_get_an_apostrophe, kind_of_a_message_is_looked_up,
	kind_of_what_is_no_message_is_none, parts_are_taken_apart,
	parts_that_do_not_add_up_are_refused, book_that_agrees_is_no_finding,
	book_that_contradicts_the_log_is_found, line_that_is_none_is_named,
	heads_of_a_growing_tree_are_those_of_rfc_6962,
	whole_tiles_grow_the_same_tree_and_are_told_once,
	state_of_a_tree_reads_back_and_cut_ones_are_refused, rows_that_were_not_committed_are_gone,
	folder_in_use_is_refused, row_that_is_there_is_not_overwritten,
	records_are_read_over_files_and_gaps, damaged_frame_is_found_and_the_next_one_read,
	place_of_a_rewritten_file_is_forgotten,
	place_behind_the_end_of_a_file_that_became_shorter_is_forgotten)
