#ifndef TESTS_UNIT_CRASH_H
#define TESTS_UNIT_CRASH_H

/*
 * Crashes and full disks at any step
 *
 * A test program that includes this replaces the calls by which files change. Each call
 * is a step. crash_at = n: the process ends right before step n. fail_at = n: step n
 * answers ENOSPC instead. Only the process that armed them is concerned. Syncs are
 * steps, but do nothing: a process ends here, not the system.
 */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define CRASH_STATUS 99

static struct {
	pid_t pid;
	unsigned n_steps;
	unsigned crash_at;
	unsigned fail_at;
	void (*meanwhile)(void); /* what others do between our steps */
} crash;

/* True: the call must fail. */
static inline int crash_before(void)
{
	if (crash.pid != getpid()) {
		return 0;
	}
	if (crash.meanwhile) {
		void (*meanwhile)(void) = crash.meanwhile;

		crash.meanwhile = NULL;
		meanwhile();
		crash.meanwhile = meanwhile;
	}
	crash.n_steps++;
	if (crash.crash_at == crash.n_steps) {
		_exit(CRASH_STATUS);
	}
	if (crash.fail_at == crash.n_steps) {
		errno = ENOSPC;
		return 1;
	}
	return 0;
}

static inline void crash_arm(unsigned crash_at, unsigned fail_at)
{
	crash.pid = getpid();
	crash.n_steps = 0;
	crash.crash_at = crash_at;
	crash.fail_at = fail_at;
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	if (crash_before()) {
		return -1;
	}
	return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	return renameat2(from_fd, from, to_fd, to, 0);
}

int rename(const char *from, const char *to)
{
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int fsync(int fd)
{
	(void)fd;
	return crash_before() ? -1 : 0;
}

int fdatasync(int fd)
{
	(void)fd;
	return crash_before() ? -1 : 0;
}

ssize_t write(int fd, const void *data, size_t len)
{
	if (fd <= 2) {
		return syscall(SYS_write, fd, data, len);
	}
	return crash_before() ? -1 : (ssize_t)syscall(SYS_write, fd, data, len);
}

/*
 * Makes a folder of a test; in memory where there is
 * such a place: thousands of crashes are cheap there.
 */
static inline void crash_make_folder(const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/rg-%s-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp",
		name);
	if (!mkdtemp(path)) {
		abort();
	}
}

static inline int crash_remove(const char *path, const struct stat *status, int type,
	struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

/* Removes a folder of a test with all that is in it. */
static inline void crash_remove_tree(const char *path)
{
	(void)nftw(path, crash_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* Runs body in a child with this crash armed; true: it ended by itself, false: it crashed. */
static inline int crash_runs_to_its_end(unsigned crash_at, void (*body)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		crash_arm(crash_at, 0);
		body();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
		(WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != CRASH_STATUS)) {
		fprintf(stderr, "step %u: status %d\n", crash_at, status);
		abort();
	}
	return WEXITSTATUS(status) == 0;
}

#endif
