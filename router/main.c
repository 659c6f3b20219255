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
#include "pipeline.h"
#include "settings.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_USAGE = 2,
	EXIT_COULD_NOT = 3,
	EXIT_DAMAGED = 4,
	EXIT_CONTRADICTED = 5,
};

static void print_help(FILE *out)
{
	fputs("usage: rivergated -c FILE\n"
	      "       rivergated check -c FILE\n"
	      "       rivergated --help | --help-config | --version\n"
	      "\n"
	      "Routes signed messages between parties, and keeps a log of all of them.\n"
	      "\n"
	      "  -c FILE        configuration; --help-config prints every setting\n"
	      "  check          read the whole journal, compare it with checkpoint and tiles, end\n"
	      "  --help-config  print every setting with its default\n"
	      "  --version      print the version\n"
	      "\n"
	      "SIGTERM and SIGINT answer what has been taken, then end; SIGHUP reads registry and\n"
	      "directories again. Exit: 0 ended, 2 usage or configuration, 3 could not go on,\n"
	      "4 the journal is damaged, 5 a party holds a checkpoint that contradicts this log.\n"
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

static int run(const char *path, bool is_check)
{
	scoped(settings_freep) struct settings *settings = NULL;
	scoped(fd_close) int signals = open_signals();
	rg_err err = settings_read(path, &settings);

	if (!err && is_check) {
		err = pipeline_check(settings, stdout);
	}
	if (err || is_check) {
		return exit_of(err);
	}
	return serve(settings, signals);
}

static int wrong_usage(void)
{
	fputs("rivergated: wrong usage; rivergated --help tells more\n", stderr);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{"help-config", no_argument, NULL, 'H'},
		{"version", no_argument, NULL, 'V'},
		{"config", required_argument, NULL, 'c'},
		{NULL, 0, NULL, 0},
	};
	const char *path = NULL;

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
			path = optarg;
			break;
		default:
			return wrong_usage();
		}
	}
	bool is_check = optind + 1 == argc && strcmp(argv[optind], "check") == 0;

	if (!path || (optind < argc && !is_check)) {
		return wrong_usage();
	}
	return run(path, is_check);
}
