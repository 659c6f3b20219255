/*
 * Translation in a process of its own: the side of the adapter
 *
 * Method: one socket pair; a request is written, an answer is read, one at a time.
 *
 * Threads: one at a time.
 */
#include "host/translator.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "host/translator_call.h"

struct translator {
	int fd;
	pid_t pid;
	bool is_gone;
};

static void become_worker(int fd, const struct translator_limits *limits, pid_t parent)
{
	/* A terminal sends its signals to both: only the adapter decides when this one ends. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) {
		_exit(EXIT_SUCCESS);
	}
	_exit(translator_worker_run(fd, limits));
}

rg_err translator_start(const struct translator_limits *limits, struct translator **ret_translator)
{
	scoped(translator_stopp) struct translator *translator = calloc(1, sizeof(*translator));
	int ends[2] = {-1, -1};
	pid_t parent = getpid();

	if (!translator) {
		return RG_E_NOMEM;
	}
	translator->fd = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		log_event(LOG_ERROR, "translator", "cannot-start", log_errno());
		return RG_E_IO;
	}
	translator->fd = ends[0];
	translator->pid = fork();
	if (translator->pid == 0) {
		fd_close(&ends[0]);
		become_worker(ends[1], limits, parent);
	}
	fd_close(&ends[1]);
	if (translator->pid < 0) {
		log_event(LOG_ERROR, "translator", "cannot-start", log_errno());
		return RG_E_IO;
	}
	*ret_translator = steal(translator);
	return RG_OK;
}

void translator_stop(struct translator *translator)
{
	if (!translator) {
		return;
	}
	fd_close(&translator->fd);
	if (translator->pid > 0) {
		while (waitpid(translator->pid, NULL, 0) < 0 && errno == EINTR) {
		}
	}
	free(translator);
}

/* --- What comes back --------------------------------------------------------------------- */

void translation_init(struct translation *translation)
{
	memset(translation, 0, sizeof(*translation));
	buf_init(&translation->bytes);
}

void translation_deinit(struct translation *translation)
{
	free(translation->documents);
	free(translation->outputs);
	free(translation->findings);
	buf_deinit(&translation->bytes);
	memset(translation, 0, sizeof(*translation));
}

static bool copy_name(char to[TRANSLATION_NAME_MAX + 1], struct rg_bytes from)
{
	if (from.len > TRANSLATION_NAME_MAX || (from.len && memchr(from.data, 0, from.len))) {
		return false;
	}
	memcpy(to, from.data, from.len);
	to[from.len] = '\0';
	return true;
}

static rg_err append(struct rg_bytes **list, size_t *n, struct rg_bytes item)
{
	/* Grows by doubling: the capacity is the next power of two. */
	if ((*n & (*n - 1)) == 0) {
		struct rg_bytes *grown = realloc(*list, (*n ? *n * 2 : 1) * sizeof(*grown));

		if (!grown) {
			return RG_E_NOMEM;
		}
		*list = grown;
	}
	(*list)[(*n)++] = item;
	return RG_OK;
}

/* *ret_is_good false: the answer is not one that our worker writes. */
static rg_err take_item(struct translation *translation, uint8_t type, struct rg_bytes item,
	bool *ret_is_good)
{
	*ret_is_good = true;
	switch ((enum translator_item)type) {
	case TRANSLATOR_FORMAT:
		*ret_is_good = copy_name(translation->format, item);
		return RG_OK;
	case TRANSLATOR_TYPE:
		*ret_is_good = copy_name(translation->type, item);
		return RG_OK;
	case TRANSLATOR_CC:
		*ret_is_good = copy_name(translation->cc, item);
		return RG_OK;
	case TRANSLATOR_MEDIA_TYPE:
		*ret_is_good = copy_name(translation->media_type, item);
		return RG_OK;
	case TRANSLATOR_DOCUMENT:
		return append(&translation->documents, &translation->n_documents, item);
	case TRANSLATOR_OUTPUT:
		return append(&translation->outputs, &translation->n_outputs, item);
	case TRANSLATOR_ERROR:
		translation->is_refused = true;
		return append(&translation->findings, &translation->n_findings, item);
	case TRANSLATOR_NOTE:
		return append(&translation->findings, &translation->n_findings, item);
	case TRANSLATOR_TRANSLATION:
		translation->translation = item;
		return RG_OK;
	case TRANSLATOR_UNKNOWN:
		translation->is_unknown = true;
		return RG_OK;
	case TRANSLATOR_END:
		return RG_OK;
	}
	*ret_is_good = false;
	return RG_OK;
}

static rg_err read_items(struct translation *translation)
{
	struct cursor cursor = cursor_of(buf_view(&translation->bytes));
	bool is_good = true;
	uint8_t type = 0;
	rg_err err = RG_OK;

	while (!err && is_good && cursor.left > 0) {
		type = cursor_u8(&cursor);
		struct rg_bytes item = cursor_bytes(&cursor, cursor_u32(&cursor));

		err = cursor.is_bad ? RG_OK : take_item(translation, type, item, &is_good);
	}
	if (!err && (cursor.is_bad || !is_good || type != TRANSLATOR_END)) {
		translation->is_crash = true;
		snprintf(translation->crash, sizeof(translation->crash), "garbled answer");
	}
	return err;
}

/* --- The call ---------------------------------------------------------------------------- */

static rg_err send_all(int fd, struct rg_bytes bytes)
{
	size_t sent = 0;

	while (sent < bytes.len) {
		ssize_t n = send(fd, bytes.data + sent, bytes.len - sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return RG_E_IO;
		}
		sent += (size_t)n;
	}
	return RG_OK;
}

static rg_err receive_all(int fd, uint8_t *to, size_t len)
{
	size_t received = 0;

	while (received < len) {
		ssize_t n = recv(fd, to + received, len - received, 0);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return RG_E_IO;
		}
		received += (size_t)n;
	}
	return RG_OK;
}

static rg_err receive_answer(struct translator *translator, struct translation *translation)
{
	uint8_t head[TRANSLATOR_HEAD_LEN];
	rg_err err = receive_all(translator->fd, head, sizeof(head));

	if (err) {
		return err;
	}
	struct cursor cursor = cursor_of(bytes_of(head, sizeof(head)));
	uint8_t status = cursor_u8(&cursor);
	uint64_t len = cursor_u64(&cursor);
	if (len > TRANSLATOR_ANSWER_MAX) {
		return RG_E_IO;
	}
	uint8_t *to = buf_reserve(&translation->bytes, (size_t)len);
	if (!to) {
		return RG_E_NOMEM;
	}
	err = receive_all(translator->fd, to, (size_t)len);
	if (err) {
		return err;
	}
	translation->bytes.len += (size_t)len;
	if (status == TRANSLATOR_ANSWERED) {
		return read_items(translation);
	}
	translation->is_crash = true;
	if (!copy_name(translation->crash, buf_view(&translation->bytes))) {
		snprintf(translation->crash, sizeof(translation->crash), "no answer");
	}
	return RG_OK;
}

struct request {
	enum translator_op op;
	enum rg_purpose purpose;
	const char *const *names;
	size_t n_names;
	struct rg_bytes content;
};

static rg_err call(struct translator *translator, const struct request *request,
	struct translation *translation)
{
	scoped(buf_deinitv) struct buf head = {0};
	size_t names_len = 0;

	translation_deinit(translation);
	translation_init(translation);
	for (size_t i = 0; i < request->n_names; i++) {
		names_len += 2 + strlen(request->names[i]);
	}
	if (request->content.len > TRANSLATOR_REQUEST_MAX - names_len - 4 ||
		request->n_names > 1000) {
		return RG_E_OVERFLOW;
	}
	buf_init(&head);
	buf_add_u32(&head, (uint32_t)(4 + names_len + request->content.len));
	buf_add_u8(&head, (uint8_t)request->op);
	buf_add_u8(&head, (uint8_t)request->purpose);
	buf_add_u16(&head, (uint16_t)request->n_names);
	for (size_t i = 0; i < request->n_names; i++) {
		buf_add_u16(&head, (uint16_t)strlen(request->names[i]));
		buf_add_text(&head, request->names[i]);
	}
	rg_err err = buf_error(&head);
	if (!err) {
		err = send_all(translator->fd, buf_view(&head));
	}
	if (!err) {
		err = send_all(translator->fd, request->content);
	}
	if (!err) {
		err = receive_answer(translator, translation);
	}
	if (err == RG_E_IO) {
		translator->is_gone = true;
		log_event(LOG_ERROR, "translator", "gone", log_number("pid", translator->pid));
	}
	return err;
}

rg_err translator_decode(struct translator *translator, const char *const *formats,
	size_t n_formats, struct rg_bytes native, struct translation *translation)
{
	const struct request request = {.op = TRANSLATOR_DECODE,
		.names = formats,
		.n_names = n_formats,
		.content = native};

	return call(translator, &request, translation);
}

rg_err translator_encode(struct translator *translator, const struct translator_task *task,
	struct rg_bytes document, struct translation *translation)
{
	const char *const names[] = {task->format, task->type};
	const struct request request = {.op = TRANSLATOR_ENCODE,
		.purpose = task->purpose,
		.names = names,
		.n_names = 2,
		.content = document};

	return call(translator, &request, translation);
}

rg_err translator_check_names(struct translator *translator, const char *format,
	struct translation *translation)
{
	const struct request request = {.op = TRANSLATOR_CHECK_NAMES,
		.names = &format,
		.n_names = 1};

	return call(translator, &request, translation);
}

pid_t translator_pid(const struct translator *translator)
{
	return translator->pid;
}

bool translator_is_gone(const struct translator *translator)
{
	return translator->is_gone;
}

rg_err translator_has(struct translator *translator, const char *format, bool *ret_has)
{
	const struct request request = {.op = TRANSLATOR_HAS, .names = &format, .n_names = 1};
	scoped(translation_deinitv) struct translation answer = {0};

	translation_init(&answer);
	rg_err err = call(translator, &request, &answer);
	if (!err) {
		*ret_has = !answer.is_crash && !answer.is_unknown;
	}
	return err;
}
