/*
 * Replay: what each version of a mapping made of stored files
 *
 * <folder>/testdata/replay/<format>/<file>.<version>.txt lists the leaves, sorted, as
 * `path = value`, extensions included. The present version must still say the same: a
 * change of mapping that shows here needs a new version, its list, and the list of what
 * changed, <file>.<old>-<new>.txt, which a reader checks before it is committed.
 *
 * RIVERGATE_REPLAY=write writes the lists of the present versions instead.
 */
#include <glob.h>

#include "native.h"
#include "suite.h"
#include "wire/doc.h"

struct replayed {
	const char *format;
	const char *folder; /* of the country */
	const char *file;   /* with its type where it is not xml */
	const char *before; /* version before the present one; NULL: there is none */
};

static const struct replayed replayed[] = {
	{"la/asycuda-sad", "la", "export-bananas", "2.0.0"},
	{"la/asycuda-sad", "la", "export-cardamom", "2.0.0"},
	{"kh/asycuda-sad", "kh", "import-fabric", "2.0.0"},
	{"cn/cn-dec", "cn", "import-durian", "2.0.0"},
	{"th/th-ecustoms", "th", "import-two-invoices", NULL},
	{"th/th-ecustoms", "th", "export-durian", NULL},
	{"cn/cn-ceb", "cn", "ceb/request-ceb311", NULL},
	{"cn/cn-ceb", "cn", "ceb/request-ceb603", NULL},
	{"cn/cn-ceb", "cn", "ceb/request-ceb621", NULL},
	{"cn/cn-ceb", "cn", "ceb/request-ceb701", NULL},
	{"cn/cn-ceb-receipt", "cn", "ceb/receipt-ceb622", NULL},
	{"cn/cn-ceb-receipt", "cn", "ceb/receipt-ceb816", NULL},
	{"cn/cn-dec", "cn", "import-everything", "2.0.0"},
	{"wco-dm", "formats/wco-dm", "export-bananas", NULL},
	{"wco-dm", "formats/wco-dm", "import-everything", NULL},
	{"wco-dm", "formats/wco-dm", "amendment", NULL},
	{"wco-dm", "formats/wco-dm", "movement-departure", NULL},
	{"wco-dm-response", "formats/wco-dm", "responses/rejected", NULL},
	{"wco-dm-response", "formats/wco-dm", "responses/everything", NULL},
	{"sps-ephyto", "formats/sps-ephyto", "certificate-durian", NULL},
	{"sps-ephyto", "formats/sps-ephyto", "hub-request-default", NULL},
	{"sps-ephyto-answer", "formats/sps-ephyto", "answers/failed", NULL},
	{"cites-epix", "formats/cites-epix", "permit-rosewood", NULL},
	{"edifact", "formats/edifact", "cusdec-import.edi", NULL},
	{"edifact", "formats/edifact", "cuscar-manifest.edi", NULL},
	{"edifact", "formats/edifact", "cusrep-arrival.edi", NULL},
	{"edifact", "formats/edifact", "ifcsum-load.edi", NULL},
	{"edifact-response", "formats/edifact", "cusres-refused.edi", NULL},
	{"edifact-response", "formats/edifact", "aperak-refused.edi", NULL},
	{"edifact-response", "formats/edifact", "contrl-taken.edi", NULL},
	{"th/th-ecustoms", "th", "answers/rejected", NULL},
	{"vn/vn-vnaccs", "vn", "import-rubber.edi", NULL},
	{"vn/vn-vnaccs", "vn", "export-dragonfruit.edi", NULL},
	{"mm/mm-maccs", "mm", "export-beans.edi", NULL},
};

#define N_REPLAYED (sizeof(replayed) / sizeof(replayed[0]))

/* Sorted lines. */
struct lines {
	char **items;
	size_t n_items;
};

static void add_line(struct lines *lines, char *line)
{
	lines->items = realloc(lines->items, (lines->n_items + 1) * sizeof(char *));
	ck_assert_ptr_nonnull(lines->items);
	lines->items[lines->n_items++] = line;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_lines(struct lines *lines)
{
	if (lines->n_items > 0) {
		qsort(lines->items, lines->n_items, sizeof(char *), by_text);
	}
}

static void free_lines(struct lines *lines)
{
	for (size_t i = 0; i < lines->n_items; i++) {
		free(lines->items[i]);
	}
	free(lines->items);
}

static rg_err list_leaf(void *context, const struct doc_leaf *leaf)
{
	struct buf line = {.data = NULL};
	size_t len = 0;
	if (strncmp(leaf->path, "hints[", 6) == 0) {
		return RG_OK;
	}
	buf_init(&line);
	buf_printf(&line, "%s = ", leaf->path);
	for (size_t i = 0; i < leaf->value.len; i++) {
		uint8_t c = leaf->value.data[i];
		if (c == '\n' || c == '\\') {
			buf_add_text(&line, c == '\n' ? "\\n" : "\\\\");
		} else {
			buf_add_u8(&line, c);
		}
	}
	buf_add_u8(&line, '\0');
	add_line(context, (char *)buf_take(&line, &len));
	return RG_OK;
}

/* What the present mapping makes of the file. */
static struct lines decode_lines(const struct plugin_set *set, const struct replayed *row)
{
	struct lines lines = {NULL, 0};
	struct buf native = {.data = NULL};
	char path[256];
	snprintf(path, sizeof(path), "adapters/%s/testdata/%s%s", row->folder, row->file,
		strchr(row->file, '.') ? "" : ".xml");
	read_own(path, &native);
	struct conversion *conversion = decode_native(set, row->format, buf_view(&native));
	ck_assert_msg(!convert_is_refused(conversion), "%s", path);
	ck_assert_int_eq(doc_each_leaf(convert_document(conversion, 0), list_leaf, &lines), RG_OK);
	sort_lines(&lines);
	convert_free(conversion);
	buf_deinit(&native);
	return lines;
}

static void list_path(const struct replayed *row, const char *version, char out[4096])
{
	const char *slash = strchr(row->format, '/');
	const char *below = strrchr(row->file, '/');
	const char *name = below ? below + 1 : row->file;
	snprintf(out, 4096, "%s/adapters/%s/testdata/replay/%s/%.*s.%s.txt",
		getenv("RIVERGATE_SOURCE"), row->folder, slash ? slash + 1 : row->format,
		(int)strcspn(name, "."), name, version);
}

static struct lines read_lines(const struct replayed *row, const char *version)
{
	struct lines lines = {NULL, 0};
	struct buf text = {.data = NULL};
	char path[4096];
	list_path(row, version, path);
	read_whole(path, &text);
	buf_add_u8(&text, '\0');
	char *rest = NULL;
	for (char *line = strtok_r((char *)text.data, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest)) {
		add_line(&lines, strdup(line));
	}
	buf_deinit(&text);
	return lines;
}

/* Lines that only one of them has, as `- line` and `+ line`, in the order of the lines. */
static struct lines compare_lines(const struct lines *before, const struct lines *after)
{
	struct lines changes = {NULL, 0};
	size_t i = 0;
	size_t j = 0;
	while (i < before->n_items || j < after->n_items) {
		int order = i == before->n_items ? 1
			: j == after->n_items    ? -1
						 : strcmp(before->items[i], after->items[j]);
		if (order != 0) {
			const char *line = order < 0 ? before->items[i] : after->items[j];
			struct buf change = {.data = NULL};
			size_t len = 0;
			buf_init(&change);
			buf_printf(&change, "%c %s", order < 0 ? '-' : '+', line);
			buf_add_u8(&change, '\0');
			add_line(&changes, (char *)buf_take(&change, &len));
		}
		i += order <= 0 ? 1 : 0;
		j += order >= 0 ? 1 : 0;
	}
	return changes;
}

static void write_lines(const struct replayed *row, const char *version, const struct lines *lines)
{
	char path[4096];
	list_path(row, version, path);
	FILE *out = fopen(path, "w");
	ck_assert_msg(out, "%s", path);
	for (size_t i = 0; i < lines->n_items; i++) {
		fprintf(out, "%s\n", lines->items[i]);
	}
	fclose(out);
}

static void assert_same_lines(const struct replayed *row, const char *what,
	const struct lines *expected, const struct lines *found)
{
	struct lines changes = compare_lines(expected, found);
	ck_assert_msg(changes.n_items == 0, "%s %s: %s: %zu lines differ, the first: %s",
		row->format, row->file, what, changes.n_items,
		changes.n_items ? changes.items[0] : "");
	free_lines(&changes);
}

static bool writes(void)
{
	const char *mode = getenv("RIVERGATE_REPLAY");
	return mode && strcmp(mode, "write") == 0;
}

START_TEST(a_stored_file_still_means_what_its_mapping_version_says)
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < N_REPLAYED; i++) {
		const char *version = format_of(set, replayed[i].format)->format->version;
		struct lines found = decode_lines(set, &replayed[i]);
		if (writes()) {
			write_lines(&replayed[i], version, &found);
		}
		struct lines expected = read_lines(&replayed[i], version);
		assert_same_lines(&replayed[i], "without a new version of the mapping", &expected,
			&found);
		free_lines(&expected);
		free_lines(&found);
	}
	plugin_set_close(set);
}
END_TEST

START_TEST(what_a_new_version_changes_is_the_list_committed_with_it)
{
	struct plugin_set *set = open_plugins();
	for (size_t i = 0; i < N_REPLAYED; i++) {
		const struct replayed *row = &replayed[i];
		const char *version = format_of(set, row->format)->format->version;
		char step[64];
		if (!row->before) {
			continue;
		}
		snprintf(step, sizeof(step), "%s-%s", row->before, version);
		struct lines before = read_lines(row, row->before);
		struct lines after = read_lines(row, version);
		struct lines changes = compare_lines(&before, &after);
		if (writes()) {
			write_lines(row, step, &changes);
		}
		struct lines committed = read_lines(row, step);
		sort_lines(&committed);
		sort_lines(&changes);
		assert_same_lines(row, step, &committed, &changes);
		free_lines(&before);
		free_lines(&after);
		free_lines(&changes);
		free_lines(&committed);
	}
	plugin_set_close(set);
}
END_TEST

START_TEST(a_change_of_one_leaf_is_found)
{
	struct plugin_set *set = open_plugins();
	struct lines found = decode_lines(set, &replayed[0]);
	struct lines other = decode_lines(set, &replayed[0]);
	char *kept = other.items[3];
	other.items[3] = strdup("ucr = another");
	sort_lines(&other);
	struct lines changes = compare_lines(&found, &other);
	ck_assert_uint_eq(changes.n_items, 2);
	ck_assert(
		strcmp(changes.items[0] + 2, kept) == 0 || strcmp(changes.items[1] + 2, kept) == 0);
	free(kept);
	free_lines(&changes);
	free_lines(&found);
	free_lines(&other);
	plugin_set_close(set);
}
END_TEST

START_TEST(no_stored_list_is_left_unread)
{
	glob_t found;
	char pattern[4096];
	size_t n_read = 0;
	snprintf(pattern, sizeof(pattern), "%s/adapters/{*,formats/*}/testdata/replay/*/*.txt",
		getenv("RIVERGATE_SOURCE"));
	ck_assert_int_eq(glob(pattern, GLOB_BRACE, NULL, &found), 0);
	for (size_t i = 0; i < N_REPLAYED; i++) {
		n_read += replayed[i].before ? 3 : 1;
	}
	ck_assert_uint_eq(found.gl_pathc, n_read);
	globfree(&found);
}
END_TEST

CHECK_MAIN("replay", a_stored_file_still_means_what_its_mapping_version_says,
	what_a_new_version_changes_is_the_list_committed_with_it, a_change_of_one_leaf_is_found,
	no_stored_list_is_left_unread)
