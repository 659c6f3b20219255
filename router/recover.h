#ifndef ROUTER_RECOVER_H
#define ROUTER_RECOVER_H

/*
 * Recovery: from what lies on the disk to a core that may go on
 *
 *     high-water mark   largest size that checkpoint, index or tiles claim
 *     journal           opened against it: damage below stops the start
 *     core              every record again, by the code that applied it first
 *     checkpoint        the one on the disk must fit the tree that came out
 *
 * Threads: one, before others start.
 */

#include <rivergate/error.h>

#include "core.h"
#include "journal/journal.h"
#include "settings.h"

/* Paths below data_dir; to be freed by recover_paths_deinit(). */
struct recover_paths {
	char *journal;
	char *index;
	char *window;
	char *checkpoint; /* a file */
};

RG_MUST_USE rg_err recover_paths_init(const struct settings *settings,
	struct recover_paths *ret_paths);
void recover_paths_deinit(struct recover_paths *paths);

struct recovered {
	struct journal *journal;
	struct core *core;
};

RG_MUST_USE rg_err recover(const struct settings *settings, const struct recover_paths *paths,
	struct recovered *ret_recovered);

#endif
