/*
 * A site's own element names
 *
 * Method: the rows are kept twice, sorted by (parent, ours) and by (parent, site); a name is looked
 * up below its parent first, then without one.
 *
 * Threads: no state.
 */
#include "formats/xml/names.h"

#include <stdlib.h>
#include <string.h>

#include "formats/xml/charset.h"
#include "formats/xml/mapping.h"

#define MAX_ATTRIBUTES 8

struct name_row {
	const char *parent; /* our name of it; "": any */
	const char *ours;
	const char *site;
	uint32_t line;
};

struct xml_names {
	struct name_row *by_ours;
	struct name_row *by_site;
	size_t n_rows;
	const char *prefix;
	const char *encoding;
	struct xml_names_attribute attributes[MAX_ATTRIBUTES];
	size_t n_attributes;
};

struct reading {
	struct pool *pool;
	const struct xml_profile *profile;
	struct rg_call *call;
	struct xml_names *names;
	uint32_t line;
	bool is_wrong;
};

static rg_err refuse(struct reading *reading, const char *what, const char *text)
{
	const char *said = pool_printf(reading->pool, "%s %s", what, text);
	struct rg_finding finding = {RG_FINDING_ERROR, "NAMES", "names", reading->line, 1,
		said ? said : "no memory"};
	reading->is_wrong = true;
	return reading->call ? rg_call_finding(reading->call, &finding) : RG_OK;
}

/* Looking up */

static int compare(const char *parent, const char *name, const char *other_parent,
	const char *other_name)
{
	int order = strcmp(parent, other_parent);
	return order ? order : strcmp(name, other_name);
}

static int by_ours(const void *a, const void *b)
{
	const struct name_row *left = a;
	const struct name_row *right = b;
	return compare(left->parent, left->ours, right->parent, right->ours);
}

static int by_site(const void *a, const void *b)
{
	const struct name_row *left = a;
	const struct name_row *right = b;
	return compare(left->parent, left->site, right->parent, right->site);
}

static const struct name_row *find_ours(const struct xml_names *names, const char *parent,
	const char *ours)
{
	struct name_row key = {.parent = parent, .ours = ours};
	return bsearch(&key, names->by_ours, names->n_rows, sizeof(key), by_ours);
}

static const struct name_row *find_site(const struct xml_names *names, const char *parent,
	const char *site)
{
	struct name_row key = {.parent = parent, .site = site};
	return bsearch(&key, names->by_site, names->n_rows, sizeof(key), by_site);
}

const char *xml_names_site(const struct xml_names *names, const char *parent, const char *ours)
{
	const struct name_row *row = names ? find_ours(names, parent, ours) : NULL;
	row = row || !names ? row : find_ours(names, "", ours);
	return row ? row->site : ours;
}

const char *xml_names_ours(const struct xml_names *names, const char *parent, const char *site)
{
	const struct name_row *row = names ? find_site(names, parent, site) : NULL;
	if (!row && names) {
		row = find_site(names, "", site);
		/* Below this parent our name goes by another one. */
		row = row && find_ours(names, parent, row->ours) ? NULL : row;
	}
	if (row || !names) {
		return row ? row->ours : site;
	}
	return strcmp(xml_names_site(names, parent, site), site) == 0 ? site : NULL;
}

const char *xml_names_prefix(const struct xml_names *names)
{
	return names ? names->prefix : NULL;
}

const char *xml_names_encoding(const struct xml_names *names)
{
	return names ? names->encoding : NULL;
}

const struct xml_names_attribute *xml_names_attributes(const struct xml_names *names, size_t *ret_n)
{
	*ret_n = names ? names->n_attributes : 0;
	return names ? names->attributes : NULL;
}

/* Reading */

/* The name in a step of a path of the table: without prefix and position. */
static const char *step_name(const char *step, size_t *len)
{
	size_t width = strcspn(step, "/");
	const char *colon = memchr(step, ':', width);
	const char *name = colon ? colon + 1 : step;
	size_t left = width - (size_t)(name - step);
	const char *open = memchr(name, '[', left);
	*len = open ? (size_t)(open - name) : left;
	return name;
}

static bool is_same(const char *name, size_t len, const char *other)
{
	return strlen(other) == len && memcmp(name, other, len) == 0;
}

/* Whether `name`, below `parent` where that is not "", is a step of a path of the table. */
static bool is_step(const char *path, const char *root, const char *parent, const char *name)
{
	const char *above = root;
	size_t above_len = strlen(root);
	while (*path) {
		size_t len = 0;
		const char *step = step_name(path, &len);
		if (is_same(step, len, name) && (!*parent || is_same(above, above_len, parent))) {
			return true;
		}
		above = step;
		above_len = len;
		path += strcspn(path, "/");
		path += *path ? 1 : 0;
	}
	return false;
}

static bool is_in_rows(const struct xml_row *rows, size_t n_rows, const char *root,
	const char *parent, const char *name)
{
	for (size_t i = 0; i < n_rows; i++) {
		if (is_step(rows[i].native, root, parent, name)) {
			return true;
		}
	}
	return false;
}

static bool has_step(const struct xml_profile *profile, const char *parent, const char *name)
{
	const char *root = xml_local(profile->root);
	const struct xml_graft *graft = profile->graft;
	if (!*parent && strcmp(root, name) == 0) {
		return true;
	}
	return is_in_rows(profile->rows, profile->n_rows, root, parent, name) ||
		(graft && is_in_rows(graft->rows, *graft->n_rows, root, parent, name));
}

static bool is_known(const struct xml_profile *profile, const char *parent, const char *name)
{
	const struct xml_profile *const *others = profile->others;
	bool is_there = has_step(profile, parent, name);
	for (; !is_there && others && *others; others++) {
		is_there = has_step(*others, parent, name);
	}
	return is_there;
}

static bool is_plain_name(const char *name)
{
	return xml_is_name(name) && !strpbrk(name, "@#?:");
}

static rg_err take_pair(struct reading *reading, const char *ours, const char *site)
{
	struct xml_names *names = reading->names;
	const char *slash = strchr(ours, '/');
	const char *parent = slash ? pool_copy(reading->pool, ours, (size_t)(slash - ours)) : "";
	const char *name = slash ? slash + 1 : ours;
	if (!parent) {
		return RG_E_NOMEM;
	}
	if (!is_known(reading->profile, parent, name)) {
		return refuse(reading, ours, "is no element of this format; see its README");
	}
	if (!is_plain_name(site)) {
		return refuse(reading, site, "is no name of an element without prefix");
	}
	if (names->n_rows >= XML_NAMES_MAX_ROWS) {
		return refuse(reading, ours, "is the 4,001st name; more are not read");
	}
	names->by_ours[names->n_rows++] = (struct name_row){parent, name, site, reading->line};
	return RG_OK;
}

static rg_err take_prefix(struct reading *reading, const char *site)
{
	size_t len = strlen(site);
	const char *prefix = len > 2 && strcmp(site + len - 2, ":*") == 0
		? pool_copy(reading->pool, site, len - 2)
		: NULL;
	if (!prefix || !is_plain_name(prefix)) {
		return refuse(reading, site, "is no prefix; write *,p:* for the prefix p");
	}
	reading->names->prefix = prefix;
	return RG_OK;
}

static rg_err take_attribute(struct reading *reading, const char *ours, const char *site)
{
	struct xml_names *names = reading->names;
	bool is_declaration = strcmp(ours, "@xmlns") == 0 ||
		(strncmp(ours, "@xmlns:", 7) == 0 && is_plain_name(ours + 7));
	if (!is_declaration || !xml_is_text(site)) {
		return refuse(reading, ours, "is not @xmlns or @xmlns:prefix with a namespace");
	}
	if (names->n_attributes >= MAX_ATTRIBUTES) {
		return refuse(reading, ours, "is the ninth namespace; more are not written");
	}
	names->attributes[names->n_attributes++] = (struct xml_names_attribute){ours, site};
	return RG_OK;
}

static rg_err take_encoding(struct reading *reading, const char *ours, const char *site)
{
	bool is_known_set = xml_charset_find(site) || strcmp(site, "UTF-8") == 0;
	if (strcmp(ours, "?encoding") != 0 || !is_known_set) {
		return refuse(reading, site,
			"is no encoding that can be written: UTF-8, TIS-620, ISO-8859-11 or "
			"WINDOWS-874");
	}
	reading->names->encoding = site;
	return RG_OK;
}

static rg_err take_line(struct reading *reading, char *line)
{
	char *comma = strchr(line, ',');
	if (line[0] == '\0' || line[0] == '#') {
		return RG_OK;
	}
	if (!comma || strpbrk(line, "\" \t") || strchr(comma + 1, ',') || comma == line ||
		comma[1] == '\0') {
		return refuse(reading, line, "is not ours,site without quotes and white space");
	}
	*comma = '\0';
	switch (line[0]) {
	case '*':
		return take_prefix(reading, comma + 1);
	case '@':
		return take_attribute(reading, line, comma + 1);
	case '?':
		return take_encoding(reading, line, comma + 1);
	default:
		return take_pair(reading, line, comma + 1);
	}
}

/* Two rows for one name, or one name for two: reading or writing would have to guess. */
static rg_err check_twins(struct reading *reading, const struct name_row *rows,
	int (*order)(const void *a, const void *b), const char *text)
{
	rg_err err = RG_OK;
	for (size_t i = 1; !err && i < reading->names->n_rows; i++) {
		if (order(&rows[i - 1], &rows[i]) == 0) {
			bool is_later = rows[i].line > rows[i - 1].line;
			reading->line = is_later ? rows[i].line : rows[i - 1].line;
			err = refuse(reading, order == by_ours ? rows[i].ours : rows[i].site, text);
		}
	}
	return err;
}

/* A site's name that is also one of ours must have been given away. */
static rg_err check_taken(struct reading *reading)
{
	struct xml_names *names = reading->names;
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < names->n_rows; i++) {
		const struct name_row *row = &names->by_ours[i];
		bool is_ours = strcmp(row->ours, row->site) != 0 &&
			is_known(reading->profile, row->parent, row->site);
		bool is_free = !is_ours || find_ours(names, row->parent, row->site) ||
			find_ours(names, "", row->site);
		if (!is_free) {
			reading->line = row->line;
			err = refuse(reading, row->site,
				"is an element of this format itself; give that one another name "
				"too");
		}
	}
	return err;
}

static rg_err sort(struct reading *reading)
{
	struct xml_names *names = reading->names;
	size_t size = (names->n_rows + 1) * sizeof(*names->by_site);
	names->by_site = pool_alloc(reading->pool, size);
	if (!names->by_site) {
		return RG_E_NOMEM;
	}
	memcpy(names->by_site, names->by_ours, names->n_rows * sizeof(*names->by_site));
	qsort(names->by_ours, names->n_rows, sizeof(*names->by_ours), by_ours);
	qsort(names->by_site, names->n_rows, sizeof(*names->by_site), by_site);
	rg_err err = check_twins(reading, names->by_ours, by_ours, "is named twice");
	if (!err) {
		err = check_twins(reading, names->by_site, by_site,
			"stands for two of our elements");
	}
	return err ? err : check_taken(reading);
}

static rg_err take_lines(struct reading *reading, char *text)
{
	rg_err err = RG_OK;
	text += strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	while (!err && *text) {
		size_t len = strcspn(text, "\n");
		char *next = text + len + (text[len] ? 1 : 0);
		text[len > 0 && text[len - 1] == '\r' ? len - 1 : len] = '\0';
		reading->line++;
		if (reading->line > 1) {
			err = take_line(reading, text);
		} else if (strcmp(text, "ours,site") != 0) {
			err = refuse(reading, text, "is the first line, which must be ours,site");
		}
		text = next;
	}
	return err;
}

rg_err xml_names_read(struct pool *pool, struct rg_bytes file, const struct xml_profile *profile,
	struct rg_call *call, struct xml_names **ret_names, bool *ret_ok)
{
	struct reading reading = {.pool = pool, .profile = profile, .call = call};
	*ret_names = NULL;
	*ret_ok = true;
	if (file.len == 0) {
		return RG_OK;
	}
	if (file.len > XML_NAMES_MAX_BYTES || memchr(file.data, '\0', file.len)) {
		*ret_ok = false;
		return refuse(&reading, "the file", "is larger than 256 KiB or holds a NUL byte");
	}
	char *text = pool_copy(pool, (const char *)file.data, file.len);
	reading.names = pool_alloc(pool, sizeof(*reading.names));
	if (!text || !reading.names) {
		return RG_E_NOMEM;
	}
	reading.names->by_ours =
		pool_alloc(pool, XML_NAMES_MAX_ROWS * sizeof(*reading.names->by_ours));
	if (!reading.names->by_ours) {
		return RG_E_NOMEM;
	}
	rg_err err = take_lines(&reading, text);
	if (!err) {
		err = sort(&reading);
	}
	*ret_ok = !reading.is_wrong;
	*ret_names = err || reading.is_wrong ? NULL : reading.names;
	return err;
}
