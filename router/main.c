/*
 * rivergated: the router
 *
 * Method: reads the settings, starts the pipeline, then waits for signals.
 * Threads: the main thread alone takes signals; they are blocked before others start.
 */
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "checkup.h"
#include "pipeline.h"
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
	const char *verb; /* NULL: route */
	bool wants_json;
};

static void print_help(FILE *out)
{
	fputs("usage: rivergated -c FILE\n"
	      "       rivergated check [--json] -c FILE\n"
	      "       rivergated --help | --help-config | --version\n"
	      "\n"
	      "Routes signed messages between parties, and keeps a log of all of them.\n"
	      "\n"
	      "  -c FILE        configuration; --help-config prints every setting\n"
	      "  check          read journal, checkpoint and tiles, change nothing, and say what "
	      "a\n"
	      "                 start would do; also beside a running router\n"
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
	checkup_print(&result, settings->origin, request->wants_json);
	return codes[result.state];
}

struct verb {
	const char *name;
	int (*run)(const struct settings *settings, const struct request *request);
};

static const struct verb verbs[] = {
	{"check", check},
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static int run(const struct request *request)
{
	scoped(settings_freep) struct settings *settings = NULL;
	scoped(fd_close) int signals = request->verb ? -1 : open_signals();
	rg_err err = settings_read(request->path, &settings);

	if (err) {
		return exit_of(err);
	}
	for (size_t i = 0; request->verb && i < N_VERBS; i++) {
		if (strcmp(verbs[i].name, request->verb) == 0) {
			return verbs[i].run(settings, request);
		}
	}
	return serve(settings, signals);
}

static int wrong_usage(void)
{
	fputs("rivergated: wrong usage; rivergated --help tells more\n", stderr);
	return EXIT_USAGE;
}

static bool is_verb(const char *word)
{
	for (size_t i = 0; i < N_VERBS; i++) {
		if (strcmp(verbs[i].name, word) == 0) {
			return true;
		}
	}
	return false;
}

/* The words that are no options. False: wrong usage. */
static bool take_operands(char **words, int n_words, struct request *request)
{
	if (n_words > 0 && is_verb(words[0])) {
		request->verb = words[0];
		n_words--;
	}
	return request->path && n_words == 0 && (request->verb || !request->wants_json);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{"help-config", no_argument, NULL, 'H'},
		{"version", no_argument, NULL, 'V'},
		{"config", required_argument, NULL, 'c'},
		{"json", no_argument, NULL, 'j'},
		{NULL, 0, NULL, 0},
	};
	struct request request = {.path = NULL};

	for (int word = 0; (word = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
		switch (word) {
		case 'h':
			print_help(stdout);
			return EXIT_DONE;
		case 'H':
			settings_print_help(stdout);
			return EXIT_DONE;
		case 'V':
			puts("rivergated " RIVERGATE_VERSION);
			return EXIT_DONE;
		case 'c':
			request.path = optarg;
			break;
		case 'j':
			request.wants_json = true;
			break;
		default:
			return wrong_usage();
		}
	}
	if (!take_operands(argv + optind, argc - optind, &request)) {
		return wrong_usage();
	}
	return run(&request);
}
