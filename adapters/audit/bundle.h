#ifndef AUDIT_BUNDLE_H
#define AUDIT_BUNDLE_H

/*
 * An evidence bundle as a set of files, in memory
 *
 * A bundle is a folder or a .zip archive with the same files in it. Here it is a list of
 * relative paths with their content, sorted by path. Which files a bundle has, and what
 * they say, is evidence.h's business; what may be in a bundle at all is decided here:
 *
 *     path    at most 3 names joined by '/', each of A-Z a-z 0-9 . _ - and none with a
 *             leading '.', 100 bytes in all: so no path leaves the folder
 *     files   regular files only, at most BUNDLE_FILES_MAX of them
 *     bytes   at most BUNDLE_FILE_MAX in a file and BUNDLE_BYTES_MAX in all, counted while
 *             reading, whatever an archive says about itself
 *
 * What is written depends on the files alone, never on clock, user or folder: the same
 * bundle gives the same bytes again.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"

#define BUNDLE_PATH_MAX  100
#define BUNDLE_FILES_MAX 16384
#define BUNDLE_FILE_MAX  ((size_t)8 << 20) /* as long as a part may be */
#define BUNDLE_BYTES_MAX ((size_t)512 << 20)

struct bundle_file {
	char path[BUNDLE_PATH_MAX + 1];
	struct buf content;
};

/* Initialise with {0}. Sorted by path after bundle_sort(). */
struct bundle {
	struct bundle_file *files;
	size_t n_files;
	size_t n_room;
	size_t n_bytes;
};

/* Why a file, a folder or an archive is no bundle; a correct answer, not a fault. */
struct bundle_answer {
	bool is_ok;
	char where[BUNDLE_PATH_MAX + 1]; /* the file; empty: the whole */
	char text[200];                  /* what is wrong, and what to do */
};

__attribute__((format(printf, 3, 4))) void bundle_refuse(struct bundle_answer *answer,
	const char *where, const char *format, ...);

void bundle_deinit(struct bundle *bundle);
SCOPED_DEFINE_VALUE(struct bundle, bundle_deinit);

bool bundle_path_is_valid(const char *path);
/*
 * Adds a file; content is copied. The path is valid and new. RG_E_OVERFLOW: the bundle
 * would hold too much.
 */
RG_MUST_USE rg_err bundle_add(struct bundle *bundle, const char *path, struct rg_bytes content);
/* Sorts by path (bytes). Afterwards bundle_find() may be asked, until the next add. */
void bundle_sort(struct bundle *bundle);
/* NULL: there is none. Borrowed. */
const struct bundle_file *bundle_find(const struct bundle *bundle, const char *path);

/*
 * Reads a folder, or an archive when path is a file. Sorted. Answer not ok: it is no
 * bundle (nothing there, a path or file that may not be, too much, a damaged archive).
 */
RG_MUST_USE rg_err bundle_read(const char *path, struct bundle *ret_bundle,
	struct bundle_answer *ret_answer);
/*
 * Writes a new folder, or an archive when path ends in ".zip". RG_E_CONFIG, with a log
 * line that says what to do: path exists, or this build writes no archives.
 */
RG_MUST_USE rg_err bundle_write(const struct bundle *bundle, const char *path);

/* --- Archives (bundle_zip.c, or bundle_nozip.c where the build has no libarchive) ------------ */

/* The first takes a file, the second the archive itself. Both add to bundle, unsorted. */
RG_MUST_USE rg_err bundle_zip_read(const char *path, struct bundle *bundle,
	struct bundle_answer *ret_answer);
RG_MUST_USE rg_err bundle_zip_parse(struct rg_bytes archive, struct bundle *bundle,
	struct bundle_answer *ret_answer);
RG_MUST_USE rg_err bundle_zip_write(const struct bundle *bundle, struct buf *out);

#endif
