/*
 * Messages of the NACCS family as tables
 *
 * Method: sections are written out into one array of items, numbers put in.
 *
 * Threads: no state.
 */
#include "formats/naccs/layout.h"

#include <stdio.h>
#include <string.h>

const char naccs_by_channel[] = "";

static const struct naccs_row open_row = {"line", NACCS_ANY, 0, 0, NULL, NULL, NULL};

static size_t count_rows(const struct naccs_section *sections, size_t n_sections)
{
	size_t n = 0;
	for (size_t i = 0; i < n_sections; i++) {
		n += sections[i].n_rows * sections[i].times;
	}
	return n;
}

size_t naccs_n_common(const struct naccs_layout *layout)
{
	return count_rows(layout->common, layout->n_common);
}

size_t naccs_n_goods(const struct naccs_layout *layout)
{
	return count_rows(layout->goods, layout->n_goods);
}

/* Where a row stands: its number in a repeated section, and its goods line. */
struct spot {
	unsigned number; /* from 1 */
	size_t line;     /* from 0 */
	bool is_goods;
};

/* An id with its number: # is one digit, ## are two. */
static const char *put_number(struct pool *pool, const char *id, unsigned number)
{
	size_t head = strcspn(id, "#");
	size_t n_digits = strspn(id + head, "#");
	return n_digits == 0 ? id
			     : pool_printf(pool, "%.*s%0*u%s", (int)head, id, (int)n_digits, number,
				       id + head + n_digits);
}

static const char *put_positions(struct pool *pool, const char *path, const struct spot *spot)
{
	struct text text;
	text_init(&text, pool);
	for (; *path; path++) {
		char number[24];
		unsigned long value = *path == '@' ? spot->line
			: *path == '$'             ? spot->number
						   : spot->number - 1;
		snprintf(number, sizeof(number), "%lu", value);
		bool is_mark = strchr("@#$", *path) != NULL;
		text_add(&text, is_mark ? number : path, is_mark ? strlen(number) : 1);
	}
	return text_string(&text);
}

static bool fill_place(struct pool *pool, const struct naccs_row *row, const struct spot *spot,
	struct naccs_place *place)
{
	place->row = row;
	place->id = put_number(pool, row->id, spot->number);
	place->canonical = row->canonical ? put_positions(pool, row->canonical, spot) : NULL;
	place->elsewhere = row->elsewhere ? put_positions(pool, row->elsewhere, spot) : NULL;
	if (place->id) {
		place->native = spot->is_goods
			? pool_printf(pool, "/%s[%zu]", place->id, spot->line + 1)
			: pool_printf(pool, "/%s", place->id);
	}
	return place->id && place->native && (place->canonical || !row->canonical) &&
		(place->elsewhere || !row->elsewhere);
}

struct filling {
	struct pool *pool;
	struct naccs_place *places;
	size_t n;
};

static bool fill_sections(struct filling *filling, const struct naccs_section *sections,
	size_t n_sections, struct spot spot)
{
	for (size_t i = 0; i < n_sections; i++) {
		for (size_t j = 0; j < sections[i].n_rows * sections[i].times; j++) {
			const struct naccs_row *row = &sections[i].rows[j % sections[i].n_rows];
			struct naccs_place *place = &filling->places[filling->n++];
			spot.number = (unsigned)(j / sections[i].n_rows) + 1;
			place->number = (unsigned)filling->n;
			if (!fill_place(filling->pool, row, &spot, place)) {
				return false;
			}
		}
	}
	return true;
}

static bool fill_open(struct filling *filling, size_t n_open)
{
	for (size_t i = 0; i < n_open; i++) {
		struct naccs_place *place = &filling->places[filling->n++];
		struct spot spot = {1, filling->n - 1, true};
		place->number = (unsigned)filling->n;
		if (!fill_place(filling->pool, &open_row, &spot, place)) {
			return false;
		}
	}
	return true;
}

rg_err naccs_places(struct pool *pool, const struct naccs_layout *layout, size_t first,
	size_t n_lines, size_t n_open, struct naccs_place **ret_places)
{
	size_t n = naccs_n_common(layout) + n_lines * naccs_n_goods(layout) + n_open;
	struct filling filling = {pool, pool_alloc(pool, (n + 1) * sizeof(struct naccs_place)), 0};
	struct spot common = {1, 0, false};
	bool is_ok =
		filling.places && fill_sections(&filling, layout->common, layout->n_common, common);
	for (size_t i = 0; is_ok && i < n_lines; i++) {
		struct spot line = {1, first + i, true};
		is_ok = fill_sections(&filling, layout->goods, layout->n_goods, line);
	}
	if (!is_ok || !fill_open(&filling, n_open)) {
		return RG_E_NOMEM;
	}
	*ret_places = filling.places;
	return RG_OK;
}

const struct naccs_message *naccs_message_find(const struct naccs_profile *profile,
	const char *code)
{
	for (size_t i = 0; i < profile->n_messages; i++) {
		if (strcmp(profile->messages[i].code, code) == 0) {
			return &profile->messages[i];
		}
	}
	return NULL;
}
