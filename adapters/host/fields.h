#ifndef HOST_FIELDS_H
#define HOST_FIELDS_H

/*
 * Fields of messages that own what they hold, by protobuf-c's default allocator
 */

#include <stddef.h>

#include <rivergate/error.h>

/* A copy of the text in place of what stood there; an empty one changes nothing. */
RG_MUST_USE rg_err fields_set_text(char **field, const char *text);

/*
 * Puts entry at this place of a repeated field of messages, which takes it over; on a fault
 * it stays the caller's. list: the address of the field; entry NULL: RG_E_NOMEM.
 */
RG_MUST_USE rg_err fields_insert(void *list, size_t *n, size_t at, void *entry);
RG_MUST_USE rg_err fields_append(void *list, size_t *n, void *entry);

#endif
