#ifndef HOST_SYNCED_H
#define HOST_SYNCED_H

/*
 * Files in an open folder, with the syncs apart
 *
 * base/file.h makes every step durable by itself. Whoever takes many steps at once
 * syncs each file, but the folder only once: that is what these are for. Faults are
 * logged with folder and name (RG_E_IO).
 */

#include <stdbool.h>
#include <sys/types.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

/* Opens the folder path/name (name may be NULL), making it with this mode where it is missing. */
RG_MUST_USE rg_err synced_open_dir(const char *path, const char *name, mode_t mode, int *ret_fd);
/* Writes a new file or replaces its content; the file is synced, its name is not. */
RG_MUST_USE rg_err synced_write(int dir_fd, const char *name, struct rg_bytes content, mode_t mode);
/*
 * The same for files that others read when they please: written aside, as .NAME.tmp, then
 * renamed, so that whoever sees the name sees the whole.
 */
RG_MUST_USE rg_err synced_replace(int dir_fd, const char *name, struct rg_bytes content,
	mode_t mode);
/* Makes the names in the folder durable. */
RG_MUST_USE rg_err synced_names(int dir_fd);
/* Renames without replacing: *ret_is_moved false when the new name is taken. Not durable. */
RG_MUST_USE rg_err synced_move(int from_fd, const char *from, int to_fd, const char *to,
	bool *ret_is_moved);
/* As synced_move(), but a name that is taken gets .2, .3 …. Not durable. */
RG_MUST_USE rg_err synced_move_aside(int from_fd, const char *from, int to_fd, const char *to);
/* Whether the folder has this name, whatever it is. */
RG_MUST_USE rg_err synced_has(int dir_fd, const char *name, bool *ret_has);

#endif
