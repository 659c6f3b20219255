/*
 * Character sets of one byte that national systems still write
 *
 * Method: Thai letters lie in one block of Unicode in the order of TIS-620; what Windows
 * added is a table of ten rows.
 *
 * Threads: constants only.
 */
#include "formats/xml/charset.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* https://www.unicode.org/Public/MAPPINGS/ISO8859/8859-11.TXT */
#define THAI_FIRST  0xa1u
#define THAI_OFFSET (0x0e01u - THAI_FIRST)

struct xml_charset {
	const char *const *names;
	bool has_space;  /* 0xA0 is a no-break space */
	bool is_windows; /* 0x80 to 0x9F as Microsoft has them */
};

static const char *const tis_names[] = {"TIS-620", "TIS620", "TIS620.2533-0", "TIS620-2533", NULL};
static const char *const iso_names[] = {"ISO-8859-11", "ISO8859-11", NULL};
static const char *const windows_names[] = {"WINDOWS-874", "CP874", "MS874", "X-WINDOWS-874", NULL};

static const struct xml_charset charsets[] = {
	{tis_names, false, false},
	{iso_names, true, false},
	{windows_names, true, true},
};

/* https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/CP874.TXT */
static const struct {
	uint8_t byte;
	uint32_t code;
} windows[] = {{0x80, 0x20ac}, {0x85, 0x2026}, {0x91, 0x2018}, {0x92, 0x2019}, {0x93, 0x201c},
	{0x94, 0x201d}, {0x95, 0x2022}, {0x96, 0x2013}, {0x97, 0x2014}};

#define N_WINDOWS (sizeof(windows) / sizeof(windows[0]))

const struct xml_charset *xml_charset_find(const char *name)
{
	for (size_t i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++) {
		for (const char *const *known = charsets[i].names; *known; known++) {
			if (strcasecmp(*known, name) == 0) {
				return &charsets[i];
			}
		}
	}
	return NULL;
}

static bool is_thai(uint32_t byte)
{
	return (byte >= 0xa1 && byte <= 0xda) || (byte >= 0xdf && byte <= 0xfb);
}

/* The code point of a byte; 0: the set has none (a NUL is none either). */
static uint32_t code_of(const struct xml_charset *charset, uint8_t byte)
{
	if (byte < 0x80) {
		return byte;
	}
	if (is_thai(byte)) {
		return byte + THAI_OFFSET;
	}
	if (byte == 0xa0) {
		return charset->has_space ? 0xa0 : 0;
	}
	for (size_t i = 0; charset->is_windows && i < N_WINDOWS; i++) {
		if (windows[i].byte == byte) {
			return windows[i].code;
		}
	}
	return 0;
}

/* The byte of a code point; 0: the set has none. */
static uint8_t byte_of(const struct xml_charset *charset, uint32_t code)
{
	if (code < 0x80) {
		return (uint8_t)code;
	}
	if (code >= 0x0e01 && code <= 0x0e5b && is_thai(code - THAI_OFFSET)) {
		return (uint8_t)(code - THAI_OFFSET);
	}
	if (code == 0xa0) {
		return charset->has_space ? 0xa0 : 0;
	}
	for (size_t i = 0; charset->is_windows && i < N_WINDOWS; i++) {
		if (windows[i].code == code) {
			return windows[i].byte;
		}
	}
	return 0;
}

/* Code points beyond ASCII here lie below U+10000. */
static void add_code(struct text *out, uint32_t code)
{
	char bytes[3];
	size_t n = 1;
	if (code < 0x80) {
		bytes[0] = (char)code;
	} else if (code < 0x800) {
		bytes[0] = (char)(0xc0 | code >> 6);
		bytes[1] = (char)(0x80 | (code & 0x3f));
		n = 2;
	} else {
		bytes[0] = (char)(0xe0 | code >> 12);
		bytes[1] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[2] = (char)(0x80 | (code & 0x3f));
		n = 3;
	}
	text_add(out, bytes, n);
}

rg_err xml_charset_read(const struct xml_charset *charset, struct rg_bytes bytes, struct pool *pool,
	const char **ret_text, const uint8_t **ret_bad)
{
	struct text out;
	text_init(&out, pool);
	*ret_text = NULL;
	for (size_t i = 0; i < bytes.len; i++) {
		uint32_t code = code_of(charset, bytes.data[i]);
		if (code == 0) {
			*ret_bad = &bytes.data[i];
			return RG_OK;
		}
		add_code(&out, code);
	}
	*ret_text = text_string(&out);
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

/* Reads one character of valid UTF-8 and moves behind it. */
static uint32_t next_code(const char **text)
{
	const unsigned char *c = (const unsigned char *)*text;
	size_t n = c[0] < 0x80 ? 1 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
	uint32_t code = n == 1 ? c[0] : c[0] & (0x7fu >> n);
	size_t i = 1;
	for (; i < n && c[i]; i++) {
		code = code << 6 | (c[i] & 0x3fu);
	}
	*text += i;
	return code;
}

bool xml_charset_holds(const struct xml_charset *charset, const char *text)
{
	while (*text) {
		if (byte_of(charset, next_code(&text)) == 0) {
			return false;
		}
	}
	return true;
}

void xml_charset_write(const struct xml_charset *charset, const char *text, struct text *out)
{
	while (*text) {
		char reference[16];
		uint32_t code = next_code(&text);
		uint8_t byte = byte_of(charset, code);
		if (byte) {
			text_add(out, (const char *)&byte, 1);
			continue;
		}
		int len = snprintf(reference, sizeof(reference), "&#x%X;", (unsigned)code);
		text_add(out, reference, (size_t)len);
	}
}
