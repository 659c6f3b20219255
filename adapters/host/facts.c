/*
 * Routing facts of a header, taken from a canonical document
 *
 * Threads: no state.
 */
#include "host/facts.h"

#include <stdbool.h>

rg_err facts_fill(const Rivergate__V1__Declaration *declaration, Rivergate__V1__Header *header)
{
	(void)declaration;
	(void)header;
	return RG_OK;
}

rg_err facts_differ(const Rivergate__V1__Declaration *declaration,
	const Rivergate__V1__Header *header, const char **ret_field)
{
	(void)declaration;
	(void)header;
	*ret_field = NULL;
	return RG_OK;
}
