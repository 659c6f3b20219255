#ifndef WINDOW_DISK_H
#define WINDOW_DISK_H

/*
 * The rows of the window: an LMDB environment in a folder of its own
 *
 * Made anew at every start, since the journal is replayed then anyway; so it is never synced,
 * and nothing of it is believed after a crash. Rows of any number of consignments lie there,
 * not in memory: what one commit changes is all that is held (anonymous memory), the rest is
 * the file's.
 *
 * Threads: the core's.
 */

#include "base/scoped.h"
#include "rules/store.h"

struct window_disk;

/* Deletes what is in the folder, and creates it. */
RG_MUST_USE rg_err window_disk_open(const char *path, struct window_disk **ret_disk);
void window_disk_close(struct window_disk *disk);
SCOPED_DEFINE(struct window_disk, window_disk_close);

/* Borrows the disk. */
struct rules_store window_disk_store(struct window_disk *disk);

/* Lets go of the memory that the changes since the last call hold; cheap when there are few. */
RG_MUST_USE rg_err window_disk_commit(struct window_disk *disk);

#endif
