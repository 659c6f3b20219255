/*
 * All ordered pairs of the national declaration formats
 *
 * A synthetic export declaration (statements.h) is written in the format of country A and
 * read back: that is what A states. Then A's file becomes B's, and B's is read: each
 * statement has survived, is named as not transferable, or is named as lost. What is
 * gone without being named, or came out with another value, is a failure.
 *
 * The counts stand in two tables of adapters/README.md, and the list of statements too.
 */
#include "frames.h"
#include "statements.h"
#include "suite.h"

/* One line a format. */
static const struct nation {
	const char *format; /* cc/name */
	const char *country;
	const char *place; /* UN/LOCODE of a border post */
} nations[] = {
	{"cn/cn-dec", "CN", "CNMHN"},
	{"kh/asycuda-sad", "KH", "KHPPT"},
	{"la/asycuda-sad", "LA", "LABOT"},
	{"mm/mm-maccs", "MM", "MMMUS"},
	{"th/th-ecustoms", "TH", "THCKO"},
	{"vn/vn-vnaccs", "VN", "VNMCA"},
};

#define N_NATIONS (sizeof(nations) / sizeof(nations[0]))

/* Values */

/* Texts are kept in a list that lives as long as the process of the test. */
static const char *fill_in(const char *value, const struct nation *from, const struct nation *to)
{
	static const struct {
		const char *mark;
		bool is_from, is_place;
	} marks[] = {{"@A", true, false}, {"@B", false, false}, {"@a", true, true},
		{"@b", false, true}};
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const struct nation *nation = marks[i].is_from ? from : to;
		if (strcmp(value, marks[i].mark) == 0) {
			return marks[i].is_place ? nation->place : nation->country;
		}
	}
	return value;
}

struct place {
	char path[DOC_PATH_MAX];
	bool is_decimal;
};

/* The i-th place that `pattern` names; false: it has fewer. */
static bool place_at(const char *pattern, size_t i, struct place *ret_place)
{
	size_t len = strlen(pattern);
	const char *list = strstr(pattern, "[]");
	ret_place->is_decimal = pattern[len - 1] == '#';
	len -= ret_place->is_decimal ? 1 : 0;
	if (!list) {
		snprintf(ret_place->path, sizeof(ret_place->path), "%.*s", (int)len, pattern);
		return i == 0;
	}
	snprintf(ret_place->path, sizeof(ret_place->path), "%.*s[%zu]%.*s", (int)(list - pattern),
		pattern, i, (int)(len - (size_t)(list - pattern) - 2), list + 2);
	return i < STATEMENT_ITEMS;
}

static void set_place(struct doc *doc, const struct place *place, const char *text)
{
	char path[DOC_PATH_MAX + 16];
	char digits[64] = "";
	char scale[24];
	if (!place->is_decimal) {
		set_leaf(doc, place->path, text, strlen(text));
		return;
	}
	const char *point = strchr(text, '.');
	size_t n = 0;
	for (const char *at = text; *at; at++) {
		if (*at != '.') {
			digits[n++] = *at;
		}
	}
	snprintf(scale, sizeof(scale), "%zu", point ? strlen(point + 1) : 0);
	snprintf(path, sizeof(path), "%s.unscaled", place->path);
	set_leaf(doc, path, digits, n);
	snprintf(path, sizeof(path), "%s.scale", place->path);
	set_leaf(doc, path, scale, strlen(scale));
}

static void peek(const struct doc *doc, const char *path, char text[512])
{
	char scratch[32];
	struct doc_leaf leaf;
	ck_assert_int_eq(doc_peek(doc, path, &leaf, scratch), RG_OK);
	snprintf(text, 512, "%.*s", (int)leaf.value.len,
		leaf.value.data ? (const char *)leaf.value.data : "");
}

/* The text of a place; a decimal without empty places. "" where it is absent. */
static void get_place(const struct doc *doc, const struct place *place, char text[512])
{
	char path[DOC_PATH_MAX + 16];
	char scale_text[512];
	if (!place->is_decimal) {
		peek(doc, place->path, text);
		return;
	}
	snprintf(path, sizeof(path), "%s.unscaled", place->path);
	peek(doc, path, text);
	snprintf(path, sizeof(path), "%s.scale", place->path);
	peek(doc, path, scale_text);
	size_t scale = strtoul(scale_text, NULL, 10);
	size_t len = strlen(text);
	while (len > 1 && scale > 0 && text[len - 1] == '0') {
		text[--len] = '\0';
		scale--;
	}
	if (len > 0 && scale > 0) {
		snprintf(text + len, 512 - len, "e-%zu", scale);
	}
}

/* A whole address is one text, however it is divided: its letters and digits in order. */
static bool is_address(const char *pattern)
{
	return strstr(pattern, "address.lines[]") != NULL;
}

static void get_address(const struct doc *doc, const char *pattern, char text[512])
{
	size_t n = 0;
	for (size_t i = 0; i < 5; i++) {
		struct place place;
		char line[512];
		place_at(pattern, i, &place);
		get_place(doc, &place, line);
		for (const char *at = line; *at && n + 1 < 512; at++) {
			if (*at != ' ' && *at != ',') {
				text[n++] = *at;
			}
		}
	}
	text[n] = '\0';
}

/* Text i of a statement at one of its places; false: there is no such. */
static bool text_at(const struct doc *doc, const char *pattern, size_t i, char text[512],
	char path[DOC_PATH_MAX])
{
	struct place place;
	bool is_there = place_at(pattern, i, &place);
	snprintf(path, DOC_PATH_MAX, "%s", place.path);
	if (is_address(pattern)) {
		get_address(doc, pattern, text);
		return i == 0;
	}
	if (is_there) {
		get_place(doc, &place, text);
	}
	return is_there;
}

/* The declaration that states everything, as the only document of a conversion. */
static struct conversion *make_declaration(const struct plugin_set *set, const struct nation *from,
	const struct nation *to)
{
	char json[128];
	int len = snprintf(json, sizeof(json),
		"{\"country\":\"%s\",\"direction\":\"DIRECTION_EXPORT\"}", from->country);
	struct conversion *conversion =
		decode_native(set, "json", (struct rg_bytes){(const uint8_t *)json, (size_t)len});
	struct doc *doc = convert_document(conversion, 0);
	for (size_t i = 0; i < N_STATEMENTS; i++) {
		for (size_t j = 0; j < STATEMENT_PLACES && statements[i].places[j]; j++) {
			struct place place;
			for (size_t k = 0; place_at(statements[i].places[j], k, &place); k++) {
				const char *value = statements[i].values[k];
				set_place(doc, &place, fill_in(value, from, to));
			}
		}
	}
	return conversion;
}

/* Judging */

enum fate {
	FATE_ABSENT, /* the source does not state it */
	FATE_SURVIVED,
	FATE_NATIONAL, /* named as not transferable */
	FATE_LOST,     /* named as lost */
	FATE_SILENT,   /* gone, and nobody said so */
	FATE_ALTERED,
};

static const char *const fates[] = {"absent", "survived", "not transferable", "lost",
	"GONE IN SILENCE", "ALTERED"};

static enum fate named(const struct conversion *conversion, const char *path, bool is_altered)
{
	const Rivergate__V1__Translation *translation = convert_translation(conversion);
	for (size_t i = 0; i < translation->n_losses; i++) {
		const Rivergate__V1__Loss *loss = translation->losses[i];
		if (strcmp(loss->path, path) == 0) {
			return loss->class_ ==
					RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_NOT_TRANSFERABLE
				? FATE_NATIONAL
				: FATE_LOST;
		}
	}
	return is_altered ? FATE_ALTERED : FATE_SILENT;
}

/* Whether a place of the statement other than `pattern` has this text in the document. */
static bool stands_elsewhere(const struct doc *doc, const struct statement *statement,
	const char *pattern, const char *text)
{
	char other[512];
	char path[DOC_PATH_MAX];
	for (size_t i = 0; i < STATEMENT_PLACES && statement->places[i]; i++) {
		const char *place = statement->places[i];
		for (size_t k = 0; place != pattern && text_at(doc, place, k, other, path); k++) {
			if (strcmp(other, text) == 0) {
				return true;
			}
		}
	}
	return false;
}

struct journey {
	const struct conversion *conversion; /* with its loss report */
	const struct doc *before, *after;
};

static enum fate judge_place(const struct journey *journey, const struct statement *statement,
	const char *pattern)
{
	enum fate worst = FATE_ABSENT;
	char before[512], after[512], path[DOC_PATH_MAX];
	for (size_t i = 0; text_at(journey->before, pattern, i, before, path); i++) {
		text_at(journey->after, pattern, i, after, path);
		enum fate fate = FATE_SURVIVED;
		if (!before[0]) {
			continue;
		}
		if (strcmp(before, after) != 0 &&
			!stands_elsewhere(journey->after, statement, pattern, before)) {
			fate = named(journey->conversion, path, after[0] != '\0');
		}
		if (fate > FATE_LOST) {
			fprintf(stderr, "%s: %s = \"%s\" became \"%s\"\n", fates[fate], path,
				before, after);
		}
		worst = fate > worst ? fate : worst;
	}
	return worst;
}

/* A statement that survives at one place has survived. */
static enum fate judge(const struct journey *journey, const struct statement *statement)
{
	enum fate best = FATE_ABSENT;
	for (size_t i = 0; i < STATEMENT_PLACES && statement->places[i]; i++) {
		enum fate fate = judge_place(journey, statement, statement->places[i]);
		if (fate > FATE_LOST) {
			return fate;
		}
		best = best == FATE_ABSENT || (fate != FATE_ABSENT && fate < best) ? fate : best;
	}
	return best;
}

/* Cells */

struct cell {
	unsigned n[FATE_ALTERED + 1];
	bool is_right;
};

/* Writes a document and reads what was written. The caller frees both conversions. */
static struct conversion *write_and_read(const struct plugin_set *set, struct conversion *writing,
	const char *format, enum rg_purpose purpose)
{
	ck_assert_int_eq(convert_encode(writing, format_of(set, format), purpose), RG_OK);
	ck_assert_msg(!convert_is_refused(writing), "%s refuses it: %s", format,
		convert_n_findings(writing) ? convert_finding(writing, 0)->text : "");
	ck_assert_uint_eq(convert_n_outputs(writing), 1);
	struct conversion *reading = decode_native(set, format, convert_output(writing, 0));
	ck_assert_msg(!convert_is_refused(reading), "%s", convert_finding(reading, 0)->text);
	ck_assert_uint_eq(convert_n_documents(reading), 1);
	return reading;
}

static void show(const struct statement *statement, const char *from, const char *to,
	enum fate fate)
{
	if (getenv("RIVERGATE_PAIRS")) {
		fprintf(stderr, "%s -> %s\t%s\t%s\n", from, to, statement->name, fates[fate]);
	}
}

static void judge_all(const struct journey *journey, const char *from, const char *to,
	bool is_abroad, struct cell *cell)
{
	*cell = (struct cell){.is_right = true};
	for (size_t i = 0; i < N_STATEMENTS; i++) {
		const struct statement *statement = &statements[i];
		enum fate fate = judge(journey, statement);
		cell->n[fate]++;
		show(statement, from, to, fate);
		bool is_carried = fate == FATE_SURVIVED && statement->is_national && is_abroad;
		bool is_mistaken = fate == FATE_NATIONAL && !statement->is_national;
		if (fate > FATE_LOST || is_carried || is_mistaken) {
			fprintf(stderr, "%s -> %s: %s: %s\n", from, to, statement->name,
				fates[fate]);
			cell->is_right = false;
		}
	}
}

/* Fills the cells of a pair: [0] what A states of the whole list, [1] what arrives in B. */
static void measure(const struct plugin_set *set, const struct nation *from,
	const struct nation *to, enum rg_purpose purpose, struct cell cells[2])
{
	struct conversion *home = make_declaration(set, from, to);
	struct conversion *source = write_and_read(set, home, from->format, RG_PURPOSE_LODGED_COPY);
	struct journey first = {home, convert_document(home, 0), convert_document(source, 0)};
	judge_all(&first, "all", from->format, false, &cells[0]);
	struct conversion *target = write_and_read(set, source, to->format, purpose);
	struct journey second = {source, convert_document(source, 0), convert_document(target, 0)};
	judge_all(&second, from->format, to->format, true, &cells[1]);
	ck_assert_str_eq(doc_declaration(second.after)->country, to->country);
	ck_assert_int_eq(doc_declaration(second.after)->direction,
		RIVERGATE__V1__DIRECTION__DIRECTION_IMPORT);
	convert_free(home);
	convert_free(source);
	convert_free(target);
}

/* The README */

static bool is_in_readme(const char *row)
{
	struct buf readme = {.data = NULL};
	read_own("adapters/README.md", &readme);
	bool is_there = memmem(readme.data, readme.len, row, strlen(row)) != NULL;
	if (!is_there) {
		fprintf(stderr, "the README lacks: %s", row);
	}
	buf_deinit(&readme);
	return is_there;
}

/* One row of a matrix: from this country to each, then what its format states at all. */
static bool row_is_right(const struct plugin_set *set, const char *title, const struct nation *from,
	enum rg_purpose purpose)
{
	struct cell cells[2] = {{.is_right = true}, {.is_right = true}};
	struct buf row = {.data = NULL};
	bool is_right = true;
	buf_printf(&row, "| %s `%s` |", title, from->format);
	for (size_t i = 0; i < N_NATIONS; i++) {
		if (from == &nations[i]) {
			buf_add_text(&row, " |");
			continue;
		}
		measure(set, from, &nations[i], purpose, cells);
		is_right = is_right && cells[0].is_right && cells[1].is_right;
		buf_printf(&row, " %u / %u / %u |", cells[1].n[FATE_SURVIVED],
			cells[1].n[FATE_NATIONAL], cells[1].n[FATE_LOST]);
	}
	buf_printf(&row, " %u |\n", cells[0].n[FATE_SURVIVED]);
	buf_add_u8(&row, '\0');
	is_right = is_in_readme((const char *)row.data) && is_right;
	buf_deinit(&row);
	return is_right;
}

static bool matrix_is_right(const char *title, enum rg_purpose purpose)
{
	struct plugin_set *set = open_plugins();
	bool is_right = true;
	for (size_t i = 0; i < N_NATIONS; i++) {
		is_right = row_is_right(set, title, &nations[i], purpose) && is_right;
	}
	plugin_set_close(set);
	return is_right;
}

/* Places of a statement as the README writes them. */
static void add_places(struct buf *row, const struct statement *statement)
{
	for (size_t i = 0; i < STATEMENT_PLACES && statement->places[i]; i++) {
		size_t len = strlen(statement->places[i]);
		len -= statement->places[i][len - 1] == '#' ? 1 : 0;
		buf_printf(row, "%s`%.*s`", i ? ", " : "", (int)len, statement->places[i]);
	}
}

START_TEST(the_list_of_the_readme_is_the_list_that_is_counted)
{
	bool is_right = true;
	for (size_t i = 0; i < N_STATEMENTS; i++) {
		struct buf row = {.data = NULL};
		buf_printf(&row, "| %zu | %s | ", i + 1, statements[i].name);
		add_places(&row, &statements[i]);
		buf_printf(&row, " | %s |\n", statements[i].is_national ? "never" : "");
		buf_add_u8(&row, '\0');
		is_right = is_in_readme((const char *)row.data) && is_right;
		buf_deinit(&row);
	}
	ck_assert(is_right);
}
END_TEST

START_TEST(an_advance_copy_loses_nothing_in_silence_between_any_two_countries)
{
	ck_assert(matrix_is_right("ADVANCE", RG_PURPOSE_ADVANCE));
}
END_TEST

START_TEST(an_import_draft_loses_nothing_in_silence_between_any_two_countries)
{
	ck_assert(matrix_is_right("PREFILL", RG_PURPOSE_PREFILL));
}
END_TEST

CHECK_MAIN("pairs", the_list_of_the_readme_is_the_list_that_is_counted,
	an_advance_copy_loses_nothing_in_silence_between_any_two_countries,
	an_import_draft_loses_nothing_in_silence_between_any_two_countries)
