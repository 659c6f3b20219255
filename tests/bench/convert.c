/*
 * rivergate-bench-convert: what translating a long declaration costs
 *
 *     rivergate-bench-convert FORMAT N
 *
 * Method: a declaration of N items, each with what a goods line usually states, is written
 * in the format; that file is then read, written as canonical JSON (what `rivergate
 * convert` does by default) and in its own format again. Beside it stands the least that
 * reading takes: libxml2's SAX parser over the same bytes with no handler, for XML; a walk
 * over the lines for formats of lines. Processor time, the best of several rounds.
 *
 * Threads: one.
 */
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "host/convert.h"
#include "host/plugin.h"

#define N_ROUNDS 3

struct figures {
	double parse_ms, read_ms, json_ms, write_ms;
};

static double now_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void keep_best(double *best, double started_ms)
{
	double took_ms = now_ms() - started_ms;
	*best = *best <= 0 || took_ms < *best ? took_ms : *best;
}

/* The declaration */

static const struct {
	const char *path; /* # is the item */
	const char *value;
} leaves[] = {
	{"commodity.hs6", "081060"},
	{"commodity.nationalCode", "00"},
	{"commodity.description", "Fresh durians, whole, of the season"},
	{"origin.code", "LA"},
	{"grossMass.unscaled", "1850050"},
	{"grossMass.scale", "2"},
	{"netMass.unscaled", "1725"},
	{"netMass.scale", "0"},
	{"supplementary[0].value.unscaled", "1725"},
	{"supplementary[0].value.scale", "0"},
	{"supplementary[0].unit", "KGM"},
	{"price.unscaled", "3588025"},
	{"price.scale", "2"},
	{"priceCurrency", "USD"},
	{"unitPrice.unscaled", "208"},
	{"unitPrice.scale", "2"},
	{"packages[0].count.unscaled", "120"},
	{"packages[0].kind", "CT"},
	{"packages[0].marks", "MEKONG FRUIT"},
	{"procedure.extended", "1000"},
	{"taxes[0].code", "DUT"},
	{"taxes[0].rate.unscaled", "5"},
};

static rg_err fill_item(struct rg_doc *doc, size_t item)
{
	rg_err err = RG_OK;
	bool is_taken = false;
	for (size_t i = 0; !err && i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		char path[128];
		struct rg_bytes value = {(const uint8_t *)leaves[i].value, strlen(leaves[i].value)};
		snprintf(path, sizeof(path), "items[%zu].%s", item, leaves[i].path);
		err = rg_doc_set(doc, path, value, NULL, &is_taken);
	}
	return err;
}

/* Writes a declaration of n items; several files of one consignment become one. */
static rg_err make_file(const struct plugin_set *set, const struct plugin_format *format, size_t n,
	struct buf *out)
{
	scoped(convert_freep) struct conversion *conversion = NULL;
	char json[96];
	int len = snprintf(json, sizeof(json),
		"{\"country\":\"%c%c\",\"direction\":\"DIRECTION_EXPORT\"}",
		format->adapter->cc[0] - ('a' - 'A'), format->adapter->cc[1] - ('a' - 'A'));
	rg_err err = convert_new(&conversion);
	if (!err) {
		err = convert_decode(conversion, plugin_set_find(set, "json"),
			(struct rg_bytes){(const uint8_t *)json, (size_t)len});
	}
	for (size_t i = 0; !err && i < n; i++) {
		err = fill_item(doc_view(convert_document(conversion, 0)), i);
	}
	if (!err) {
		err = convert_encode(conversion, format, RG_PURPOSE_LODGED_COPY);
	}
	for (size_t i = 0; !err && i < convert_n_outputs(conversion); i++) {
		buf_add_bytes(out, convert_output(conversion, i));
	}
	return err ? err : buf_error(out);
}

/* Measuring */

static void parse_alone(struct rg_bytes file, struct figures *figures)
{
	xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC};
	size_t n_lines = 0;
	double started_ms = now_ms();
	if (file.data[0] == '<') {
		(void)xmlSAXUserParseMemory(&handler, NULL, (const char *)file.data, (int)file.len);
	} else {
		const uint8_t *end = file.data + file.len;
		for (const uint8_t *at = file.data; at; n_lines++) {
			at = memmem(at, (size_t)(end - at), "\r\n", 2);
			at = at ? at + 2 : NULL;
		}
	}
	keep_best(&figures->parse_ms, started_ms);
}

static rg_err convert_once(const struct plugin_format *from, const struct plugin_format *to,
	struct rg_bytes file, double *read_ms, double *write_ms)
{
	scoped(convert_freep) struct conversion *conversion = NULL;
	rg_err err = convert_new(&conversion);
	double started_ms = now_ms();
	if (!err) {
		err = convert_decode(conversion, from, file);
	}
	keep_best(read_ms, started_ms);
	started_ms = now_ms();
	if (!err) {
		err = convert_encode(conversion, to, RG_PURPOSE_UNSPECIFIED);
	}
	keep_best(write_ms, started_ms);
	return !err && convert_is_refused(conversion) ? RG_E_ABI : err;
}

static int measure(const char *name, size_t n)
{
	scoped(plugin_set_closep) struct plugin_set *set = NULL;
	scoped(buf_deinit) struct buf file = {.data = NULL};
	struct figures figures = {0, 0, 0, 0};
	rg_err err = plugin_set_open(&set);
	const struct plugin_format *format = err ? NULL : plugin_set_find(set, name);
	if (!format) {
		fprintf(stderr, "no format %s\n", name);
		return 3;
	}
	err = make_file(set, format, n, &file);
	for (size_t i = 0; !err && i < N_ROUNDS; i++) {
		parse_alone(buf_view(&file), &figures);
		err = convert_once(format, plugin_set_find(set, "json"), buf_view(&file),
			&figures.read_ms, &figures.json_ms);
		if (!err) {
			err = convert_once(format, format, buf_view(&file), &figures.read_ms,
				&figures.write_ms);
		}
	}
	printf("{\"bytes\": %zu, \"parse_ms\": %.4f, \"read_ms\": %.3f, \"json_ms\": %.3f, "
	       "\"write_ms\": %.3f}\n",
		file.len, figures.parse_ms, figures.read_ms, figures.json_ms, figures.write_ms);
	return err ? 3 : 0;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: rivergate-bench-convert FORMAT N\n", stderr);
		return 2;
	}
	return measure(argv[1], (size_t)strtoull(argv[2], NULL, 10));
}
