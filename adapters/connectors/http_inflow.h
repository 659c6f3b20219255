#ifndef CONNECTORS_HTTP_INFLOW_H
#define CONNECTORS_HTTP_INFLOW_H

/*
 * What the national system sends: from the first byte to a file in out/, once a key
 *
 *     1 content     DIRECTORY/tmp/<private name>, synced
 *     2 promise     state/http/<xx>/<key hash>.new: the file's name and SHA-256; synced
 *     3 put         one rename into out/; synced
 *     4 kept        <key hash>.new becomes <key hash>; synced
 *
 * A crash before 3: nothing was taken; the sender has no answer and sends again. Between 3
 * and 4: inflow_open() finds the promise and the file in out/, done/ or failed/, and
 * finishes. After 4 the key means this content for ever: the same key with the same
 * content gets the same answer, with another content none.
 *
 * Threads: one (the listener's).
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "connectors/directory.h"

#define INFLOW_KEY_MAX  128
#define INFLOW_HASH_LEN 64 /* hex digits */

/* A key and what it stands for. */
struct inflow_record {
	char key[INFLOW_KEY_MAX + 1];
	char file[DIRECTORY_NAME_MAX + 1];
	char sha256[INFLOW_HASH_LEN + 1];
	uint64_t size;
	int64_t received_us;
};

enum inflow_answer {
	INFLOW_NEW,   /* it is in out/ now */
	INFLOW_SAME,  /* it was here before */
	INFLOW_OTHER, /* the key stands for another content: refused */
};

enum inflow_state {
	INFLOW_WAITING, /* in out/: on its way to receipts */
	INFLOW_SENT,    /* in done/ */
	INFLOW_FAILED,  /* in failed/ */
	INFLOW_GONE,    /* somebody took it away */
};

struct inflow;

RG_MUST_USE rg_err inflow_open(struct directory *directory, const char *state_path,
	struct inflow **ret_inflow);
void inflow_close(struct inflow *inflow);
SCOPED_DEFINE(struct inflow, inflow_close);

/* 1 to INFLOW_KEY_MAX printable ASCII characters; quotes around it are taken off. */
bool inflow_read_key(const char *text, char ret_key[INFLOW_KEY_MAX + 1]);

/* Content while it comes in. */
struct inflow_load;

RG_MUST_USE rg_err inflow_begin(struct inflow *inflow, struct inflow_load **ret_load);
/* RG_E_IO: no space; the load is spoilt. */
RG_MUST_USE rg_err inflow_add(struct inflow_load *load, const void *data, size_t len);
uint64_t inflow_size(const struct inflow_load *load);
/* Forgets it and its file, unless it was committed. */
void inflow_free(struct inflow_load *load);
SCOPED_DEFINE(struct inflow_load, inflow_free);
/*
 * Steps 1 to 4. extension: of the file in out/, "xml". ret_record is filled for every
 * answer, with what the key stands for.
 */
RG_MUST_USE rg_err inflow_commit(struct inflow_load *load, const char *key, const char *extension,
	enum inflow_answer *ret_answer, struct inflow_record *ret_record);

/*
 * What became of a key; *ret_is_found false: never seen. findings: cleared, then the text of
 * failed/<file>.findings.json where the file failed.
 */
RG_MUST_USE rg_err inflow_status(struct inflow *inflow, const char *key, bool *ret_is_found,
	struct inflow_record *ret_record, enum inflow_state *ret_state, struct buf *findings);

/* Files that wait in out/, finished or not, counted up to max. */
RG_MUST_USE rg_err inflow_count(struct inflow *inflow, size_t max, size_t *ret_n);

#endif
