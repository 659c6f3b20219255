#ifndef ROUTER_CHECKUP_H
#define ROUTER_CHECKUP_H

/*
 * `rivergated check`: reads everything, changes nothing, says what a start would do
 *
 * The whole journal with both sums of each frame, form and time of each record, the law
 * that its governance messages lead to; the root at the checkpoint's size; every tile and
 * entry bundle that is there. While a router runs in the folder, records above its
 * checkpoint are under way and are not judged.
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include <rivergate/error.h>

#include "base/scoped.h"
#include "settings.h"

enum checkup_state {
	CHECKUP_WHOLE,    /* a start goes on as if nothing had been */
	CHECKUP_MENDABLE, /* a start sets a torn tail aside, or writes tiles again */
	CHECKUP_DAMAGED,  /* a start refuses */
};

/* Findings beyond this many are only counted. */
#define CHECKUP_FINDINGS_MAX 100

struct checkup_result {
	enum checkup_state state;
	bool is_running; /* another process holds the folder */
	uint64_t n_records;
	uint64_t n_segments;
	uint64_t checkpoint_size; /* 0: there is none */
	uint64_t n_findings;
	json_t *findings; /* {what, start, file} or {what, start, record, segment?, offset?} each */
};

void checkup_result_deinit(struct checkup_result *result);
SCOPED_DEFINE_VALUE(struct checkup_result, checkup_result_deinit);

/* Needs of the settings: data_dir, origin, log_key. */
RG_MUST_USE rg_err checkup_run(const struct settings *settings, struct checkup_result *ret_result);
/*
 * The same for another folder of the same shape, whose log this key signs; one that is not
 * a running router's (a backup, an archive).
 */
struct checkup_target {
	const char *dir;
	const char *origin;
	const uint8_t *log_public; /* 32 bytes */
	bool has_all_tiles;        /* a missing tile is damage: nothing rebuilds it there */
};
RG_MUST_USE rg_err checkup_folder(const struct checkup_target *target,
	struct checkup_result *ret_result);
/* For people, or as one JSON object; on standard output. */
void checkup_print(const struct checkup_result *result, const char *origin, bool wants_json);

#endif
