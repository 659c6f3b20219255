#ifndef TREE_DURABLE_H
#define TREE_DURABLE_H

/*
 * A group of files that become durable together
 *
 * Each file is written beside its place (`<path>.tmp`); at the end all are synced, each is
 * renamed, and each folder is synced once. Before that a crash leaves the old files,
 * afterwards the new ones; in between some of both, none of them in part.
 *
 * Faults are logged where they happen. After one the group is to be given up by deinit:
 * files that were not renamed are gone, the others are good.
 *
 * Threads: a group belongs to one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/scoped.h"

#define TREE_DURABLE_MAX 64

struct tree_durable_file {
	char *path;
	char *temporary; /* NULL: the file is in its place */
	int fd;
};

struct tree_durable {
	struct tree_durable_file files[TREE_DURABLE_MAX];
	size_t n_files;
};

void tree_durable_init(struct tree_durable *group);
void tree_durable_deinit(struct tree_durable *group);
SCOPED_DEFINE_VALUE(struct tree_durable, tree_durable_deinit);

/*
 * Adds a file with this content; makes its folders. A file that has the content already is only
 * synced. ret_differed (may be NULL): there was one with another content.
 * A group that is full is finished first.
 */
RG_MUST_USE rg_err tree_durable_put(struct tree_durable *group, const char *path,
	struct rg_bytes content, bool *ret_differed);
/* Adds a file that somebody else wrote. ret_found false: there is none of this length. */
RG_MUST_USE rg_err tree_durable_adopt(struct tree_durable *group, const char *path, uint64_t len,
	bool *ret_found);
/* Makes all files durable; the group is empty again. */
RG_MUST_USE rg_err tree_durable_finish(struct tree_durable *group);

#endif
