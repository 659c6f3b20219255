/*
 * Clocks: see clocks.h.
 *
 * Threads: the window's.
 */
#include "rules/clocks.h"

rg_err clocks_explain(struct consignment *consignment)
{
	(void)consignment;
	return RG_OK;
}

rg_err clocks_settle(struct consignment *consignment)
{
	(void)consignment;
	return RG_OK;
}

int64_t clocks_next_us(const struct consignment *consignment)
{
	(void)consignment;
	return INT64_MAX;
}

int64_t clocks_due_us(const struct consignment *consignment, uint32_t leg, const char *viewer)
{
	(void)consignment;
	(void)leg;
	(void)viewer;
	return 0;
}
