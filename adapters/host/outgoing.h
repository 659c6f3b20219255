#ifndef HOST_OUTGOING_H
#define HOST_OUTGOING_H

/*
 * From a translated native document to the messages that carry it
 *
 * One document goes out as one message for each route that fits its format: for
 * example ADVANCE and PREFILL to the same recipient, under one UCR. What comes out is
 * a draft: the header without what only the sender's seal adds (id, from, sent_at_us,
 * sizes and commitments), and its parts. `rivergate submit` and the adapter both build
 * with it, so that a file sent by hand and one sent by the adapter are the same.
 *
 * A certificate that says it is withdrawn or replaced goes as CERTIFICATE_STATUS.
 *
 * Parts of a draft, in this order:
 *
 *     customs      a declaration, cut by who may read what (audience.h): each is a
 *     sps          rivergate.v1.Declaration and names its audience in the header
 *     commercial
 *     or sps       a certificate, whole: a rivergate.v1.Certificate without extensions and
 *                  hints, for every recipient that the channel rule allows
 *     translation  rivergate.v1.Translation: the evidence of the mapping
 *     extensions   a document of the same type with nothing but extensions, hints, personal
 *                  data and signatures; withheld, left out where there are none
 *     native       the original file, withheld
 *
 * Withheld parts stay at home: their commitments travel, and their bytes with the salt
 * must be kept by the caller, who alone can later prove what the original was.
 */

#include <stdbool.h>
#include <stddef.h>

#include <rivergate/bytes.h>
#include <rivergate/client.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/conf.h"
#include "rivergate/v1/declaration.pb-c.h"
#include "rivergate/v1/message.pb-c.h"

#define OUTGOING_PARTS_MAX 6
#define OUTGOING_KEPT_MAX  2

/* A row of `routes` in the adapter's configuration. Texts belong to whoever read it. */
struct outgoing_route {
	char *format;           /* native format it is for, FORMAT or CC/FORMAT; "": any */
	char *kind;             /* DECLARATION, AMENDMENT; CERTIFICATE, for certificates alone */
	char *purpose;          /* LODGED_COPY, ADVANCE, PREFILL; "" of a certificate */
	char *lodged_by;        /* AUTHORITY_COPY, NSW_FOR_TRADER, OFFICER_FOR_TRADER */
	struct conf_texts to;   /* addresses */
	struct conf_texts legs; /* what the document does not say of the journey (legs.h) */
	int64_t life_s;         /* 0: the registry's default life */
};

/* Rows of one route, for `routes` in any configuration file. */
extern const struct conf_row outgoing_route_rows[];

/* What a national file became. Views; they must outlive the draft's use. */
struct outgoing_document {
	struct rg_bytes native;                        /* the file; data NULL: there is none */
	const char *media_type;                        /* of the native file */
	const char *format;                            /* FORMAT, as plugin_set_find() names it */
	const ProtobufCMessage *root;                  /* of a type of wire/doctype.h, whole */
	const Rivergate__V1__Translation *translation; /* NULL: was not translated */
	const char *ucr;                               /* NULL: what facts_fill() finds */
	const struct conf_texts *documents;            /* beside its own (documents.h); NULL */
};

/* A withheld part, to be kept at home: its commitment is the SHA-256 of `salted`. */
struct outgoing_kept {
	const char *part;  /* extensions or native */
	struct buf salted; /* 32 bytes of salt ‖ content */
};

/* A message before its seal. Everything in it belongs to it. */
struct outgoing_draft {
	struct buf header; /* packed Header as struct rg_client_message wants it */
	struct rg_client_part parts[OUTGOING_PARTS_MAX];
	size_t n_parts;
	struct buf contents[OUTGOING_PARTS_MAX]; /* what parts[].content view */
	struct outgoing_kept kept[OUTGOING_KEPT_MAX];
	size_t n_kept;
};

void outgoing_draft_init(struct outgoing_draft *draft);
void outgoing_draft_deinit(struct outgoing_draft *draft);
SCOPED_DEFINE_VALUE(struct outgoing_draft, outgoing_draft_deinit);

/*
 * Fills the draft for one route. *ret_problem is NULL, or one static English sentence
 * that says why no message can be made of this document (an answer, not a fault): no
 * UCR, header too large.
 */
RG_MUST_USE rg_err outgoing_build(const struct outgoing_document *document,
	const struct outgoing_route *route, struct outgoing_draft *draft, const char **ret_problem);

/* Whether the route's kind of message carries documents of this type (wire/doctype.h). */
bool outgoing_route_carries(const struct outgoing_route *route, const char *type);

/* Whether the route is for this native format. */
bool outgoing_route_fits(const struct outgoing_route *route, const char *cc, const char *format);

/*
 * Whether the words of a route are words of the protocol and its addresses addresses;
 * *ret_problem as above.
 */
bool outgoing_route_is_valid(const struct outgoing_route *route, const char **ret_problem);

#endif
