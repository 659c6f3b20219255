/*
 * Looking at an index that may be damaged: see disk.h
 *
 * LMDB keeps no checksums and trusts its pages. The child opens it, adds up its rows
 * and says what it found; if it dies, that is the answer. It takes no lock, so that it
 * changes no file: who asks must own the folder, or know that nobody does.
 * Threads: the child has one; it does nothing but read and report.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "index/inside.h"

enum finding {
	FINDING_GOOD,
	FINDING_UNREADABLE,
	FINDING_NO_INDEX,
	FINDING_SUM,
};

static const char *const whys[] = {
	[FINDING_GOOD] = NULL,
	[FINDING_UNREADABLE] = "does not open",
	[FINDING_NO_INDEX] = "is none of ours",
	[FINDING_SUM] = "rows are not those that were written",
};

struct report {
	enum finding finding;
	struct index_disk_state state;
};

/* Adds up all rows; more than there should be end it, as pages may run in circles. */
static enum finding add_up(MDB_txn *txn, const MDB_dbi *tables,
	const struct index_disk_state *state)
{
	uint64_t n_rows = 0;
	uint64_t sum = 0;

	for (unsigned i = 0; i < INDEX_TABLE_STATE; i++) {
		MDB_cursor *cursor;
		MDB_val key;
		MDB_val value;
		int code = mdb_cursor_open(txn, tables[i], &cursor);

		code = code ? code : mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
		for (; code == 0 && n_rows <= state->n_rows;
			code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
			n_rows++;
			sum += index_inside_row_sum((enum index_table_id)i, &key, &value);
		}
		if (code != MDB_NOTFOUND) {
			return FINDING_SUM;
		}
	}
	return n_rows == state->n_rows && sum == state->sum ? FINDING_GOOD : FINDING_SUM;
}

/* The child's work. What it opens ends with it. */
static enum finding look(const char *path, bool with_rows, struct index_disk_state *ret_state)
{
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi tables[INDEX_TABLES];
	int code = mdb_env_create(&env);

	code = code ? code : mdb_env_set_maxdbs(env, INDEX_TABLES);
	code = code ? code : mdb_env_open(env, path, MDB_RDONLY | MDB_NOTLS | MDB_NOLOCK, 0600);
	code = code ? code : mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);
	if (code != 0) {
		return FINDING_UNREADABLE;
	}
	code = index_inside_open_tables(txn, 0, tables);
	code = code ? code : index_inside_read_state(txn, tables[INDEX_TABLE_STATE], ret_state);
	if (code != 0) {
		return FINDING_NO_INDEX;
	}
	return with_rows ? add_up(txn, tables, ret_state) : FINDING_GOOD;
}

/* A death of the child is an answer, not an event for whoever collects crashes. */
static void be_quiet(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		(void)signal(signals[i], SIG_DFL);
	}
	(void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (nowhere >= 0) {
		(void)dup2(nowhere, STDERR_FILENO);
	}
}

static void run_child(const char *path, bool with_rows, int out)
{
	struct report report = {.finding = FINDING_UNREADABLE};

	be_quiet();
	report.finding = look(path, with_rows, &report.state);
	rg_err err = file_write_all(out, bytes_of(&report, sizeof(report)));

	_exit(err ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* Reads the report; false: the child died before it was complete. */
static bool read_report(int in, struct report *ret_report)
{
	uint8_t *to = (uint8_t *)ret_report;
	size_t len = 0;

	while (len < sizeof(*ret_report)) {
		ssize_t n = read(in, to + len, sizeof(*ret_report) - len);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return false;
		}
		len += (size_t)n;
	}
	return true;
}

static rg_err ask_child(const char *path, bool with_rows, struct report *ret_report)
{
	int ends[2];

	if (pipe(ends) != 0) {
		log_event(LOG_ERROR, "index", "cannot-probe", log_errno());
		return RG_E_IO;
	}
	scoped(fd_close) int in = ends[0];
	scoped(fd_close) int out = ends[1];
	pid_t child = fork();

	if (child < 0) {
		log_event(LOG_ERROR, "index", "cannot-probe", log_errno());
		return RG_E_IO;
	}
	if (child == 0) {
		run_child(path, with_rows, out);
	}
	fd_close(&out);
	if (!read_report(in, ret_report)) {
		*ret_report = (struct report){.finding = FINDING_UNREADABLE};
	}
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
	}
	return RG_OK;
}

rg_err index_disk_probe(const char *path, bool with_rows, struct index_disk_state *ret_state,
	const char **ret_why)
{
	scoped(freep) char *file = file_join(path, "data.mdb");
	struct report report = {.finding = FINDING_GOOD};
	rg_err err = RG_OK;

	if (!file) {
		return RG_E_NOMEM;
	}
	if (access(file, F_OK) == 0) {
		err = ask_child(path, with_rows, &report);
	}
	if (!err) {
		*ret_state = report.state;
		*ret_why = whys[report.finding];
	}
	return err;
}
