/*
 * What the adapter waits for besides the router
 *
 * Method: edge-triggered epoll over a signalfd, the folder's inotify descriptor (which
 * the adapter's thread reads) and an eventfd that ends the thread. Signals are blocked in
 * every thread and arrive nowhere else.
 *
 * Threads: one of its own; flags are atomic.
 */
#include "host/watch.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

#define EVENTS_MAX 4

struct watch {
	int epoll_fd;
	int signal_fd;
	int stop_fd;
	int files_fd; /* borrowed */
	struct rg_client *client;
	pthread_t thread;
	bool is_running;
	atomic_bool has_files;
	atomic_bool has_reload;
	atomic_bool is_ending;
};

static sigset_t signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	return set;
}

rg_err watch_block_signals(void)
{
	const sigset_t set = signals();

	return pthread_sigmask(SIG_BLOCK, &set, NULL) == 0 ? RG_OK : RG_E_IO;
}

static void read_signals(struct watch *watch)
{
	struct signalfd_siginfo info;

	while (read(watch->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			atomic_store(&watch->has_reload, true);
		} else {
			atomic_store(&watch->is_ending, true);
		}
	}
}

static void *run(void *context)
{
	struct watch *watch = context;
	struct epoll_event events[EVENTS_MAX];
	bool goes_on = true;

	while (goes_on) {
		int n = epoll_wait(watch->epoll_fd, events, EVENTS_MAX, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == watch->stop_fd) {
				goes_on = false;
			} else if (events[i].data.fd == watch->signal_fd) {
				read_signals(watch);
			} else {
				atomic_store(&watch->has_files, true);
			}
		}
		if (n < 0 && errno != EINTR) {
			goes_on = false;
		}
		if (goes_on) {
			rg_client_wake(watch->client);
		}
	}
	return NULL;
}

static rg_err add(struct watch *watch, int fd)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data = {.fd = fd}};

	return fd < 0 || epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0 ? RG_OK
										    : RG_E_IO;
}

rg_err watch_start(int files_fd, struct rg_client *client, struct watch **ret_watch)
{
	scoped(watch_stopp) struct watch *watch = calloc(1, sizeof(*watch));
	const sigset_t set = signals();

	if (!watch) {
		return RG_E_NOMEM;
	}
	watch->client = client;
	watch->files_fd = files_fd;
	watch->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	watch->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	watch->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	atomic_init(&watch->has_files, true);
	atomic_init(&watch->has_reload, false);
	atomic_init(&watch->is_ending, false);
	if (watch->epoll_fd < 0 || watch->signal_fd < 0 || watch->stop_fd < 0 ||
		add(watch, watch->signal_fd) || add(watch, watch->stop_fd) ||
		add(watch, files_fd)) {
		log_event(LOG_ERROR, "watch", "cannot-watch", log_errno());
		return RG_E_IO;
	}
	if (pthread_create(&watch->thread, NULL, run, watch) != 0) {
		log_event(LOG_ERROR, "watch", "no-thread");
		return RG_E_IO;
	}
	watch->is_running = true;
	*ret_watch = steal(watch);
	return RG_OK;
}

void watch_stop(struct watch *watch)
{
	if (!watch) {
		return;
	}
	if (watch->is_running) {
		(void)eventfd_write(watch->stop_fd, 1);
		(void)pthread_join(watch->thread, NULL);
	}
	fd_close(&watch->epoll_fd);
	fd_close(&watch->signal_fd);
	fd_close(&watch->stop_fd);
	free(watch);
}

bool watch_take_files(struct watch *watch)
{
	return atomic_exchange(&watch->has_files, false);
}

bool watch_take_reload(struct watch *watch)
{
	return atomic_exchange(&watch->has_reload, false);
}

bool watch_is_ending(const struct watch *watch)
{
	return atomic_load(&watch->is_ending);
}
