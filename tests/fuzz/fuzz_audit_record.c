/* Leaves, parts and books as an auditor meets them: any bytes are an answer, never a fault. */

#include <stdlib.h>
#include <string.h>

#include "audit/books.h"
#include "audit/examine.h"
#include "audit/filter.h"
#include "audit/growth.h"
#include "registry/moment.h"

int fuzz_audit_record(const uint8_t *data, size_t len);

static void examine_leaf(struct rg_bytes leaf, struct rg_bytes parts)
{
	scoped(examiner_freep) struct examiner *examiner = NULL;
	scoped(findings_deinitv) struct findings findings = {.items = NULL};
	const struct examine_record record = {.index = 7,
		.leaf = leaf,
		.parts = parts,
		.is_trust_known = true,
		.router = "router.mekong"};
	struct examined examined;

	if (examiner_new(&examiner) || examine(examiner, &record, &examined, &findings) ||
		examine_content(examiner, &record, &findings) || findings.err) {
		abort();
	}
	/* What has no form has been told. */
	if (examined.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_UNSPECIFIED &&
		findings.n_all == 0) {
		abort();
	}
	(void)examine_kind(leaf);
}

static void read_texts(const char *text)
{
	struct filter filter = {.kind = 0};
	struct moment moment;
	int64_t from_us = 0;

	(void)moment_parse(text, &moment);
	(void)moment_parse_from(text, &from_us);
	(void)filter_set_hs(&filter, text);
	(void)filter_set_id(&filter, text);
	(void)filter_set_kind(&filter, text);
}

int fuzz_audit_record(const uint8_t *data, size_t len)
{
	struct rg_bytes all = bytes_of(data, len);
	struct rg_bytes parts[64];
	scoped(books_deinitv) struct books books = {.lines = NULL};
	scoped(findings_deinitv) struct findings findings = {.items = NULL};
	scoped(freep) struct growth *growth = malloc(sizeof(*growth));
	scoped(freep) char *text = malloc(len + 1);
	const uint64_t listed[] = {3, 5, 8};
	size_t n = 0;
	size_t half = len / 2;

	if (!growth || !text) {
		abort();
	}
	memcpy(text, data, len);
	text[len] = '\0';
	read_texts(text);
	(void)examine_parts(all, parts, &n);
	(void)growth_read(all, growth);
	examine_leaf(all, (struct rg_bytes){.data = NULL});
	examine_leaf(bytes_of(data, half), bytes_of(data + half, len - half));
	if (books_read(all, &books, &n)) {
		abort();
	}
	if (n == 0) {
		(void)books_judge(&books, listed, 3, &findings);
	}
	return 0;
}
