#ifndef HOST_TRANSFER_H
#define HOST_TRANSFER_H

/*
 * What may never be carried from one country's declaration into another's
 *
 * Procedure, tariff digits beyond HS6, duties, offices, numbers of the national
 * system: they are law or acts of the country that stated them. The loss report
 * names them NOT_TRANSFERABLE, apart from what the target merely has no room for.
 */

#include <stdbool.h>

/*
 * Whether the leaf at this canonical path is not transferable. *ret_reason is then one
 * English sentence, static.
 */
bool transfer_is_national(const char *path, const char **ret_reason);

/*
 * Whether the leaf at this path is personal data of somebody who buys, pays or receives,
 * or a trader's signature: it stays with the adapter of the system that stated it (in the
 * part `extensions`, audience.h), and no report shows its value.
 */
bool transfer_is_private(const char *path);

#endif
