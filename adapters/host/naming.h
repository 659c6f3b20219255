#ifndef HOST_NAMING_H
#define HOST_NAMING_H

/*
 * How this site names the elements of a format: the rows of `names`
 *
 *     names = ( { format = "th-ecustoms"; file = "names.csv"; } );
 *
 * The files are read before the translating process is forked, so that it has them from its
 * first breath, and checked by the plug-ins in there before anything is taken or handed
 * over. What is wrong is said as FILE:LINE; the adapter then does not start.
 */

#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "host/settings.h"
#include "host/translator.h"

/* Bytes of one such file at most. */
#define NAMING_FILE_MAX ((size_t)1 << 20)

/* What the files hold; views of `rows` are into `files`. Formats are the settings'. */
struct naming {
	struct translator_names *rows;
	struct buf *files;
	size_t n;
};

/* RG_E_CONFIG: a file is missing, too large or named for two formats alike; it was said. */
RG_MUST_USE rg_err naming_read(const struct settings *settings, struct naming *naming);
void naming_deinit(struct naming *naming);
SCOPED_DEFINE_VALUE(struct naming, naming_deinit);

/* RG_E_CONFIG: a format does not take such a file, or a line is wrong; each was said. */
RG_MUST_USE rg_err naming_check(struct translator *translator, const struct settings *settings);

/* Whether both name the same files for the same formats. */
bool naming_is_same(const struct settings *a, const struct settings *b);

#endif
