/*
 * Alerts, notices and enquiries: see alerts.h.
 *
 * Threads: the window's.
 */
#include "rules/alerts.h"

rg_err alerts_take(struct window_call *call)
{
	(void)call;
	return RG_OK;
}

rg_err alerts_acknowledged(struct window_call *call)
{
	(void)call;
	return RG_OK;
}

rg_err alerts_non_compliance(struct consignment *consignment)
{
	(void)consignment;
	return RG_OK;
}

rg_err alerts_settle(struct consignment *consignment)
{
	(void)consignment;
	return RG_OK;
}

rg_err alerts_due(struct window_call *call, enum rows_timer about, struct rg_bytes name)
{
	(void)call;
	(void)about;
	(void)name;
	return RG_OK;
}
