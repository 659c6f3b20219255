/*
 * Addresses: see address.h
 *
 * Threads: any; nothing is shared.
 */

#include <string.h>

#include "registry/address.h"

#define LABEL_MAX  32
#define LABELS_MIN 2
#define LABELS_MAX 6

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_letter_or_digit(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

/* Length of the label at the start of text; 0: there is none, or it is malformed. */
static size_t label_len(const char *text)
{
	size_t len = 0;

	while (len <= LABEL_MAX && (is_letter_or_digit(text[len]) || text[len] == '-')) {
		len++;
	}
	if (len == 0 || len > LABEL_MAX || text[0] == '-' || text[len - 1] == '-') {
		return 0;
	}
	return len;
}

bool address_is_valid(const char *address)
{
	const char *at = address;
	unsigned n_labels = 0;

	if (strnlen(address, ADDRESS_MAX + 1) > ADDRESS_MAX) {
		return false;
	}
	while (n_labels < LABELS_MAX) {
		size_t len = label_len(at);

		if (len == 0) {
			return false;
		}
		n_labels++;
		at += len;
		if (*at == '\0') {
			return n_labels >= LABELS_MIN;
		}
		if (*at != '.') {
			return false;
		}
		at++;
	}
	return false;
}

bool address_cc_is_valid(const char *cc)
{
	return is_letter(cc[0]) && is_letter(cc[1]) && cc[2] == '\0';
}

bool address_prefix_is_valid(const char *prefix)
{
	return address_cc_is_valid(prefix) || address_is_valid(prefix);
}

bool address_has_prefix(const char *address, const char *prefix)
{
	size_t i = 0;

	/* By hand: asked of every rule for every message, and most differ at the first letter. */
	while (prefix[i] && address[i] == prefix[i]) {
		i++;
	}
	return !prefix[i] && (address[i] == '\0' || address[i] == '.');
}

bool address_is_of_member(const char *address, const char *cc)
{
	return address_cc_is_valid(cc) && address_has_prefix(address, cc) && address[2] == '.';
}
