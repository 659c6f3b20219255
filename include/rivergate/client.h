#ifndef RIVERGATE_CLIENT_H
#define RIVERGATE_CLIENT_H

/*
 * The client library: one party's session with a router
 *
 * What it gives: submit messages and get receipts; receive deliveries, settle and
 * acknowledge them; ask where a consignment is. It connects and reconnects by itself,
 * signs whatever piled up as one batch, keeps order through refusals that may be
 * retried, verifies every receipt (leaf, range, checkpoint) and every delivery
 * (signature, sender's certificate, commitments, destination, proof of its record, its
 * counter) before it is shown, remembers the newest checkpoint so that a router that
 * forgot history is found, and keeps account of the counters so that one that holds a
 * delivery back is found too.
 *
 * Nothing submitted counts until its receipt has come. With a spool, a submission is on
 * the disk before rg_client_submit() returns, and is sent again after a crash or a
 * day without line, in order, until receipted or refused; its receipt is stored beside
 * it. Without a spool a lost process loses what had no receipt.
 *
 * Threads: a client owns one internal thread, which alone touches the socket. All
 * rg_client_*() calls of one client belong to one thread of the caller, the only
 * exception being rg_client_wake().
 *
 * Memory: what an event points to lives until the next rg_client_next() of this client.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

struct rg_client;

/* All texts are copied. Paths are files or folders. */
struct rg_client_options {
	const char *party;    /* address of this party */
	const char *router;   /* address of the router; endpoint and keys come from the registry */
	const char *endpoint; /* NULL: as the registry says */
	const char *registry_path;
	const char *directories_path;
	const char *pin;              /* hex SHA-256 of the genesis registry's content */
	const char *curve_key_path;   /* 32 bytes as hex, mode 0600 */
	const char *signing_key_path; /* PEM, mode 0600 */
	const char *state_path; /* folder of newest checkpoint and spool; NULL: remembers nothing */
	bool use_spool;         /* needs state_path */
	bool receive; /* take the party's deliveries; fences its older receiving session */
	uint32_t credit_messages; /* deliveries in flight at most, 0: 64 */
	uint64_t credit_bytes;    /* 0: 64 MiB */
	uint32_t batch_max;       /* messages signed at once at most, 1 to 1,024; 0: 1,024 */
	uint32_t missing_after_s; /* how long a gap in the deliveries may be open; 0: a day */
};

/* Connects in the background. RG_E_CONFIG: options or files are wrong; the log says what to do. */
RG_API RG_MUST_USE rg_err rg_client_open(const struct rg_client_options *options,
	struct rg_client **ret_client);
/* Sends what can be sent for at most linger_ms, then closes. Accepts NULL. */
RG_API void rg_client_close(struct rg_client *client, int linger_ms);

/*
 * Content of one part. Withheld: committed to, but not sent. A withheld part without
 * content keeps the size and commitment that stand in the header draft.
 */
struct rg_client_part {
	struct rg_bytes content;
	struct rg_bytes salt; /* 32 bytes; empty when submitting: the client makes one */
	bool is_withheld;
};

/* A message to submit. */
struct rg_client_message {
	/* Packed rivergate.v1.Header without id, from, sent_at_us and without size and
	 * commitment in parts: the client fills these. name, type and audience of each part
	 * stand in the header. */
	struct rg_bytes header;
	const struct rg_client_part *parts; /* as many as header.parts */
	size_t n_parts;
	uint8_t id[16]; /* all zero: the client makes a UUIDv7; else this id, for repeating */
};

enum rg_submit_answer {
	RG_SUBMIT_TAKEN, /* will end in RECEIPT or REFUSAL */
	RG_SUBMIT_FULL,  /* window is full: take events, then try again */
	RG_SUBMIT_WRONG, /* the message breaks a rule the client can check; ret_rule says which */
};

/* ret_id: 16 bytes. ret_rule: static text when WRONG, else NULL. */
RG_API RG_MUST_USE rg_err rg_client_submit(struct rg_client *client,
	const struct rg_client_message *message, enum rg_submit_answer *ret_answer,
	uint8_t ret_id[16], const char **ret_rule);
/* Submits an envelope file's content as it is (own or relayed): already signed. */
RG_API RG_MUST_USE rg_err rg_client_submit_envelope(struct rg_client *client,
	struct rg_bytes envelope, enum rg_submit_answer *ret_answer, uint8_t ret_id[16],
	const char **ret_rule);

/* Submissions without receipt or final refusal: in memory and, with a spool, on the disk. */
RG_API size_t rg_client_waiting(const struct rg_client *client);

enum rg_event_type {
	RG_EVENT_CONNECTED,
	RG_EVENT_DISCONNECTED, /* text says why; it reconnects */
	RG_EVENT_RECEIPT,      /* id, index, time_us, header, signature; see rg_client_proof() */
	RG_EVENT_REFUSAL,      /* final: id, header, verdict, rule, field, text */
	RG_EVENT_DELIVERY,     /* settle it after durable storage; the same may come again */
	RG_EVENT_ANSWER,       /* to a query: packed rivergate.v1.Answer */
	RG_EVENT_FENCED,       /* a newer session of this party receives now */
	RG_EVENT_ALARM,        /* text: a delivery or the router itself is not to be trusted */
	RG_EVENT_MISSING,      /* text: deliveries never came, as the counters of later ones tell */
	RG_EVENT_WITNESSED,    /* witnessed: how far witnesses have cosigned the log */
	RG_EVENT_UNWITNESSED,  /* text: a receipt has waited for it for more than a minute */
};

/*
 * A checkpoint whose signature and cosignatures have been verified. Records below size are
 * *witnessed* when n_cosigned >= quorum; the party's own member's witness must be among them
 * (has_own; true when that member has none), or the party reports them `unwitnessed`.
 */
struct rg_witnessed {
	uint64_t size;
	size_t n_cosigned;
	size_t n_witnesses; /* that the registry names */
	size_t quorum;
	bool has_own;
};

struct rg_event {
	enum rg_event_type type;
	uint8_t id[16];
	uint64_t index;            /* record */
	int64_t time_us;           /* of the record */
	struct rg_bytes header;    /* RECEIPT, DELIVERY: as signed */
	struct rg_bytes signature; /* RECEIPT, DELIVERY: as logged; packed rivergate.v1.Signature */
	const struct rg_client_part *parts; /* DELIVERY */
	size_t n_parts;
	struct rg_bytes delivery; /* DELIVERY: packed rivergate.v1.Deliver: marks, counter, proof */
	bool is_derived;          /* DELIVERY: signed by the router, cause is index */
	int verdict;              /* REFUSAL: rivergate.v1.Verdict */
	const char *rule;
	const char *field;
	const char *text;
	uint64_t number; /* ANSWER: of the query */
	struct rg_bytes answer;
	struct rg_witnessed witnessed; /* WITNESSED */
};

/* Waits at most timeout_ms for an event (-1: for ever); *ret_event NULL: time-out or woken. */
RG_API RG_MUST_USE rg_err rg_client_next(struct rg_client *client, int timeout_ms,
	const struct rg_event **ret_event);
/* Any thread, and signal handlers: makes rg_client_next() return. */
RG_API void rg_client_wake(struct rg_client *client);

/* Text of a RECEIPT event's tlog-proof; free with free(). Only for the newest event. */
RG_API RG_MUST_USE rg_err rg_client_proof(struct rg_client *client, char **ret_text,
	size_t *ret_len);
/*
 * The message as envelope file content, with its signature as it stands in the log;
 * free with free(). Only for the newest event, and only when that is a RECEIPT or a DELIVERY.
 */
RG_API RG_MUST_USE rg_err rg_client_envelope(struct rg_client *client, uint8_t **ret_data,
	size_t *ret_len);

/*
 * The delivery is stored durably here: the router may forget it. derived_id: the id of a
 * derived message, else NULL.
 */
RG_API RG_MUST_USE rg_err rg_client_settle(struct rg_client *client, uint64_t index,
	const uint8_t *derived_id);
/* As settle, but for a person to look at: reason is an upper-case word. */
RG_API RG_MUST_USE rg_err rg_client_set_aside(struct rg_client *client, uint64_t index,
	const uint8_t *derived_id, const char *reason);
/* query: packed rivergate.v1.Query without number; ret_number comes back in the ANSWER event. */
RG_API RG_MUST_USE rg_err rg_client_query(struct rg_client *client, struct rg_bytes query,
	uint64_t *ret_number);

#endif
