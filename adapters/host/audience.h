#ifndef HOST_AUDIENCE_H
#define HOST_AUDIENCE_H

/*
 * Which part of a declaration is for whom
 *
 * A declaration travels as several parts, so that every authority gets what its task needs
 * and nothing else. The router never opens a part: it delivers by the roles that the part's
 * audience names in the header, and by the part's name in the channel rule.
 *
 *     customs      what customs and border posts need: procedures, duties as stated, tariff
 *                  digits, offices, guarantees, and the identity of the goods
 *     sps          what a quarantine or other technical authority needs, readable alone: the
 *                  identity of the goods, their journey, who sends and who gets them,
 *                  documents, sanitary and phytosanitary facts; no money
 *     commercial   prices, values, invoices, the sale and its payment: customs alone
 *     extensions   what only the national format reads, and what is private: stays at home
 *
 * Which field belongs to which part is data: one table of canonical paths in audience.c. A
 * field may belong to several parts; then it stands in each of them, and they must agree.
 * A field that no row covers cannot be: a test walks declaration.proto. How a document is
 * cut by this table and put together again: parts.h.
 *
 * The table is part of the protocol: sender and recipient cut alike. A field that changes
 * its parts makes adapters of different age report PARTS about each other's messages.
 */

#include <stdbool.h>
#include <stddef.h>

#include "rivergate/v1/message.pb-c.h"

enum audience {
	AUDIENCE_CUSTOMS,
	AUDIENCE_SPS,
	AUDIENCE_COMMERCIAL,
	AUDIENCE_HOME, /* the part `extensions`; of nobody's, it is withheld */
};

/* Parts that travel, and all. */
#define AUDIENCE_TRAVELLING 3
#define AUDIENCE_ALL        4

/* One part as a member of a set. */
#define AUDIENCE_BIT(audience) (1u << (audience))

struct audience_part {
	const char *name;  /* of the part; in the header, in channel rules */
	const char *holds; /* for people, to follow "it holds" */
	const Rivergate__V1__Role *roles;
	size_t n_roles; /* 0: it is withheld */
};

/* By enum audience, in the order in which the parts stand in a header. */
extern const struct audience_part audience_parts[AUDIENCE_ALL];

/* A row of the table: what stands at and below this path, but for what a longer path says. */
struct audience_row {
	const char *path; /* canonical, `[]` behind each list on the way: items[].costs */
	unsigned parts;   /* set of AUDIENCE_BIT() */
};

extern const struct audience_row audience_rows[];
extern const size_t audience_n_rows;

/* Whether path lies at or below row. Positions of lists in the path may be numbers or none. */
bool audience_covers(const char *row, const char *path);
/* The parts of the leaf at this path, where [] or [7] stand for any position; 0: no row. */
unsigned audience_of(const char *path);

#endif
