/*
 * What the router did that it may not do: see alarms.h
 *
 * Threads: one.
 */
#include "host/alarms.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#define FILE_NAME "alarms"
#define FILE_MAX  ((size_t)64 << 20)

static void text_free(char **text)
{
	free(*text);
}

static void json_free(json_t **json)
{
	json_decref(*json);
}

static rg_err make_line(const char *kind, const char *text, struct buf *out)
{
	scoped(json_free) json_t *json = json_pack("{s:I, s:s, s:s}", "timeUs",
		(json_int_t)clock_now_us(), "kind", kind, "text", text ? text : "");
	scoped(text_free) char *line =
		json ? json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;

	if (!line) {
		return RG_E_NOMEM;
	}
	buf_add_text(out, line);
	buf_add_text(out, "\n");
	return buf_error(out);
}

rg_err alarms_raise(const char *state_path, const char *kind, const char *text)
{
	scoped(text_free) char *path = file_join(state_path, FILE_NAME);
	scoped(buf_deinitv) struct buf line = {0};
	scoped(fd_close) int fd = -1;
	rg_err err = path ? make_line(kind, text, &line) : RG_E_NOMEM;

	if (err) {
		return err;
	}
	log_event(LOG_ERROR, "alarm", kind, log_text("text", text ? text : ""),
		log_text("file", path),
		log_text("do", "ask the operator and the auditors; keep the state folder"));
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || file_write_all(fd, buf_view(&line)) != RG_OK || fsync(fd) != 0) {
		log_event(LOG_ERROR, "alarm", "not-stored", log_text("file", path), log_errno());
		return RG_E_IO;
	}
	return file_sync_dir(state_path);
}

void alarms_remind(const char *state_path)
{
	scoped(text_free) char *path = file_join(state_path, FILE_NAME);
	scoped(buf_deinitv) struct buf content = {0};
	bool is_found = false;
	int64_t n = 0;

	buf_init(&content);
	if (!path || file_read(path, FILE_MAX, &content, &is_found) || !is_found) {
		return;
	}
	for (size_t i = 0; i < content.len; i++) {
		n += content.data[i] == '\n';
	}
	log_event(LOG_WARNING, "start", "alarms-before", log_number("n", n), log_text("file", path),
		log_text("do", "deal with them, then move the file away"));
}
