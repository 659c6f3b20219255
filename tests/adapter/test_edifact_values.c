/*
 * EDIFACT: which values of a file its documents hold. Without extensions and hints most of
 * them return, and a change of a leaf changes its own values and no other.
 *
 * Files are the plug-in's own test data and, where RIVERGATE_SAMPLES names a folder, the
 * real files in it.
 */
#include "edifact.h"
#include "formats/edifact/tree.h"
#include "suite.h"

#define MIN_MAPPED_PERCENT 80
#define N_LEAVES           12 /* of a document that are changed; RIVERGATE_LONG=1: every one */

/* Values of a message, seen by another parser */

static void edi_add_value(struct leaves *leaves, const char *path, const char *text)
{
	leaves->items = realloc(leaves->items, (leaves->n_items + 1) * sizeof(*leaves->items));
	ck_assert_ptr_nonnull(leaves->items);
	leaves->items[leaves->n_items++] = (struct leaf){strdup(path), strdup(text)};
}

/* Component, element, release, end. */
static const char *marks_of(struct rg_bytes file)
{
	return file.data[3] == '\x1d' ? "\x1f\x1d\1\x1c" : ":+?'";
}

/* As TAG, qualifier, element.component; as number, TAG, element.component where it has one. */
static void edi_split_segment(struct leaves *leaves, const char *marks, const char *text,
	size_t len, size_t number)
{
	char word[8192];
	char first[16] = "";
	char path[64];
	size_t n = 0;
	unsigned element = 0;
	unsigned component = 1;
	for (size_t i = 0; i <= len; i++) {
		bool is_end = i == len || text[i] == marks[1] || text[i] == marks[0];
		if (!is_end) {
			i += text[i] == marks[2] ? 1 : 0;
			ck_assert_uint_lt(n, sizeof(word) - 1);
			word[n++] = text[i];
			continue;
		}
		word[n] = '\0';
		if (element == 1 && component == 1) {
			snprintf(first, sizeof(first), "%.15s", word);
		}
		if (number > 0) {
			snprintf(path, sizeof(path), "%06zu %.3s %u.%u", number, text, element,
				component);
		} else {
			snprintf(path, sizeof(path), "%.3s %s %u.%u", text, first, element,
				component);
		}
		if (n > 0 && element > 0) {
			edi_add_value(leaves, path, word);
		}
		n = 0;
		bool is_next = i < len && text[i] == marks[1];
		component = is_next ? 1 : component + 1;
		element += is_next ? 1 : 0;
	}
}

static int by_both(const void *a, const void *b)
{
	const struct leaf *left = a;
	const struct leaf *right = b;
	int order = strcmp(left->path, right->path);
	return order ? order : strcmp(left->text, right->text);
}

/* Of files with the usual service characters, or those of level B. */
static struct leaves edi_split(struct rg_bytes file, bool is_numbered)
{
	struct leaves leaves = {NULL, 0};
	const char *marks = marks_of(file);
	const char *at = (const char *)file.data;
	const char *end = at + file.len;
	size_t n = 0;
	at += file.len > 9 && memcmp(at, "UNA", 3) == 0 ? 9 : 0;
	while (at < end) {
		while (at < end && (strchr(" \r\n\xef\xbb\xbf", *at) && *at)) {
			at++;
		}
		const char *from = at;
		for (; at < end && *at != marks[3]; at++) {
			at += *at == marks[2] ? 1 : 0;
		}
		if (at > from) {
			n++;
			edi_split_segment(&leaves, marks, from, (size_t)(at - from),
				is_numbered ? n : 0);
		}
		at++;
	}
	ck_assert_uint_gt(leaves.n_items, 0);
	qsort(leaves.items, leaves.n_items, sizeof(*leaves.items), by_both);
	return leaves;
}

static struct leaves edi_values_of(struct rg_bytes file)
{
	return edi_split(file, false);
}

static size_t count_common(const struct leaves *a, const struct leaves *b)
{
	size_t n = 0;
	for (size_t i = 0, j = 0; i < a->n_items && j < b->n_items;) {
		int order = by_both(&a->items[i], &b->items[j]);
		n += order == 0;
		i += order <= 0;
		j += order >= 0;
	}
	return n;
}

static void strip(const struct doc *doc)
{
	Rivergate__V1__Declaration *declaration =
		(Rivergate__V1__Declaration *)(uintptr_t)doc_declaration(doc);
	for (size_t i = 0; i < declaration->n_extensions; i++) {
		rivergate__v1__extension__free_unpacked(declaration->extensions[i], NULL);
	}
	for (size_t i = 0; i < declaration->n_hints; i++) {
		rivergate__v1__hint__free_unpacked(declaration->hints[i], NULL);
	}
	declaration->n_extensions = 0;
	declaration->n_hints = 0;
}

static size_t percent_returned(const struct check *check)
{
	struct conversion *conversion = decode_native(check->set, check->format, check->native);
	struct buf out = {.data = NULL};
	for (size_t i = 0; i < convert_n_documents(conversion); i++) {
		strip(convert_document(conversion, i));
	}
	encode_all(check, conversion, &out);
	struct leaves before = edi_values_of(check->native);
	struct leaves after = edi_values_of(buf_view(&out));
	size_t percent = count_common(&before, &after) * 100 / before.n_items;
	free_leaves(&before);
	free_leaves(&after);
	buf_deinit(&out);
	convert_free(conversion);
	return percent;
}

static void check_share(const struct check *check)
{
	size_t percent = percent_returned(check);
	if (strstr(check->path, "/cusdec-two.edi")) {
		return; /* its counts are wrong on purpose, and return as right ones */
	}
	ck_assert_msg(percent >= MIN_MAPPED_PERCENT, "%s: %zu %%", check->path, percent);
}

START_TEST(most_values_return_without_extensions_and_hints)
{
	each_native("most_values_return_without_extensions_and_hints", check_share);
}
END_TEST

/* The table of the README */

static struct tally {
	const char *format;
	size_t n_files, n_accepted, n_identical, least, most;
} tally;

static void count_file(const struct check *check)
{
	struct buf back = {.data = NULL};
	if (strcmp(check->format, tally.format) != 0) {
		return;
	}
	struct conversion *conversion = decode_native(check->set, check->format, check->native);
	tally.n_files++;
	if (!convert_is_refused(conversion)) {
		size_t percent = percent_returned(check);
		encode_all(check, conversion, &back);
		tally.n_accepted++;
		tally.n_identical += bytes_equal(buf_view(&back), check->native) ? 1 : 0;
		tally.least = percent < tally.least ? percent : tally.least;
		tally.most = percent > tally.most ? percent : tally.most;
	}
	convert_free(conversion);
	buf_deinit(&back);
}

static bool is_in_readme(const char *format, const char *what, const char *root, const char *tail)
{
	char row[256];
	struct buf readme = {.data = NULL};
	tally = (struct tally){.format = format, .least = 100};
	each_file(root, tail, count_file);
	int len = snprintf(row, sizeof(row), "| `%s` | %s | %zu | %zu | %zu | %zu - %zu %% |",
		format, what, tally.n_files, tally.n_accepted, tally.n_identical, tally.least,
		tally.most);
	read_own("adapters/README.md", &readme);
	bool is_there = memmem(readme.data, readme.len, row, (size_t)len) != NULL;
	if (!is_there) {
		fprintf(stderr, "the README lacks: %s\n", row);
	}
	buf_deinit(&readme);
	return is_there;
}

START_TEST(the_table_of_the_readme_says_what_is_counted)
{
	static const char *const formats[] = {"edifact", "edifact-response"};
	/* What is counted is the same in every build: the plain one counts the samples. */
	const char *samples = check_slowness() == 1 ? getenv("RIVERGATE_SAMPLES") : NULL;
	bool is_right = true;
	for (size_t i = 0; i < 2; i++) {
		is_right &= is_in_readme(formats[i], "own", getenv("RIVERGATE_SOURCE"), OWN_FILES);
		if (samples && *samples) {
			is_right &= is_in_readme(formats[i], "real", samples, SAMPLES);
		}
	}
	ck_assert(is_right);
}
END_TEST

/* Changes */

/* Another valid value of the leaf; false: there is none that a test may guess. */
static bool change(const struct doc_leaf *leaf, const char *rule, char out[4096])
{
	static const char *const kept[] = {"exchange.interchange.syntax",
		"exchange.interchange.syntaxVersion", "exchange.modelVersion", "exchange.message"};
	static const char moments[] = "2019-03-04T05:06:07";
	const char *value = (const char *)leaf->value.data;
	int len = (int)leaf->value.len;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (strcmp(leaf->path, kept[i]) == 0) {
			return false;
		}
	}
	bool is_time = len > 3 && (value[2] == ':' || value[4] == '-');
	if (strcmp(rule, "answer") == 0 || len > 4000) {
		return false;
	}
	if (leaf->field->type == PROTOBUF_C_TYPE_ENUM) {
		bool is_export = strncmp(value, "DIRECTION_EXPORT", (size_t)len) == 0;
		snprintf(out, 4096, "%s", is_export ? "DIRECTION_IMPORT" : "DIRECTION_EXPORT");
	} else if (leaf->field->type != PROTOBUF_C_TYPE_STRING) {
		snprintf(out, 4096, "%lld", strtoll(value, NULL, 10) + 1);
	} else if (strcmp(rule, "moment") == 0 || strcmp(rule, "date") == 0 ||
		strcmp(rule, "stamp") == 0) {
		snprintf(out, 4096, "%.*s", len, value[2] == ':' ? moments + 11 : moments);
		return is_time && len <= 19;
	} else if (strcmp(rule, "tariff") == 0) {
		snprintf(out, 4096, "%.*s%c", len - 1, value, value[len - 1] == '7' ? '8' : '7');
	} else {
		snprintf(out, 4096, "%.*sX", len, value);
	}
	return true;
}

/* Whether a value of a file, as "number TAG element.component", is one of the source's. */
static bool is_native(const struct doc_source *source, const char *value)
{
	char expected[64];
	for (size_t i = 0; i < source->n_natives; i++) {
		const char *name = strrchr(source->natives[i], '/');
		const char *segment = name;
		struct edi_place place;
		char tag[4];
		while (segment > source->natives[i] && segment[-1] != '/') {
			segment--;
		}
		snprintf(tag, sizeof(tag), "%.3s", segment);
		ck_assert_msg(edi_place_parse(tag, name + 1, &place), "%s", source->natives[i]);
		snprintf(expected, sizeof(expected), "%s %u.%u", tag, place.element,
			place.component);
		if (strcmp(value + 7, expected) == 0) {
			return true;
		}
	}
	return false;
}

/* How many segments the source names. */
static size_t count_segments(const struct doc_source *source)
{
	size_t n = 0;
	for (size_t i = 0; i < source->n_natives; i++) {
		const char *native = source->natives[i];
		size_t len = (size_t)(strrchr(native, '/') - native) + 1;
		n += i == 0 || strncmp(native, source->natives[i - 1], len) != 0;
	}
	return n;
}

struct changes {
	const struct check *check;
	const struct doc_source *source;
	char segment[7]; /* the last one that changed */
	size_t n_segments;
};

static void note_change(struct changes *changes, const char *value)
{
	ck_assert_msg(is_native(changes->source, value), "%s: changing %s changed %s too",
		changes->check->path, changes->source->path, value);
	changes->n_segments += strncmp(changes->segment, value, 6) != 0;
	snprintf(changes->segment, sizeof(changes->segment), "%.6s", value);
}

/* Both are sorted by the number of the segment. */
static void assert_only(struct changes *changes, const struct leaves *before,
	const struct leaves *after)
{
	size_t i = 0;
	size_t j = 0;
	while (i < before->n_items || j < after->n_items) {
		const struct leaf *left = i < before->n_items ? &before->items[i] : NULL;
		const struct leaf *right = j < after->n_items ? &after->items[j] : NULL;
		int order = !left ? 1 : !right ? -1 : strcmp(left->path, right->path);
		if (order != 0 || strcmp(left->text, right->text) != 0) {
			note_change(changes, order > 0 ? right->path : left->path);
		}
		i += order <= 0 ? 1 : 0;
		j += order >= 0 ? 1 : 0;
	}
	ck_assert_msg(changes->n_segments > 0 &&
			changes->n_segments <= count_segments(changes->source),
		"%s: changing %s changed %zu segments", changes->check->path, changes->source->path,
		changes->n_segments);
}

static rg_err add_line(void *context, const struct doc_leaf *leaf)
{
	if (strncmp(leaf->path, "hints[", 6) != 0) {
		buf_printf(context, "%s=%.*s\n", leaf->path, (int)leaf->value.len,
			(const char *)leaf->value.data);
	}
	return RG_OK;
}

/* What is read again is what the document says, wherever in the file the change stands. */
static void assert_says(const struct check *check, const struct doc *doc, struct rg_bytes file,
	const char *path)
{
	struct buf expected = {.data = NULL};
	struct buf found = {.data = NULL};
	struct conversion *conversion = decode_native(check->set, check->format, file);
	ck_assert_msg(!convert_is_refused(conversion), "%s: changing %s", check->path, path);
	ck_assert_int_eq(doc_each_leaf(doc, add_line, &expected), RG_OK);
	ck_assert_int_eq(doc_each_leaf(convert_document(conversion, 0), add_line, &found), RG_OK);
	ck_assert_msg(bytes_equal(buf_view(&expected), buf_view(&found)),
		"%s: changing %s is read as something else: %s", check->path, path,
		buf_text(&found));
	convert_free(conversion);
	buf_deinit(&expected);
	buf_deinit(&found);
}

static void check_change(const struct check *check, struct doc *doc,
	const struct doc_source *source, const struct leaves *before)
{
	char changed[4096];
	char scratch[32];
	struct doc_leaf leaf;
	struct buf out = {.data = NULL};
	struct changes changes = {.check = check, .source = source};
	ck_assert_int_eq(doc_peek(doc, source->path, &leaf, scratch), RG_OK);
	if (!leaf.value.data || !change(&leaf, source->rule, changed)) {
		return;
	}
	char *kept = strndup((const char *)leaf.value.data, leaf.value.len);
	set_leaf(doc, source->path, changed, strlen(changed));
	ck_assert_msg(encode_declaration(check->set, check->format, doc_declaration(doc), &out),
		"%s: %s = %s is refused", check->path, source->path, changed);
	struct leaves after = edi_split(buf_view(&out), true);
	assert_only(&changes, before, &after);
	assert_says(check, doc, buf_view(&out), source->path);
	set_leaf(doc, source->path, kept, strlen(kept));
	free_leaves(&after);
	free(kept);
	buf_deinit(&out);
}

/* Of each document by itself. */
static void check_changes(const struct check *check)
{
	struct conversion *conversion = decode_native(check->set, check->format, check->native);
	for (size_t i = 0; i < convert_n_documents(conversion); i++) {
		struct doc *doc = convert_document(conversion, i);
		struct buf alone = {.data = NULL};
		size_t n = 0;
		const struct doc_source *found = doc_sources(doc, &n);
		size_t step = getenv("RIVERGATE_LONG") ? 1 : (n / N_LEAVES + 1) * check_slowness();
		ck_assert(encode_declaration(check->set, check->format, doc_declaration(doc),
			&alone));
		struct leaves before = edi_split(buf_view(&alone), true);
		ck_assert_uint_gt(n, 1);
		for (size_t j = i % step; j < n; j += step) {
			check_change(check, doc, &found[j], &before);
		}
		free_leaves(&before);
		buf_deinit(&alone);
	}
	convert_free(conversion);
}

START_TEST(changing_a_leaf_changes_its_values_and_no_other)
{
	each_native("changing_a_leaf_changes_its_values_and_no_other", check_changes);
}
END_TEST

CHECK_MAIN("edifact_values", most_values_return_without_extensions_and_hints,
	the_table_of_the_readme_says_what_is_counted,
	changing_a_leaf_changes_its_values_and_no_other)
