/*
 * Several JSON values behind one another
 *
 * Threads: any.
 */
#include "host/values.h"

#include <stdbool.h>
#include <string.h>

size_t values_first(struct rg_bytes text)
{
	size_t depth = 0;
	bool is_string = false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];
		if (is_string) {
			i += c == '\\' ? 1 : 0;
			is_string = c != '"';
			continue;
		}
		is_string = c == '"';
		depth += c == '{' || c == '[' ? 1 : 0;
		if ((c == '}' || c == ']') && depth > 0 && --depth == 0) {
			size_t end = i + 1;
			while (end < text.len && strchr(" \t\r\n", text.data[end]) &&
				text.data[end]) {
				end++;
			}
			return end < text.len && text.data[end] == '{' ? end : text.len;
		}
	}
	return text.len;
}

uint32_t values_lines(const uint8_t *from, const uint8_t *to)
{
	uint32_t n = 0;
	for (; from < to; from++) {
		n += *from == '\n' ? 1 : 0;
	}
	return n;
}
