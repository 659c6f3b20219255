/*
 * rivergate-adapter: the process at a party's premises
 *
 * Threads: one until the client starts; the translating process is forked before.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "host/adapter.h"
#include "host/naming.h"
#include "host/watch.h"
#include "host/witnessing.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_USAGE = 2,
	EXIT_COULD_NOT = 3,
	EXIT_ALARMED = 5,
};

static void print_help(FILE *out)
{
	fputs("usage: rivergate-adapter -c FILE\n"
	      "       rivergate-adapter --help | --help-config | --version\n"
	      "\n"
	      "Connects a party's national system with its router: takes files from "
	      "DIRECTORY/out,\n"
	      "translates, signs and sends them; hands over what arrives in DIRECTORY/in.\n"
	      "\n"
	      "  -c FILE        configuration; --help-config prints every setting\n"
	      "  --help-config  print every setting with its default\n"
	      "  --version      print the version\n"
	      "\n"
	      "SIGTERM hands over what is stored and ends; SIGHUP reads the configuration, the\n"
	      "registry and the directories again. Exit: 0 ended, 2 usage or configuration,\n"
	      "3 could not go on, 5 the router did what it may not do (see STATE/alarms, and\n"
	      "the state folder of the witness). A change of `witness` needs a restart.\n"
	      "\n"
	      "Example: rivergate-adapter -c /etc/rivergate/la.customs.boten.conf\n",
		out);
}

static enum log_level level_of(const char *word)
{
	static const char *const words[] = {"error", "warning", "info", "debug"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], word) == 0) {
			return (enum log_level)i;
		}
	}
	return LOG_INFO;
}

static int exit_of(rg_err err, bool is_alarmed)
{
	if (err) {
		log_event(LOG_ERROR, "stop", "failed", log_fault(err));
	}
	if (is_alarmed) {
		return EXIT_ALARMED;
	}
	return err == RG_OK ? EXIT_DONE : err == RG_E_CONFIG ? EXIT_USAGE : EXIT_COULD_NOT;
}

/* Two histories that the witness kept are told at every end, until a person has dealt with them. */
static bool has_alarms(struct witnessing *witnessing)
{
	size_t n = witnessing ? witnessing_n_alarms(witnessing) : 0;

	if (n > 0) {
		log_event(LOG_ERROR, "witness", "INCONSISTENT-LOG", log_number("kept", (int64_t)n),
			log_text("do", "show the state folder of the witness to the members"));
	}
	return n > 0;
}

static rg_err run_witness(const struct settings *settings, const char *path, bool *ret_is_alarmed)
{
	scoped(witnessing_stopp) struct witnessing *witnessing = NULL;
	rg_err err = witnessing_start(settings, &witnessing);

	if (!err) {
		log_event(LOG_INFO, "start", "ready", log_text("party", settings->party),
			log_text("as", "a witness alone"));
		err = witnessing_wait(witnessing, path);
	}
	*ret_is_alarmed = has_alarms(witnessing);
	return err;
}

/* Before any key is read and any thread started. */
static rg_err start_translator(const struct settings *settings, struct translator **ret_translator)
{
	scoped(naming_deinitv) struct naming naming = {0};
	char country[3];
	rg_err err = naming_read(settings, &naming);
	const struct translator_limits limits = {.cpu_s = (unsigned)settings->worker_cpu_s,
		.memory_mib = (unsigned)settings->worker_memory_mib,
		.country = settings_country(settings, country),
		.names = naming.rows,
		.n_names = naming.n};

	return err ? err : translator_start(&limits, ret_translator);
}

static rg_err run(const char *path, bool *ret_is_alarmed)
{
	scoped(settings_freep) struct settings *settings = NULL;
	scoped(translator_stopp) struct translator *translator = NULL;
	scoped(witnessing_stopp) struct witnessing *witnessing = NULL;
	scoped(adapter_closep) struct adapter *adapter = NULL;
	rg_err err = settings_read(path, &settings);

	if (err) {
		return err;
	}
	log_set_level(level_of(settings->log_level));
	err = watch_block_signals();
	if (!err && settings_is_witness_alone(settings)) {
		return run_witness(settings, path, ret_is_alarmed);
	}
	if (!err) {
		err = start_translator(settings, &translator);
	}
	if (!err && settings_has_witness(settings)) {
		err = witnessing_start(settings, &witnessing);
	}
	if (!err) {
		err = adapter_open(&settings, &translator, &adapter);
	}
	if (!err) {
		adapter->witnessing = witnessing;
		err = adapter_run(adapter, path);
		*ret_is_alarmed = adapter->is_alarmed || has_alarms(witnessing);
	}
	return err;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{"help-config", no_argument, NULL, 'H'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	const char *path = NULL;
	int option = 0;

	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 'h':
			print_help(stdout);
			return EXIT_DONE;
		case 'H':
			settings_print_help(stdout);
			return EXIT_DONE;
		case 'V':
			puts("rivergate-adapter " RIVERGATE_VERSION);
			return EXIT_DONE;
		default:
			print_help(stderr);
			return EXIT_USAGE;
		}
	}
	if (!path || optind < argc) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	bool is_alarmed = false;
	rg_err err = run(path, &is_alarmed);

	return exit_of(err, is_alarmed);
}
