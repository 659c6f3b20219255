/*
 * No archives: this build has no libarchive; see bundle.h
 *
 * Threads: any.
 */

#include "audit/bundle.h"
#include "base/log.h"

rg_err bundle_zip_parse(struct rg_bytes archive, struct bundle *bundle,
	struct bundle_answer *ret_answer)
{
	(void)archive;
	(void)bundle;
	bundle_refuse(ret_answer, "",
		"a file, not a folder, and this build reads no archives: unpack it and name the "
		"folder");
	return RG_OK;
}

rg_err bundle_zip_read(const char *path, struct bundle *bundle, struct bundle_answer *ret_answer)
{
	(void)path;
	return bundle_zip_parse((struct rg_bytes){.data = NULL}, bundle, ret_answer);
}

rg_err bundle_zip_write(const struct bundle *bundle, struct buf *out)
{
	(void)bundle;
	(void)out;
	log_event(LOG_ERROR, "bundle", "no-archives",
		log_text("do", "name a folder, or build with libarchive (-Dzip=enabled)"));
	return RG_E_CONFIG;
}
