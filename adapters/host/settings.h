#ifndef HOST_SETTINGS_H
#define HOST_SETTINGS_H

/*
 * Configuration of the adapter
 *
 *     party        = "la.customs.boten";
 *     router       = "rivergate.main";
 *     registry     = "/etc/rivergate/registry.json";
 *     directories  = "/etc/rivergate/directories";
 *     pin          = "…64 hex digits…";
 *     curve_key    = "keys/curve";
 *     signing_key  = "keys/signing.pem";
 *     state        = "/var/lib/rivergate/la.customs.boten";
 *     country      = "la";
 *     connector    = "directory";
 *     directory    = "/srv/asycuda/rivergate";
 *     http         = { url = "https://customs.example/in"; idempotent = true; };   (connector http)
 *     routes       = ( { format = "asycuda-sad"; purpose = "ADVANCE"; to = [ "cn.gacc.mohan" ];
 *                        lodged_by = "AUTHORITY_COPY"; } );
 *     handover     = ( { kind = "DECLARATION"; purpose = "PREFILL"; format = "cn-dec"; } );
 *     names        = ( { format = "th-ecustoms"; file = "names.csv"; } );
 *
 *     witness      = { key = "keys/witness.key"; state_dir = "/var/lib/rivergate/witness";
 *                      http = "127.0.0.1:5680"; };
 *
 * Without `directory` the process is a witness and nothing else; it then needs no signing_key.
 * `rivergate-adapter --help-config` prints every row.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rivergate/client.h>
#include <rivergate/error.h>

#include "base/conf.h"
#include "base/scoped.h"
#include "connectors/http_options.h"
#include "host/outgoing.h"
#include "rivergate/v1/message.pb-c.h"

/* A row of `handover`: which kind and purpose the national system gets in which format. */
struct settings_handover {
	char *kind;    /* DECLARATION, AMENDMENT, CERTIFICATE, CERTIFICATE_STATUS */
	char *purpose; /* "": any */
	char *format;
};

/* A row of `names`: how this site names the elements of a format. */
struct settings_names {
	char *format;
	char *file;
};

/* The member's witness; key "": none runs here. */
struct settings_witness {
	char *key;
	char *state_dir;
	char *http; /* ADDRESS:PORT; "": no HTTP form */
};

struct settings {
	char *party;
	char *router;
	char *endpoint;
	char *registry;
	char *directories;
	char *pin;
	char *curve_key;
	char *signing_key;
	char *state;
	char *country;
	char *connector;
	char *directory;
	char *log_level;
	struct http_options http;
	struct settings_witness witness;
	struct conf_list routes;   /* of struct outgoing_route */
	struct conf_list handover; /* of struct settings_handover */
	struct conf_texts answers; /* formats of the national system's answers */
	struct conf_list names;    /* of struct settings_names */
	bool handover_answers;
	int64_t max_stored;  /* deliveries stored, not yet handed over */
	int64_t max_sending; /* files of out/ under way */
	int64_t credit_messages;
	int64_t missing_after_s;
	int64_t worker_cpu_s;
	int64_t worker_memory_mib;
	int64_t max_file_mib;
};

/* RG_E_CONFIG: said on standard error, with the row and what to do. */
RG_MUST_USE rg_err settings_read(const char *path, struct settings **ret_settings);
void settings_free(struct settings *settings);
SCOPED_DEFINE(struct settings, settings_free);
/* The connector is http, not directory. */
bool settings_is_http(const struct settings *settings);
/* A witness runs here, beside the national system or alone. */
bool settings_has_witness(const struct settings *settings);
bool settings_is_witness_alone(const struct settings *settings);
void settings_print_help(FILE *out);

/* What the client is opened with. Views into the settings. */
struct rg_client_options settings_client_options(const struct settings *settings);

/* The country whose formats come first: that of `country`, else of the party's address. */
const char *settings_country(const struct settings *settings, char out[3]);

/*
 * Name of the format for this kind and purpose: the first row that fits, else "json". A
 * certificate's status goes where certificates go, unless a row is for it.
 */
const char *settings_handover_format(const struct settings *settings, Rivergate__V1__Kind kind,
	Rivergate__V1__Purpose purpose);

#endif
