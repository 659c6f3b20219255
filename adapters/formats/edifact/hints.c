/*
 * Hints of a document, to be looked up
 *
 * Threads: no state.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/edifact/encode.h"
#include "formats/edifact/hints.h"

static rg_err fetch(struct edi_draft *draft, size_t index, const char *member,
	const char **ret_text)
{
	struct rg_bytes value = {NULL, 0};
	const char *path = pool_printf(draft->work.pool, "hints[%zu].%s", index, member);
	*ret_text = "";
	rg_err err = path ? rg_doc_get(draft->work.doc, path, &value) : RG_E_NOMEM;
	if (!err && value.data) {
		*ret_text = pool_copy(draft->work.pool, (const char *)value.data, value.len);
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

static int compare(const void *a, const void *b)
{
	const struct edi_hint *left = a;
	const struct edi_hint *right = b;
	int order = strcmp(left->kind, right->kind);
	order = order ? order : strcmp(left->path, right->path);
	return order ? order : strcmp(left->value, right->value);
}

rg_err edi_hints_load(struct edi_draft *draft)
{
	size_t n = 0;
	rg_err err = rg_doc_count(draft->work.doc, "hints", &n);
	struct edi_hints *hints = &draft->hints;
	hints->rows = pool_alloc(draft->work.pool, (n + 1) * sizeof(*hints->rows));
	if (!err && !hints->rows) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; !err && i < n; i++) {
		struct edi_hint *hint = &hints->rows[hints->n_rows];
		const char *format = NULL;
		err = fetch(draft, i, "format", &format);
		if (err || strcmp(format, draft->work.profile->format) != 0) {
			continue;
		}
		const char **fields[] = {&hint->kind, &hint->path, &hint->form, &hint->value};
		static const char *const members[] = {"kind", "path", "form", "value"};
		for (size_t j = 0; !err && j < 4; j++) {
			err = fetch(draft, i, members[j], fields[j]);
		}
		hints->n_rows++;
	}
	if (!err && hints->n_rows > 0) {
		qsort(hints->rows, hints->n_rows, sizeof(*hints->rows), compare);
	}
	return err;
}

/* The first that is not before this kind and path. */
static size_t lower(const struct edi_hints *hints, const char *kind, const char *path)
{
	size_t low = 0;
	size_t high = hints->n_rows;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(hints->rows[middle].kind, kind);
		order = order ? order : strcmp(hints->rows[middle].path, path);
		if (order < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

const struct edi_hint *edi_hint_first(const struct edi_hints *hints, const char *kind)
{
	size_t at = lower(hints, kind, "");
	bool is_there = at < hints->n_rows && strcmp(hints->rows[at].kind, kind) == 0;
	return is_there ? &hints->rows[at] : NULL;
}

const struct edi_hint *edi_hint_next(const struct edi_hints *hints, const struct edi_hint *hint)
{
	const struct edi_hint *next = hint + 1;
	bool is_there = next < hints->rows + hints->n_rows && strcmp(next->kind, hint->kind) == 0;
	return is_there ? next : NULL;
}

const struct edi_hint *edi_hint_find(const struct edi_hints *hints, const char *kind,
	const char *path)
{
	size_t at = lower(hints, kind, path);
	bool is_there = at < hints->n_rows && strcmp(hints->rows[at].kind, kind) == 0 &&
		strcmp(hints->rows[at].path, path) == 0;
	return is_there ? &hints->rows[at] : NULL;
}
