#ifndef RULES_LEDGER_H
#define RULES_LEDGER_H

/*
 * The ledger of one certificate: what was said of it, by whom, and which consignments use it
 *
 * A certificate is (type, issuer's country, number), whichever way it came, and whether it has
 * been seen yet or was only named. README.md of this folder states what counts.
 *
 * Threads: the window's.
 */

#include "rules/consignment.h"
#include "rules/quantity.h"

#define LEDGER_USES_MAX 1024
#define LEDGER_WORD_MAX 120 /* of type, country and number each, in bytes: keys are bounded */

struct ledger_name {
	const char *type;
	const char *country;
	const char *number;
};

/* Whether it names one certificate: nothing empty, nothing too long. */
bool ledger_is_name(const struct ledger_name *name);

/* The row; an empty one when there is none. In the arena. */
RG_MUST_USE rg_err ledger_read(struct window_call *call, const struct ledger_name *name,
	Rivergate__V1__CertificateLedger **ret_ledger);

/* Away with a row that says nothing. */
RG_MUST_USE rg_err ledger_write(struct window_call *call, const struct ledger_name *name,
	const Rivergate__V1__CertificateLedger *ledger);

/*
 * From now on the consignment uses the certificate like this (index apart, which is the
 * ledger's); use NULL: it does not use it any more. Others whose balance is another by this
 * are touched. The ledger in hand changes too.
 */
RG_MUST_USE rg_err ledger_use(struct window_call *call, const struct ledger_name *name,
	Rivergate__V1__CertificateLedger *ledger, const char *ucr,
	const Rivergate__V1__CertificateUse *use);

/* What stands before a use in the ledger, without strangers and what is free. */
struct ledger_balance {
	const Rivergate__V1__CertificateUse *use;
	bool is_first;
	int64_t before; /* millionths */
};
/* False: the consignment does not use it. */
bool ledger_balance(const Rivergate__V1__CertificateLedger *ledger, const char *ucr,
	struct ledger_balance *ret_balance);

/* What may be used of it all in all; false: it certifies no quantity. */
bool ledger_certified(const Rivergate__V1__CertificateLedger *ledger,
	struct quantity_amount *ret_amount);
/* Whether its goods include this kind; without any goods they include everything. */
bool ledger_covers(const Rivergate__V1__CertificateFacts *facts, const Rivergate__V1__Goods *goods);
/* Names of the fields in which messages about it differ; "": they agree. */
void ledger_differences(const Rivergate__V1__CertificateLedger *ledger, char *ret_text,
	size_t room);
/* As people write containers and seals: blanks, hyphens and case do not count. */
bool ledger_is_same_word(const char *a, const char *b);

/* CERTIFICATE, CERTIFICATE_STATUS. */
RG_MUST_USE rg_err ledger_take(struct window_call *call);
RG_MUST_USE rg_err ledger_take_status(struct window_call *call);

#endif
