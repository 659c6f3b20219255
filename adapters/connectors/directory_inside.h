#ifndef CONNECTORS_DIRECTORY_INSIDE_H
#define CONNECTORS_DIRECTORY_INSIDE_H

/*
 * What directory.c and directory_out.c share; nobody else includes it
 */

#include "connectors/directory.h"

/* A file of out/ as it stood at the last scan. */
struct directory_seen {
	struct directory_file file;
	int64_t since_us; /* monotonic: unchanged since then */
	bool is_moved;    /* came by a rename: finished */
};

struct directory {
	int in_fd;
	int out_fd;
	int done_fd;
	int failed_fd;
	int tmp_fd;
	int watch_fd; /* -1: none, scans find the files too */

	struct directory_seen *seen; /* by name */
	size_t n_seen;
	struct directory_file *ready; /* of the last scan */
	struct directory_name {
		char text[DIRECTORY_NAME_MAX + 1];
	} * moved; /* renamed into out/ since the last scan */
	size_t n_moved;
};

RG_MUST_USE rg_err directory_watch_open(struct directory *directory, const char *root);

#endif
