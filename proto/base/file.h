#ifndef BASE_FILE_H
#define BASE_FILE_H

/*
 * Files that survive a crash
 *
 * What a function here reports as done is on the disk: file and directory entry
 * synced. Faults are logged with path and errno where they happen (RG_E_IO).
 */

#include <stdbool.h>
#include <sys/types.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"

void fd_close(int *fd); /* for scoped(fd_close) int fd = -1; */

/*
 * Reads a whole file of at most limit bytes. RG_E_OVERFLOW when larger;
 * ret_found (may be NULL) false when there is none, which is then no fault.
 */
RG_MUST_USE rg_err file_read(const char *path, size_t limit, struct buf *out, bool *ret_found);
/*
 * Reads a secret of at most limit bytes. RG_E_CONFIG, with what to do, when there is
 * none or when group or others may touch it. The caller wipes out with buf_wipe().
 */
RG_MUST_USE rg_err file_read_private(const char *path, size_t limit, struct buf *out);
/* Replaces path by a synced temporary file in the same folder, renamed over it. */
RG_MUST_USE rg_err file_replace(const char *path, struct rg_bytes content, mode_t mode);
/* As file_replace(), but RG_E_CONFIG when path exists: never overwrites (keys). */
RG_MUST_USE rg_err file_create(const char *path, struct rg_bytes content, mode_t mode);
RG_MUST_USE rg_err file_sync_dir(const char *dir);
/* rename() with both folders synced after it. */
RG_MUST_USE rg_err file_rename(const char *from, const char *to);
/* Creates the folder and those above it, mode 0700; no fault when it exists. */
RG_MUST_USE rg_err file_make_dirs(const char *path);
/* Writes all; retries short writes and EINTR. */
RG_MUST_USE rg_err file_write_all(int fd, struct rg_bytes content);
/* dir + "/" + name; the result is freed with free(). NULL: no memory. */
char *file_join(const char *dir, const char *name);

#endif
