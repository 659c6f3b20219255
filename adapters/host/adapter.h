#ifndef HOST_ADAPTER_H
#define HOST_ADAPTER_H

/*
 * The adapter of one party
 *
 * What the files of this folder share: everything one running adapter holds. The loop is
 * in adapter.c; deliveries go plan.c → handover.c, files of out/ go sending.c.
 *
 * Threads: one, beside those inside client, watch and the translating process.
 */

#include <stdbool.h>

#include <rivergate/client.h>
#include <rivergate/error.h>

#include "base/scoped.h"
#include "connectors/directory.h"
#include "host/inbox.h"
#include "host/ledger.h"
#include "host/outbox.h"
#include "host/reply.h"
#include "host/settings.h"
#include "host/translator.h"
#include "sign/key.h"

struct adapter {
	struct settings *settings;
	struct translator *translator;
	struct directory *directory;
	struct connector connector; /* how staged files reach the national system */
	struct ledger *ledger;
	struct inbox *inbox;
	struct outbox *outbox;
	struct replies *replies;
	struct key *key;
	struct rg_client *client; /* NULL: not open */
	/* The member's witness in this process, borrowed; NULL: none. */
	struct witnessing *witnessing;
	bool is_alarmed; /* the router is not to be trusted, see alarms.h */
	int lock_fd;     /* one adapter a state folder */
	int receipts_fd; /* folders below state */
	int answers_fd;
	int withheld_fd;
	int translations_fd;
	char boot[INBOX_BOOT_MAX + 1]; /* of this system; "": not known */
};

/*
 * Opens what stands on the disk and finishes what a
 * crash interrupted. Takes *settings, *translator.
 */
RG_MUST_USE rg_err adapter_open(struct settings **settings, struct translator **translator,
	struct adapter **ret_adapter);
/* Stops at once; what is under way continues at the next start. */
void adapter_close(struct adapter *adapter);
SCOPED_DEFINE(struct adapter, adapter_close);

/*
 * Connects and works until SIGTERM or SIGINT; then hands over what is stored, sends what
 * it can for a moment, and returns RG_OK. SIGHUP: reads the configuration, the registry
 * and the directories again and connects anew; what may not change (party, state,
 * directory) or is wrong is said in the log and nothing changes. watch_block_signals()
 * must have been called.
 *
 * RG_E_CONFIG: options or files are wrong. RG_E_STORE: another adapter of this party
 * receives now, or the router contradicts itself: stop and look.
 */
RG_MUST_USE rg_err adapter_run(struct adapter *adapter, const char *config_path);

#endif
