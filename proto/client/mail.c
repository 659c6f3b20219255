/*
 * Mail between the two threads of a client: see mail.h
 *
 * Method: one destructor a type.
 * Threads: a piece of mail has one owner.
 */

#include <stdlib.h>

#include "client/mail.h"
#include "client/receive.h"

static void free_query(struct mail_query *query)
{
	arena_free(query->arena);
	free(query);
}

static void free_receipts(struct mail_receipts *batch)
{
	for (size_t i = 0; i < batch->n_submissions; i++) {
		submission_free(batch->submissions[i]);
	}
	free(batch->submissions);
	receipts_free(batch->receipts);
	arena_free(batch->arena);
	free(batch);
}

static void free_refusal(struct mail_refusal *refusal)
{
	submission_free(refusal->submission);
	arena_free(refusal->arena);
	free(refusal);
}

static void free_answer(struct mail_answer *answer)
{
	buf_deinit(&answer->answer);
	free(answer);
}

struct mail *mail_new(enum mail_type type, size_t size)
{
	scoped(mail_freep) struct mail *mail = calloc(1, size);

	if (mail) {
		mail->type = (int)type;
	}
	return steal(mail);
}

void mail_free(struct mail *mail)
{
	if (!mail) {
		return;
	}
	switch ((enum mail_type)mail->type) {
	case MAIL_SUBMIT:
		submission_free((struct submission *)mail);
		break;
	case MAIL_QUERY:
		free_query((struct mail_query *)mail);
		break;
	case MAIL_RECEIPTS:
		free_receipts((struct mail_receipts *)mail);
		break;
	case MAIL_REFUSAL:
		free_refusal((struct mail_refusal *)mail);
		break;
	case MAIL_DELIVERY:
		delivery_free((struct delivery *)mail);
		break;
	case MAIL_ANSWER:
		free_answer((struct mail_answer *)mail);
		break;
	case MAIL_SETTLE:
	case MAIL_NOTICE:
		free(mail);
		break;
	case MAIL_CLOSE:
		break;
	}
}

void mail_discard(struct mailbox *mailbox)
{
	struct mail *mail = mailbox ? mailbox_take_all(mailbox) : NULL;

	while (mail) {
		struct mail *next = mail->next;

		mail_free(mail);
		mail = next;
	}
	mailbox_free(mailbox);
}
