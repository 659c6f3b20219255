/*
 * Loopback: the smallest honest plug-in
 *
 * Its format writes a canonical document as text, one leaf a line, path TAB value, with
 * \\, \n, \r and \t in values escaped. It stands in where a country's real format is
 * not there yet, and is the one to copy for a new one.
 *
 * Method: a plug-in cannot list the leaves of a document (it names those it wants),
 * so a table names the leaves that loopback carries; everything else is in the loss
 * report.
 *
 * Threads: no state.
 */
#include <rivergate/adapter.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Leaves carried; [] stands for every entry of the list. At most one [] a row. Own ones
 * are law of the country that stated them: they go into documents of that country only.
 */
static const struct row {
	const char *path;
	bool is_own;
} rows[] = {
	{"country", false},
	{"direction", false},
	{"type.code", true},
	{"ucr", false},
	{"reference.number", false},
	{"registration.serial", true},
	{"registration.number", true},
	{"registration.date", true},
	{"registration.year", true},
	{"office.code", true},
	{"office.name", true},
	{"borderOffice.code", true},
	{"exporter.name", false},
	{"exporter.address.lines[]", false},
	{"consignee.name", false},
	{"consignee.address.lines[]", false},
	{"exportCountry.code", false},
	{"destinationCountry.code", false},
	{"transport.border.identity", false},
	{"transport.border.nationality", false},
	{"transport.border.mode", false},
	{"transport.departure.identity", false},
	{"transport.departure.nationality", false},
	{"transport.deliveryTerms.code", false},
	{"transport.deliveryTerms.place", false},
	{"containers[].identity", false},
	{"packageTotal.unscaled", false},
	{"packageTotal.scale", false},
	{"grossMass.unscaled", false},
	{"grossMass.scale", false},
	{"items[].commodity.hs6", false},
	{"items[].commodity.description", false},
	{"items[].origin.code", false},
	{"items[].grossMass.unscaled", false},
	{"items[].grossMass.scale", false},
	{"items[].netMass.unscaled", false},
	{"items[].netMass.scale", false},
	{"items[].price.unscaled", false},
	{"items[].price.scale", false},
	{"items[].priceCurrency", false},
};

#define N_ROWS       (sizeof(rows) / sizeof(rows[0]))
#define HEAD         "# rivergate loopback 1\n"
#define LINE_MAX_LEN 65536

struct line {
	char path[256];
	char *value;
	size_t len;
};

static unsigned detect(const struct rg_format *format, struct rg_bytes head)
{
	(void)format;
	return head.len >= strlen(HEAD) && memcmp(head.data, HEAD, strlen(HEAD)) == 0 ? 100 : 0;
}

static rg_err refuse(struct rg_call *call, uint32_t line, const char *text)
{
	struct rg_finding finding = {RG_FINDING_ERROR, "FORMAT", "", line, 1, text};
	return rg_call_finding(call, &finding);
}

/* Undoes the escapes of a value in place. False: an escape that does not exist. */
static bool unescape(char *value, size_t *len)
{
	static const char letters[] = "\\nrt";
	static const char meanings[] = "\\\n\r\t";
	size_t n = 0;
	for (size_t i = 0; i < *len; i++) {
		if (value[i] != '\\') {
			value[n++] = value[i];
			continue;
		}
		const char *letter = i + 1 < *len ? strchr(letters, value[++i]) : NULL;
		if (!letter || !*letter) {
			return false;
		}
		value[n++] = meanings[letter - letters];
	}
	*len = n;
	return true;
}

/* Whether loopback carries this path: positions are compared as []. */
static bool is_carried(const char *path)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		const char *a = rows[i].path;
		const char *b = path;
		while (*a && *a == *b) {
			bool is_open = *a == '[';
			a++;
			b += is_open ? 1 + strspn(b + 1, "0123456789") : 1;
		}
		if (*a == '\0' && *b == '\0') {
			return true;
		}
	}
	return false;
}

static rg_err take_line(struct rg_call *call, struct rg_doc *doc, const struct line *line,
	uint32_t number)
{
	char native[48];
	const char *const natives[] = {native};
	struct rg_source source = {natives, 1, "line"};
	bool is_taken = false;
	if (!is_carried(line->path)) {
		return refuse(call, number, "this path is not one that loopback carries");
	}
	snprintf(native, sizeof(native), "line %u", number);
	struct rg_bytes value = {(const uint8_t *)line->value, line->len};
	rg_err err = rg_doc_set(doc, line->path, value, &source, &is_taken);
	return err || is_taken ? err : refuse(call, number, "the value does not fit its field");
}

static rg_err decode_line(struct rg_call *call, struct rg_doc *doc, const char *text, size_t len,
	uint32_t number)
{
	struct line line;
	const char *tab = memchr(text, '\t', len);
	size_t path_len = tab ? (size_t)(tab - text) : 0;
	if (path_len == 0 || path_len >= sizeof(line.path) || len > LINE_MAX_LEN) {
		return refuse(call, number, "a line is path TAB value, at most 64 KiB");
	}
	memcpy(line.path, text, path_len);
	line.path[path_len] = '\0';
	line.len = len - path_len - 1;
	line.value = malloc(line.len + 1);
	if (!line.value) {
		return RG_E_NOMEM;
	}
	memcpy(line.value, tab + 1, line.len);
	rg_err err = unescape(line.value, &line.len)
		? take_line(call, doc, &line, number)
		: refuse(call, number, "an escape is one of \\\\ \\n \\r \\t");
	free(line.value);
	return err;
}

static rg_err decode(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	struct rg_doc *doc = NULL;
	if (detect(format, native) == 0) {
		return refuse(call, 1, "the first line is not '# rivergate loopback 1'");
	}
	rg_err err = rg_call_document(call, &doc);
	const char *next = (const char *)native.data + strlen(HEAD);
	const char *end = (const char *)native.data + native.len;
	for (uint32_t number = 2; !err && next < end; number++) {
		const char *line_end = memchr(next, '\n', (size_t)(end - next));
		line_end = line_end ? line_end : end;
		err = decode_line(call, doc, next, (size_t)(line_end - next), number);
		next = line_end + 1;
	}
	return err;
}

static void put_escaped(FILE *out, struct rg_bytes value)
{
	for (size_t i = 0; i < value.len; i++) {
		switch (value.data[i]) {
		case '\\':
			fputs("\\\\", out);
			break;
		case '\n':
			fputs("\\n", out);
			break;
		case '\r':
			fputs("\\r", out);
			break;
		case '\t':
			fputs("\\t", out);
			break;
		default:
			fputc(value.data[i], out);
		}
	}
}

static rg_err put_leaf(FILE *out, struct rg_doc *doc, const char *path)
{
	struct rg_bytes value = {NULL, 0};
	rg_err err = rg_doc_get(doc, path, &value);
	if (!err && value.data) {
		fprintf(out, "%s\t", path);
		put_escaped(out, value);
		fputc('\n', out);
	}
	return err;
}

static rg_err put_row(FILE *out, struct rg_doc *doc, const char *row)
{
	char path[256];
	size_t n = 0;
	const char *open = strstr(row, "[]");
	if (!open) {
		return put_leaf(out, doc, row);
	}
	snprintf(path, sizeof(path), "%.*s", (int)(open - row), row);
	rg_err err = rg_doc_count(doc, path, &n);
	for (size_t i = 0; !err && i < n; i++) {
		snprintf(path, sizeof(path), "%.*s[%zu]%s", (int)(open - row), row, i, open + 2);
		err = put_leaf(out, doc, path);
	}
	return err;
}

/* Whether the document is of the plug-in's country; loopback, which has none, takes any. */
static rg_err find_owner(struct rg_doc *doc, const struct rg_call *call, bool *ret_own)
{
	struct rg_bytes country = {NULL, 0};
	size_t len = strlen(call->country);
	rg_err err = rg_doc_get(doc, "country", &country);
	*ret_own = len == 0 ||
		(country.data && country.len == len &&
			memcmp(country.data, call->country, len) == 0);
	return err;
}

static rg_err encode_one(struct rg_doc *doc, struct rg_call *call)
{
	bool is_own = false;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (!out) {
		return RG_E_NOMEM;
	}
	rg_err err = find_owner(doc, call, &is_own);
	fputs(HEAD, out);
	for (size_t i = 0; !err && i < N_ROWS; i++) {
		err = is_own || !rows[i].is_own ? put_row(out, doc, rows[i].path) : RG_OK;
	}
	bool is_whole = fclose(out) == 0;
	if (!err) {
		err = is_whole ? rg_call_output(call, (struct rg_bytes){(uint8_t *)text, len})
			       : RG_E_NOMEM;
	}
	free(text);
	return err;
}

static rg_err encode(const struct rg_format *format, struct rg_doc *const *docs, size_t n_docs,
	struct rg_call *call)
{
	rg_err err = RG_OK;
	(void)format;
	for (size_t i = 0; !err && i < n_docs; i++) {
		err = encode_one(docs[i], call);
	}
	return err;
}

static rg_err validate(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	return detect(format, native) > 0
		? RG_OK
		: refuse(call, 1, "the first line is not '# rivergate loopback 1'");
}

static const struct rg_format formats[] = {
	{
		.name = "loopback",
		.version = "1.0.0",
		.media_type = "text/plain;charset=utf-8",
		.unverified = "not a national format: it stands in for one",
		.detect = detect,
		.decode = decode,
		.encode = encode,
		.validate = validate,
	},
};

RG_API const struct rg_adapter rg_adapter = {
	.abi = RG_ADAPTER_ABI,
	.cc = "",
	.name = "Loopback",
	.authority = "none: for tests and demonstrations",
	.formats = formats,
	.n_formats = sizeof(formats) / sizeof(formats[0]),
};
