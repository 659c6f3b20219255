#ifndef CONNECTORS_DIRECTORY_H
#define CONNECTORS_DIRECTORY_H

/*
 * Hand-over to a national system by directories
 *
 *     root/in      in-tray of the national system: we put files, it moves them to done/
 *     root/out     what it wants sent: it puts files, we move them to done/ or failed/
 *     root/done    finished files of both directions
 *     root/failed  files of out/ that could not be sent, each with <name>.findings.json
 *     root/tmp     ours alone (0700): files on their way into in/
 *
 * All on one file system. A file in in/ is complete and on the disk before its name is
 * there. The steps of a hand-over are apart, so that their caller can journal between
 * them: stage (tmp/), sync, put (one rename), sync. A staged file is gone from tmp/
 * exactly when it has been put, whatever the national system did with it since.
 *
 * From out/ only finished files are taken: regular files, no name with a leading dot or
 * ending in .tmp, .part, .partial or ~, and unchanged since the scan before. Whoever renames a
 * finished file into out/ has nothing to fear; whoever writes there directly must not
 * pause for longer than the time between two scans. Nothing is ever deleted: a file that
 * cannot be read or sent goes to failed/, and when it is there, its findings are complete.
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "connectors/connector.h"

/* Bytes of a file name in our directories at most. */
#define DIRECTORY_NAME_MAX 200
/* Files of one scan at most; what is left over comes in the next. */
#define DIRECTORY_SCAN_MAX 1024

struct directory;

/* Makes the folders where they are missing. RG_E_CONFIG: they are not on one file system. */
RG_MUST_USE rg_err directory_open(const char *root, struct directory **ret_directory);
void directory_close(struct directory *directory);
SCOPED_DEFINE(struct directory, directory_close);

/* --- in/: hand-over --- */

enum directory_place {
	DIRECTORY_NOWHERE,
	DIRECTORY_STAGED, /* in tmp/ */
	DIRECTORY_PUT,    /* in in/ or done/ */
};

/* Writes tmp/name and syncs the file. Replaces what a crash may have left there. */
RG_MUST_USE rg_err directory_stage(struct directory *directory, const char *name,
	struct rg_bytes content);
/* Makes the names in tmp/ durable. */
RG_MUST_USE rg_err directory_sync_staged(struct directory *directory);
/* Renames tmp/name to in/name. *ret_is_put false: in/ has a file of this name, nothing changed. */
RG_MUST_USE rg_err directory_put(struct directory *directory, const char *name, bool *ret_is_put);
/* Moves tmp/name to done/name: it was handed over in another way. Durable. */
RG_MUST_USE rg_err directory_put_done(struct directory *directory, const char *name);
/* Moves tmp/name to failed/, with its findings beside it. Durable. No fault when it is gone. */
RG_MUST_USE rg_err directory_give_up(struct directory *directory, const char *name,
	struct rg_bytes findings);
/* Opens tmp/name for reading; to be closed by the caller. RG_E_IO: it cannot be opened. */
RG_MUST_USE rg_err directory_open_staged(struct directory *directory, const char *name, int *ret_fd,
	uint64_t *ret_size);
/* Makes what was put durable. */
RG_MUST_USE rg_err directory_sync_put(struct directory *directory);
/* Where a file of this name is; STAGED wins. */
RG_MUST_USE rg_err directory_find(struct directory *directory, const char *name,
	enum directory_place *ret_place);
/* Removes everything from tmp/ that `keeps` does not claim: ours, never handed over. */
RG_MUST_USE rg_err directory_clean(struct directory *directory,
	bool (*keeps)(void *context, const char *name), void *context);

/* --- out/: pick-up --- */

/* One file as it stood when it was seen. */
struct directory_file {
	char name[DIRECTORY_NAME_MAX + 1];
	uint64_t inode;
	uint64_t size;
	int64_t changed_ns; /* mtime */
};

/*
 * Files of out/ that are finished, oldest first (mtime, then name). The array belongs to
 * the directory and lives until the next scan. *ret_is_settled is false when files were
 * left out because they may still be growing: scan again soon.
 */
RG_MUST_USE rg_err directory_scan(struct directory *directory,
	const struct directory_file **ret_files, size_t *ret_n, bool *ret_is_settled);
/*
 * Reads a file into out (cleared before). *ret_problem is NULL, or one static English
 * sentence (an answer): too large, or no longer the file that was scanned.
 */
RG_MUST_USE rg_err directory_read(struct directory *directory, const struct directory_file *file,
	size_t limit, struct buf *out, const char **ret_problem);
/* Whether out/ still has this very file. */
RG_MUST_USE rg_err directory_has(struct directory *directory, const struct directory_file *file,
	bool *ret_has);
/*
 * Moves it to done/; to failed/ with its findings beside it. Durable. A name that is
 * taken there gets .2, .3 …. No fault when the file is gone.
 */
RG_MUST_USE rg_err directory_finish(struct directory *directory, const struct directory_file *file);
RG_MUST_USE rg_err directory_fail(struct directory *directory, const struct directory_file *file,
	struct rg_bytes findings);

/* --- out/, when what goes there comes from us --- */

/* Makes tmp/name, empty and open for writing; to be closed by the caller. */
RG_MUST_USE rg_err directory_create_staged(struct directory *directory, const char *name,
	int *ret_fd);
void directory_drop_staged(struct directory *directory, const char *name);
/*
 * Renames tmp/name to out/as; durable. *ret_is_put false: out/ has a file of this name,
 * nothing changed.
 */
RG_MUST_USE rg_err directory_send(struct directory *directory, const char *name, const char *as,
	bool *ret_is_put);
/* Folder of a file that was sent: as it stands when it is looked for. */
enum directory_sent {
	DIRECTORY_SENT_NOWHERE,
	DIRECTORY_SENT_OUT,
	DIRECTORY_SENT_DONE,
	DIRECTORY_SENT_FAILED,
};
RG_MUST_USE rg_err directory_find_sent(struct directory *directory, const char *name,
	enum directory_sent *ret_place);
/* Reads failed/<name>.findings.json into out; left empty when it is not there. */
RG_MUST_USE rg_err directory_findings(struct directory *directory, const char *name,
	struct buf *out);
/* Entries of out/, counted up to max. */
RG_MUST_USE rg_err directory_count_out(struct directory *directory, size_t max, size_t *ret_n);

/* Readable when something changed in out/; -1 where the system has no such thing. */
int directory_watch_fd(const struct directory *directory);
/* Forgets what made it readable. */
void directory_watch_clear(struct directory *directory);

/* The connector that hands over by renaming into in/. Borrows the directory. */
struct connector directory_connector(struct directory *directory);

#endif
