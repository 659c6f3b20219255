/*
 * Configuration of the adapter
 *
 * Threads: any.
 */
#include "host/settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "registry/address.h"

#define ITEM(kind, field, text) \
	.name = #field, .type = (kind), .offset = offsetof(struct settings_handover, field), \
	.help = (text)

static const struct conf_row handover_rows[] = {
	{ITEM(CONF_TEXT, kind,
		 "kind of the delivery: DECLARATION, AMENDMENT, CERTIFICATE or CERTIFICATE_STATUS, "
		 "which without a row of its own follows CERTIFICATE"),
		.fallback = "DECLARATION"},
	{ITEM(CONF_TEXT, purpose, "LODGED_COPY, ADVANCE or PREFILL; empty: any"), .fallback = ""},
	{ITEM(CONF_TEXT, format, "what the national system gets: a format, or json"),
		.is_required = true},
	{.name = NULL},
};

#define NAMES(kind, field, text) \
	.name = #field, .type = (kind), .offset = offsetof(struct settings_names, field), \
	.help = (text)

static const struct conf_row names_rows[] = {
	{NAMES(CONF_TEXT, format, "FORMAT or CC/FORMAT as `rivergate formats` lists them"),
		.is_required = true},
	{NAMES(CONF_PATH, file,
		 "file with a pair a line, ours,site, as `convert --names` takes it"),
		.is_required = true},
	{.name = NULL},
};

#define WITNESS(kind, field, text) \
	.name = #field, .type = (kind), .offset = offsetof(struct settings_witness, field), \
	.help = (text)

static const struct conf_row witness_rows[] = {
	{WITNESS(CONF_PATH, key, "file of the secret witness key (PEM), mode 0600"),
		.is_required = true},
	{WITNESS(CONF_PATH, state_dir,
		 "folder of the last checkpoints; never shared, never restored from a backup"),
		.is_required = true},
	{WITNESS(CONF_TEXT, http,
		 "ADDRESS:PORT of the HTTP form (C2SP tlog-witness), e.g. 127.0.0.1:5680; empty: "
		 "none"),
		.fallback = ""},
	{.name = NULL},
};

#define ROW(kind, field, text) \
	.name = #field, .type = (kind), .offset = offsetof(struct settings, field), .help = (text)

static const struct conf_row rows[] = {
	{ROW(CONF_TEXT, party, "address of this party"), .is_required = true},
	{ROW(CONF_TEXT, router, "address of the router"), .is_required = true},
	{ROW(CONF_TEXT, endpoint, "ZeroMQ endpoint of the router; empty: as the registry says"),
		.fallback = ""},
	{ROW(CONF_PATH, registry, "the registry file"), .is_required = true},
	{ROW(CONF_PATH, directories, "folder of the members' directories and revocation lists"),
		.is_required = true},
	{ROW(CONF_TEXT, pin, "SHA-256 of the genesis registry's content, 64 hex digits"),
		.is_required = true},
	{ROW(CONF_PATH, curve_key, "file of the secret CURVE key, mode 0600"), .is_required = true},
	{ROW(CONF_PATH, signing_key,
		 "file of the secret signing key (PEM), mode 0600; not needed by a witness alone"),
		.fallback = ""},
	{ROW(CONF_PATH, state, "folder of the adapter's own files; never shared, never deleted"),
		.is_required = true},
	{ROW(CONF_TEXT, country,
		 "plug-in of the national system, la, cn …: its formats come first; empty: as the "
		 "party's address says"),
		.fallback = ""},
	{ROW(CONF_TEXT, connector, "how files reach the national system: directory or http"),
		.fallback = "directory"},
	{ROW(CONF_PATH, directory,
		 "folder with in, out, done, failed; one file system. Empty: STATE/exchange with "
		 "connector http, else a witness alone"),
		.fallback = ""},
	{ROW(CONF_GROUP, http, "the connector http; a change needs a restart"),
		.rows = http_option_rows},
	{ROW(CONF_GROUP, witness, "runs the member's witness here too, or alone"),
		.rows = witness_rows},
	{ROW(CONF_LIST, routes,
		 "what goes out, to whom; a file becomes one message for each that fits"),
		.rows = outgoing_route_rows, .item_size = sizeof(struct outgoing_route)},
	{ROW(CONF_LIST, handover,
		 "which format the national system gets; the first that fits, else json"),
		.rows = handover_rows, .item_size = sizeof(struct settings_handover)},
	{ROW(CONF_TEXTS, answers,
		"formats in which the national system answers by files in out/, e.g. "
		"cn-dec-result; "
		"they go to the sender of what was handed over")},
	{ROW(CONF_LIST, names,
		 "formats whose elements this site names otherwise, in both directions; read at "
		 "the start"),
		.rows = names_rows, .item_size = sizeof(struct settings_names)},
	{ROW(CONF_BOOL, handover_answers,
		 "acknowledgements of own messages, and what the router has to say, go to in/ as "
		 "<from>-<id>.ack.json, .plan.json, .status.json, .reminder.json, .expiry.json"),
		.fallback = "true"},
	{ROW(CONF_NUMBER, max_stored,
		 "deliveries stored and not yet handed over; beyond, the router keeps the rest"),
		.fallback = "1000", .min = 1, .max = 100000},
	{ROW(CONF_NUMBER, max_sending,
		 "files of out/ and acknowledgements on their way to receipts"),
		.fallback = "256", .min = 1, .max = 512},
	{ROW(CONF_NUMBER, credit_messages, "deliveries that the router may have under way to here"),
		.fallback = "64", .min = 1, .max = 10000},
	{ROW(CONF_NUMBER, missing_after_s,
		 "seconds after which a gap in the counters of the deliveries is an alarm"),
		.fallback = "86400", .min = 1, .max = 604800},
	{ROW(CONF_NUMBER, worker_cpu_s, "seconds that one translation may compute"),
		.fallback = "60", .min = 1, .max = 3600},
	{ROW(CONF_NUMBER, worker_memory_mib, "MiB that one translation may use"),
		.fallback = "1024", .min = 64, .max = 65536},
	{ROW(CONF_NUMBER, max_file_mib, "size of a file in out/ at most, MiB"), .fallback = "64",
		.min = 1, .max = 256},
	{ROW(CONF_TEXT, log_level, "error, warning, info or debug"), .fallback = "info"},
	{.name = NULL},
};

/* What contradicts; NULL: nothing. */
static const char *problem_of_routes(const struct settings *settings)
{
	const struct outgoing_route *routes = settings->routes.items;
	const char *problem = NULL;

	for (size_t i = 0; !problem && i < settings->routes.n_items; i++) {
		(void)outgoing_route_is_valid(&routes[i], &problem);
	}
	return problem;
}

bool settings_is_http(const struct settings *settings)
{
	return strcmp(settings->connector, "http") == 0;
}

bool settings_has_witness(const struct settings *settings)
{
	return settings->witness.key && settings->witness.key[0];
}

bool settings_is_witness_alone(const struct settings *settings)
{
	return settings_has_witness(settings) && !settings->directory[0];
}

static const char *problem_of(const struct settings *settings)
{
	uint8_t pin[32];

	if (!address_is_valid(settings->party)) {
		return "party is no address (cc.agency[.office…], lower case)";
	}
	if (!address_is_valid(settings->router)) {
		return "router is no address (e.g. rivergate.main)";
	}
	if (!text_unhex(settings->pin, pin, sizeof(pin))) {
		return "pin is not 64 hex digits in lower case";
	}
	if (strcmp(settings->connector, "directory") != 0 && !settings_is_http(settings)) {
		return "connector is neither \"directory\" nor \"http\"";
	}
	if (settings_is_witness_alone(settings)) {
		return NULL;
	}
	if (!settings->directory[0]) {
		return "directory is missing: add directory = \"…\", or witness for a witness "
		       "alone";
	}
	if (!settings->signing_key[0]) {
		return "signing_key is missing: add signing_key = \"…\"";
	}
	const char *problem =
		settings_is_http(settings) ? http_options_problem(&settings->http) : NULL;

	return problem ? problem : problem_of_routes(settings);
}

/* What comes and goes by HTTP still lies in folders on its way. */
static rg_err set_directory(struct settings *settings)
{
	if (!settings_is_http(settings) || settings->directory[0]) {
		return RG_OK;
	}
	free(settings->directory);
	settings->directory = file_join(settings->state, "exchange");
	return settings->directory ? RG_OK : RG_E_NOMEM;
}

rg_err settings_read(const char *path, struct settings **ret_settings)
{
	scoped(settings_freep) struct settings *settings = calloc(1, sizeof(*settings));

	if (!settings) {
		return RG_E_NOMEM;
	}
	rg_err err = conf_read(path, rows, settings);
	if (err) {
		return err;
	}
	err = set_directory(settings);
	if (err) {
		return err;
	}
	const char *problem = problem_of(settings);
	if (problem) {
		fprintf(stderr, "%s: %s; see rivergate-adapter --help-config\n", path, problem);
		return RG_E_CONFIG;
	}
	*ret_settings = steal(settings);
	return RG_OK;
}

const char *settings_country(const struct settings *settings, char out[3])
{
	bool is_named = strlen(settings->country) == 2;

	snprintf(out, 3, "%.2s", is_named ? settings->country : settings->party);
	return out;
}

void settings_free(struct settings *settings)
{
	if (settings) {
		conf_release(rows, settings);
		free(settings);
	}
}

void settings_print_help(FILE *out)
{
	conf_print_help(rows, out);
}

struct rg_client_options settings_client_options(const struct settings *settings)
{
	return (struct rg_client_options){
		.party = settings->party,
		.router = settings->router,
		.endpoint = settings->endpoint[0] ? settings->endpoint : NULL,
		.registry_path = settings->registry,
		.directories_path = settings->directories,
		.pin = settings->pin,
		.curve_key_path = settings->curve_key,
		.signing_key_path = settings->signing_key,
		.receive = true,
		.missing_after_s = (uint32_t)settings->missing_after_s,
		.credit_messages = (uint32_t)settings->credit_messages,
	};
}

/* Whether a word of the configuration names this value; an empty word names all. */
static bool names(const ProtobufCEnumDescriptor *desc, const char *prefix, const char *word,
	int value)
{
	const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(desc, value);
	size_t len = strlen(prefix);

	return !word[0] ||
		(found && strncmp(found->name, prefix, len) == 0 &&
			strcmp(found->name + len, word) == 0);
}

/* The first row that fits; NULL: none does. */
static const char *find_format(const struct settings *settings, Rivergate__V1__Kind kind,
	Rivergate__V1__Purpose purpose)
{
	const struct settings_handover *list = settings->handover.items;

	for (size_t i = 0; i < settings->handover.n_items; i++) {
		if (names(&rivergate__v1__kind__descriptor, "KIND_", list[i].kind, (int)kind) &&
			names(&rivergate__v1__purpose__descriptor, "PURPOSE_", list[i].purpose,
				(int)purpose)) {
			return list[i].format;
		}
	}
	return NULL;
}

const char *settings_handover_format(const struct settings *settings, Rivergate__V1__Kind kind,
	Rivergate__V1__Purpose purpose)
{
	const char *format = find_format(settings, kind, purpose);

	if (!format && kind == RIVERGATE__V1__KIND__KIND_CERTIFICATE_STATUS) {
		format = find_format(settings, RIVERGATE__V1__KIND__KIND_CERTIFICATE, purpose);
	}
	return format ? format : "json";
}
