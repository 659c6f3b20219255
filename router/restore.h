#ifndef ROUTER_RESTORE_H
#define ROUTER_RESTORE_H

/*
 * A log that goes on where a backup ends
 *
 * A restored backup never continues an origin: what the old router signed after it would be
 * contradicted. So the new log has another origin and another log key. It begins with record 0,
 * ORIGIN, which carries the old log's checkpoint as its predecessor; every other record
 * is the old one, byte for byte, under its old index. So every fold goes on as it was:
 * identities, queues, settlements, the law, set-asides. Nothing that the backup holds is lost, and
 * anybody who has the old record 0 (`predecessor/record-0`) can see it: with it in place of
 * the new one, the first `size` leaves give the old root.
 *
 * Old receipts belong to the old log, which the backup itself is: keep it.
 *
 * Threads: one.
 */

#include <stdint.h>

#include <rivergate/error.h>

#include "settings.h"

struct restore_result {
	char origin[256]; /* of the old log */
	uint64_t size;
	unsigned n_cosignatures; /* signatures beside the log's on the predecessor */
};

/*
 * settings: of the new router; its data_dir holds no log yet. RG_E_CONFIG: the backup is none
 * or is changed, or the new router has origin, key or pin wrong (logged). RG_E_FORMAT: the log
 * in the backup is damaged (logged). A crash leaves no journal, and restore may be run again.
 */
RG_MUST_USE rg_err restore_run(const struct settings *settings, const char *dir,
	struct restore_result *ret_result);

#endif
