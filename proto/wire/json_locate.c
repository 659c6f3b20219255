/*
 * Line and column of a path in a JSON text
 *
 * Method: the text has already been parsed without error, so a scanner that knows
 * strings and brackets is enough: it walks down the path and skips what lies beside.
 * jansson keeps no positions.
 *
 * Threads: no state.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "wire/json.h"

struct scan {
	const char *next;
	const char *end;
};

static char peek(struct scan *scan)
{
	while (scan->next < scan->end && strchr(" \t\r\n", *scan->next)) {
		scan->next++;
	}
	return scan->next < scan->end ? *scan->next : '\0';
}

static bool accept(struct scan *scan, char c)
{
	bool is_there = peek(scan) == c && c != '\0';
	scan->next += is_there ? 1 : 0;
	return is_there;
}

/* Skips a string and gives what stands between its quotes, escapes as they are. */
static struct rg_bytes take_string(struct scan *scan)
{
	const char *start = ++scan->next;
	while (scan->next < scan->end && *scan->next != '"') {
		scan->next += *scan->next == '\\' ? 2 : 1;
	}
	struct rg_bytes text = {(const uint8_t *)start, (size_t)(scan->next - start)};
	scan->next += scan->next < scan->end ? 1 : 0;
	return text;
}

static void skip_value(struct scan *scan)
{
	size_t depth = 0;
	do {
		char c = peek(scan);
		if (c == '"') {
			take_string(scan);
		} else {
			depth += c == '{' || c == '[';
			depth -= (c == '}' || c == ']') && depth > 0;
			scan->next++;
		}
		/* A number or a word ends at what cannot belong to it. */
		while (depth == 0 && scan->next < scan->end && c != '"' &&
			(isalnum((unsigned char)*scan->next) || strchr("+-.", *scan->next))) {
			scan->next++;
		}
	} while (depth > 0 && scan->next < scan->end);
}

static bool find_member(struct scan *scan, const char *name, size_t len)
{
	if (!accept(scan, '{')) {
		return false;
	}
	while (peek(scan) == '"') {
		struct rg_bytes text = take_string(scan);
		bool is_it = text.len == len && memcmp(text.data, name, len) == 0;
		accept(scan, ':');
		peek(scan);
		if (is_it) {
			return true;
		}
		skip_value(scan);
		accept(scan, ',');
	}
	return false;
}

static bool find_entry(struct scan *scan, size_t index)
{
	if (!accept(scan, '[')) {
		return false;
	}
	for (size_t i = 0; i < index && peek(scan) != ']' && scan->next < scan->end; i++) {
		skip_value(scan);
		accept(scan, ',');
	}
	char c = peek(scan);
	return c != ']' && c != '\0';
}

static bool walk(struct scan *scan, const char *path)
{
	bool is_found = peek(scan) != '\0';
	while (is_found && *path) {
		if (*path == '[') {
			char *after = NULL;
			is_found =
				find_entry(scan, strtoull(path + 1, &after, 10)) && *after == ']';
			path = is_found ? after + 1 : path;
		} else {
			path += *path == '.' ? 1 : 0;
			size_t len = strcspn(path, ".[");
			is_found = find_member(scan, path, len);
			path += len;
		}
	}
	return is_found;
}

bool json_locate(struct rg_bytes text, const char *path, uint32_t *ret_line, uint32_t *ret_column)
{
	struct scan scan = {(const char *)text.data, (const char *)text.data + text.len};
	if (text.len == 0 || !walk(&scan, path) || scan.next > scan.end) {
		return false;
	}
	uint32_t line = 1;
	uint32_t column = 1;
	for (const char *c = (const char *)text.data; c < scan.next; c++) {
		column = *c == '\n' ? 1 : column + 1;
		line += *c == '\n' ? 1 : 0;
	}
	*ret_line = line;
	*ret_column = column;
	return true;
}
