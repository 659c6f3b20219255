/*
 * A long log made fast: real records, really signed, as a busy router would have written them
 *
 * The beginning is a real router's journal: origin, registry, directories. What follows is
 * made here: declarations of one party to another, signed in batches, and a PROGRESS for
 * each GROUP of them. Entry bundles, hash tiles and the checkpoint are written as the
 * router publishes them; parts are not (they count as withheld), so that what is measured
 * is the log. That the auditor finds nothing in it shows that it keeps the rules.
 *
 * Threads: one.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "audit/law.h"
#include "audit/segments.h"
#include "base/file.h"
#include "bench.h"
#include "evidence/note.h"
#include "evidence/record.h"
#include "evidence/tile.h"
#include "sign/signature.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define GROUP      32
#define STEP_US    500
#define BATCH_MAX  SIGNATURE_BATCH_MAX
#define LEVELS     TILE_LEVELS
#define PART_BYTES 4096

struct grower {
	const struct bench_log *options;
	struct key *signing;
	struct law law;
	struct tile levels[LEVELS];
	struct buf bundle;
	uint64_t size;
	int64_t time_us;
	uint64_t open[GROUP]; /* records whose deliveries are to be settled */
	size_t n_open;
	char party[101]; /* of the recipient's route */
};

/* --- Files ----------------------------------------------------------------------------------- */

static rg_err write_file(const struct grower *grower, const char *name, struct rg_bytes content)
{
	scoped(freep) char *path = file_join(grower->options->out, name);
	char *slash = path ? strrchr(path, '/') : NULL;
	rg_err err = RG_OK;

	if (!slash) {
		return RG_E_NOMEM;
	}
	*slash = '\0';
	if (access(path, F_OK) != 0) {
		err = file_make_dirs(path);
	}
	*slash = '/';
	scoped(fd_close) int fd = err ? -1 : open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	/* Not synced: this is a measurement's input, not somebody's log. */
	return err || fd < 0 ? RG_E_IO : file_write_all(fd, content);
}

static rg_err write_tile(struct grower *grower, unsigned level)
{
	char name[TILE_NAME_MAX];

	tile_name(level, (grower->size - 1) >> (TILE_HEIGHT * (level + 1)),
		grower->levels[level].width, name);
	return write_file(grower, name, tile_bytes(&grower->levels[level]));
}

static rg_err write_bundle(struct grower *grower)
{
	char name[TILE_NAME_MAX];

	tile_bundle_name((grower->size - 1) / TILE_WIDTH, grower->levels[0].width, name);
	return write_file(grower, name, buf_view(&grower->bundle));
}

static rg_err add_hash(struct grower *grower, struct merkle_hash hash)
{
	rg_err err = RG_OK;

	for (unsigned level = 0; !err && level < LEVELS; level++) {
		struct tile *tile = &grower->levels[level];

		err = tile_add(tile, &hash);
		if (err || tile->width < TILE_WIDTH) {
			return err;
		}
		err = write_tile(grower, level);
		if (!err && level == 0) {
			err = write_bundle(grower);
			buf_clear(&grower->bundle);
		}
		hash = *tile_node(tile, TILE_HEIGHT, 0);
		tile->width = 0;
	}
	return err;
}

static rg_err add_leaf(struct grower *grower, struct rg_bytes leaf)
{
	struct merkle_hash hash;
	rg_err err = merkle_leaf(leaf, &hash);

	tile_bundle_add(&grower->bundle, leaf);
	grower->size++;
	if (!err) {
		err = buf_error(&grower->bundle);
	}
	return err ? err : add_hash(grower, hash);
}

static rg_err write_end(struct grower *grower)
{
	scoped(key_freep) struct key *key = NULL;
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	struct note_checkpoint checkpoint = {.size = grower->size};
	bool is_begun = false;
	rg_err err = key_load(grower->options->log_key, &key);

	(void)snprintf(checkpoint.origin, sizeof(checkpoint.origin), "%s", grower->law.origin);
	if (!err && grower->levels[0].width > 0) {
		err = write_bundle(grower);
	}
	for (unsigned level = 0; !err && level < LEVELS; level++) {
		const struct tile *tile = &grower->levels[level];

		if (tile->width > 0) {
			char name[TILE_NAME_MAX];

			tile_name(level, grower->size >> (TILE_HEIGHT * (level + 1)), tile->width,
				name);
			err = write_file(grower, name, tile_bytes(tile));
		}
		for (unsigned row = 0; !err && row < TILE_HEIGHT; row++) {
			const struct merkle_hash *node = tile->width >> row & 1
				? tile_node(tile, row, (tile->width >> row) - 1)
				: NULL;

			if (node && is_begun) {
				err = merkle_node(node, &checkpoint.root, &checkpoint.root);
			} else if (node) {
				checkpoint.root = *node;
			}
			is_begun = is_begun || node;
		}
	}
	if (!err) {
		err = note_checkpoint_sign(&checkpoint, key, &note);
	}
	return err ? err : write_file(grower, "checkpoint", buf_view(&note));
}

/* --- Records --------------------------------------------------------------------------------- */

static rg_err add_record(struct grower *grower, Rivergate__V1__RecordType type,
	struct rg_bytes body, struct rg_bytes signature)
{
	scoped(buf_deinitv) struct buf meta_bytes = {.data = NULL};
	scoped(buf_deinitv) struct buf leaf = {.data = NULL};
	Rivergate__V1__Meta meta = RIVERGATE__V1__META__INIT;
	char cc[3] = "";

	(void)snprintf(cc, sizeof(cc), "%.2s", grower->options->from);
	meta.time_us = grower->time_us;
	meta.registry_index = trust_registry_index(grower->law.trust);
	if (type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE) {
		meta.directory_index = trust_directory_index(grower->law.trust, cc);
		meta.crl_index = trust_crl_index(grower->law.trust, cc);
	}
	rg_err err = pack_append(&meta.base, &meta_bytes);
	const struct record record = {.type = type,
		.meta = buf_view(&meta_bytes),
		.body = body,
		.signature = signature};

	if (!err) {
		err = record_write(&record, &leaf);
	}
	return err ? err : add_leaf(grower, buf_view(&leaf));
}

static rg_err add_progress(struct grower *grower)
{
	scoped(buf_deinitv) struct buf body = {.data = NULL};
	Rivergate__V1__Progress progress = RIVERGATE__V1__PROGRESS__INIT;
	Rivergate__V1__DeliveryRef refs[GROUP];
	Rivergate__V1__DeliveryRef *settled[GROUP];

	for (size_t i = 0; i < grower->n_open; i++) {
		rivergate__v1__delivery_ref__init(&refs[i]);
		refs[i].index = grower->open[i];
		refs[i].to = grower->party;
		settled[i] = &refs[i];
	}
	progress.settled = settled;
	progress.n_settled = grower->n_open;
	grower->n_open = 0;
	rg_err err = pack_append(&progress.base, &body);

	return err ? err
		   : add_record(grower, RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_PROGRESS,
			     buf_view(&body), (struct rg_bytes){.data = NULL});
}

static void fill_id(uint64_t milliseconds, uint8_t id[16])
{
	for (unsigned i = 0; i < 6; i++) {
		id[i] = (uint8_t)(milliseconds >> (40 - 8 * i));
	}
	id[6] = (uint8_t)((id[6] & 0x0f) | 0x70);
	id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
}

/* A declaration with goods, a movement and two withheld parts; random is 16 + 64 bytes. */
static rg_err make_header(const struct grower *grower, uint64_t number, int64_t sent_at_us,
	uint8_t *random, struct buf *out)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Leg leg = RIVERGATE__V1__LEG__INIT;
	Rivergate__V1__Leg *legs[] = {&leg};
	Rivergate__V1__Goods goods = RIVERGATE__V1__GOODS__INIT;
	Rivergate__V1__Goods *all_goods[] = {&goods};
	Rivergate__V1__Movement movement = RIVERGATE__V1__MOVEMENT__INIT;
	Rivergate__V1__Part part[2] = {RIVERGATE__V1__PART__INIT, RIVERGATE__V1__PART__INIT};
	Rivergate__V1__Part *parts[] = {&part[0], &part[1]};
	char *to[] = {(char *)(uintptr_t)grower->options->to};
	char ucr[36];
	char plate[16];

	(void)snprintf(ucr, sizeof(ucr), "LA-BENCH-2026-E-%llu", (unsigned long long)number);
	(void)snprintf(plate, sizeof(plate), "LA%llu", (unsigned long long)(number % 9999));
	fill_id((uint64_t)sent_at_us / 1000, random);
	header.id = (ProtobufCBinaryData){16, random};
	header.from = (char *)(uintptr_t)grower->options->from;
	header.to = to;
	header.n_to = 1;
	header.kind = RIVERGATE__V1__KIND__KIND_DECLARATION;
	header.ucr = ucr;
	header.version = 1;
	header.purpose = RIVERGATE__V1__PURPOSE__PURPOSE_ADVANCE;
	header.lodged_by = RIVERGATE__V1__LODGED_BY__LODGED_BY_AUTHORITY_COPY;
	leg.country = (char *)"CN";
	leg.regime = RIVERGATE__V1__REGIME__REGIME_IMPORT;
	leg.office_in = (char *)"8619";
	header.legs = legs;
	header.n_legs = 1;
	goods.hs6 = (char *)"081060";
	goods.hs_edition = (char *)"2022";
	goods.origin = (char *)"TH";
	goods.condition = RIVERGATE__V1__CONDITION__CONDITION_FRESH;
	header.goods = all_goods;
	header.n_goods = 1;
	movement.plate = plate;
	movement.mode = (char *)"3";
	header.movement = &movement;
	header.sent_at_us = sent_at_us;
	part[0].name = (char *)"customs";
	part[1].name = (char *)"translation";
	for (size_t i = 0; i < 2; i++) {
		part[i].type = (char *)"rivergate.v1.Declaration";
		part[i].size = PART_BYTES;
		part[i].commitment = (ProtobufCBinaryData){32, random + 16 + 32 * i};
	}
	header.parts = parts;
	header.n_parts = 2;
	return pack_append(&header.base, out);
}

static rg_err add_batch(struct grower *grower, size_t n)
{
	struct buf headers[BATCH_MAX] = {{.data = NULL}};
	struct buf signatures[BATCH_MAX] = {{.data = NULL}};
	struct rg_bytes views[BATCH_MAX] = {{.data = NULL}};
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < n; i++) {
		uint8_t random[16 + 64];

		err = RAND_bytes(random, sizeof(random)) == 1 ? RG_OK : RG_E_CRYPTO;
		if (!err) {
			err = make_header(grower, grower->size + i, grower->time_us, random,
				&headers[i]);
		}
		views[i] = buf_view(&headers[i]);
	}
	if (!err) {
		err = signature_sign(grower->signing, views, n, signatures);
	}
	for (size_t i = 0; !err && i < n; i++) {
		grower->time_us += STEP_US;
		grower->open[grower->n_open++] = grower->size;
		err = add_record(grower, RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE, views[i],
			buf_view(&signatures[i]));
		if (!err && grower->n_open == GROUP) {
			err = add_progress(grower);
		}
	}
	for (size_t i = 0; i < n; i++) {
		buf_deinit(&headers[i]);
		buf_deinit(&signatures[i]);
	}
	return err;
}

/* --- The beginning --------------------------------------------------------------------------- */

static rg_err take_real(struct grower *grower, const struct segments_found *found,
	struct store *store)
{
	const struct law_record record = {.index = grower->size,
		.leaf = found->leaf,
		.parts = found->parts};
	scoped(arena_freep) struct arena *arena = arena_new(0);
	struct findings findings = {.items = NULL};
	struct scan_answer answer;
	ProtobufCMessage *meta = NULL;
	struct record leaf;
	rg_err err = arena && record_read(found->leaf, &leaf) ? RG_OK : RG_E_FORMAT;

	if (!err) {
		err = scan_unpack(&rivergate__v1__meta__descriptor, leaf.meta, arena, &answer,
			&meta);
	}
	if (!err && meta) {
		grower->time_us = ((const Rivergate__V1__Meta *)meta)->time_us;
		err = law_take(&grower->law, &record, store, &findings);
	}
	if (!err && findings.n_all > 0) {
		fprintf(stderr, "rivergate-bench: record %llu: %s\n",
			(unsigned long long)grower->size, findings.items[0].text);
		err = RG_E_FORMAT;
	}
	findings_deinit(&findings);
	return err ? err : add_leaf(grower, found->leaf);
}

static rg_err begin(struct grower *grower)
{
	scoped(segments_closep) struct segments *segments = NULL;
	scoped(store_closep) struct store *store = NULL;
	scoped(freep) char *journal = file_join(grower->options->out, "journal");
	struct segments_found found = {.state = SEGMENTS_WHOLE};
	const struct trust_party *party = NULL;
	rg_err err = journal ? segments_open(journal, &segments) : RG_E_NOMEM;

	if (!err) {
		err = store_open(NULL, &store);
	}
	while (!err && found.state == SEGMENTS_WHOLE) {
		err = segments_read(segments, grower->size, &found);
		if (!err && found.state == SEGMENTS_WHOLE) {
			err = take_real(grower, &found, store);
		}
	}
	party = err || !grower->law.trust ? NULL
					  : trust_route(grower->law.trust, grower->options->to);
	if (!err && !party) {
		return RG_E_CONFIG;
	}
	if (!err) {
		(void)snprintf(grower->party, sizeof(grower->party), "%s", party->address);
		err = key_load(grower->options->signing_key, &grower->signing);
	}
	return err;
}

int bench_log(const struct bench_log *options)
{
	struct grower *grower = calloc(1, sizeof(*grower));
	uint64_t batch = options->batch < BATCH_MAX ? options->batch : BATCH_MAX;

	if (!grower) {
		return 3;
	}
	grower->options = options;
	law_init(&grower->law);
	rg_err err = begin(grower);

	while (!err && grower->size < options->count) {
		uint64_t left = options->count - grower->size;

		err = add_batch(grower, left < batch ? left : batch);
	}
	if (!err) {
		err = write_end(grower);
	}
	if (err) {
		fprintf(stderr, "rivergate-bench: log: %s\n", rg_strerror(err));
	} else {
		printf("{\"records\": %llu, \"batch\": %llu}\n", (unsigned long long)grower->size,
			(unsigned long long)batch);
	}
	law_deinit(&grower->law);
	key_free(grower->signing);
	buf_deinit(&grower->bundle);
	free(grower);
	return err ? 3 : 0;
}
