/*
 * Configuration files: see conf.h
 *
 * One walk over the table fills what the file states and the fallbacks of what it
 * leaves out; one walk over the file finds settings that are no row. Every
 * complaint names file and line.
 * Threads: any; a target has one owner.
 */

#include <inttypes.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <libconfig.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/scoped.h"
#include "base/text.h"

/* What every function below needs to know about the file. */
struct reader {
	const char *path;
	const char *folder; /* absolute */
};

static void *field_of(const struct conf_row *row, void *target)
{
	return (char *)target + row->offset;
}

/* Says path:line: what, and answers RG_E_CONFIG. at: NULL for the file as a whole. */
__attribute__((format(printf, 3, 4))) static rg_err complain(const struct reader *reader,
	const config_setting_t *at, const char *format, ...)
{
	const char *file = at ? config_setting_source_file(at) : NULL;
	char what[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	(void)fprintf(stderr, "%s:%u: %s\n", file ? file : reader->path,
		at ? config_setting_source_line(at) : 1, what);
	return RG_E_CONFIG;
}

static const char *type_name(enum conf_type type)
{
	static const char *const names[] = {
		[CONF_TEXT] = "text",
		[CONF_PATH] = "path",
		[CONF_NUMBER] = "number",
		[CONF_BOOL] = "true or false",
		[CONF_TEXTS] = "list of texts",
		[CONF_LIST] = "list of groups",
		[CONF_GROUP] = "group",
	};

	return names[type];
}

static rg_err put_text(char **field, const char *value)
{
	*field = strdup(value);
	return *field ? RG_OK : RG_E_NOMEM;
}

static rg_err put_path(const struct reader *reader, char **field, const char *value)
{
	if (value[0] == '/' || value[0] == '\0') {
		return put_text(field, value);
	}
	*field = file_join(reader->folder, value);
	return *field ? RG_OK : RG_E_NOMEM;
}

static bool is_in_range(const struct conf_row *row, int64_t number)
{
	return (row->min == 0 && row->max == 0) || (number >= row->min && number <= row->max);
}

static rg_err add_item(struct conf_texts *texts, const char *value, size_t len)
{
	char **items = realloc(texts->items, (texts->n_items + 1) * sizeof(*items));

	if (!items) {
		return RG_E_NOMEM;
	}
	texts->items = items;
	items[texts->n_items] = strndup(value, len);
	if (!items[texts->n_items]) {
		return RG_E_NOMEM;
	}
	texts->n_items++;
	return RG_OK;
}

static rg_err split_texts(struct conf_texts *texts, const char *list)
{
	rg_err err = RG_OK;

	while (*list && !err) {
		size_t len = strcspn(list, ",");

		err = add_item(texts, list, len);
		list += len + (list[len] == ',');
	}
	return err;
}

/* Fallbacks are written by us: one that does not parse is a bug, but is told all the same. */
static rg_err put_fallback(const struct reader *reader, const struct conf_row *row, void *field)
{
	switch (row->type) {
	case CONF_TEXT:
		return put_text(field, row->fallback);
	case CONF_PATH:
		return put_path(reader, field, row->fallback);
	case CONF_NUMBER:
		if (!text_i64(row->fallback, field)) {
			return complain(reader, NULL, "default of '%s' is no number", row->name);
		}
		return RG_OK;
	case CONF_BOOL:
		*(bool *)field = strcmp(row->fallback, "true") == 0;
		return RG_OK;
	case CONF_TEXTS:
		return split_texts(field, row->fallback);
	case CONF_LIST:
	case CONF_GROUP:
		break;
	}
	return RG_OK;
}

static rg_err put_absent(const struct reader *reader, const struct conf_row *row,
	const config_setting_t *group, void *field)
{
	if (row->is_required) {
		return complain(reader, group, "'%s' is missing: add %s = … (%s: %s)", row->name,
			row->name, type_name(row->type), row->help);
	}
	return row->fallback ? put_fallback(reader, row, field) : RG_OK;
}

static rg_err put_number(const struct reader *reader, const struct conf_row *row,
	const config_setting_t *setting, int64_t *field)
{
	int64_t number = config_setting_get_int64(setting);

	if (!is_in_range(row, number)) {
		return complain(reader, setting,
			"'%s' is %" PRId64 ", but must lie within %" PRId64 " and %" PRId64,
			row->name, number, row->min, row->max);
	}
	*field = number;
	return RG_OK;
}

static rg_err put_texts(const struct reader *reader, const struct conf_row *row,
	const config_setting_t *setting, struct conf_texts *texts)
{
	for (int i = 0; i < config_setting_length(setting); i++) {
		const char *value = config_setting_get_string_elem(setting, i);

		if (!value) {
			return complain(reader, setting, "'%s' must hold texts in quotes",
				row->name);
		}
		rg_err err = add_item(texts, value, strlen(value));

		if (err) {
			return err;
		}
	}
	return RG_OK;
}

static rg_err read_group(const struct reader *reader, const config_setting_t *group,
	const struct conf_row *rows, void *target);

/* The one recursion: as deep as the tables of rows are nested. */
static rg_err put_list(const struct reader *reader, const struct conf_row *row,
	const config_setting_t *setting, struct conf_list *list)
{
	int n_items = config_setting_length(setting);

	if (n_items == 0) {
		return RG_OK;
	}
	list->items = calloc((size_t)n_items, row->item_size);
	if (!list->items) {
		return RG_E_NOMEM;
	}
	list->n_items = (size_t)n_items;
	for (int i = 0; i < n_items; i++) {
		const config_setting_t *item = config_setting_get_elem(setting, (unsigned)i);

		if (!config_setting_is_group(item)) {
			return complain(reader, item, "'%s' must hold groups: ( { … }, { … } )",
				row->name);
		}
		rg_err err = read_group(reader, item, row->rows,
			(char *)list->items + (size_t)i * row->item_size);

		if (err) {
			return err;
		}
	}
	return RG_OK;
}

static bool has_type(const config_setting_t *setting, enum conf_type type)
{
	switch (type) {
	case CONF_TEXT:
	case CONF_PATH:
		return config_setting_type(setting) == CONFIG_TYPE_STRING;
	case CONF_NUMBER:
		return config_setting_type(setting) == CONFIG_TYPE_INT ||
			config_setting_type(setting) == CONFIG_TYPE_INT64;
	case CONF_BOOL:
		return config_setting_type(setting) == CONFIG_TYPE_BOOL;
	case CONF_TEXTS:
		return config_setting_is_array(setting) || config_setting_is_list(setting);
	case CONF_LIST:
		/* "()" and "[]" are both an empty list. */
		return config_setting_is_list(setting) || config_setting_is_array(setting);
	case CONF_GROUP:
		return config_setting_is_group(setting);
	}
	return false;
}

static rg_err put_setting(const struct reader *reader, const struct conf_row *row,
	const config_setting_t *setting, void *field)
{
	if (!has_type(setting, row->type)) {
		return complain(reader, setting, "'%s' must be a %s: %s", row->name,
			type_name(row->type), row->help);
	}
	switch (row->type) {
	case CONF_TEXT:
		return put_text(field, config_setting_get_string(setting));
	case CONF_PATH:
		return put_path(reader, field, config_setting_get_string(setting));
	case CONF_NUMBER:
		return put_number(reader, row, setting, field);
	case CONF_BOOL:
		*(bool *)field = config_setting_get_bool(setting) != 0;
		return RG_OK;
	case CONF_TEXTS:
		return put_texts(reader, row, setting, field);
	case CONF_LIST:
		return put_list(reader, row, setting, field);
	case CONF_GROUP:
		return read_group(reader, setting, row->rows, field);
	}
	return RG_OK;
}

static rg_err refuse_unknown(const struct reader *reader, const config_setting_t *group,
	const struct conf_row *rows)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(setting);
		const struct conf_row *row = rows;

		while (row->name && strcmp(row->name, name) != 0) {
			row++;
		}
		if (!row->name) {
			return complain(reader, setting,
				"unknown setting '%s'; --help-config lists the known ones", name);
		}
	}
	return RG_OK;
}

static rg_err read_group(const struct reader *reader, const config_setting_t *group,
	const struct conf_row *rows, void *target)
{
	rg_err err = refuse_unknown(reader, group, rows);

	for (const struct conf_row *row = rows; row->name && !err; row++) {
		const config_setting_t *setting = config_setting_get_member(group, row->name);
		void *field = field_of(row, target);

		err = setting ? put_setting(reader, row, setting, field)
			      : put_absent(reader, row, group, field);
	}
	return err;
}

static rg_err parse(config_t *config, const char *path)
{
	struct reader reader = {.path = path};
	scoped(buf_deinit) struct buf content = {0};
	bool is_found = false;

	/* Read as a whole, so that a missing file is told apart from a wrong one. */
	rg_err err = file_read(path, (size_t)4 * 1024 * 1024, &content, &is_found);

	if (err) {
		return err;
	}
	if (!is_found) {
		(void)fprintf(stderr, "%s: there is no such configuration file\n", path);
		return RG_E_CONFIG;
	}
	if (content.len > 0 && memchr(content.data, '\0', content.len)) {
		return complain(&reader, NULL, "a NUL byte in a configuration file");
	}
	const char *text = buf_text(&content);

	if (!text) {
		return RG_E_NOMEM;
	}
	if (!config_read_string(config, text)) {
		(void)fprintf(stderr, "%s:%d: %s\n", path, config_error_line(config),
			config_error_text(config));
		return RG_E_CONFIG;
	}
	return RG_OK;
}

rg_err conf_read(const char *path, const struct conf_row *rows, void *target)
{
	scoped(freep) char *real = realpath(path, NULL);
	scoped(freep) char *copy = strdup(real ? real : path);
	scoped(config_destroy) config_t config;

	config_init(&config);
	if (!copy) {
		return RG_E_NOMEM;
	}
	struct reader reader = {.path = path, .folder = dirname(copy)};

	config_set_include_dir(&config, reader.folder);
	rg_err err = parse(&config, path);

	err = err ? err : read_group(&reader, config_root_setting(&config), rows, target);
	if (err) {
		conf_release(rows, target);
	}
	return err;
}

static void release_texts(struct conf_texts *texts)
{
	for (size_t i = 0; i < texts->n_items; i++) {
		free(texts->items[i]);
	}
	free(texts->items);
	*texts = (struct conf_texts){0};
}

static void release_list(const struct conf_row *row, struct conf_list *list)
{
	for (size_t i = 0; i < list->n_items; i++) {
		conf_release(row->rows, (char *)list->items + i * row->item_size);
	}
	free(list->items);
	*list = (struct conf_list){0};
}

void conf_release(const struct conf_row *rows, void *target)
{
	for (const struct conf_row *row = rows; row->name; row++) {
		void *field = field_of(row, target);

		switch (row->type) {
		case CONF_TEXT:
		case CONF_PATH:
			freep(field);
			*(char **)field = NULL;
			break;
		case CONF_TEXTS:
			release_texts(field);
			break;
		case CONF_LIST:
			release_list(row, field);
			break;
		case CONF_GROUP:
			conf_release(row->rows, field);
			break;
		case CONF_NUMBER:
		case CONF_BOOL:
			break;
		}
	}
}

static void print_row(const struct conf_row *row, int indent, FILE *out)
{
	(void)fprintf(out, "%*s%s (%s", indent, "", row->name, type_name(row->type));
	if (row->type == CONF_NUMBER && (row->min || row->max)) {
		(void)fprintf(out, ", %" PRId64 " to %" PRId64, row->min, row->max);
	}
	if (row->is_required) {
		(void)fputs(", required", out);
	} else if (row->fallback) {
		(void)fprintf(out, ", default %s", row->fallback);
	}
	(void)fprintf(out, ")\n%*s    %s\n", indent, "", row->help);
}

static void print_rows(const struct conf_row *rows, int indent, FILE *out)
{
	for (const struct conf_row *row = rows; row->name; row++) {
		print_row(row, indent, out);
		if (row->type == CONF_LIST || row->type == CONF_GROUP) {
			print_rows(row->rows, indent + 4, out);
		}
	}
}

void conf_print_help(const struct conf_row *rows, FILE *out)
{
	print_rows(rows, 0, out);
}
