/*
 * A party's view of a log: see view.h.
 *
 * Goes through the log twice. First the law alone, to its end: who the party is, and whether
 * it may read as an auditor. Then each message under the law of its place, and through the
 * window once more (telling.h): whom a plan brought a declaration stands in no header. Files
 * are not synced one by one; all of them are before the checkpoint is written.
 *
 * Threads: one.
 */
#include "audit/view.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/examine.h"
#include "audit/law.h"
#include "audit/segments.h"
#include "audit/store.h"
#include "audit/telling.h"
#include "base/file.h"
#include "base/log.h"
#include "evidence/published.h"
#include "evidence/record.h"
#include "registry/address.h"
#include "registry/admission.h"
#include "registry/header.h"
#include "wire/scan.h"

#define ARENA_MAX ((size_t)8 << 20)
/* What the log may have beside its tiles: longer than any of these is. */
#define BESIDE_MAX ((size_t)1 << 20)
#define TOLD_EACH  4096

struct viewing {
	const struct view_options *options;
	struct published *log;
	struct segments *segments;
	struct store *store;
	struct law law;
	struct telling *telling;  /* of the second pass */
	struct findings findings; /* about the law; `rivergate audit verify` tells them */
	struct arena *arena;
	bool is_writing; /* the second pass */
	bool is_auditor;
	bool is_joint;
	char cc[ADDRESS_MAX + 1];
	uint64_t n_done;
	struct view_report report;
};

static void refuse(struct viewing *viewing, const char *why, const char *where)
{
	viewing->report.refused = why;
	(void)snprintf(viewing->report.where, sizeof(viewing->report.where), "%s", where);
}

/* --- Writing -------------------------------------------------------------------------------- */

static rg_err io_fault(const char *what, const char *path)
{
	log_event(LOG_ERROR, "view", what, log_text("path", path), log_errno());
	return RG_E_IO;
}

/* Makes a new file below the view, and its folders. */
static rg_err write_file(const struct viewing *viewing, const char *name, struct rg_bytes content)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
	scoped(freep) char *path = file_join(viewing->options->to, name);
	scoped(fd_close) int fd = -1;

	if (!path) {
		return RG_E_NOMEM;
	}
	fd = open(path, flags, 0644);
	if (fd < 0 && errno == ENOENT) {
		char *slash = strrchr(path, '/');

		*slash = '\0';
		rg_err err = file_make_dirs(path);

		if (err) {
			return err;
		}
		*slash = '/';
		fd = open(path, flags, 0644);
	}
	return fd < 0 ? io_fault("cannot-create", path) : file_write_all(fd, content);
}

static rg_err write_line(const struct viewing *viewing, const char *name, const char *text)
{
	scoped(buf_deinitv) struct buf line = {.data = NULL};

	buf_printf(&line, "%s\n", text);
	rg_err err = buf_error(&line);

	return err ? err : write_file(viewing, name, buf_view(&line));
}

/* Copies a file of the log that need not be there. */
static rg_err copy_beside(const struct viewing *viewing, const char *name)
{
	scoped(freep) char *path = file_join(viewing->options->log_dir, name);
	scoped(buf_deinitv) struct buf content = {.data = NULL};
	bool is_found = false;
	rg_err err = path ? file_read(path, BESIDE_MAX, &content, &is_found) : RG_E_NOMEM;

	return err || !is_found ? err : write_file(viewing, name, buf_view(&content));
}

/* The tiles of one level, each proved. */
static rg_err write_level(struct viewing *viewing, unsigned level)
{
	uint64_t size = published_checkpoint(viewing->log)->size;
	rg_err err = RG_OK;
	unsigned width = tile_width(level, 0, size);

	for (uint64_t n = 0; !err && width > 0; width = tile_width(level, ++n, size)) {
		struct published_finding what;
		const struct tile *tile = NULL;
		char name[TILE_NAME_MAX];

		err = published_tile(viewing->log, level, n, &tile, &what);
		if (!err && what.state != PUBLISHED_GOOD) {
			refuse(viewing, what.what, what.file);
			return RG_OK;
		}
		tile_name(level, n, width, name);
		err = err ? err : write_file(viewing, name, tile_bytes(tile));
	}
	return err;
}

static rg_err write_tiles(struct viewing *viewing)
{
	rg_err err = RG_OK;

	for (unsigned level = 0; !err && !viewing->report.refused && level < TILE_LEVELS; level++) {
		err = write_level(viewing, level);
	}
	return err;
}

/* Everything is on the disk before the checkpoint says that it is there. */
static rg_err write_checkpoint(const struct viewing *viewing)
{
	scoped(freep) char *path = file_join(viewing->options->to, "checkpoint");
	scoped(fd_close) int fd = open(viewing->options->to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (!path) {
		return RG_E_NOMEM;
	}
	if (fd < 0 || syncfs(fd) != 0) {
		return io_fault("cannot-sync", viewing->options->to);
	}
	return file_replace(path, published_note(viewing->log), 0644);
}

/* --- Who may read --------------------------------------------------------------------------- */

static bool is_own(const struct viewing *viewing, const struct trust_party *party)
{
	return party &&
		(strcmp(party->address, viewing->options->party) == 0 ||
			(viewing->is_auditor && strcmp(party->cc, viewing->cc) == 0));
}

/* Sender or recipient under the law before the record. */
static bool may_read(const struct viewing *viewing, const Rivergate__V1__Header *header,
	int64_t time_us)
{
	const struct trust *trust = viewing->law.trust;

	if (!trust) {
		return false;
	}
	if (is_own(viewing, trust_route(trust, header->from))) {
		return true;
	}
	const struct admission_route route = admission_route_of(trust, header, time_us);

	for (size_t i = 0; i < route.n_recipients; i++) {
		if (is_own(viewing, route.recipients[i].party)) {
			return true;
		}
	}
	return false;
}

/* A record as the window takes it; is_own: its sender or a recipient that it names asks. */
struct seen {
	struct examined examined;
	bool is_own;
};

static rg_err judge(struct viewing *viewing, struct rg_bytes leaf, struct seen *ret_seen)
{
	struct scan_answer answer = {.is_ok = false};
	ProtobufCMessage *meta = NULL;
	ProtobufCMessage *header = NULL;
	struct record record;

	arena_reset(viewing->arena);
	if (!record_read(leaf, &record)) {
		return RG_OK;
	}
	rg_err err = scan_unpack(&rivergate__v1__meta__descriptor, record.meta, viewing->arena,
		&answer, &meta);

	if (!err && record.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE) {
		err = scan_unpack(&rivergate__v1__header__descriptor, record.body, viewing->arena,
			&answer, &header);
	}
	if (err || !meta) {
		return err;
	}
	ret_seen->examined.type = record.type;
	ret_seen->examined.time_us = ((const Rivergate__V1__Meta *)meta)->time_us;
	ret_seen->examined.header = (const Rivergate__V1__Header *)header;
	ret_seen->is_own =
		header && may_read(viewing, ret_seen->examined.header, ret_seen->examined.time_us);
	return RG_OK;
}

static rg_err write_leaf(struct viewing *viewing, uint64_t index, struct rg_bytes leaf)
{
	char name[TILE_NAME_MAX];

	viewing->report.n_own++;
	tile_leaf_name(index, name);
	return write_file(viewing, name, leaf);
}

static bool has_leaf(const struct viewing *viewing, uint64_t index)
{
	char name[TILE_NAME_MAX];

	tile_leaf_name(index, name);
	scoped(freep) char *path = file_join(viewing->options->to, name);
	return path && access(path, F_OK) == 0;
}

/* A declaration of an earlier record that a plan brings the party now. */
static rg_err write_handed(struct viewing *viewing, uint64_t index)
{
	struct published_finding what;
	struct rg_bytes leaf;

	if (has_leaf(viewing, index)) {
		return RG_OK;
	}
	rg_err err = published_entry(viewing->log, index, &leaf, &what);

	if (!err && what.state != PUBLISHED_GOOD) {
		refuse(viewing, what.what, what.file);
		return RG_OK;
	}
	return err ? err : write_leaf(viewing, index, leaf);
}

/* What the window makes of the record: who gets it by the plan, and what came before. */
static rg_err tell(struct viewing *viewing, uint64_t index, struct rg_bytes leaf, struct seen *seen)
{
	const struct trust *trust = viewing->law.trust;
	const struct telling_record record = {.index = index,
		.leaf = leaf,
		.trust_after = trust,
		.is_trust_known = viewing->law.is_known};
	const struct deliveries_told *told = NULL;
	size_t n_told = 0;
	rg_err err = viewing->law.has_origin
		? telling_set_origin(viewing->telling, viewing->law.router, &viewing->law.lineage)
		: RG_OK;

	if (!err) {
		err = telling_take(viewing->telling, &record, &seen->examined, &told, &n_told);
	}
	for (size_t i = 0; !err && i < seen->examined.n_recipients; i++) {
		seen->is_own = seen->is_own || is_own(viewing, seen->examined.recipients[i]);
	}
	for (size_t i = 0; !err && !viewing->report.refused && i < n_told; i++) {
		bool is_handed = told[i].kind == 0 && told[i].handed < index;

		if (is_handed && is_own(viewing, trust_party_at(trust, told[i].to))) {
			err = write_handed(viewing, told[i].handed);
		} else if (told[i].kind == 0 && !is_handed) {
			seen->is_own =
				seen->is_own || is_own(viewing, trust_party_at(trust, told[i].to));
		}
	}
	return err;
}

/* --- The two passes ------------------------------------------------------------------------- */

static rg_err take_law(struct viewing *viewing, uint64_t index, struct rg_bytes leaf)
{
	struct law_record record = {.index = index, .leaf = leaf};
	struct segments_found found = {.state = SEGMENTS_ABSENT};
	rg_err err = segments_read(viewing->segments, index, &found);

	if (!err && found.state == SEGMENTS_WHOLE && bytes_equal(found.leaf, leaf)) {
		record.parts = found.parts;
	}
	err = err ? err : law_take(&viewing->law, &record, viewing->store, &viewing->findings);
	if (!err && !viewing->law.is_known) {
		refuse(viewing,
			"it does not hold the content of a registry, directory or revocation list: "
			"without it nobody knows to whom the messages after it went",
			"journal");
	}
	return err;
}

/* Judged under the law before it, told under the law after it. */
static rg_err take_leaf(struct viewing *viewing, uint64_t index, const struct buf *leaf)
{
	const struct rg_bytes bytes = buf_view(leaf);
	struct seen seen = {.is_own = false};
	rg_err err = viewing->is_writing ? judge(viewing, bytes, &seen) : RG_OK;

	if (!err && (index == 0 || header_is_governance(examine_kind(bytes)))) {
		err = take_law(viewing, index, bytes);
	}
	if (err || !viewing->is_writing || viewing->report.refused) {
		return err;
	}
	err = viewing->is_joint ? RG_OK : tell(viewing, index, bytes, &seen);
	return err || !(seen.is_own || viewing->is_joint) ? err : write_leaf(viewing, index, bytes);
}

static rg_err take_record(struct viewing *viewing, uint64_t index)
{
	scoped(buf_deinitv) struct buf copy = {.data = NULL};
	struct published_finding what;
	struct rg_bytes leaf;
	rg_err err = published_entry(viewing->log, index, &leaf, &what);

	if (err) {
		return err;
	}
	if (what.state != PUBLISHED_GOOD) {
		refuse(viewing, what.what, what.file);
		return RG_OK;
	}
	/* Another entry may be asked for meanwhile. */
	buf_add_bytes(&copy, leaf);
	err = buf_error(&copy);
	err = err ? err : take_leaf(viewing, index, &copy);
	if (++viewing->n_done % TOLD_EACH == 0 && viewing->options->progress) {
		viewing->options->progress(viewing->options->context, viewing->n_done,
			viewing->report.size);
	}
	return err;
}

static rg_err walk(struct viewing *viewing)
{
	scoped(freep) char *journal = file_join(viewing->options->log_dir, "journal");
	rg_err err = journal ? segments_open(journal, &viewing->segments) : RG_E_NOMEM;

	law_init(&viewing->law);
	for (uint64_t i = 0; !err && !viewing->report.refused && i < viewing->report.size; i++) {
		err = take_record(viewing, i);
		if (!err && i % STORE_COMMIT_EACH == 0) {
			err = store_commit(viewing->store);
		}
	}
	segments_close(viewing->segments);
	viewing->segments = NULL;
	return err;
}

/* Who asks, under the law at the end. */
static void find_party(struct viewing *viewing)
{
	const struct trust *trust = viewing->law.trust;
	const struct trust_party *party =
		trust ? trust_party_at(trust, viewing->options->party) : NULL;

	if (!party) {
		refuse(viewing, "no directory in force at the end of the log has this party",
			viewing->options->party);
		return;
	}
	viewing->is_auditor = trust_party_has_role(party, RIVERGATE__V1__ROLE__ROLE_AUDITOR);
	viewing->is_joint = trust_is_joint_auditor(trust, viewing->options->party);
	(void)snprintf(viewing->cc, sizeof(viewing->cc), "%s", party->cc);
}

static rg_err find_law(struct viewing *viewing)
{
	rg_err err = walk(viewing);

	if (!err && !viewing->report.refused) {
		find_party(viewing);
	}
	law_deinit(&viewing->law);
	return err;
}

/* --- The whole ------------------------------------------------------------------------------ */

static void dir_closep(DIR **dir)
{
	if (*dir) {
		(void)closedir(*dir);
	}
}

/* Makes the folder; one that has something in it is somebody's. */
static rg_err make_folder(struct viewing *viewing)
{
	rg_err err = file_make_dirs(viewing->options->to);
	scoped(dir_closep) DIR *folder = err ? NULL : opendir(viewing->options->to);

	if (!err && !folder) {
		return io_fault("cannot-open-folder", viewing->options->to);
	}
	for (struct dirent *entry = folder ? readdir(folder) : NULL; entry;
		entry = readdir(folder)) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			refuse(viewing, "the folder for the view is not empty",
				viewing->options->to);
			break;
		}
	}
	return err;
}

static rg_err write_view(struct viewing *viewing)
{
	scoped(buf_deinitv) struct buf vkey = {.data = NULL};
	rg_err err = make_folder(viewing);

	if (err || viewing->report.refused) {
		return err;
	}
	note_verifier_print(published_verifier(viewing->log), &vkey);
	err = buf_text(&vkey) ? write_line(viewing, "log.vkey", buf_text(&vkey)) : RG_E_NOMEM;
	err = err ? err : write_line(viewing, "view", viewing->options->party);
	err = err ? err : copy_beside(viewing, "witnesses.vkeys");
	err = err ? err : write_tiles(viewing);
	viewing->is_writing = true;
	err = err || viewing->report.refused ? err : walk(viewing);
	return err || viewing->report.refused ? err : write_checkpoint(viewing);
}

static rg_err open_log(struct viewing *viewing)
{
	struct published_finding what;
	rg_err err = published_open(viewing->options->log_dir, NULL, &viewing->log, &what);

	if (err) {
		return err;
	}
	if (!viewing->log) {
		refuse(viewing, what.what, what.file);
		return RG_OK;
	}
	if (published_party(viewing->log)) {
		refuse(viewing, "this is a view already: it does not hold what others may read",
			"view");
		return RG_OK;
	}
	viewing->report.size = published_checkpoint(viewing->log)->size;
	viewing->arena = arena_new(ARENA_MAX);
	err = viewing->arena ? store_open(NULL, &viewing->store) : RG_E_NOMEM;
	return err ? err : telling_new(viewing->store, &viewing->telling);
}

static void deinit(struct viewing *viewing)
{
	law_deinit(&viewing->law);
	telling_free(viewing->telling);
	findings_deinit(&viewing->findings);
	segments_close(viewing->segments);
	store_close(viewing->store);
	arena_free(viewing->arena);
	published_close(viewing->log);
}

rg_err view_export(const struct view_options *options, struct view_report *ret_report)
{
	scoped(deinit) struct viewing viewing = {.options = options};
	rg_err err = open_log(&viewing);

	if (!err && !viewing.report.refused) {
		err = find_law(&viewing);
	}
	if (!err && !viewing.report.refused) {
		err = write_view(&viewing);
	}
	if (!err) {
		*ret_report = viewing.report;
	}
	return err;
}
