/*
 * Prints the rows of a router's index in key order, one a line
 *
 *     index-rows FOLDER ORIGIN
 *
 * For tests that compare two indexes. The router must not be running. Exit 0, 2 usage, 3 the
 * index does not open; one of another log, or a damaged one, would be printed empty.
 */

#include <stdio.h>

#include "index/index.h"

int main(int argc, char **argv)
{
	scoped(index_closep) struct index *index = NULL;
	scoped(buf_deinitv) struct buf rows = {.data = NULL};

	if (argc != 3) {
		fputs("usage: index-rows FOLDER ORIGIN\n", stderr);
		return 2;
	}
	const struct index_options options = {.path = argv[1], .origin = argv[2]};

	if (index_open(&options, &index) || index_dump(index, &rows)) {
		return 3;
	}
	return fwrite(rows.data, 1, rows.len, stdout) == rows.len ? 0 : 3;
}
