/*
 * What is judged of the log as a whole: see verify_inside.h.
 *
 * Threads: one.
 */
#include <stdio.h>
#include <string.h>

#include "audit/predecessor.h"
#include "audit/verify_inside.h"
#include "base/text.h"
#include "evidence/cosignature.h"

#define SECOND_US INT64_C(1000000)

/* --- Earlier checkpoints and receipts -------------------------------------------------------- */

/* A fault of the source that only says that a tile is not good becomes an answer. */
static rg_err head_at(struct verify *verify, uint64_t size, struct merkle_hash *ret_head,
	bool *ret_has)
{
	const struct proof_source source = published_source(verify->log);
	rg_err err = proof_head(&source, size, ret_head);

	*ret_has = err == RG_OK;
	return err == RG_E_FORMAT ? RG_OK : err;
}

static rg_err judge_past_head(struct verify *verify, struct anchor *anchor)
{
	struct merkle_hash head;
	bool has = false;
	rg_err err = head_at(verify, anchor->size, &head, &has);

	if (!err && has) {
		anchors_judge_head(anchor, &head, &verify->of_anchors);
	}
	if (!err && !has) {
		findings_add(&verify->of_anchors, FINDING_TILE, FINDING_NO_RECORD,
			"%.100s cannot be compared: %.80s: %.40s", anchor->name,
			published_last(verify->log)->file, published_last(verify->log)->what);
	}
	return err;
}

static rg_err judge_past_record(struct verify *verify, struct anchor *anchor)
{
	struct published_finding what;
	struct rg_bytes leaf;
	struct merkle_hash hash;
	rg_err err = published_entry(verify->log, anchor->index, &leaf, &what);

	if (err || what.state != PUBLISHED_GOOD) {
		return err;
	}
	err = merkle_leaf(leaf, &hash);
	return err ? err : anchors_judge_record(anchor, leaf, &hash, &verify->of_anchors);
}

rg_err verify_begin_anchors(struct verify *verify)
{
	struct anchors *anchors = &verify->anchors;
	uint64_t done = verify->growth.size;
	rg_err err = RG_OK;

	if (done > verify->report.size) {
		verify->report.size =
			done <= verify->report.log_size ? done : verify->report.log_size;
	}
	for (size_t i = 0; !err && i < anchors->n_items; i++) {
		struct anchor *anchor = &anchors->items[i];
		bool is_past = anchor->size <= done || anchor->size > verify->report.size;

		if (anchor->size > verify->report.log_size) {
			anchors_judge_missing(anchor, verify->report.log_size, &verify->of_anchors);
		} else if (is_past) {
			err = judge_past_head(verify, anchor);
		}
		if (!err && anchor->is_receipt && anchor->index < done) {
			err = judge_past_record(verify, anchor);
		}
	}
	verify->report.n_earlier = anchors->n_items - verify->n_beside;
	verify->next_receipt = anchors_from_index(anchors, done);
	verify->next_anchor = anchors_from_size(anchors, done + 1);
	return err;
}

/* --- The head -------------------------------------------------------------------------------- */

static rg_err judge_head(struct verify *verify)
{
	const struct note_checkpoint *checkpoint = published_checkpoint(verify->log);
	struct merkle_hash wanted = checkpoint->root;
	bool has = true;
	rg_err err = growth_head(&verify->growth, &verify->report.root);

	if (!err && verify->growth.size < checkpoint->size) {
		/* The log as it was: its tiles show that it continued from here. */
		err = head_at(verify, verify->growth.size, &wanted, &has);
	}
	if (err || !has) {
		if (!err) {
			findings_add(&verify->report.findings, FINDING_TILE, FINDING_NO_RECORD,
				"%.100s: %.100s", published_last(verify->log)->file,
				published_last(verify->log)->what);
		}
		return err;
	}
	if (verify->growth.size > checkpoint->size) {
		verify_find(verify, FINDING_TRUNCATED, checkpoint->size, verify->growth.size - 1,
			"an earlier run verified these records; the checkpoint has them no more");
		return RG_OK;
	}
	if (memcmp(&wanted, &verify->report.root, sizeof(wanted)) != 0) {
		verify_find(verify, verify->report.n_read ? FINDING_HEAD : FINDING_HISTORY, 0,
			verify->growth.size ? verify->growth.size - 1 : 0,
			verify->report.n_read
				? "the records do not lead to the root in the checkpoint"
				: "these records are not those that an earlier run verified");
	}
	return RG_OK;
}

static rg_err judge_tiles(struct verify *verify)
{
	struct published_finding what;
	struct tile_hashes *published = &verify->scratch;
	rg_err err = RG_OK;

	if (verify->growth.size != verify->report.log_size) {
		return RG_OK;
	}
	for (unsigned level = 1; !err && level < TILE_LEVELS; level++) {
		const struct tile *own = &verify->growth.levels[level];
		uint64_t number =
			own->width ? verify->growth.size >> (TILE_HEIGHT * (level + 1)) : 0;

		if (own->width == 0) {
			continue;
		}
		err = published_peek(verify->log, level, number, published, &what);
		if (!err &&
			(what.state != PUBLISHED_GOOD || own->width != published->width ||
				memcmp(tile_bytes(own).data, published->items,
					tile_bytes(own).len) != 0)) {
			findings_add(&verify->report.findings,
				what.state == PUBLISHED_MISSING ? FINDING_MISSING : FINDING_TILE,
				FINDING_NO_RECORD, "tile %u/%llu (partial): %.80s", level,
				(unsigned long long)number,
				what.state == PUBLISHED_GOOD
					? "its hashes do not follow from the records"
					: what.what);
		}
	}
	return err;
}

/* --- Whose log it is ------------------------------------------------------------------------- */

static void judge_router(struct verify *verify)
{
	const struct trust *trust = verify->law.trust;
	const struct note_verifier *log = published_verifier(verify->log);
	const Rivergate__V1__Router *router =
		trust ? trust_router(trust, verify->law.router) : NULL;
	struct findings *findings = &verify->report.findings;

	if (!trust || !verify->law.is_known || !verify->law.has_origin) {
		return;
	}
	if (!router) {
		findings_add(findings, FINDING_LOG_KEY, FINDING_NO_RECORD,
			"the registry in force names no router %.100s", verify->law.router);
		return;
	}
	if (strcmp(router->origin, log->name) != 0 || router->log_key.len != 32 ||
		memcmp(router->log_key.data, log->public_key, 32) != 0) {
		findings_add(findings, FINDING_LOG_KEY, FINDING_NO_RECORD,
			"log.vkey is not the log key that the registry names for %.100s",
			verify->law.router);
	}
}

/* A view does not say whose log it is: the registry that was given must name it. */
static void judge_stranger(struct verify *verify)
{
	const struct trust *trust = verify->law.trust;
	const struct note_verifier *log = published_verifier(verify->log);
	const Rivergate__V1__Registry *registry = trust ? trust_registry(trust) : NULL;

	if (!verify->law.is_fixed || !registry) {
		return;
	}
	for (size_t i = 0; i < registry->n_routers; i++) {
		const Rivergate__V1__Router *router = registry->routers[i];

		if (strcmp(router->origin, log->name) == 0 && router->log_key.len == 32 &&
			memcmp(router->log_key.data, log->public_key, 32) == 0) {
			return;
		}
	}
	findings_add(&verify->report.findings, FINDING_LOG_KEY, FINDING_NO_RECORD,
		"the registry that was given names no router with the origin %.100s and the key of "
		"log.vkey",
		log->name);
}

static void judge_origin(struct verify *verify)
{
	const struct law *law = &verify->law;
	const uint8_t *pin = verify->options->pin;
	struct findings *findings = &verify->report.findings;

	if (law->has_origin &&
		strcmp(law->origin, published_checkpoint(verify->log)->origin) != 0) {
		findings_add(findings, FINDING_ORIGIN, 0,
			"record 0 says origin %.60s, the checkpoint %.60s", law->origin,
			published_checkpoint(verify->log)->origin);
	}
	/* Files are read by the pin, if one is given. */
	verify->report.has_pin = pin && (law->has_origin || (law->is_fixed && law->trust));
	if (pin && law->has_origin && memcmp(pin, law->pin, sizeof(law->pin)) != 0) {
		findings_add(findings, FINDING_PIN, 0,
			"record 0 starts from another genesis registry than the one pinned");
	}
}

/* --- Cosignatures ---------------------------------------------------------------------------- */

/* Names the witnesses whose line does not verify. */
static rg_err blame_cosigners(struct verify *verify, struct rg_bytes note, const char *name,
	const struct cosigner_roster *roster)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < roster->n_items; i++) {
		struct cosigner_roster one = {.items = {roster->items[i]}, .n_items = 1};
		struct cosignature_count count;

		err = cosignature_count(note, &one, &count);
		if (!err && count.is_malformed) {
			findings_add(&verify->report.findings, FINDING_COSIGNATURE,
				FINDING_NO_RECORD,
				"%.100s: the line of %.60s is not signed by its key", name,
				roster->items[i].key.name);
		}
	}
	return err;
}

/* The earliest time at which a witness saw a checkpoint; INT64_MAX: none did. */
static int64_t earliest_us(const struct cosignature_count *count,
	const struct cosigner_roster *roster)
{
	int64_t earliest = INT64_MAX;

	for (size_t i = 0; i < roster->n_items; i++) {
		uint64_t time_s = count->times_s[i];

		/* Whole seconds: the instant lies within the one that is told. */
		if (time_s > 0 && time_s < (uint64_t)(INT64_MAX / SECOND_US) - 1 &&
			(int64_t)(time_s + 1) * SECOND_US - 1 < earliest) {
			earliest = (int64_t)(time_s + 1) * SECOND_US - 1;
		}
	}
	return earliest;
}

/* That somebody outside had seen a checkpoint. */
struct sight {
	const char *name; /* of the checkpoint's file */
	uint64_t size;
	int64_t seen_us;
	const char *who; /* "a witness had cosigned it" */
};

/* The first records of the log that state a later time than they were seen at. */
static rg_err judge_ahead(struct verify *verify, const struct sight *sight)
{
	uint64_t size = sight->size;
	uint64_t record = fold_time_record(verify->fold);
	int64_t time_us = fold_time_us(verify->fold);
	char stated[28];
	char seen[28];
	char text[200];
	uint64_t first = 0;

	if (time_us <= sight->seen_us || verify->growth.size == 0) {
		return RG_OK;
	}
	rg_err err = walk_size_at(verify->log, sight->seen_us, &first);

	if (err || (first >= size && record >= size)) {
		return err;
	}
	bool is_one = record < size && record <= first;

	first = is_one ? record : first;
	text_time_us(time_us, stated);
	text_time_us(sight->seen_us, seen);
	(void)snprintf(text, sizeof(text), "%.60s: %.40s by %s; time_us goes up to %s", sight->name,
		sight->who, seen, stated);
	verify_find(verify, FINDING_TIME_AHEAD, first, is_one ? record : size - 1, text);
	return RG_OK;
}

static rg_err judge_note(struct verify *verify, struct rg_bytes note, const char *name,
	uint64_t size, const struct cosigner_roster *roster, size_t *ret_n_valid)
{
	struct cosignature_count count;
	rg_err err = cosignature_count(note, roster, &count);

	*ret_n_valid = 0;
	if (err) {
		return err;
	}
	if (count.is_malformed) {
		return blame_cosigners(verify, note, name, roster);
	}
	*ret_n_valid = count.n_valid;
	return judge_ahead(verify,
		&(struct sight){.name = name,
			.size = size,
			.seen_us = earliest_us(&count, roster),
			.who = "a witness had cosigned it"});
}

static rg_err judge_cosignatures(struct verify *verify)
{
	struct cosigner_roster roster = {.n_items = 0};
	const struct anchors *anchors = &verify->anchors;
	size_t n_valid = 0;
	rg_err err = RG_OK;

	if (!verify->law.trust) {
		return RG_OK;
	}
	err = cosigner_roster_of(trust_registry(verify->law.trust), &roster);
	verify->report.n_witnesses = roster.n_items;
	verify->report.quorum = roster.quorum;
	for (size_t i = 0; !err && i < anchors->n_items; i++) {
		const struct anchor *anchor = &anchors->items[i];

		err = judge_note(verify, anchor->note, anchor->name, anchor->size, &roster,
			&n_valid);
		if (roster.n_items > 0 && n_valid >= roster.quorum && !anchor->is_broken) {
			verify->report.witnessed_size = anchor->size;
		}
	}
	if (!err) {
		err = judge_note(verify, published_note(verify->log), "checkpoint",
			verify->report.log_size, &roster, &verify->report.n_cosigned);
	}
	if (roster.n_items > 0 && verify->report.n_cosigned >= roster.quorum) {
		verify->report.witnessed_size = verify->report.log_size;
	}
	return err;
}

/* --- Time-stamps ----------------------------------------------------------------------------- */

/* Whether the log was found to continue from the checkpoint of a token. */
static bool is_of_log(const struct verify *verify, const struct stamp *stamp)
{
	const struct anchors *anchors = &verify->anchors;
	size_t i = anchors_from_size(anchors, stamp->size);

	for (; i < anchors->n_items && anchors->items[i].size == stamp->size; i++) {
		if (!anchors->items[i].is_broken &&
			memcmp(anchors->items[i].root.bytes, stamp->root.bytes,
				sizeof(stamp->root.bytes)) == 0) {
			return true;
		}
	}
	return false;
}

static rg_err judge_stamp(struct verify *verify, const struct stamp *stamp)
{
	struct verify_report *report = &verify->report;
	char name[48];

	if (!is_of_log(verify, stamp)) {
		/* Said already: HISTORY or TRUNCATED. */
		report->n_stamps--;
		return RG_OK;
	}
	if (report->stamped_first_us == 0 || stamp->time_us < report->stamped_first_us) {
		report->stamped_first_us = stamp->time_us;
	}
	if (stamp->time_us > report->stamped_last_us) {
		report->stamped_last_us = stamp->time_us;
	}
	report->stamped_size = stamp->size;
	(void)snprintf(name, sizeof(name), STAMPS_FOLDER "/%llu.tsr",
		(unsigned long long)stamp->size);
	return judge_ahead(verify,
		&(struct sight){.name = name,
			.size = stamp->size,
			.seen_us = stamp->latest_us,
			.who = "an authority had stamped it"});
}

static rg_err judge_stamps(struct verify *verify)
{
	size_t n = verify->report.has_tsa_ca ? verify->stamps.n_items : 0;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < n; i++) {
		err = judge_stamp(verify, &verify->stamps.items[i]);
	}
	return err;
}

rg_err verify_end(struct verify *verify)
{
	struct verify_report *report = &verify->report;
	const char *party = published_party(verify->log);
	rg_err err = judge_head(verify);

	if (!err) {
		err = judge_tiles(verify);
	}
	if (err) {
		return err;
	}
	report->size = verify->growth.size;
	report->n_messages = fold_n_messages(verify->fold);
	report->last_time_us = fold_time_us(verify->fold);
	report->is_judged = verify->law.is_known && verify->law.trust;
	(void)snprintf(report->origin, sizeof(report->origin), "%s",
		published_checkpoint(verify->log)->origin);
	(void)snprintf(report->party, sizeof(report->party), "%s", party ? party : "");
	judge_origin(verify);
	judge_router(verify);
	judge_stranger(verify);
	err = predecessor_judge(&(struct predecessor_question){.dir = verify->options->dir,
					.log = verify->log,
					.law = &verify->law},
		&report->findings);
	err = err ? err : judge_stamps(verify);
	return err ? err : judge_cosignatures(verify);
}
