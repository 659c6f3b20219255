#ifndef EDIFACT_WIRE_H
#define EDIFACT_WIRE_H

/*
 * Segments on the wire
 *
 *     UNA:+.? '            service characters, where they are not the usual ones
 *     NAD+CZ+12:160++A?'B'  tag, elements, components; ? releases what would divide
 *
 * Level B of the first syntax versions divides by the separators of ISO 646 (1C, 1D, 1F)
 * when the character behind UNB says so.
 *
 * Source: ISO 9735 (1988 with amendment 1, syntax 1 to 3) and ISO 9735-1:2002 (syntax 4).
 */

#include <rivergate/adapter.h>

#include "formats/edifact/tree.h"

struct edi_service {
	char component, element, decimal, release, repeat, end; /* '\0': none */
};

/* The usual ones. Those of syntax 4 and later repeat elements with an asterisk. */
extern const struct edi_service edi_service_usual, edi_service_repeating, edi_service_level_b;

/* Reads the six characters behind UNA; false: they cannot serve. */
bool edi_service_read(const char *text, struct edi_service *ret_service);

struct edi_reader {
	struct pool *pool;
	struct rg_call *call;
	struct edi_service service;
	const char *start, *at, *end;
	uint32_t line, column;
	uint32_t n_segments;
};

/* Moves over white space and hands it over; NULL: no memory. */
const char *edi_read_gap(struct edi_reader *reader);

/*
 * Reads one segment with its end; the node is not in a tree yet. *ret_segment NULL: it is
 * not acceptable, and a finding was made.
 */
RG_MUST_USE rg_err edi_read_segment(struct edi_reader *reader, struct edi_node **ret_segment);

/* Line and column of a value of a segment that was read. */
void edi_read_locate(const struct edi_node *segment, uint32_t offset, uint32_t *ret_line,
	uint32_t *ret_column);

/* A text with its release characters. *ret_raw NULL: it cannot be written without one. */
RG_MUST_USE rg_err edi_write_text(struct pool *pool, const struct edi_service *service,
	const char *text, const char **ret_raw);

/* Appends a segment with its end. */
RG_MUST_USE rg_err edi_write_segment(struct pool *pool, const struct edi_service *service,
	const struct edi_node *segment, struct text *out);

#endif
