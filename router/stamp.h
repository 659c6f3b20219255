#ifndef ROUTER_STAMP_H
#define ROUTER_STAMP_H

/*
 * Time-stamps: what an authority outside says of the published checkpoint
 *
 * Every `tsa_interval_s` the newest published checkpoint, if it is a new one, is stamped by
 * the time-stamping authority `tsa_url` (RFC 3161); the verified answer is stored as
 * `timestamp/<size>.tsr` beside `timestamp/<size>.checkpoint` (evidence/timestamp.h). An authority
 * that is down, slow or wrong stops nothing: it is logged with the age of the newest token,
 * and tried again.
 *
 * Threads: start and stop by one; the work is done on a thread of its own.
 */

#include <rivergate/error.h>

#include "base/scoped.h"
#include "settings.h"

struct stamp;

/* *ret_stamp NULL: the settings name no authority. settings are borrowed until the stop. */
RG_MUST_USE rg_err stamp_start(const struct settings *settings, struct stamp **ret_stamp);
/* Ends a query that is under way. */
void stamp_stop(struct stamp *stamp);
SCOPED_DEFINE(struct stamp, stamp_stop);
/* Time of the newest token, in microseconds; 0: none. Any thread. NULL: 0. */
int64_t stamp_newest_us(const struct stamp *stamp);

#endif
