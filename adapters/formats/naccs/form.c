/*
 * How an item is written
 *
 * Threads: constants only.
 */
#include "formats/naccs/form.h"

#include <string.h>

const char *const naccs_fill_names[NACCS_N_FILLS] = {"full", "bare", "none"};

bool naccs_is_right(enum naccs_attribute attribute)
{
	return attribute == NACCS_WHOLE || attribute == NACCS_FRACTION;
}

const char *naccs_unpad(struct pool *pool, enum naccs_attribute attribute, struct rg_bytes line)
{
	while (attribute != NACCS_ANY && line.len > 0 && line.data[line.len - 1] == ' ') {
		line.len--;
	}
	while (naccs_is_right(attribute) && line.len > 0 && line.data[0] == ' ') {
		line.data++;
		line.len--;
	}
	return pool_copy(pool, (const char *)line.data, line.len);
}

const char *naccs_pad(struct pool *pool, const struct naccs_row *row, const char *text,
	enum naccs_fill fill)
{
	size_t len = strlen(text);
	bool is_bare = fill == NACCS_FILL_NONE || (fill == NACCS_FILL_BARE && len == 0);
	int n_blanks = is_bare || len >= row->bytes ? 0 : (int)(row->bytes - len);
	return naccs_is_right(row->attribute) ? pool_printf(pool, "%*s%s", n_blanks, "", text)
					      : pool_printf(pool, "%s%*s", text, n_blanks, "");
}

/* Moves over what does not count at the beginning of a number. */
static const char *skip_idle(const char *text, bool is_number)
{
	text += strspn(text, " ");
	return is_number ? text + strspn(text, "0") : text;
}

static size_t end_of(const char *text, bool is_number)
{
	size_t len = strlen(text);
	while (len > 0 && text[len - 1] == ' ') {
		len--;
	}
	const char *point = is_number ? memchr(text, '.', len) : NULL;
	while (point && len > (size_t)(point - text) && text[len - 1] == '0') {
		len--;
	}
	return point && len > 0 && text[len - 1] == '.' ? len - 1 : len;
}

bool naccs_is_spelling(enum naccs_attribute attribute, const char *form, const char *line)
{
	bool is_number = naccs_is_right(attribute);
	form = skip_idle(form, is_number);
	line = skip_idle(line, is_number);
	size_t len = end_of(form, is_number);
	return len == end_of(line, is_number) && memcmp(form, line, len) == 0;
}

static const char *judge_code(const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;
		if (byte < 0x20 || byte > 0x5d || byte == '$') {
			return "attribute A holds capitals, digits and signs without $";
		}
	}
	return NULL;
}

const char *naccs_judge(const struct naccs_place *place, const char *text)
{
	bool is_empty = *text == '\0';
	switch (place->row->attribute) {
	case NACCS_CODE:
		return judge_code(text);
	case NACCS_WHOLE:
		return is_empty || text[strspn(text, "0123456789")] == '\0'
			? NULL
			: "attribute I holds digits";
	case NACCS_FRACTION:
		return is_empty || naccs_is_decimal(text)
			? NULL
			: "attribute F holds a decimal with a point";
	case NACCS_ANY:
	case NACCS_WIDE:
		return NULL;
	}
	return NULL;
}
