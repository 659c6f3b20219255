/*
 * Character sets of interchanges
 *
 * Method: iconv, from and to UTF-8; what is UTF-8 already is checked and not copied.
 *
 * Threads: no state.
 */
#include "formats/edifact/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

static const struct {
	const char *syntax, *charset;
} sets[] = {
	{"UNOA", "US-ASCII"},
	{"UNOB", "US-ASCII"},
	{"UNOC", "ISO-8859-1"},
	{"UNOD", "ISO-8859-2"},
	{"UNOE", "ISO-8859-5"},
	{"UNOF", "ISO-8859-7"},
	{"UNOG", "ISO-8859-3"},
	{"UNOH", "ISO-8859-4"},
	{"UNOI", "ISO-8859-6"},
	{"UNOJ", "ISO-8859-8"},
	{"UNOK", "ISO-8859-9"},
	{"UNOX", "ISO-2022-JP-2"},
	{"UNOW", "UTF-8"},
	{"UNOY", "UTF-8"},
	{"", "UTF-16BE"},
	{"", "UTF-16LE"},
};

#define N_SETS (sizeof(sets) / sizeof(sets[0]))

const char *edi_charset_of(const char *syntax)
{
	for (size_t i = 0; *syntax && i < N_SETS; i++) {
		if (strcmp(sets[i].syntax, syntax) == 0) {
			return sets[i].charset;
		}
	}
	return "UTF-8";
}

bool edi_charset_is_known(const char *charset)
{
	for (size_t i = 0; i < N_SETS; i++) {
		if (strcmp(sets[i].charset, charset) == 0) {
			return true;
		}
	}
	return false;
}

static void iconv_closep(iconv_t *cd)
{
	if (*cd != (iconv_t)-1) {
		iconv_close(*cd);
	}
}

struct conversion_step {
	const char *from, *to;
	const char *in;
	size_t in_len;
	char *out;
	size_t out_len;
	size_t n_read; /* bytes of the input that were good */
};

/* *ret_ok false: the input is not of `from`, or `to` cannot hold it. */
static rg_err convert(struct pool *pool, struct conversion_step *step, bool *ret_ok)
{
	scoped(iconv_closep) iconv_t cd = iconv_open(step->to, step->from);
	size_t cap = step->in_len * 3 + 16;
	char *out = pool_alloc(pool, cap + 1);
	if (cd == (iconv_t)-1 || !out) {
		return out ? RG_E_CONFIG : RG_E_NOMEM;
	}
	step->out = out;
	char *in = (char *)(uintptr_t)step->in;
	size_t in_left = step->in_len;
	size_t out_left = cap;
	size_t n = iconv(cd, &in, &in_left, &out, &out_left);
	*ret_ok = n == 0 && iconv(cd, NULL, NULL, &out, &out_left) == 0;
	step->n_read = step->in_len - in_left;
	step->out_len = cap - out_left;
	return RG_OK;
}

bool edi_charset_holds(struct pool *pool, const char *charset, const char *text)
{
	struct conversion_step step = {"UTF-8", charset, text, strlen(text), NULL, 0, 0};
	bool is_ok = strcmp(charset, "UTF-8") == 0;
	const char *at = is_ok ? "" : text;
	while (*at && (unsigned char)*at < 0x80) {
		at++;
	}
	return *at == '\0' || (convert(pool, &step, &is_ok) == RG_OK && is_ok);
}

rg_err edi_charset_write(struct pool *pool, const char *charset, const char *text, size_t len,
	struct rg_bytes *ret_bytes, bool *ret_ok)
{
	struct conversion_step step = {"UTF-8", charset, text, len, NULL, 0, 0};
	if (strcmp(charset, "UTF-8") == 0) {
		*ret_ok = true;
		*ret_bytes = (struct rg_bytes){(const uint8_t *)text, len};
		return RG_OK;
	}
	rg_err err = convert(pool, &step, ret_ok);
	*ret_bytes = (struct rg_bytes){(const uint8_t *)step.out, step.out_len};
	return err;
}

/* Reading */

static bool starts_with(struct rg_bytes bytes, const char *with, size_t len)
{
	return bytes.len >= len && memcmp(bytes.data, with, len) == 0;
}

/* Sixteen bits a character are known by the zeroes between Latin letters. */
static const char *wide_set(struct rg_bytes native)
{
	if (starts_with(native, "\xfe\xff", 2) || starts_with(native, "\0U", 2)) {
		return "UTF-16BE";
	}
	return starts_with(native, "\xff\xfe", 2) || starts_with(native, "U\0", 2) ? "UTF-16LE"
										   : NULL;
}

/* The syntax identifier of a file in a set that contains ASCII. */
static void find_syntax(struct rg_bytes native, char syntax[5])
{
	const uint8_t *at = native.data;
	const uint8_t *end = native.data + native.len;
	syntax[0] = '\0';
	at += starts_with(native, "\xef\xbb\xbf", 3) ? 3 : 0;
	at += end - at >= 9 && memcmp(at, "UNA", 3) == 0 ? 9 : 0;
	while (at < end && *at && strchr(" \t\r\n", *at)) {
		at++;
	}
	if (end - at >= 8 && memcmp(at, "UNB", 3) == 0) {
		memcpy(syntax, at + 4, 4);
		syntax[4] = '\0';
	}
}

static rg_err refuse(struct rg_call *call, struct rg_bytes native, size_t at, const char *text)
{
	struct rg_finding finding = {RG_FINDING_ERROR, "ENCODING", "", 1, 1, text};
	for (size_t i = 0; i < at && i < native.len; i++) {
		bool is_end = native.data[i] == '\n';
		finding.line += is_end;
		finding.column = is_end ? 1 : finding.column + 1;
	}
	return rg_call_finding(call, &finding);
}

/* Bytes from the beginning that are UTF-8, or ASCII alone. */
static size_t count_good(struct rg_bytes bytes, bool is_ascii)
{
	size_t at = 0;
	while (at < bytes.len) {
		const uint8_t *lead = bytes.data + at;
		size_t n = *lead < 0x80 ? 1
			: *lead < 0xc2  ? 0
			: *lead < 0xe0  ? 2
			: *lead < 0xf0  ? 3
					: 4;
		if (n == 0 || *lead > 0xf4 || n > bytes.len - at || (is_ascii && n > 1)) {
			break;
		}
		for (size_t i = 1; i < n; i++) {
			if ((lead[i] & 0xc0) != 0x80) {
				return at;
			}
		}
		bool is_odd = n > 2 &&
			((*lead == 0xe0 && lead[1] < 0xa0) || (*lead == 0xed && lead[1] > 0x9f) ||
				(*lead == 0xf0 && lead[1] < 0x90) ||
				(*lead == 0xf4 && lead[1] > 0x8f));
		if (is_odd) {
			break;
		}
		at += n;
	}
	return at;
}

/* Reads by one set; *ret_ok false: it is not that, or would not come back the same. */
static rg_err try_set(struct pool *pool, struct rg_bytes native, const char *charset,
	struct conversion_step *step, bool *ret_ok)
{
	*step = (struct conversion_step){charset, "UTF-8", (const char *)native.data, native.len,
		NULL, 0, 0};
	bool is_ascii = strcmp(charset, "US-ASCII") == 0;
	if (is_ascii || strcmp(charset, "UTF-8") == 0) {
		step->out = (char *)(uintptr_t)native.data;
		step->out_len = native.len;
		step->n_read = count_good(native, is_ascii);
		*ret_ok = step->n_read == native.len;
		return RG_OK;
	}
	rg_err err = convert(pool, step, ret_ok);
	if (err || !*ret_ok) {
		return err;
	}
	struct conversion_step back = {"UTF-8", charset, step->out, step->out_len, NULL, 0, 0};
	err = convert(pool, &back, ret_ok);
	*ret_ok = *ret_ok && back.out_len == native.len &&
		(native.len == 0 || memcmp(back.out, native.data, native.len) == 0);
	return err;
}

/* Bytes of a byte order mark. */
static size_t mark_of(struct rg_bytes native)
{
	bool is_wide = starts_with(native, "\xfe\xff", 2) || starts_with(native, "\xff\xfe", 2);
	return starts_with(native, "\xef\xbb\xbf", 3) ? 3 : is_wide ? 2 : 0;
}

/* Takes what was read; a zero byte ends no text here. */
static rg_err take_text(struct rg_call *call, struct rg_bytes native,
	const struct conversion_step *step, struct edi_input *input, bool *ret_ok)
{
	const char *zero = step->out_len ? memchr(step->out, '\0', step->out_len) : NULL;
	if (zero) {
		*ret_ok = false;
		return refuse(call, native, (size_t)(zero - step->out),
			"a zero byte: the file is no text, or its character set is not the one "
			"that UNB names");
	}
	input->text = step->out;
	input->len = step->out_len;
	return RG_OK;
}

rg_err edi_charset_read(struct pool *pool, struct rg_bytes native, struct rg_call *call,
	struct edi_input *input, bool *ret_ok)
{
	char syntax[5];
	const char *wide = wide_set(native);
	struct conversion_step step;
	find_syntax(native, syntax);
	const char *usual = wide ? wide : edi_charset_of(syntax);
	bool is_strict = wide || strcmp(syntax, "UNOW") == 0 ||
		(strncmp(usual, "ISO-", 4) == 0 && strcmp(syntax, "UNOC") != 0);
	size_t n_mark = mark_of(native);
	/* Behind its mark a text of several languages is UTF-8, whatever UNB says. */
	struct rg_bytes rest = {native.data + n_mark, native.len - n_mark};
	bool is_marked = n_mark == 3 && count_good(rest, true) < rest.len &&
		count_good(rest, false) == rest.len;
	const char *order[] = {is_marked ? "UTF-8" : usual, "UTF-8", "ISO-8859-1"};
	size_t n_order = is_strict ? 1 : 3;
	rg_err err = RG_OK;
	size_t n_good = 0;
	*ret_ok = false;
	input->has_mark = n_mark > 0;
	for (size_t i = 0; !err && !*ret_ok && i < n_order; i++) {
		err = try_set(pool, rest, order[i], &step, ret_ok);
		input->charset = order[i];
		n_good = i == 0 ? step.n_read : n_good;
	}
	if (err || *ret_ok) {
		return err ? err : take_text(call, native, &step, input, ret_ok);
	}
	return refuse(call, native, n_good,
		"the bytes are not of the character set that UNB names: correct the syntax "
		"identifier or the text");
}
