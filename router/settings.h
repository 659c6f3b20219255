#ifndef ROUTER_SETTINGS_H
#define ROUTER_SETTINGS_H

/*
 * The router's configuration file and what it names
 *
 * Nothing here decides about a message: every number that admission or a fold uses is
 * in the registry.
 */

#include <stdint.h>
#include <stdio.h>

#include <rivergate/error.h>

#include "base/log.h"
#include "base/scoped.h"
#include "registry/trust.h"
#include "sign/key.h"

/* As the file says it; empty texts and zeroes where it is silent. */
struct settings {
	char *address;
	char *data_dir;
	char *registry;
	char *directories;
	char *pin;
	char *log_key_path;
	char *router_key_path;
	char *curve_key_path;
	char *endpoint;
	int64_t verify_threads;
	int64_t io_threads;
	int64_t quota_rate_us;
	int64_t quota_burst_us;
	int64_t window_messages;
	int64_t window_mib;
	int64_t idle_s;
	int64_t segment_mib;
	int64_t prune_s;
	char *tsa_url; /* "": no time-stamps */
	char *tsa_ca;
	int64_t tsa_interval_s;
	char *log_level;

	/* Read from the files it names, and checked against the registry: */
	uint8_t pin_hash[32];
	struct key *log_key;
	struct key *router_key;
	uint8_t curve_secret[32];
	uint8_t curve_public[32];
	char *origin; /* of the log */
};

/* RG_E_CONFIG: what is wrong, where, and what to do has been said on standard error. */
RG_MUST_USE rg_err settings_read(const char *path, struct settings **ret_settings);
void settings_free(struct settings *settings);
SCOPED_DEFINE(struct settings, settings_free);
void settings_print_help(FILE *out);
enum log_level settings_log_level(const struct settings *settings);

/*
 * What the registry in force says otherwise of this router than what it runs with: address (it is
 * not named any more), origin, log_key, router_key, curve_key. NULL: nothing.
 */
const char *settings_differs(const struct settings *settings, const struct trust *trust);

#endif
