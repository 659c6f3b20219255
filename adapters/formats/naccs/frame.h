#ifndef NACCS_FRAME_H
#define NACCS_FRAME_H

/*
 * One message on the wire
 *
 *     398 bytes of header, CR LF, items, each ended by CR LF
 *
 * Fields of the header have fixed offsets; one of them, the subject, may hold a CR LF
 * of its own, so nothing is found by splitting lines before byte 400. The last field
 * before that is the length of the whole, by which messages that follow one another in
 * one file are told apart.
 *
 * Source: a terminal program in use in Viet Nam, fifteen frames of 2014 and an open
 * client of Japan's NACCS; their field lengths add up alike. For other countries the
 * frame is an assumption.
 */

#include "formats/naccs/layout.h"

#define NACCS_HEADER    400 /* with its CR LF */
#define NACCS_MAX_FRAME 999999

enum naccs_field_flag {
	NACCS_SECRET = 1,   /* a credential: never read, never written */
	NACCS_REQUESTS = 2, /* mapped in requests only */
	NACCS_ANSWERS = 4   /* mapped in answers only */
};

struct naccs_field {
	const char *id; /* as in /header/subject */
	unsigned offset;
	unsigned bytes;
	unsigned flags; /* enum naccs_field_flag */
	const char *canonical;
	const struct naccs_codec *codec;
	const char *request; /* what it holds in a request without value; NULL: blanks */
	const char *answer;  /* the same in an answer */
};

/* All fields but the length. */
extern const struct naccs_field naccs_fields[];
extern const size_t naccs_n_fields;

struct naccs_frame {
	struct rg_bytes whole; /* header and body */
	uint32_t line;         /* of the file, where the frame begins */
	const struct naccs_message *message;
	const char *code; /* of the message, as written; "" in none */
	const char *job;  /* procedure */
	struct rg_bytes *items;
	size_t n_items;
	struct naccs_place *places; /* one for each item */
};

/*
 * Takes the next message from `rest` and moves it on. What is not acceptable is an
 * answer: *ret_ok false and a finding made.
 */
RG_MUST_USE rg_err naccs_frame_read(const struct naccs_work *work, struct rg_bytes *rest,
	uint32_t *line, struct naccs_frame *frame, bool *ret_ok);

/* The text of a header field without the blanks after it; a view. */
struct rg_bytes naccs_field_text(const struct naccs_frame *frame, const struct naccs_field *field);

/* Whether a field is mapped in messages of this kind. */
bool naccs_field_is_mapped(const struct naccs_field *field, enum naccs_kind kind);
/* What a field holds without a value. */
const char *naccs_field_usual(const struct naccs_field *field, enum naccs_kind kind);

/* A header field as the place of an item. NULL: the pool is spent. */
struct naccs_place *naccs_field_place(struct pool *pool, const struct naccs_field *field,
	enum naccs_kind kind);

/* The message of a code that has no table of its own: lines are kept as they are. */
extern const struct naccs_message naccs_open_request, naccs_open_reply, naccs_result;

/* The message for a code, be there a table or not. *V and a job is a result. */
const struct naccs_message *naccs_message_of(const struct naccs_profile *profile, const char *code,
	bool is_answer);

/* Line and column of a byte of the frame. */
void naccs_frame_locate(const struct naccs_frame *frame, const uint8_t *at, uint32_t *ret_line,
	uint32_t *ret_column);

/* Makes a finding at a byte of the frame. */
RG_MUST_USE rg_err naccs_frame_tell(const struct naccs_work *work, const struct naccs_frame *frame,
	const uint8_t *at, const struct rg_finding *finding);

#endif
