#ifndef HOST_VALUES_H
#define HOST_VALUES_H

/*
 * Several JSON values behind one another: a file of several documents
 *
 * Nothing is checked here but where one value ends; the text may be anything.
 */

#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>

/* Bytes of the first value and the white space behind it; all where no object follows. */
size_t values_first(struct rg_bytes text);

/* Line breaks between two places of one text. */
uint32_t values_lines(const uint8_t *from, const uint8_t *to);

#endif
