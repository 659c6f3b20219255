/*
 * The router's configuration: see settings.h.
 *
 * Threads: read by one before others start; constant afterwards.
 */
#include "settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/text.h"

#define CURVE_FILE_MAX 256
#define Z85_LEN        41

#define ROW(row_type, member, row_help) \
	.type = (row_type), .offset = offsetof(struct settings, member), .help = (row_help)

static const struct conf_row rows[] = {
	{.name = "address",
		ROW(CONF_TEXT, address, "address of this router in the registry"),
		.is_required = true},
	{.name = "data_dir",
		ROW(CONF_PATH, data_dir, "folder of journal, index, tiles and checkpoint"),
		.is_required = true},
	{.name = "registry", ROW(CONF_PATH, registry, "the registry file"), .is_required = true},
	{.name = "directories",
		ROW(CONF_PATH, directories,
			"folder of the members' directories (*.json), window profiles "
			"(*.profile.json) "
			"and revocation lists (*.crl)"),
		.is_required = true},
	{.name = "pin",
		ROW(CONF_TEXT, pin, "SHA-256 of the genesis registry's content, 64 hex digits"),
		.is_required = true},
	{.name = "log_key",
		ROW(CONF_PATH, log_key_path, "secret key that signs checkpoints (PEM), mode 0600"),
		.is_required = true},
	{.name = "router_key",
		ROW(CONF_PATH, router_key_path,
			"secret key that signs refusals and derived messages (PEM), mode 0600"),
		.is_required = true},
	{.name = "curve_key",
		ROW(CONF_PATH, curve_key_path, "secret CURVE key (64 hex digits), mode 0600"),
		.is_required = true},
	{.name = "endpoint",
		ROW(CONF_TEXT, endpoint,
			"where to listen, e.g. tcp://0.0.0.0:5670; empty: as the registry says"),
		.fallback = ""},
	{.name = "verify_threads",
		ROW(CONF_NUMBER, verify_threads, "threads that verify; 0: one for each core"),
		.fallback = "0",
		.max = 256},
	{.name = "io_threads",
		ROW(CONF_NUMBER, io_threads, "threads of the network library"),
		.fallback = "2",
		.min = 1,
		.max = 64},
	{.name = "quota_rate",
		ROW(CONF_NUMBER, quota_rate_us,
			"verification time that a party gets each second, in microseconds"),
		.fallback = "1000000",
		.min = 1000,
		.max = INT64_C(1000000000)},
	{.name = "quota_burst",
		ROW(CONF_NUMBER, quota_burst_us,
			"the same, at once; at least what the largest message costs"),
		.fallback = "4000000",
		.min = 50000,
		.max = INT64_C(10000000000)},
	{.name = "window_messages",
		ROW(CONF_NUMBER, window_messages, "submissions of a session without an answer"),
		.fallback = "4096",
		.min = 8,
		.max = 65536},
	{.name = "window_mib",
		ROW(CONF_NUMBER, window_mib, "the same in MiB; at least one whole message"),
		.fallback = "64",
		.min = 34,
		.max = 4096},
	{.name = "idle_s",
		ROW(CONF_NUMBER, idle_s, "seconds after which a silent session is closed"),
		.fallback = "60",
		.min = 4,
		.max = 86400},
	{.name = "segment_mib",
		ROW(CONF_NUMBER, segment_mib, "MiB after which a journal segment is closed"),
		.fallback = "256",
		.min = 1,
		.max = 65536},
	{.name = "prune_s",
		ROW(CONF_NUMBER, prune_s,
			"seconds between two prunings of expired parts; 0: only by `rivergated "
			"prune`"),
		.fallback = "86400",
		.max = 31622400},
	{.name = "tsa_url",
		ROW(CONF_TEXT, tsa_url,
			"time-stamping authority (RFC 3161), http or https; empty: no time-stamps"),
		.fallback = ""},
	{.name = "tsa_ca",
		ROW(CONF_PATH, tsa_ca, "certificates that it is judged by (PEM)"),
		.fallback = ""},
	{.name = "tsa_interval_s",
		ROW(CONF_NUMBER, tsa_interval_s, "seconds between two time-stamps"),
		.fallback = "3600",
		.min = 1,
		.max = 31622400},
	{.name = "log_level",
		ROW(CONF_TEXT, log_level, "error, warning, info or debug"),
		.fallback = "info"},
	{.name = NULL},
};

void settings_print_help(FILE *out)
{
	conf_print_help(rows, out);
}

void settings_free(struct settings *settings)
{
	if (!settings) {
		return;
	}
	conf_release(rows, settings);
	key_free(settings->log_key);
	key_free(settings->router_key);
	explicit_bzero(settings->curve_secret, sizeof(settings->curve_secret));
	free(settings->origin);
	free(settings);
}

static rg_err wrong(const char *setting, const char *what, const char *to_do)
{
	log_event(LOG_ERROR, "settings", "wrong", log_text("setting", setting),
		log_text("what", what), log_text("do", to_do));
	return RG_E_CONFIG;
}

static void buf_wipe_deinit(struct buf *buf)
{
	buf_wipe(buf);
	buf_deinit(buf);
}

static rg_err read_curve(struct settings *settings)
{
	scoped(buf_wipe_deinit) struct buf content = {.data = NULL};
	rg_err err = file_read_private(settings->curve_key_path, CURVE_FILE_MAX, &content);
	char secret[Z85_LEN];
	char public_key[Z85_LEN];

	if (err) {
		return err;
	}
	if (content.len > 0 && content.data[content.len - 1] == '\n') {
		content.len--;
	}
	const char *text = buf_text(&content);

	if (!text || !text_unhex(text, settings->curve_secret, sizeof(settings->curve_secret))) {
		return wrong("curve_key", "the file is not 64 hex digits",
			"make one with `rivergate keygen curve`");
	}
	bool is_made = zmq_z85_encode(secret, settings->curve_secret, 32) &&
		zmq_curve_public(public_key, secret) == 0 &&
		zmq_z85_decode(settings->curve_public, public_key);

	explicit_bzero(secret, sizeof(secret));
	return is_made ? RG_OK : RG_E_CRYPTO;
}

static bool is_raw(const struct key *key, ProtobufCBinaryData expected)
{
	uint8_t raw[32];

	return key_algorithm(key) == RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519 &&
		key_ed25519_raw(key, raw) == RG_OK && expected.len == sizeof(raw) &&
		memcmp(raw, expected.data, sizeof(raw)) == 0;
}

const char *settings_differs(const struct settings *settings, const struct trust *trust)
{
	const Rivergate__V1__Router *router = trust_router(trust, settings->address);

	if (!router) {
		return "address";
	}
	if (settings->origin && strcmp(settings->origin, router->origin) != 0) {
		return "origin";
	}
	if (!is_raw(settings->log_key, router->log_key)) {
		return "log_key";
	}
	if (!is_raw(settings->router_key, router->router_key)) {
		return "router_key";
	}
	return router->curve_key.len != sizeof(settings->curve_public) ||
			memcmp(router->curve_key.data, settings->curve_public,
				sizeof(settings->curve_public)) != 0
		? "curve_key"
		: NULL;
}

static rg_err read_registry(struct settings *settings)
{
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct governance_answer answer = {.is_ok = false};
	rg_err err = trust_load(settings->registry, settings->directories, settings->pin_hash,
		&trust, &answer);

	if (err) {
		return err;
	}
	if (!trust) {
		log_event(LOG_ERROR, "settings", "registry-refused", log_text("path", answer.path),
			log_text("why", answer.text));
		return RG_E_CONFIG;
	}
	const Rivergate__V1__Router *router = trust_router(trust, settings->address);

	if (!router) {
		return wrong("address", "the registry has no router with this address",
			"add it with `rivergate registry add-router`, or correct the address");
	}
	settings->origin = strdup(router->origin);
	if (settings->origin && settings->endpoint[0] == '\0') {
		free(settings->endpoint);
		settings->endpoint = strdup(router->endpoint);
	}
	if (!settings->origin || !settings->endpoint) {
		return RG_E_NOMEM;
	}
	/* Our keys must be those that the registry tells everybody else. */
	const char *differs = settings_differs(settings, trust);

	return differs ? wrong(differs, "is not that of this router in the registry",
				 "use the key that the registry names for this router")
		       : RG_OK;
}

static rg_err read_files(struct settings *settings)
{
	if (!text_unhex(settings->pin, settings->pin_hash, sizeof(settings->pin_hash))) {
		return wrong("pin", "is not 64 lower-case hex digits",
			"take it from `rivergate registry verify`");
	}
	rg_err err = key_load(settings->log_key_path, &settings->log_key);

	if (!err) {
		err = key_load(settings->router_key_path, &settings->router_key);
	}
	if (!err) {
		err = read_curve(settings);
	}
	return err ? err : read_registry(settings);
}

rg_err settings_read(const char *path, struct settings **ret_settings)
{
	scoped(settings_freep) struct settings *settings = calloc(1, sizeof(*settings));
	rg_err err = settings ? conf_read(path, rows, settings) : RG_E_NOMEM;

	if (!err) {
		log_set_level(settings_log_level(settings));
		err = read_files(settings);
	}
	if (!err) {
		*ret_settings = steal(settings);
	}
	return err;
}

enum log_level settings_log_level(const struct settings *settings)
{
	static const char *const words[] = {"error", "warning", "info", "debug"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], settings->log_level) == 0) {
			return (enum log_level)i;
		}
	}
	return LOG_INFO;
}
