/*
 * Reading a published log: see published.h
 *
 * The partial tiles are read first, all of them: the nodes over the full subtrees that the
 * tree decomposes into lie in them, and in nothing else, so they alone give the root. A
 * full tile is then checked against its hash in the tile above, which has been checked
 * before it; at most seven steps up lies a partial one. Checked tiles are kept.
 * Threads: a reader belongs to one.
 */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "evidence/published.h"
#include "registry/address.h"

#define N_KEPT       16
#define ONE_LINE_MAX 1024 /* of log.vkey and view */
#define NO_TILE      UINT64_MAX

struct kept_tile {
	bool is_used;
	unsigned level;
	uint64_t number;
	uint64_t turn;
	struct tile tile;
};

struct published {
	char *dir;
	struct note_verifier verifier;
	struct note_checkpoint checkpoint;
	struct buf note;
	char party[ADDRESS_MAX + 1]; /* "": not a view */
	bool is_edge_read;
	struct published_finding edge_finding;
	struct tile edge[TILE_LEVELS];
	struct kept_tile kept[N_KEPT];
	uint64_t turn;
	uint64_t bundle_number; /* NO_TILE: none */
	struct published_bundle bundle;
	struct buf bundle_bytes;
	struct buf leaf;
	struct published_finding last;
};

/* --- Findings ------------------------------------------------------------------------------- */

static struct published_finding good(void)
{
	return (struct published_finding){.state = PUBLISHED_GOOD, .what = ""};
}

static struct published_finding finding_of(enum published_state state, const char *file,
	const char *what)
{
	struct published_finding finding = {.state = state, .what = what};

	assert(strlen(file) < sizeof(finding.file));
	memcpy(finding.file, file, strlen(file));
	return finding;
}

/* Gives the finding out and remembers it when it is not good. */
static void tell(struct published *log, const struct published_finding *finding,
	struct published_finding *ret_finding)
{
	if (finding->state != PUBLISHED_GOOD) {
		log->last = *finding;
	}
	*ret_finding = *finding;
}

/* --- Files ---------------------------------------------------------------------------------- */

static rg_err io_fault(const char *dir, const char *name)
{
	log_event(LOG_ERROR, "published", "cannot-read", log_text("folder", dir),
		log_text("file", name), log_errno());
	return RG_E_IO;
}

/* Opens below the folder; -1 without a fault: there is no such file. */
static rg_err open_below(const char *dir, const char *name, int *ret_fd)
{
	scoped(freep) char *path = file_join(dir, name);

	if (!path) {
		return RG_E_NOMEM;
	}
	/* Without O_NONBLOCK a pipe in place of the file would make us wait for ever. */
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return *ret_fd >= 0 || errno == ENOENT || errno == ENOTDIR ? RG_OK : io_fault(dir, name);
}

/* Appends a whole file of at most limit bytes. */
static rg_err read_below(const char *dir, const char *name, size_t limit, struct buf *out,
	struct published_finding *ret_finding)
{
	scoped(fd_close) int fd = -1;
	struct stat status;
	rg_err err = open_below(dir, name, &fd);

	if (err) {
		return err;
	}
	if (fd < 0) {
		*ret_finding = finding_of(PUBLISHED_MISSING, name, "the file is missing");
		return RG_OK;
	}
	if (fstat(fd, &status) != 0) {
		return io_fault(dir, name);
	}
	if (!S_ISREG(status.st_mode) || status.st_size < 0 || (size_t)status.st_size > limit) {
		*ret_finding = finding_of(PUBLISHED_DAMAGED, name,
			"it is longer than such a file can be, or is no file");
		return RG_OK;
	}
	size_t len = (size_t)status.st_size;
	uint8_t *to = buf_reserve(out, len + 1);

	if (!to) {
		return buf_error(out);
	}
	ssize_t n = pread(fd, to, len, 0);

	if (n < 0) {
		return io_fault(dir, name);
	}
	out->len += (size_t)n;
	*ret_finding = (size_t)n == len
		? good()
		: finding_of(PUBLISHED_DAMAGED, name, "it became shorter while it was read");
	return RG_OK;
}

/* Reads a file of one line; ret_line is without its newline. */
static rg_err read_line(const char *dir, const char *name, struct buf *ret_line,
	struct published_finding *ret_finding)
{
	rg_err err = read_below(dir, name, ONE_LINE_MAX, ret_line, ret_finding);

	if (err || ret_finding->state != PUBLISHED_GOOD) {
		return err;
	}
	if (ret_line->len == 0 || memchr(ret_line->data, 0, ret_line->len) ||
		memchr(ret_line->data, '\n', ret_line->len) != ret_line->data + ret_line->len - 1) {
		*ret_finding = finding_of(PUBLISHED_DAMAGED, name, "it is not one line of text");
		return RG_OK;
	}
	ret_line->len--;
	return buf_text(ret_line) ? RG_OK : buf_error(ret_line);
}

/* --- Opening -------------------------------------------------------------------------------- */

static rg_err read_verifier(struct published *log, struct published_finding *ret_finding)
{
	scoped(buf_deinitv) struct buf line = {.data = NULL};
	rg_err err = read_line(log->dir, "log.vkey", &line, ret_finding);

	if (!err && ret_finding->state == PUBLISHED_GOOD &&
		!note_verifier_parse(buf_text(&line), &log->verifier)) {
		*ret_finding = finding_of(PUBLISHED_DAMAGED, "log.vkey",
			"it is not an Ed25519 verifier key");
	}
	return err;
}

static rg_err read_checkpoint(struct published *log, struct published_finding *ret_finding)
{
	bool is_valid = false;
	rg_err err = read_below(log->dir, "checkpoint", NOTE_MAX, &log->note, ret_finding);

	if (err || ret_finding->state != PUBLISHED_GOOD) {
		return err;
	}
	err = note_checkpoint_verify(buf_view(&log->note), &log->verifier, &log->checkpoint,
		&is_valid);
	if (!err && !is_valid) {
		*ret_finding = finding_of(PUBLISHED_DAMAGED, "checkpoint",
			"it is not a checkpoint that this log's key signed");
	}
	return err;
}

rg_err published_witnessed(const struct published *log, struct buf *out,
	struct note_checkpoint *ret_checkpoint, bool *ret_has)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	struct note_checkpoint checkpoint = {.size = 0};
	struct published_finding finding = {.state = PUBLISHED_GOOD};
	bool is_valid = false;
	rg_err err = read_below(log->dir, "checkpoint.witnessed", NOTE_MAX, &note, &finding);

	if (!err && finding.state == PUBLISHED_GOOD) {
		err = note_checkpoint_verify(buf_view(&note), &log->verifier, &checkpoint,
			&is_valid);
	}
	*ret_has =
		!err && is_valid && checkpoint.size > 0 && checkpoint.size < log->checkpoint.size;
	if (*ret_has) {
		buf_add_bytes(out, buf_view(&note));
		*ret_checkpoint = checkpoint;
		err = buf_error(out);
	}
	return err;
}

/* A folder without the file `view` holds the whole log. */
static rg_err read_party(struct published *log, struct published_finding *ret_finding)
{
	scoped(buf_deinitv) struct buf line = {.data = NULL};
	rg_err err = read_line(log->dir, "view", &line, ret_finding);

	if (err || ret_finding->state == PUBLISHED_MISSING) {
		*ret_finding = good();
		return err;
	}
	if (ret_finding->state != PUBLISHED_GOOD) {
		return RG_OK;
	}
	if (!address_is_valid(buf_text(&line))) {
		*ret_finding =
			finding_of(PUBLISHED_DAMAGED, "view", "it is not the address of a party");
		return RG_OK;
	}
	memcpy(log->party, line.data, line.len);
	return RG_OK;
}

static rg_err read_all(struct published *log, const struct note_verifier *verifier,
	struct published_finding *ret_finding)
{
	rg_err err = RG_OK;

	*ret_finding = good();
	if (verifier) {
		log->verifier = *verifier;
	} else {
		err = read_verifier(log, ret_finding);
	}
	if (!err && ret_finding->state == PUBLISHED_GOOD) {
		err = read_checkpoint(log, ret_finding);
	}
	if (!err && ret_finding->state == PUBLISHED_GOOD) {
		err = read_party(log, ret_finding);
	}
	return err;
}

rg_err published_open(const char *dir, const struct note_verifier *verifier,
	struct published **ret_log, struct published_finding *ret_finding)
{
	scoped(published_closep) struct published *log = calloc(1, sizeof(*log));
	struct published_finding finding = good();

	if (!log) {
		return RG_E_NOMEM;
	}
	log->bundle_number = NO_TILE;
	log->last = good();
	log->dir = strdup(dir);
	rg_err err = log->dir ? read_all(log, verifier, &finding) : RG_E_NOMEM;

	if (!err) {
		*ret_finding = finding;
		*ret_log = finding.state == PUBLISHED_GOOD ? steal(log) : NULL;
	}
	return err;
}

void published_close(struct published *log)
{
	if (log) {
		free(log->dir);
		buf_deinit(&log->note);
		buf_deinit(&log->bundle_bytes);
		buf_deinit(&log->leaf);
		free(log);
	}
}

const struct note_checkpoint *published_checkpoint(const struct published *log)
{
	return &log->checkpoint;
}

struct rg_bytes published_note(const struct published *log)
{
	return buf_view(&log->note);
}

const struct note_verifier *published_verifier(const struct published *log)
{
	return &log->verifier;
}

const char *published_party(const struct published *log)
{
	return log->party[0] ? log->party : NULL;
}

const struct published_finding *published_last(const struct published *log)
{
	return &log->last;
}

/* --- Tiles ---------------------------------------------------------------------------------- */

/* Reads a tile's file, which has been found in the given width. */
static void take_hashes(struct rg_bytes bytes, unsigned file_width, const char *name,
	struct tile_hashes *ret_hashes, struct published_finding *ret_finding)
{
	if (bytes.len != (size_t)file_width * MERKLE_HASH_LEN) {
		*ret_finding = finding_of(PUBLISHED_DAMAGED, name, "its length is wrong");
		return;
	}
	memcpy(ret_hashes->items, bytes.data, (size_t)ret_hashes->width * MERKLE_HASH_LEN);
}

/* A partial tile may have given way to the full one. */
static rg_err peek(const struct published *log, unsigned level, uint64_t number,
	struct tile_hashes *ret_hashes, struct published_finding *ret_finding)
{
	unsigned width = tile_width(level, number, log->checkpoint.size);
	scoped(buf_deinitv) struct buf bytes = {.data = NULL};
	struct published_finding instead = good();
	char name[TILE_NAME_MAX];

	assert(width > 0);
	tile_name(level, number, width, name);
	rg_err err = read_below(log->dir, name, TILE_BYTES, &bytes, ret_finding);
	unsigned file_width = width;

	if (!err && ret_finding->state == PUBLISHED_MISSING && width < TILE_WIDTH) {
		char full[TILE_NAME_MAX];

		tile_name(level, number, TILE_WIDTH, full);
		err = read_below(log->dir, full, TILE_BYTES, &bytes, &instead);
		if (!err && instead.state != PUBLISHED_MISSING) {
			*ret_finding = instead;
			memcpy(name, full, sizeof(name));
			file_width = TILE_WIDTH;
		}
	}
	if (err || ret_finding->state != PUBLISHED_GOOD) {
		return err;
	}
	ret_hashes->width = width;
	take_hashes(buf_view(&bytes), file_width, name, ret_hashes, ret_finding);
	return RG_OK;
}

/* The same with the nodes above the hashes. */
static rg_err peek_tile(const struct published *log, unsigned level, uint64_t number,
	struct tile *ret_tile, struct published_finding *ret_finding)
{
	struct tile_hashes hashes = {.width = 0};
	rg_err err = peek(log, level, number, &hashes, ret_finding);

	return err || ret_finding->state != PUBLISHED_GOOD
		? err
		: tile_read(hashes.items[0].bytes, hashes.width, ret_tile);
}

rg_err published_peek(struct published *log, unsigned level, uint64_t number,
	struct tile_hashes *ret_hashes, struct published_finding *ret_finding)
{
	struct published_finding finding = good();
	rg_err err = peek(log, level, number, ret_hashes, &finding);

	if (!err) {
		tell(log, &finding, ret_finding);
	}
	return err;
}

/* The nodes that the tree decomposes into; they all lie in partial tiles. */
static rg_err get_edge_node(void *context, unsigned level, uint64_t position,
	struct merkle_hash *ret_hash)
{
	const struct published *log = context;
	unsigned row = level % TILE_HEIGHT;
	const struct merkle_hash *node = tile_node(&log->edge[level / TILE_HEIGHT], row,
		(unsigned)(position % (TILE_WIDTH >> row)));

	if (!node) {
		return RG_E_OVERFLOW;
	}
	*ret_hash = *node;
	return RG_OK;
}

static rg_err check_edge(struct published *log, struct published_finding *ret_finding)
{
	const struct proof_source source = {.node = get_edge_node, .context = log};
	struct merkle_hash head;
	rg_err err = proof_head(&source, log->checkpoint.size, &head);

	if (!err && memcmp(&head, &log->checkpoint.root, sizeof(head)) != 0) {
		*ret_finding = finding_of(PUBLISHED_DAMAGED, "checkpoint",
			"the partial tiles do not give its root");
	}
	return err;
}

/* Once; what was found then holds for good. */
static rg_err read_edge(struct published *log)
{
	struct published_finding finding = good();
	rg_err err = RG_OK;

	if (log->is_edge_read) {
		return RG_OK;
	}
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		uint64_t number = log->checkpoint.size >> (level * TILE_HEIGHT) >> TILE_HEIGHT;

		if (tile_width(level, number, log->checkpoint.size) == 0) {
			continue;
		}
		err = peek_tile(log, level, number, &log->edge[level], &finding);
		if (err || finding.state != PUBLISHED_GOOD) {
			break;
		}
	}
	if (!err && finding.state == PUBLISHED_GOOD) {
		err = check_edge(log, &finding);
	}
	if (!err) {
		log->edge_finding = finding;
		log->is_edge_read = true;
	}
	return err;
}

/* The tile if it is kept; NULL else. */
static struct kept_tile *find_kept(struct published *log, unsigned level, uint64_t number)
{
	for (size_t i = 0; i < N_KEPT; i++) {
		struct kept_tile *kept = &log->kept[i];

		if (kept->is_used && kept->level == level && kept->number == number) {
			kept->turn = ++log->turn;
			return kept;
		}
	}
	return NULL;
}

static struct kept_tile *oldest_kept(struct published *log)
{
	struct kept_tile *oldest = &log->kept[0];

	for (size_t i = 1; i < N_KEPT; i++) {
		if (log->kept[i].turn < oldest->turn) {
			oldest = &log->kept[i];
		}
	}
	return oldest;
}

/* Compares a full tile with its hash in the tile above. */
static void compare_root(const struct tile *tile, const struct merkle_hash *want, unsigned level,
	uint64_t number, struct published_finding *ret_finding)
{
	char name[TILE_NAME_MAX];

	if (memcmp(tile_node(tile, TILE_HEIGHT, 0), want, sizeof(*want)) != 0) {
		tile_name(level, number, TILE_WIDTH, name);
		*ret_finding = finding_of(PUBLISHED_DAMAGED, name,
			"it does not give the hash that the tile above holds for it");
	}
}

static rg_err load(struct published *log, unsigned level, uint64_t number,
	const struct tile **ret_tile, struct published_finding *ret_finding);

static rg_err load_full(struct published *log, unsigned level, uint64_t number,
	const struct tile **ret_tile, struct published_finding *ret_finding)
{
	const struct tile *above = NULL;
	struct kept_tile *kept = find_kept(log, level, number);

	if (kept) {
		*ret_tile = &kept->tile;
		return RG_OK;
	}
	rg_err err = load(log, level + 1, number / TILE_WIDTH, &above, ret_finding);

	if (err || ret_finding->state != PUBLISHED_GOOD) {
		return err;
	}
	struct merkle_hash want = *tile_node(above, 0, (unsigned)(number % TILE_WIDTH));

	kept = oldest_kept(log);
	kept->is_used = false;
	err = peek_tile(log, level, number, &kept->tile, ret_finding);
	if (!err && ret_finding->state == PUBLISHED_GOOD) {
		compare_root(&kept->tile, &want, level, number, ret_finding);
	}
	if (!err && ret_finding->state == PUBLISHED_GOOD) {
		kept->is_used = true;
		kept->level = level;
		kept->number = number;
		kept->turn = ++log->turn;
		*ret_tile = &kept->tile;
	}
	return err;
}

/* A tile that leads to the root. Goes up one level a call: a full tile of level 7 cannot be. */
static rg_err load(struct published *log, unsigned level, uint64_t number,
	const struct tile **ret_tile, struct published_finding *ret_finding)
{
	unsigned width = tile_width(level, number, log->checkpoint.size);

	assert(width > 0);
	rg_err err = read_edge(log);

	if (err) {
		return err;
	}
	*ret_finding = log->edge_finding;
	if (ret_finding->state != PUBLISHED_GOOD) {
		return RG_OK;
	}
	if (width == TILE_WIDTH) {
		return load_full(log, level, number, ret_tile, ret_finding);
	}
	*ret_tile = &log->edge[level];
	return RG_OK;
}

rg_err published_tile(struct published *log, unsigned level, uint64_t number,
	const struct tile **ret_tile, struct published_finding *ret_finding)
{
	struct published_finding finding = good();
	const struct tile *tile = NULL;
	rg_err err = load(log, level, number, &tile, &finding);

	if (err) {
		return err;
	}
	if (finding.state == PUBLISHED_GOOD) {
		*ret_tile = tile;
	}
	tell(log, &finding, ret_finding);
	return RG_OK;
}

static rg_err get_node(void *context, unsigned level, uint64_t position,
	struct merkle_hash *ret_hash)
{
	struct published *log = context;
	unsigned row = level % TILE_HEIGHT;
	uint64_t in_row = TILE_WIDTH >> row;
	const struct tile *tile = NULL;
	struct published_finding finding = good();

	if (level / TILE_HEIGHT >= TILE_LEVELS ||
		tile_width(level / TILE_HEIGHT, position / in_row, log->checkpoint.size) == 0) {
		return RG_E_OVERFLOW;
	}
	rg_err err = published_tile(log, level / TILE_HEIGHT, position / in_row, &tile, &finding);

	if (err || finding.state != PUBLISHED_GOOD) {
		return err ? err : RG_E_FORMAT;
	}
	const struct merkle_hash *node = tile_node(tile, row, (unsigned)(position % in_row));

	if (!node) {
		return RG_E_OVERFLOW;
	}
	*ret_hash = *node;
	return RG_OK;
}

struct proof_source published_source(struct published *log)
{
	return (struct proof_source){.node = get_node, .context = log};
}

/* --- Leaves --------------------------------------------------------------------------------- */

/* Reads the bundle's bytes; ret_width: how many entries that file has. */
static rg_err read_bundle(struct published *log, uint64_t number, unsigned *ret_width,
	struct published_finding *ret_finding)
{
	unsigned width = tile_width(0, number, log->checkpoint.size);
	struct published_finding instead = good();
	char name[TILE_NAME_MAX];

	buf_clear(&log->bundle_bytes);
	tile_bundle_name(number, width, name);
	*ret_width = width;
	rg_err err = read_below(log->dir, name, TILE_BUNDLE_MAX, &log->bundle_bytes, ret_finding);

	if (!err && ret_finding->state == PUBLISHED_MISSING && width < TILE_WIDTH) {
		tile_bundle_name(number, TILE_WIDTH, name);
		err = read_below(log->dir, name, TILE_BUNDLE_MAX, &log->bundle_bytes, &instead);
		if (!err && instead.state != PUBLISHED_MISSING) {
			*ret_finding = instead;
			*ret_width = TILE_WIDTH;
		}
	}
	return err;
}

/* Makes the bundle the one in memory, unless it is already. */
static rg_err load_bundle(struct published *log, uint64_t number,
	struct published_finding *ret_finding)
{
	unsigned file_width = 0;
	char name[TILE_NAME_MAX];

	*ret_finding = good();
	if (log->bundle_number == number) {
		return RG_OK;
	}
	log->bundle_number = NO_TILE;
	rg_err err = read_bundle(log, number, &file_width, ret_finding);

	if (err || ret_finding->state != PUBLISHED_GOOD) {
		return err;
	}
	if (!tile_bundle_read(buf_view(&log->bundle_bytes), file_width, log->bundle.entries)) {
		tile_bundle_name(number, file_width, name);
		*ret_finding = finding_of(PUBLISHED_DAMAGED, name,
			"the lengths of its entries do not add up");
		return RG_OK;
	}
	log->bundle.first = number * TILE_WIDTH;
	log->bundle.n_entries = tile_width(0, number, log->checkpoint.size);
	log->bundle_number = number;
	return RG_OK;
}

static struct published_finding absent(const char *name)
{
	return finding_of(PUBLISHED_ABSENT, name, "a leaf that this view does not hold");
}

rg_err published_bundle(struct published *log, uint64_t number, struct published_bundle *ret_bundle,
	struct published_finding *ret_finding)
{
	struct published_finding finding = good();
	rg_err err = RG_OK;

	assert(tile_width(0, number, log->checkpoint.size) > 0);
	if (log->party[0]) {
		finding = absent("tile/entries");
	} else {
		err = load_bundle(log, number, &finding);
	}
	if (err) {
		return err;
	}
	if (finding.state == PUBLISHED_GOOD) {
		*ret_bundle = log->bundle;
	}
	tell(log, &finding, ret_finding);
	return RG_OK;
}

/* The leaf as the files have it; name: of the file that it comes from. */
static rg_err find_leaf(struct published *log, uint64_t index, char name[TILE_NAME_MAX],
	struct rg_bytes *ret_leaf, struct published_finding *ret_finding)
{
	uint64_t number = index / TILE_WIDTH;
	rg_err err;

	if (!log->party[0]) {
		tile_bundle_name(number, tile_width(0, number, log->checkpoint.size), name);
		err = load_bundle(log, number, ret_finding);
		if (!err && ret_finding->state == PUBLISHED_GOOD) {
			*ret_leaf = log->bundle.entries[index % TILE_WIDTH];
		}
		return err;
	}
	buf_clear(&log->leaf);
	tile_leaf_name(index, name);
	err = read_below(log->dir, name, TILE_ENTRY_MAX, &log->leaf, ret_finding);
	if (!err && ret_finding->state == PUBLISHED_MISSING) {
		*ret_finding = absent(name);
	}
	*ret_leaf = buf_view(&log->leaf);
	return err;
}

/* Whether the leaf gives the hash that its tile holds for it. */
static rg_err check_leaf(struct published *log, uint64_t index, struct rg_bytes leaf,
	const char *name, struct published_finding *ret_finding)
{
	const struct tile *tile = NULL;
	struct merkle_hash hash;
	rg_err err = load(log, 0, index / TILE_WIDTH, &tile, ret_finding);

	if (err || ret_finding->state != PUBLISHED_GOOD) {
		return err;
	}
	err = merkle_leaf(leaf, &hash);
	if (!err &&
		memcmp(&hash, tile_node(tile, 0, (unsigned)(index % TILE_WIDTH)), sizeof(hash)) !=
			0) {
		*ret_finding = finding_of(PUBLISHED_DAMAGED, name,
			"the record is not what its hash in the tree says");
	}
	return err;
}

rg_err published_entry(struct published *log, uint64_t index, struct rg_bytes *ret_leaf,
	struct published_finding *ret_finding)
{
	struct published_finding finding = good();
	struct rg_bytes leaf = {.data = NULL};
	char name[TILE_NAME_MAX];

	assert(index < log->checkpoint.size);
	rg_err err = find_leaf(log, index, name, &leaf, &finding);

	if (!err && finding.state == PUBLISHED_GOOD) {
		err = check_leaf(log, index, leaf, name, &finding);
	}
	if (err) {
		return err;
	}
	if (finding.state == PUBLISHED_GOOD) {
		*ret_leaf = leaf;
	}
	tell(log, &finding, ret_finding);
	return RG_OK;
}
