/*
 * Built without libmicrohttpd: no HTTP form, see witness_http.h
 *
 * Threads: any.
 */
#include "base/log.h"
#include "host/witness_http.h"

rg_err witness_http_start(const char *address, struct witness *judge,
	struct witness_http **ret_http)
{
	(void)judge;
	(void)ret_http;
	log_event(LOG_ERROR, "witness", "no-http", log_text("address", address),
		log_text("do", "build with libmicrohttpd, or leave witness.http out"));
	return RG_E_CONFIG;
}

void witness_http_stop(struct witness_http *http)
{
	(void)http;
}
