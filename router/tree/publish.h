#ifndef TREE_PUBLISH_H
#define TREE_PUBLISH_H

/*
 * Publishing the log: the files that auditors read (C2SP tlog-tiles)
 *
 *     tile/<level>/<number>.p/<width>     partial tiles of each published size
 *     tile/entries/<number>[.p/<width>]   entry bundles
 *     checkpoint                          the published head
 *     log.vkey                            the log's verifier key
 *     checkpoint.witnessed                the newest head that a quorum of witnesses cosigned
 *     witnesses.vkeys                     verifier keys of the witnesses in force, one a line
 *
 * Full hash tiles are written by the core (store.h) and only made durable here. The
 * order is: tiles and bundles written, all synced, then the checkpoint; so a checkpoint
 * never names what a crash could take. At most one head a second is published, and the
 * time between two is ten times what publishing takes, so that a slow disk is left to
 * the journal. A newer head replaces one that waits. A partial file is removed when its
 * full one is there.
 *
 * Everything here is a copy of the journal. At a start the bundles of before are looked
 * at one by one, beside the other work; one that is missing or differs is made again.
 * A disk that does not take a file stops nothing: it is logged, and tried again with the
 * next head.
 *
 * Threads: one of its own. The calls below may come from any thread and never wait for
 * the disk, but for start and stop.
 */

#include <stdint.h>

#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "tree/bundle.h"

struct tree_publish;

/* Texts and what context means are borrowed until stop. */
struct tree_publish_options {
	const char *dir;           /* the log's folder */
	const char *vkey;          /* text of log.vkey, without newline; for the call only */
	struct tree_leaves leaves; /* called on the thread */
	/* On the thread: this note is in the file now. May be NULL. */
	void (*published)(void *context, struct rg_bytes note);
	/* On the thread, once: leaves.read found the journal damaged. */
	void (*failed)(void *context, rg_err fault);
	void *context;
};

/* Writes log.vkey where it is missing. RG_E_IO: it cannot be written. */
RG_MUST_USE rg_err tree_publish_start(const struct tree_publish_options *options,
	struct tree_publish **ret_publish);
/*
 * Gives a head to be published: the text of the checkpoint, as it is to stand in the file, and
 * the partial tiles of its tree (tree_edge()). Both are taken, the buffers are empty afterwards.
 * One that is not larger than the published head is dropped.
 */
void tree_publish_head(struct tree_publish *publish, struct buf *note, struct buf *tiles);
/*
 * Gives another text for the head that is published or waits to be, with the signatures of
 * witnesses. Taken. It is dropped when its size is another: then a newer head is there.
 */
void tree_publish_note(struct tree_publish *publish, struct buf *note);
/* Files beside; each is replaced when other content is given. */
enum tree_publish_aside {
	TREE_PUBLISH_WITNESSED, /* checkpoint.witnessed */
	TREE_PUBLISH_VKEYS,     /* witnesses.vkeys */
};
#define TREE_PUBLISH_ASIDES (TREE_PUBLISH_VKEYS + 1)

/* Gives the content of such a file. Taken; never empty. */
void tree_publish_aside(struct tree_publish *publish, enum tree_publish_aside file,
	struct buf *content);
/* Publishes what waits, ends the thread, frees. */
void tree_publish_stop(struct tree_publish *publish);
SCOPED_DEFINE(struct tree_publish, tree_publish_stop);

#endif
