/*
 * What an element has room for
 *
 * Method: a form of the WCO Data Model is read each time; it is shorter than the text.
 *
 * Threads: no state.
 */
#include "formats/xml/limit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "formats/xml/codec.h"

struct form {
	size_t kind_len; /* letters: an, a, n, t */
	size_t max;      /* characters, or digits */
	size_t places;   /* digits behind the point */
	bool is_exact;
};

static struct form read_form(const char *text)
{
	struct form form = {.kind_len = strcspn(text, ".0123456789")};
	const char *number = text + form.kind_len;
	char *end = NULL;
	form.is_exact = strncmp(number, "..", 2) != 0;
	form.max = strtoul(number + (form.is_exact ? 0 : 2), &end, 10);
	form.places = *end == ',' ? strtoul(end + 1, NULL, 10) : 0;
	return form;
}

/* Bytes of the first n characters of UTF-8. */
static size_t span(const char *text, size_t n)
{
	size_t i = 0;
	for (; text[i]; i++) {
		bool begins = ((unsigned char)text[i] & 0xc0) != 0x80;
		if (begins && n-- == 0) {
			break;
		}
	}
	return i;
}

/* White space to single spaces. */
static char *collapse(struct pool *pool, const char *text)
{
	size_t len = 0;
	text = xml_trim(text, &len);
	char *copy = pool_copy(pool, text, len);
	char *to = copy;
	for (const char *c = copy; c && *c; c++) {
		bool is_space = strchr(" \t\r\n", *c) != NULL;
		if (!is_space || (to > copy && to[-1] != ' ')) {
			*to++ = is_space ? ' ' : *c;
		}
	}
	if (to) {
		*to = '\0';
	}
	return copy;
}

static const char *fit_text(struct pool *pool, const struct form *form, const char *text)
{
	char *copy = collapse(pool, text);
	if (copy) {
		copy[span(copy, form->max)] = '\0';
		size_t len = strlen(copy);
		copy[len - (len > 0 && copy[len - 1] == ' ' ? 1 : 0)] = '\0';
	}
	return copy;
}

/* A code is whole or it is not written. */
static const char *fit_code(const struct form *form, const char *text)
{
	size_t len = strlen(text);
	bool is_short = form->is_exact && span(text, form->max - 1) == len;
	bool is_other = false;
	for (size_t i = 0; form->kind_len == 1 && i < len; i++) {
		is_other = is_other || !isalpha((unsigned char)text[i]);
	}
	return span(text, form->max) == len && !is_short && !is_other ? text : "";
}

static const char *fit_number(struct pool *pool, const struct form *form, const char *text)
{
	size_t whole = strspn(text, "0123456789");
	const char *point = text + whole;
	size_t places = *point == '.' ? strspn(point + 1, "0123456789") : 0;
	if (whole == 0 || (*point && (places == 0 || point[1 + places] != '\0'))) {
		return "";
	}
	while (places > form->places && point[places] == '0') {
		places--;
	}
	if (places > form->places || whole + places > form->max) {
		return "";
	}
	return pool_copy(pool, text, whole + (places > 0 ? places + 1 : 0));
}

const char *xml_limit_fit(struct pool *pool, const char *form, const char *text)
{
	const struct form read = read_form(form);
	if (form[0] == 't') {
		return fit_text(pool, &read, text);
	}
	return form[0] == 'n' ? fit_number(pool, &read, text) : fit_code(&read, text);
}

/* Which leaf of a row stands for it in the loss report. */
static const char *leaf_of(const struct xml_codec *codec)
{
	static const struct {
		const char *type;
		const char *suffix;
	} leaves[] = {{"decimal", ".unscaled"}, {"address", ".lines[0]"}, {"tariff", ".hs6"},
		{"party", ".name"}, {"stamp", ".date"}};
	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		if (strcmp(codec->type, leaves[i].type) == 0) {
			return leaves[i].suffix;
		}
	}
	return "";
}

rg_err xml_limit_apply(const struct xml_leaf *leaf, const char *form, const char **text)
{
	const char *path = NULL;
	const char *fitted = xml_limit_fit(leaf->work->pool, form, *text);
	const char *before = form[0] == 't' ? collapse(leaf->work->pool, *text) : *text;
	const char *reason = pool_printf(leaf->work->pool, "the element has the form %s%s: %s",
		form[0] == 't' ? "an" : "", form + (form[0] == 't' ? 1 : 0),
		fitted && *fitted ? "the text was cut" : "the value was left out");
	rg_err err = xml_leaf_path(leaf, leaf_of(leaf->row->codec), &path);
	if (!fitted || !before || !reason || err) {
		return RG_E_NOMEM;
	}
	bool is_whole = form[0] == 'n' ? *fitted != '\0' : strcmp(fitted, before) == 0;
	*text = *fitted ? fitted : NULL;
	return is_whole ? RG_OK : rg_call_lost(leaf->work->call, path, reason);
}
