/*
 * rivergated: the router
 *
 * Method: reads the settings, starts the pipeline, then waits for signals.
 * Threads: the main thread alone takes signals; they are blocked before others start.
 */
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "backup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "checkup.h"
#include "pipeline.h"
#include "prune.h"
#include "restore.h"
#include "settings.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_MENDABLE = 1,
	EXIT_USAGE = 2,
	EXIT_COULD_NOT = 3,
	EXIT_DAMAGED = 4,
	EXIT_CONTRADICTED = 5,
};

/* What the command line asks for. */
struct request {
	const char *path; /* of the configuration */
	const char *before;
	const char *operand; /* NULL: none */
	char given[8];       /* letters of all options */
};

static bool has(const struct request *request, char letter)
{
	return strchr(request->given, letter) != NULL;
}

static void print_help(FILE *out)
{
	fputs("usage: rivergated -c FILE\n"
	      "       rivergated check [--json] -c FILE\n"
	      "       rivergated prune [--before TIME] [--dry-run] [--json] -c FILE\n"
	      "       rivergated backup [--archive] [--json] -c FILE DIR\n"
	      "       rivergated restore [--json] -c FILE DIR\n"
	      "       rivergated --help | --help-config | --version\n"
	      "\n"
	      "Routes signed messages between parties, and keeps a log of all of them.\n"
	      "\n"
	      "  -c FILE        configuration; --help-config prints every setting\n"
	      "  check          read journal, checkpoint and tiles, change nothing, and say what "
	      "a\n"
	      "                 start would do; also beside a running router\n"
	      "  prune          take the parts whose retention is over out of the journal; the\n"
	      "                 router is stopped (a running one does it every `prune_s`)\n"
	      "  --before TIME  only what had expired by then, e.g. 2026-11-21T18:00:00Z\n"
	      "  --dry-run      only say what would go; also beside a running router\n"
	      "  backup         copy the log, as published, into the empty folder DIR; also beside "
	      "a\n"
	      "                 running router\n"
	      "  --archive      for write-once storage: closed segments and tiles, adding to DIR "
	      "what\n"
	      "                 is new since the last time, changing nothing that is there\n"
	      "  restore        begin a new log with the records of the backup DIR; FILE names "
	      "another\n"
	      "                 origin and log key than the old log's, and an empty data_dir\n"
	      "  --json         the answer as one JSON object\n"
	      "  --help-config  print every setting with its default\n"
	      "  --version      print the version\n"
	      "\n"
	      "SIGTERM and SIGINT answer what has been taken, then end; SIGHUP reads registry and\n"
	      "directories again. Exit: 0 ended (check: whole), 1 check: a start would mend\n"
	      "something, 2 usage or configuration, 3 could not go on, 4 the journal is damaged,\n"
	      "5 a party holds a checkpoint that contradicts this log.\n"
	      "\n"
	      "Example: rivergated -c /etc/rivergate/rivergated.conf\n"
	      "\n"
	      "The path of a message (stage, thread, file, work and verdicts):\n",
		out);
	pipeline_print(out);
}

static int exit_of(rg_err err)
{
	switch (err) {
	case RG_OK:
		return EXIT_DONE;
	case RG_E_CONFIG:
		return EXIT_USAGE;
	case RG_E_FORMAT:
		return EXIT_DAMAGED;
	case RG_E_NOMEM:
	case RG_E_IO:
	case RG_E_STORE:
	case RG_E_CRYPTO:
	case RG_E_ABI:
	case RG_E_OVERFLOW:
		return EXIT_COULD_NOT;
	}
	return EXIT_COULD_NOT;
}

static int open_signals(void)
{
	sigset_t signals;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	/* A file that may not grow is a full disk to the journal. */
	(void)signal(SIGXFSZ, SIG_IGN);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

/* The next signal; 0: the pipeline ended by itself. */
static uint32_t await_signal(int signals, int ended)
{
	struct pollfd fds[] = {
		{.fd = signals, .events = POLLIN},
		{.fd = ended, .events = POLLIN},
	};
	struct signalfd_siginfo info = {.ssi_signo = 0};

	while (poll(fds, 2, -1) < 0) {
	}
	if (fds[1].revents || read(signals, &info, sizeof(info)) != (ssize_t)sizeof(info)) {
		return 0;
	}
	return info.ssi_signo;
}

static int serve(const struct settings *settings, int signals)
{
	struct pipeline *pipeline = NULL;
	rg_err err = pipeline_start(settings, &pipeline);

	if (err) {
		log_event(LOG_ERROR, "start", "failed", log_fault(err));
		return exit_of(err);
	}
	uint32_t signal_number = await_signal(signals, pipeline_ended_fd(pipeline));

	while (signal_number == SIGHUP) {
		log_event(LOG_INFO, "start", "reload");
		pipeline_reload(pipeline);
		signal_number = await_signal(signals, pipeline_ended_fd(pipeline));
	}
	log_event(LOG_INFO, "stop", "begins", log_number("signal", (int64_t)signal_number));
	struct pipeline_end end = pipeline_stop(pipeline);

	log_event(end.fault ? LOG_ERROR : LOG_INFO, "stop", end.fault ? "failed" : "done",
		log_fault(end.fault));
	return end.is_contradicted ? EXIT_CONTRADICTED : exit_of(end.fault);
}

static int check(const struct settings *settings, const struct request *request)
{
	static const int codes[] = {
		[CHECKUP_WHOLE] = EXIT_DONE,
		[CHECKUP_MENDABLE] = EXIT_MENDABLE,
		[CHECKUP_DAMAGED] = EXIT_DAMAGED,
	};
	scoped(checkup_result_deinitv) struct checkup_result result = {.state = CHECKUP_WHOLE};
	rg_err err = checkup_run(settings, &result);

	if (err) {
		return exit_of(err);
	}
	checkup_print(&result, settings->origin, has(request, 'j'));
	return codes[result.state];
}

/* UTC, seconds; not in the future, where nothing has expired yet. */
static bool read_time(const char *text, int64_t *ret_time_us)
{
	struct tm time = {.tm_year = 0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &time);
	time_t seconds = timegm(&time);

	if (!end || *end != '\0' || seconds > clock_now_us() / 1000000) {
		fprintf(stderr,
			"rivergated: --before %s: is no time like 2026-11-21T18:00:00Z, or lies in "
			"the future\n",
			text);
		return false;
	}
	*ret_time_us = (int64_t)seconds * 1000000;
	return true;
}

static int prune(const struct settings *settings, const struct request *request)
{
	struct prune_options options = {
		.data_dir = settings->data_dir,
		.before_us = clock_now_us(),
		.is_dry_run = has(request, 'n'),
	};
	struct prune_result result;

	if (request->before && !read_time(request->before, &options.before_us)) {
		return EXIT_USAGE;
	}
	rg_err err = prune_run(&options, &result);

	if (err) {
		return err == RG_E_CONFIG ? EXIT_COULD_NOT : exit_of(err);
	}
	printf(has(request, 'j')
			? "{\"dryRun\":%s,\"segments\":%" PRIu64 ",\"records\":%" PRIu64
			  ",\"parts\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"later\":%" PRIu64 "}\n"
			: "dry run %s\nsegments %" PRIu64 "\nrecords %" PRIu64 "\nparts %" PRIu64
			  "\nbytes %" PRIu64 "\nlater, in the open segment: %" PRIu64 "\n",
		has(request, 'n') ? "true" : "false", result.n_segments, result.n_records,
		result.n_parts, result.n_bytes, result.n_open);
	return EXIT_DONE;
}

static int backup(const struct settings *settings, const struct request *request)
{
	const struct backup_options options = {
		.settings = settings,
		.dir = request->operand,
		.is_archive = has(request, 'a'),
	};
	struct backup_result result;
	char root[2 * MERKLE_HASH_LEN + 1];
	rg_err err = backup_run(&options, &result);

	if (err) {
		return err == RG_E_CONFIG ? EXIT_COULD_NOT : exit_of(err);
	}
	text_hex(bytes_of(result.root.bytes, MERKLE_HASH_LEN), root);
	printf(has(request, 'j') ? "{\"size\":%" PRIu64 ",\"root\":\"%s\",\"segments\":%" PRIu64
				   ",\"files\":%" PRIu64 ",\"bytes\":%" PRIu64 "}\n"
				 : "size %" PRIu64 "\nroot %s\nsegments %" PRIu64 "\nfiles %" PRIu64
				   "\nbytes %" PRIu64 "\n",
		result.size, root, result.n_segments, result.n_files, result.n_bytes);
	return EXIT_DONE;
}

static int restore(const struct settings *settings, const struct request *request)
{
	struct restore_result result;
	rg_err err = restore_run(settings, request->operand, &result);

	if (err) {
		return err == RG_E_CONFIG ? EXIT_COULD_NOT : exit_of(err);
	}
	printf(has(request, 'j') ? "{\"predecessor\":\"%s\",\"size\":%" PRIu64
				   ",\"cosignatures\":%u}\n"
				 : "predecessor %s\nrecords %" PRIu64 "\ncosignatures %u\n",
		result.origin, result.size, result.n_cosignatures);
	return EXIT_DONE;
}

struct verb {
	const char *name;
	const char *options; /* letters of those that it takes besides -c */
	int n_operands;
	int (*run)(const struct settings *settings, const struct request *request);
};

static const struct verb verbs[] = {
	{"check", "j", 0, check},
	{"prune", "jbn", 0, prune},
	{"backup", "ja", 1, backup},
	{"restore", "j", 1, restore},
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const struct verb *find_verb(const char *word)
{
	for (size_t i = 0; i < N_VERBS; i++) {
		if (strcmp(verbs[i].name, word) == 0) {
			return &verbs[i];
		}
	}
	return NULL;
}

/* verb: NULL: route. */
static int run(const struct verb *verb, const struct request *request)
{
	scoped(settings_freep) struct settings *settings = NULL;
	scoped(fd_close) int signals = verb ? -1 : open_signals();
	rg_err err = settings_read(request->path, &settings);

	if (err) {
		return exit_of(err);
	}
	return verb ? verb->run(settings, request) : serve(settings, signals);
}

static int wrong_usage(void)
{
	fputs("rivergated: wrong usage; rivergated --help tells more\n", stderr);
	return EXIT_USAGE;
}

/* Notes an option. False: it is none, or stands here a second time. */
static bool take_option(int letter, const char *value, struct request *request)
{
	size_t n = strlen(request->given);

	if (letter == '?' || strchr(request->given, letter) || n + 1 == sizeof(request->given)) {
		return false;
	}
	request->given[n] = (char)letter;
	if (letter == 'c') {
		request->path = value;
	} else if (letter == 'b') {
		request->before = value;
	}
	return true;
}

/* False: options or operands that the verb does not take. */
static bool fits(const struct verb *verb, const struct request *request, int n_operands)
{
	for (const char *letter = request->given; *letter; letter++) {
		if (*letter != 'c' && !(verb && strchr(verb->options, *letter))) {
			return false;
		}
	}
	return request->path && n_operands == (verb ? verb->n_operands : 0);
}

static bool print_about(int letter)
{
	if (letter == 'h') {
		print_help(stdout);
	} else if (letter == 'H') {
		settings_print_help(stdout);
	} else if (letter == 'V') {
		puts("rivergated " RIVERGATE_VERSION);
	}
	return letter == 'h' || letter == 'H' || letter == 'V';
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{"help-config", no_argument, NULL, 'H'},
		{"version", no_argument, NULL, 'V'},
		{"config", required_argument, NULL, 'c'},
		{"json", no_argument, NULL, 'j'},
		{"before", required_argument, NULL, 'b'},
		{"dry-run", no_argument, NULL, 'n'},
		{"archive", no_argument, NULL, 'a'},
		{NULL, 0, NULL, 0},
	};
	struct request request = {.path = NULL};

	for (int letter = 0; (letter = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
		if (print_about(letter)) {
			return EXIT_DONE;
		}
		if (!take_option(letter, optarg, &request)) {
			return wrong_usage();
		}
	}
	const struct verb *verb = optind < argc ? find_verb(argv[optind]) : NULL;
	int n_operands = argc - optind - (verb ? 1 : 0);

	request.operand = verb && n_operands > 0 ? argv[optind + 1] : NULL;
	if (!fits(verb, &request, n_operands)) {
		return wrong_usage();
	}
	return run(verb, &request);
}
