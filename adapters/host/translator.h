#ifndef HOST_TRANSLATOR_H
#define HOST_TRANSLATOR_H

/*
 * Translation in a process of its own
 *
 * Plug-ins are code of another country, and they read bytes from abroad. They are
 * loaded into a process that was forked before any key was read and any thread started;
 * for each call it forks once more, with bounded memory, processor time and output. A
 * plug-in that crashes, hangs or eats memory therefore costs one call and is told as an
 * answer. What comes back is treated as bytes from outside.
 *
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <rivergate/adapter.h>
#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"

struct translator;

/* How the site names the elements of a format (struct rg_call in adapter.h). */
struct translator_names {
	const char *format; /* FORMAT or CC/FORMAT */
	struct rg_bytes file;
};

struct translator_limits {
	unsigned cpu_s;      /* processor seconds of one call; twice as many on the clock */
	unsigned memory_mib; /* of one call, beyond what the process has at rest */
	const char *country; /* lower case: its formats come first; NULL: none does */
	const struct translator_names *names; /* in force for every call */
	size_t n_names;
};

/* Call before threads start and before keys are loaded. The limits are copied. */
RG_MUST_USE rg_err translator_start(const struct translator_limits *limits,
	struct translator **ret_translator);
void translator_stop(struct translator *translator);
SCOPED_DEFINE(struct translator, translator_stop);

#define TRANSLATION_NAME_MAX 64

/* What a call brought. Views into `bytes`. */
struct translation {
	bool is_crash;                         /* no answer: killed, or out of time or memory */
	char crash[TRANSLATION_NAME_MAX + 1];  /* how, for people */
	bool is_refused;                       /* a finding of severity ERROR */
	bool is_unknown;                       /* there is no such format; nothing else is set */
	char format[TRANSLATION_NAME_MAX + 1]; /* FORMAT, as found */
	char cc[TRANSLATION_NAME_MAX + 1];     /* of its plug-in */
	char media_type[TRANSLATION_NAME_MAX + 1];
	char type[TRANSLATION_NAME_MAX +
		1];                 /* decode: of the documents, rivergate.v1.Declaration */
	struct rg_bytes *documents; /* decode: packed */
	size_t n_documents;
	struct rg_bytes *outputs; /* encode: native files */
	size_t n_outputs;
	struct rg_bytes *findings; /* packed Findings, refusing ones first */
	size_t n_findings;
	struct rg_bytes translation; /* packed Translation */
	struct buf bytes;
};

void translation_init(struct translation *translation);
void translation_deinit(struct translation *translation);
SCOPED_DEFINE_VALUE(struct translation, translation_deinit);

/*
 * Native bytes to documents. `formats`: names of those that may be meant; when there is
 * more than one, or none, the surest (detect) is taken. RG_E_IO: the process is gone;
 * so must be the caller.
 */
RG_MUST_USE rg_err translator_decode(struct translator *translator, const char *const *formats,
	size_t n_formats, struct rg_bytes native, struct translation *translation);

/* What translator_encode() is to make of which document. */
struct translator_task {
	const char *format;
	const char *type; /* of the document, e.g. rivergate.v1.Declaration */
	enum rg_purpose purpose;
};

/* A packed document to native files. */
RG_MUST_USE rg_err translator_encode(struct translator *translator,
	const struct translator_task *task, struct rg_bytes document,
	struct translation *translation);

/*
 * Checks the names that are in force for this format: findings with the path `names` and
 * their line. is_unknown: there is no such format, or its names cannot be replaced.
 */
RG_MUST_USE rg_err translator_check_names(struct translator *translator, const char *format,
	struct translation *translation);

/* Of the process that holds the plug-ins; for the log and for tests. */
pid_t translator_pid(const struct translator *translator);
/* Whether the process has ended: no call will succeed again. */
bool translator_is_gone(const struct translator *translator);

/* Whether a format of this name is installed. */
RG_MUST_USE rg_err translator_has(struct translator *translator, const char *format, bool *ret_has);

#endif
