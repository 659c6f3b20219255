/*
 * Documents: see documents.h.
 *
 * Threads: the window's.
 */
#include "rules/documents.h"

rg_err documents_take(struct window_call *call)
{
	(void)call;
	return RG_OK;
}

rg_err documents_decided(struct consignment *consignment, uint32_t declaration,
	Rivergate__V1__DecisionStatus status)
{
	(void)consignment;
	(void)declaration;
	(void)status;
	return RG_OK;
}

rg_err documents_settle(struct consignment *consignment)
{
	(void)consignment;
	return RG_OK;
}

rg_err documents_next_us(struct consignment *consignment, int64_t *ret_us)
{
	(void)consignment;
	*ret_us = INT64_MAX;
	return RG_OK;
}
