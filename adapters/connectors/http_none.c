/*
 * Built without libcurl, libmicrohttpd or GnuTLS: no connector `http`, see http.h
 *
 * Threads: any.
 */
#include "base/log.h"
#include "connectors/http.h"

rg_err http_connector_open(const struct http_options *options, const struct http_limits *limits,
	struct directory *directory, const char *state_path, struct connector *ret_connector)
{
	(void)options;
	(void)limits;
	(void)directory;
	(void)state_path;
	(void)ret_connector;
	log_event(LOG_ERROR, "http", "not-built",
		log_text("do",
			"build with libcurl, libmicrohttpd and GnuTLS, or take connector = "
			"\"directory\""));
	return RG_E_CONFIG;
}
