/*
 * Translation in a process of its own: the side that holds the plug-ins
 *
 * Method: the process loads the plug-ins once and waits for requests. For each it makes
 * a file in memory and forks; the child bounds itself, translates, writes its answer
 * into the file and ends. The process waits for it by the clock, and passes on what the
 * file holds when the child ended well, else how it ended.
 *
 * Threads: one. It was forked before any other was started.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "host/convert.h"
#include "host/plugin.h"
#include "host/translator_call.h"
#include "wire/doc.h"
#include "wire/pack.h"

/* Formats one request can name. */
#define NAMES_MAX 64
/* detect() looks at no more. */
#define HEAD_MAX ((size_t)4096)
/* Exit statuses of a child that could not work. */
#define EXIT_FAULT 64
/* What a process has at rest when the system does not say: more than it is. */
#define REST_BYTES ((uint64_t)512 << 20)

struct job {
	enum translator_op op;
	enum rg_purpose purpose;
	char names[NAMES_MAX][TRANSLATION_NAME_MAX + 1];
	size_t n_names;
	struct rg_bytes content;
	const struct plugin_set *plugins;
	const struct translator_limits *limits;
	struct buf *out;
};

/* The site's names for a format; NULL: it keeps ours. */
static const struct translator_names *names_of(const struct job *job,
	const struct plugin_format *format)
{
	for (size_t i = 0; i < job->limits->n_names; i++) {
		const struct translator_names *names = &job->limits->names[i];
		const struct plugin_format *named = plugin_set_find(job->plugins, names->format);

		if (named && named->format == format->format) {
			return names;
		}
	}
	return NULL;
}

/* --- In the child ------------------------------------------------------------------------ */

static void add_item(struct job *job, enum translator_item type, struct rg_bytes bytes)
{
	buf_add_u8(job->out, (uint8_t)type);
	buf_add_u32(job->out, (uint32_t)bytes.len);
	buf_add_bytes(job->out, bytes);
}

static rg_err add_message(struct job *job, enum translator_item type, const ProtobufCMessage *msg)
{
	struct pack pack;
	struct rg_bytes bytes;

	pack_init(&pack);
	rg_err err = pack_message(msg, &pack, &bytes);

	if (!err) {
		err = bytes.len > UINT32_MAX ? RG_E_OVERFLOW : RG_OK;
	}
	if (!err) {
		add_item(job, type, bytes);
		err = buf_error(job->out);
	}
	pack_deinit(&pack);
	return err;
}

static rg_err add_finding(struct job *job, const struct rg_finding *finding)
{
	Rivergate__V1__Finding msg = RIVERGATE__V1__FINDING__INIT;
	char path[512];

	if (finding->line) {
		snprintf(path, sizeof(path), "%s:%u:%u", finding->path, finding->line,
			finding->column);
	} else {
		snprintf(path, sizeof(path), "%s", finding->path);
	}
	msg.rule = (char *)finding->rule;
	msg.path = path;
	msg.text = (char *)finding->text;
	return add_message(job,
		finding->severity == RG_FINDING_ERROR ? TRANSLATOR_ERROR : TRANSLATOR_NOTE,
		&msg.base);
}

/* Findings that refuse stand first, so that a list that is cut keeps what matters. */
static rg_err add_findings(struct job *job, const struct conversion *conversion)
{
	static const enum rg_severity order[] = {RG_FINDING_ERROR, RG_FINDING_NOTE};
	rg_err err = RG_OK;

	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t i = 0; !err && i < convert_n_findings(conversion); i++) {
			const struct rg_finding *finding = convert_finding(conversion, i);

			if (finding->severity == order[pass]) {
				err = add_finding(job, finding);
			}
		}
	}
	return err;
}

static rg_err add_results(struct job *job, const struct conversion *conversion)
{
	bool is_decode = job->op == TRANSLATOR_DECODE;
	rg_err err = add_findings(job, conversion);

	for (size_t i = 0; !err && is_decode && i < convert_n_documents(conversion); i++) {
		const ProtobufCMessage *root =
			doc_root(convert_document((struct conversion *)conversion, i));

		if (i == 0) {
			add_item(job, TRANSLATOR_TYPE, bytes_of_text(root->descriptor->name));
		}
		err = add_message(job, TRANSLATOR_DOCUMENT, root);
	}
	for (size_t i = 0; !err && !is_decode && i < convert_n_outputs(conversion); i++) {
		add_item(job, TRANSLATOR_OUTPUT, convert_output(conversion, i));
	}
	if (!err) {
		err = add_message(job, TRANSLATOR_TRANSLATION,
			&convert_translation(conversion)->base);
	}
	return err;
}

/* How sure a format is, by our names or by those of the site. */
static unsigned score_of(const struct job *job, const struct plugin_format *format,
	struct rg_bytes head)
{
	const struct translator_names *names = names_of(job, format);
	unsigned score = format->format->detect ? format->format->detect(format->format, head) : 0;
	unsigned named = names && format->format->detect_named
		? format->format->detect_named(format->format, head, names->file)
		: 0;

	return named > score ? named : score;
}

/* The surest of all formats; one that the site's names make sure goes before the others. */
static const struct plugin_format *detect(const struct job *job, struct rg_bytes head)
{
	for (size_t i = 0; i < job->limits->n_names; i++) {
		const struct translator_names *names = &job->limits->names[i];
		const struct plugin_format *found = plugin_set_find(job->plugins, names->format);

		if (found && found->format->detect_named &&
			found->format->detect_named(found->format, head, names->file) > 0) {
			return found;
		}
	}
	return plugin_set_detect(job->plugins, head);
}

/* The format named, or the surest of those named, or of all. NULL: none. */
static const struct plugin_format *choose(const struct job *job)
{
	struct rg_bytes head = bytes_of(job->content.data,
		job->content.len < HEAD_MAX ? job->content.len : HEAD_MAX);
	const struct plugin_format *best = NULL;
	unsigned best_score = 0;

	if (job->n_names == 0) {
		return detect(job, head);
	}
	if (job->n_names == 1 || job->op == TRANSLATOR_ENCODE) {
		return plugin_set_find(job->plugins, job->names[0]);
	}
	for (size_t i = 0; i < job->n_names; i++) {
		const struct plugin_format *found = plugin_set_find(job->plugins, job->names[i]);
		unsigned score = found ? score_of(job, found, head) : 0;

		if (score > best_score) {
			best = found;
			best_score = score;
		}
	}
	return best;
}

/* Decodes or encodes by the operation. */
static rg_err convert(struct job *job, const struct plugin_format *format,
	struct conversion *conversion)
{
	if (job->op == TRANSLATOR_CHECK_NAMES) {
		return convert_check_names(conversion, format);
	}
	if (job->op == TRANSLATOR_DECODE) {
		return convert_decode(conversion, format, job->content);
	}
	rg_err err = convert_add_document(conversion, job->n_names > 1 ? job->names[1] : NULL,
		job->content);
	return err || convert_is_refused(conversion)
		? err
		: convert_encode(conversion, format, job->purpose);
}

static bool is_missing(const struct job *job, const struct plugin_format *format)
{
	return !format ||
		(job->op == TRANSLATOR_CHECK_NAMES &&
			(!format->format->check_names || !names_of(job, format)));
}

static rg_err translate(struct job *job)
{
	const struct plugin_format *format = choose(job);
	scoped(convert_freep) struct conversion *conversion = NULL;

	if (is_missing(job, format)) {
		add_item(job, TRANSLATOR_UNKNOWN, bytes_of("", 0));
		return RG_OK;
	}
	add_item(job, TRANSLATOR_FORMAT, bytes_of_text(format->format->name));
	add_item(job, TRANSLATOR_CC, bytes_of_text(format->adapter ? format->adapter->cc : ""));
	add_item(job, TRANSLATOR_MEDIA_TYPE, bytes_of_text(format->format->media_type));
	if (job->op == TRANSLATOR_HAS) {
		return RG_OK;
	}
	const struct translator_names *names = names_of(job, format);
	rg_err err = convert_new(&conversion);
	if (!err && names) {
		convert_set_names(conversion, format, names->file);
	}
	if (!err) {
		err = convert(job, format, conversion);
	}
	if (!err && job->op == TRANSLATOR_CHECK_NAMES) {
		return add_findings(job, conversion);
	}
	return err ? err : add_results(job, conversion);
}

static uint64_t bytes_at_rest(void)
{
	scoped(buf_deinitv) struct buf text = {0};
	bool is_found = false;

	buf_init(&text);
	if (file_read("/proc/self/statm", 4096, &text, &is_found) || !is_found ||
		!buf_text(&text)) {
		return REST_BYTES;
	}
	uint64_t pages = strtoull(buf_text(&text), NULL, 10);
	return pages ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : REST_BYTES;
}

static void limit(int resource, uint64_t value)
{
	struct rlimit limits = {.rlim_cur = value, .rlim_max = value};

	/* Where even lowering is refused, the clock and the parent still bound the call. */
	(void)setrlimit((__rlimit_resource_t)resource, &limits);
}

static void run_child(struct job *job, int answer_fd, const struct translator_limits *limits)
{
	scoped(buf_deinitv) struct buf out = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NPROC, 0);
	limit(RLIMIT_CPU, limits->cpu_s);
	limit(RLIMIT_FSIZE, TRANSLATOR_ANSWER_MAX);
	limit(RLIMIT_AS, bytes_at_rest() + ((uint64_t)limits->memory_mib << 20));
	buf_init(&out);
	job->out = &out;
	rg_err err = translate(job);
	if (!err) {
		add_item(job, TRANSLATOR_END, bytes_of("", 0));
		err = buf_error(&out);
	}
	if (!err) {
		err = file_write_all(answer_fd, buf_view(&out));
	}
	_exit(err ? EXIT_FAULT - (int)err : EXIT_SUCCESS);
}

/* --- In the process that holds the plug-ins ------------------------------------------------- */

static bool read_all(int fd, uint8_t *to, size_t len)
{
	size_t n_read = 0;

	while (n_read < len) {
		ssize_t n = read(fd, to + n_read, len - n_read);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return false;
		}
		n_read += (size_t)n;
	}
	return true;
}

/* False: the adapter has closed, or does not speak as it should: time to end. */
static bool read_request(int fd, struct buf *request, struct job *job)
{
	uint8_t head[4];

	buf_clear(request);
	if (!read_all(fd, head, sizeof(head))) {
		return false;
	}
	struct cursor cursor = cursor_of(bytes_of(head, sizeof(head)));
	size_t len = cursor_u32(&cursor);
	uint8_t *to = len > TRANSLATOR_REQUEST_MAX ? NULL : buf_reserve(request, len);
	if (!to || !read_all(fd, to, len)) {
		return false;
	}
	request->len = len;
	cursor = cursor_of(buf_view(request));
	job->op = (enum translator_op)cursor_u8(&cursor);
	job->purpose = (enum rg_purpose)cursor_u8(&cursor);
	job->n_names = cursor_u16(&cursor);
	for (size_t i = 0; i < job->n_names && i < NAMES_MAX; i++) {
		struct rg_bytes name = cursor_bytes(&cursor, cursor_u16(&cursor));

		if (name.len > TRANSLATION_NAME_MAX) {
			return false;
		}
		memcpy(job->names[i], name.data, name.len);
		job->names[i][name.len] = '\0';
	}
	job->content = bytes_of(cursor.next, cursor.left);
	return !cursor.is_bad && job->n_names <= NAMES_MAX;
}

static void describe_end(int status, bool is_late, char *out, size_t size)
{
	if (is_late) {
		snprintf(out, size, "out of time");
	} else if (WIFSIGNALED(status)) {
		snprintf(out, size, "%s", sigdescr_np(WTERMSIG(status)));
	} else if (WEXITSTATUS(status) > EXIT_FAULT) {
		snprintf(out, size, "%s", rg_strerror((rg_err)(EXIT_FAULT - WEXITSTATUS(status))));
	} else {
		snprintf(out, size, "exit %d", WEXITSTATUS(status));
	}
}

/* Waits for the child by the clock; true when it ended well. */
static bool await(pid_t pid, const struct translator_limits *limits, char *how, size_t size)
{
	scoped(fd_close) int pidfd = pidfd_open(pid, 0);
	struct pollfd poll_for = {.fd = pidfd, .events = POLLIN};
	int status = 0;
	bool is_late = pidfd >= 0 && poll(&poll_for, 1, (int)limits->cpu_s * 2000) == 0;

	if (is_late) {
		kill(pid, SIGKILL);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR) {
			snprintf(how, size, "lost");
			return false;
		}
	}
	if (!is_late && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS) {
		return true;
	}
	describe_end(status, is_late, how, size);
	return false;
}

static bool send_answer(int fd, enum translator_status status, struct rg_bytes bytes)
{
	scoped(buf_deinitv) struct buf head = {0};

	buf_init(&head);
	buf_add_u8(&head, (uint8_t)status);
	buf_add_u64(&head, bytes.len);
	return !buf_error(&head) && file_write_all(fd, buf_view(&head)) == RG_OK &&
		file_write_all(fd, bytes) == RG_OK;
}

static bool send_file(int fd, int answer_fd)
{
	scoped(buf_deinitv) struct buf answer = {0};
	struct stat status;

	buf_init(&answer);
	if (fstat(answer_fd, &status) != 0 || lseek(answer_fd, 0, SEEK_SET) != 0) {
		return false;
	}
	uint8_t *to = buf_reserve(&answer, (size_t)status.st_size);
	if (!to || !read_all(answer_fd, to, (size_t)status.st_size)) {
		return false;
	}
	return send_answer(fd, TRANSLATOR_ANSWERED, bytes_of(to, (size_t)status.st_size));
}

static bool serve(int fd, struct job *job, const struct translator_limits *limits)
{
	scoped(fd_close) int answer_fd = memfd_create("answer", MFD_CLOEXEC);
	char how[TRANSLATION_NAME_MAX + 1] = "cannot fork";
	pid_t pid = answer_fd < 0 ? -1 : fork();

	if (pid == 0) {
		fd_close(&fd);
		run_child(job, answer_fd, limits);
	}
	if (pid > 0 && await(pid, limits, how, sizeof(how))) {
		return send_file(fd, answer_fd);
	}
	return send_answer(fd, TRANSLATOR_CRASHED, bytes_of_text(how));
}

int translator_worker_run(int fd, const struct translator_limits *limits)
{
	scoped(plugin_set_closep) struct plugin_set *plugins = NULL;
	scoped(buf_deinitv) struct buf request = {0};
	scoped(freep) struct job *job = calloc(1, sizeof(*job));

	buf_init(&request);
	if (!job || plugin_set_open(&plugins)) {
		return EXIT_FAILURE;
	}
	if (limits->country) {
		plugin_set_prefer(plugins, limits->country);
	}
	job->plugins = plugins;
	job->limits = limits;
	while (read_request(fd, &request, job)) {
		if (!serve(fd, job, limits)) {
			return EXIT_FAILURE;
		}
	}
	return EXIT_SUCCESS;
}
