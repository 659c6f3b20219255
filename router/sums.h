#ifndef ROUTER_SUMS_H
#define ROUTER_SUMS_H

/*
 * Files of a copy, and the list of their sums
 *
 * A file is written beside its place, `<name>.tmp`, and takes its name when it is whole; one
 * that is there is never written again. The list has a line `<hex SHA-256>  <name>` for each
 * file, which `sha256sum -c` reads. Nothing is synced singly: sums_seal() syncs all, and
 * writes the list last, so that a folder with its list is whole.
 *
 * Threads: one owner.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"

struct sums;

RG_MUST_USE rg_err sums_new(const char *dir, struct sums **ret_sums);
void sums_free(struct sums *sums);
SCOPED_DEFINE(struct sums, sums_free);

/* Whether the file is there already. name: relative to the folder. */
bool sums_has(const struct sums *sums, const char *name);
/* One file piece by piece: begin, add as often as needed, end. Begin needs that it is not there. */
RG_MUST_USE rg_err sums_begin(struct sums *sums, const char *name);
RG_MUST_USE rg_err sums_add(struct sums *sums, struct rg_bytes bytes);
RG_MUST_USE rg_err sums_end(struct sums *sums);
/* All of it at once; also while another is written piece by piece. */
RG_MUST_USE rg_err sums_put(struct sums *sums, const char *name, struct rg_bytes content);
/* Files and bytes written so far. */
uint64_t sums_n_files(const struct sums *sums);
uint64_t sums_n_bytes(const struct sums *sums);
/* Syncs the file system, then writes the list under this name, synced. */
RG_MUST_USE rg_err sums_seal(struct sums *sums, const char *name);

/*
 * Reads every file of a list. *ret_wrong is empty, or names the first line or file that is not
 * as the list says. RG_E_CONFIG: there is no list (logged).
 */
RG_MUST_USE rg_err sums_check(const char *dir, const char *name, struct buf *ret_wrong);

#endif
