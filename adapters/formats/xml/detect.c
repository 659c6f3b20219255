/*
 * What a file is by its root element
 *
 * Method: the head is scanned for the first tag, without a parser: it may end anywhere.
 *
 * Threads: no state.
 */
#include <string.h>

#include "formats/xml/format.h"
#include "formats/xml/mapping.h"

/* Where the name of the first element begins; NULL: the head holds none. */
static const char *first_name(const char *text, const char *end)
{
	while (text < end && (text = memchr(text, '<', (size_t)(end - text))) != NULL) {
		const char *close = NULL;
		size_t left = (size_t)(end - text);
		if (left > 1 && text[1] == '?') {
			close = memmem(text, left, "?>", 2);
		} else if (left > 3 && memcmp(text, "<!--", 4) == 0) {
			close = memmem(text, left, "-->", 3);
		} else {
			return text + 1;
		}
		if (!close) {
			return NULL;
		}
		text = close;
	}
	return NULL;
}

/* Where the name at this place ends; NULL: the head ends before. */
static const char *name_end(const char *name, const char *end)
{
	while (name < end && !strchr(" \t\r\n/>", *name)) {
		name++;
	}
	return name < end ? name : NULL;
}

/* Whether the element that begins here is called so, whatever its prefix. */
static bool is_named(const char *name, const char *end, const char *wanted)
{
	const char *after = name_end(name, end);
	const char *colon = after ? memchr(name, ':', (size_t)(after - name)) : NULL;
	size_t len = strlen(wanted);
	name = colon ? colon + 1 : name;
	return after && (size_t)(after - name) == len && memcmp(name, wanted, len) == 0;
}

/* Whether an element of this name begins somewhere in the head. */
static bool begins(const char *text, const char *end, const char *wanted)
{
	while (text < end && (text = memchr(text, '<', (size_t)(end - text))) != NULL) {
		if (is_named(text + 1, end, wanted)) {
			return true;
		}
		text++;
	}
	return false;
}

/* 100: sure; 40: the root fits, and what tells it from others does not stand in the head. */
static unsigned detect(const struct xml_profile *profile, const char *name, const char *end)
{
	if (profile->content && is_named(name, end, xml_local(profile->content))) {
		return 60;
	}
	if (!is_named(name, end, xml_local(profile->root))) {
		return 0;
	}
	return !profile->content || begins(name, end, xml_local(profile->content)) ? 100 : 40;
}

unsigned xml_detect(const struct rg_format *format, struct rg_bytes head)
{
	const struct xml_profile *profile = format->profile;
	const struct xml_profile *const *others = profile->others;
	const char *end = (const char *)head.data + head.len;
	const char *name = head.len > 0 ? first_name((const char *)head.data, end) : NULL;
	unsigned sure = name ? detect(profile, name, end) : 0;
	for (; name && sure == 0 && others && *others; others++) {
		sure = detect(*others, name, end);
	}
	return sure;
}

/* The root as the site calls it. */
static bool is_site_root(const struct xml_names *names, const struct xml_profile *profile,
	const char *name, const char *end)
{
	return is_named(name, end, xml_names_site(names, "", xml_local(profile->root)));
}

unsigned xml_detect_named(const struct rg_format *format, struct rg_bytes head,
	struct rg_bytes names)
{
	scoped(pool_freep) struct pool *pool = pool_new(XML_NAMES_POOL_LIMIT);
	const struct xml_profile *profile = format->profile;
	const struct xml_profile *const *others = profile->others;
	struct xml_names *table = NULL;
	const char *end = (const char *)head.data + head.len;
	const char *name = head.len > 0 ? first_name((const char *)head.data, end) : NULL;
	bool is_ok = false;
	if (!pool || !name || xml_names_read(pool, names, profile, NULL, &table, &is_ok) ||
		!is_ok) {
		return 0;
	}
	bool is_ours = is_site_root(table, profile, name, end);
	for (; !is_ours && others && *others; others++) {
		is_ours = is_site_root(table, *others, name, end);
	}
	return is_ours ? 100 : 0;
}

rg_err xml_check_names(const struct rg_format *format, struct rg_call *call)
{
	scoped(pool_freep) struct pool *pool = pool_new(XML_NAMES_POOL_LIMIT);
	struct xml_names *table = NULL;
	bool is_ok = false;
	return pool ? xml_names_read(pool, call->names, format->profile, call, &table, &is_ok)
		    : RG_E_NOMEM;
}
