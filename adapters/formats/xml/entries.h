#ifndef XML_ENTRIES_H
#define XML_ENTRIES_H

/*
 * Files that hold several documents
 *
 *     <Message>           one file
 *       <Order>…</Order>  each entry is a document of its own
 *       <Order>…</Order>
 *       <Transfer/>       what stands beside the entries belongs to every one of them
 *     </Message>
 *
 * Decoding gives each entry a tree in which it is the only one; encoding puts them
 * together again. Comments and texts between entries stay with the entry that follows,
 * those behind the last with the first, so that no document holds another's.
 *
 * An entry is named without regard to case and prefix, as everywhere in the engine.
 */

#include <stdbool.h>
#include <stddef.h>

#include <rivergate/error.h>

#include "formats/xml/tree.h"

/* Documents that one file may hold: ten times what a known format allows. */
#define XML_MAX_ENTRIES 1000

size_t xml_entries_count(const struct xml_node *root, const char *entry);

/*
 * Whether n documents may be made of it: what they share is copied into each, and all
 * of them together may have eight times the elements of one file.
 */
bool xml_entries_fit(const struct xml_node *root, const char *entry, size_t n);

/*
 * Copies the n-th document (from 1) of `file` into an empty tree; texts are not copied.
 * *ret_entry is the path of the entry there. RG_E_NOMEM: the pool or XML_MAX_NODES is spent.
 */
RG_MUST_USE rg_err xml_entries_copy(const struct xml_tree *file, const char *entry, size_t n,
	struct xml_tree *tree, const char **ret_entry);

/* Whether two roots state the same beside their entries; only then are they one file. */
bool xml_entries_agree(const struct xml_node *a, const struct xml_node *b, const char *entry);

/*
 * Moves the entry of `from` and what precedes it there behind the last entry of `into`.
 * Both are roots whose children have their final order. The nodes stay in their pool.
 */
void xml_entries_join(struct xml_node *into, struct xml_node *from, const char *entry);

#endif
