/*
 * No time-stamps: this build has no HTTP client (option `timestamps`).
 *
 * Threads: any.
 */
#include "base/log.h"
#include "stamp.h"

rg_err stamp_start(const struct settings *settings, struct stamp **ret_stamp)
{
	*ret_stamp = NULL;
	if (settings->tsa_url[0] == '\0') {
		return RG_OK;
	}
	log_event(LOG_ERROR, "stamp", "not-built", log_text("setting", "tsa_url"),
		log_text("do", "remove the setting, or build with -Dtimestamps=enabled"));
	return RG_E_CONFIG;
}

void stamp_stop(struct stamp *stamp)
{
	(void)stamp;
}

int64_t stamp_newest_us(const struct stamp *stamp)
{
	(void)stamp;
	return 0;
}
