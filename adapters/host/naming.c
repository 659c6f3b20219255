/*
 * How this site names the elements of a format
 *
 * Threads: any.
 */
#include "host/naming.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "rivergate/v1/facts.pb-c.h"
#include "wire/scan.h"

static rg_err refuse(const struct settings_names *row, const char *file, const char *text)
{
	log_event(LOG_ERROR, "start", "names", log_text("format", row->format),
		log_text("file", file), log_text("text", text));
	return RG_E_CONFIG;
}

static rg_err read_row(const struct settings_names *row, struct translator_names *names,
	struct buf *file)
{
	bool is_found = false;
	rg_err err = file_read(row->file, NAMING_FILE_MAX, file, &is_found);

	if (err == RG_E_OVERFLOW) {
		return refuse(row, row->file, "the file is larger than 1 MiB");
	}
	if (!err && !is_found) {
		return refuse(row, row->file, "there is no such file");
	}
	names->format = row->format;
	names->file = buf_view(file);
	return err;
}

rg_err naming_read(const struct settings *settings, struct naming *naming)
{
	const struct settings_names *rows = settings->names.items;
	size_t n = settings->names.n_items;
	rg_err err = RG_OK;

	naming->rows = calloc(n + 1, sizeof(*naming->rows));
	naming->files = calloc(n + 1, sizeof(*naming->files));
	if (!naming->rows || !naming->files) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; !err && i < n; i++) {
		buf_init(&naming->files[i]);
		naming->n++;
		for (size_t j = 0; !err && j < i; j++) {
			if (strcmp(rows[i].format, rows[j].format) == 0) {
				err = refuse(&rows[i], rows[i].file,
					"the format has a file already; leave one of them out");
			}
		}
		if (!err) {
			err = read_row(&rows[i], &naming->rows[i], &naming->files[i]);
		}
	}
	return err;
}

void naming_deinit(struct naming *naming)
{
	for (size_t i = 0; i < naming->n; i++) {
		buf_deinit(&naming->files[i]);
	}
	free(naming->files);
	free(naming->rows);
	memset(naming, 0, sizeof(*naming));
}

/* Findings of the plug-in: `names:LINE:COLUMN`, which becomes FILE:LINE. */
static rg_err tell_findings(const struct settings_names *row, const struct translation *answer)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	scoped(buf_deinitv) struct buf place = {0};
	rg_err err = arena ? RG_OK : RG_E_NOMEM;

	buf_init(&place);
	for (size_t i = 0; !err && i < answer->n_findings; i++) {
		struct scan_answer checked;
		ProtobufCMessage *msg = NULL;

		err = scan_unpack(&rivergate__v1__finding__descriptor, answer->findings[i], arena,
			&checked, &msg);
		if (err || !msg) {
			continue;
		}
		const Rivergate__V1__Finding *finding = (const Rivergate__V1__Finding *)msg;
		const char *colon = strchr(finding->path, ':');

		buf_clear(&place);
		buf_printf(&place, "%s%.*s", row->file,
			colon ? (int)strcspn(colon + 1, ":") + 1 : 0, colon ? colon : "");
		err = buf_text(&place) ? RG_OK : RG_E_NOMEM;
		if (!err) {
			(void)refuse(row, buf_text(&place), finding->text);
		}
	}
	return err;
}

static rg_err check_row(struct translator *translator, const struct settings_names *row)
{
	scoped(translation_deinitv) struct translation answer = {0};

	translation_init(&answer);
	rg_err err = translator_check_names(translator, row->format, &answer);
	if (err) {
		return err;
	}
	if (answer.is_unknown) {
		return refuse(row, row->file,
			"there is no format of this name whose names a site replaces; `rivergate "
			"formats` lists what is installed");
	}
	if (answer.is_crash) {
		return refuse(row, row->file, "the plug-in crashed on this file");
	}
	err = tell_findings(row, &answer);
	return err || !answer.is_refused ? err : RG_E_CONFIG;
}

rg_err naming_check(struct translator *translator, const struct settings *settings)
{
	const struct settings_names *rows = settings->names.items;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < settings->names.n_items; i++) {
		err = check_row(translator, &rows[i]);
	}
	return err;
}

bool naming_is_same(const struct settings *a, const struct settings *b)
{
	const struct settings_names *ours = a->names.items;
	const struct settings_names *theirs = b->names.items;
	bool is_same = a->names.n_items == b->names.n_items;

	for (size_t i = 0; is_same && i < a->names.n_items; i++) {
		is_same = strcmp(ours[i].format, theirs[i].format) == 0 &&
			strcmp(ours[i].file, theirs[i].file) == 0;
	}
	return is_same;
}
