#ifndef NACCS_LAYOUT_H
#define NACCS_LAYOUT_H

/*
 * Messages of the NACCS family as tables
 *
 * A profile is the table of a country's system, and the table is the format. Each row
 * is one item: its id, its attribute, how many bytes it has, and where its content goes
 * in the canonical document. The same row is used in both directions.
 *
 * Rows stand in sections. A section that repeats has # in its ids for the number, from
 * 1 (## for two digits); in canonical paths # is the position, from 0, and $ the number.
 * The sections of a goods line are gone through once for each line; @ in a canonical
 * path is the line's position, from 0.
 *
 *     id  T##   canonical  answer.instructions[#].title         COM
 *     id  TX#   canonical  items[@].taxes[$].code               goods line
 *
 * Native paths, in extensions, hints and findings, are /ICN, /CMD[3] (third goods line)
 * and /header/subject; they name no message, because they survive a change of it.
 *
 * Items are numbered from 1 in the order in which they are sent, as the system's own
 * error codes and documents do.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/adapter.h>
#include <rivergate/doc.h>

#include "formats/pool.h"

#define NACCS_POOL_LIMIT ((size_t)256 * 1024 * 1024)

/* Attributes of items, by the letter the system uses. */
enum naccs_attribute {
	NACCS_ANY = 0,    /* text of any length, nothing known about it */
	NACCS_CODE = 'A', /* capitals, digits and signs: bytes 20 to 5D without $; left-justified */
	NACCS_WIDE = 'W', /* UTF-8 text, left-justified */
	NACCS_WHOLE = 'I',   /* digits, right-justified */
	NACCS_FRACTION = 'F' /* decimal with a point, right-justified */
};

enum naccs_flag {
	NACCS_MUST = 1, /* the system refuses a message without it */
	NACCS_OWN = 2,  /* not transferable: only between documents of the plug-in's own country */
	NACCS_CUT = 4   /* free text: from abroad, cut at a character where it is too long */
};

struct naccs_codec;

struct naccs_row {
	const char *id;
	enum naccs_attribute attribute;
	unsigned bytes;
	unsigned flags;                  /* enum naccs_flag */
	const char *canonical;           /* NULL: not mapped; content goes to extensions */
	const struct naccs_codec *codec; /* with canonical */
	const char *elsewhere; /* read instead where a document from abroad lacks `canonical` */
};

struct naccs_section {
	const struct naccs_row *rows;
	size_t n_rows;
	unsigned times;
};

struct naccs_layout {
	const struct naccs_section *common;
	size_t n_common;
	const struct naccs_section *goods; /* of one goods line */
	size_t n_goods;
	unsigned max_lines; /* goods lines of one message; 0: it has none */
	bool is_open;       /* lines beyond the last item are kept, by number: /line[7] */
};

enum naccs_kind {
	NACCS_REQUEST, /* what a declarant sends; known by its job code */
	NACCS_RESULT,  /* codes of a request's outcome; output code *V and the job */
	NACCS_REPLY    /* any other answer; known by its output code */
};

struct naccs_message {
	const char *code; /* job code or output code */
	enum naccs_kind kind;
	const char *direction; /* name of the canonical enum; NULL: neither, or not known */
	const struct naccs_layout *layout;
	const char *decision; /* that an answer is, as the canonical enum; NULL: none */
};

/* Decision of answers whose channel says it. */
extern const char naccs_by_channel[];

struct naccs_profile {
	const char *format; /* name, as in Extension.format */
	const struct naccs_message *messages;
	size_t n_messages;
	const char *import_message, *export_message; /* of a document that names none */
	unsigned likelihood; /* what detect answers for a frame of the family */
};

/* What every step of a call needs. */
struct naccs_work {
	struct pool *pool;
	struct rg_call *call;
	struct rg_doc *doc;
	const struct naccs_profile *profile;
	bool is_own; /* the document is of the plug-in's country */

	const struct naccs_message *message; /* that is being read or written */

	/* Encoding: what is being written. */
	const char *code;     /* of the message */
	size_t part, n_parts; /* which of several messages, from 0 */
};

/* A row in one message: an item with its number. */
struct naccs_place {
	const struct naccs_row *row;
	const char *id;        /* with its number; "line" beyond the layout */
	const char *native;    /* path */
	const char *canonical; /* path; NULL: not mapped */
	const char *elsewhere; /* path or NULL */
	unsigned number;       /* from 1 */
};

/* Items of the common part, and of one goods line. */
size_t naccs_n_common(const struct naccs_layout *layout);
size_t naccs_n_goods(const struct naccs_layout *layout);

/*
 * The items of a message in order: the common part, then n_lines goods lines of which
 * the first is line `first` (from 0) of the document, then n_open lines beyond the
 * layout. RG_E_NOMEM: the pool is spent.
 */
RG_MUST_USE rg_err naccs_places(struct pool *pool, const struct naccs_layout *layout, size_t first,
	size_t n_lines, size_t n_open, struct naccs_place **ret_places);

/* The message with this job or output code; NULL: the profile has no such table. */
const struct naccs_message *naccs_message_find(const struct naccs_profile *profile,
	const char *code);

/* Table writing. A row: not mapped, mapped, and with a second place to look from abroad. */
#define NACCS_KNOWN(id, attribute, bytes, flags) \
	{ \
		id, attribute, bytes, flags, NULL, NULL, NULL \
	}
#define NACCS_ROW(id, attribute, bytes, flags, canonical, type) \
	{ \
		id, attribute, bytes, flags, canonical, &naccs_codec_##type, NULL \
	}
#define NACCS_OR(id, attribute, bytes, flags, canonical, type, elsewhere) \
	{ \
		id, attribute, bytes, flags, canonical, &naccs_codec_##type, elsewhere \
	}
#define NACCS_SECTION(rows, times) \
	{ \
		rows, sizeof(rows) / sizeof((rows)[0]), times \
	}

#endif
