#ifndef ROUTER_BACKUP_H
#define ROUTER_BACKUP_H

/*
 * Copies of a log: backup and archive
 *
 * Both are made beside a running router or without one. The copy is the log at the published
 * checkpoint, in the shape that auditors read (evidence/published.h): `checkpoint`,
 * `log.vkey`, `witnesses.vkeys`, `tile/…`, `tile/entries/…`, `timestamp/…`, `journal/…`. Tiles
 * are made from the journal again, not copied, and their root must be the checkpoint's: what
 * was copied is what the log signed.
 *
 *     backup    into a folder of its own: the journal up to the checkpoint, `about.json`, and
 *               `SHA256SUMS`, which is written last: without it the backup is none
 *     archive   for write-once storage, made again and again into one folder: closed
 *               segments, tiles, `checkpoints/<size>`, `SHA256SUMS.<size>`. A file that is there is
 *               never written again; only `checkpoint` names the newest. Parts of the open
 *               segment come with a later run
 *
 * The source is told: an act (acts.h) becomes an ADMIN record.
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/merkle.h"
#include "settings.h"

#define BACKUP_LIST "SHA256SUMS"

struct backup_options {
	const struct settings *settings;
	const char *dir;
	bool is_archive;
};

struct backup_result {
	uint64_t size; /* of the checkpoint */
	struct merkle_hash root;
	uint64_t n_files; /* written now */
	uint64_t n_bytes;
	uint64_t n_segments;
};

/*
 * RG_E_CONFIG: nothing has been published yet, or the folder is not to be written to: a backup
 * wants an empty one, an archive an empty one or one of the same log (logged). RG_E_FORMAT:
 * the journal is damaged, or is not what the checkpoint says (logged).
 */
RG_MUST_USE rg_err backup_run(const struct backup_options *options,
	struct backup_result *ret_result);

#endif
