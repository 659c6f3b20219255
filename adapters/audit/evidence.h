#ifndef AUDIT_EVIDENCE_H
#define AUDIT_EVIDENCE_H

/*
 * Evidence: what a bundle says, as one object
 *
 *     a log directory ── prove.h ──▶ struct evidence ── evidence_emit() ──▶ files
 *     files ── evidence_read() ──▶ struct evidence ── evidence_judge() ──▶ holds, or why not
 *
 * Both ways meet in evidence_emit(): it writes the one set of files that this evidence has.
 * So a check reads a bundle, judges it, writes it again and compares: whatever is not
 * canonical, missing or too much differs. What a prover made has passed the same judgement.
 *
 * Files of a bundle (<index>: 20 digits; <nn>: number of the part in the header, 2 digits):
 *
 *     MANIFEST, VERIFY.md, verify.sh, SHA256SUMS
 *     checkpoint                  C2SP note: the log's signature and the cosignatures
 *     log.vkey, witnesses.vkeys   verifier keys, one a line, in the order of the signatures
 *     records/<index>/meta, header, signature, part-<nn>, salt-<nn>, receipt.tlog-proof
 *     records/<index>/withheld-<nn>     instead of a part that is not there: "withheld"
 *     records/<index>/body.origin       of record 0, instead of header and signature
 *     certificates/<SHA-256>.der        of the signers, and their members' roots
 *     derived/<index>-<ordinal>         header of a message that follows from this record
 *     timestamp/token.tsr         perhaps: an RFC 3161 token, in its plain form …
 *     timestamp/checkpoint        … the log's checkpoint that it covers …
 *     timestamp/<index>.tlog-proof      … and the way to it of each record that was asked for
 *
 * MANIFEST:
 *
 *     rivergate/v1 evidence bundle
 *     log ORIGIN
 *     pin SHA-256 of the genesis registry
 *     witnessed|unwitnessed COSIGNATURES of WITNESSES, quorum Q
 *     governs|message|related INDEX          a line for each record, ascending
 *
 * message: what was asked for; related: refers to a record of the bundle; governs: the
 * log's origin, every registry, and the directories and revocation lists under which the
 * others were admitted. Nothing else is in a bundle.
 */

#include <stdbool.h>
#include <stdint.h>

#include "audit/bundle.h"
#include "base/arena.h"
#include "evidence/cosignature.h"
#include "evidence/derived.h"
#include "evidence/note.h"
#include "evidence/proof.h"
#include "evidence/record.h"
#include "registry/trust.h"

#define EVIDENCE_RECORDS_MAX 4096
#define EVIDENCE_SALT_LEN    32

enum evidence_role {
	EVIDENCE_GOVERNS,
	EVIDENCE_MESSAGE,
	EVIDENCE_RELATED,
};

struct evidence_record {
	uint64_t index;
	enum evidence_role role;
	struct buf leaf;
	struct buf *parts; /* as many as the header has: salt ‖ bytes; empty: withheld */
	size_t n_parts;
	struct proof_path path;    /* to the checkpoint */
	struct proof_path stamped; /* to the checkpoint of the time-stamp; see evidence_stamp */

	/* What the leaf says; views of it, or in the arena. */
	struct record record;
	const Rivergate__V1__Meta *meta;
	const Rivergate__V1__Header *header;       /* NULL: not a MESSAGE */
	const Rivergate__V1__Signature *signature; /* likewise */
	struct merkle_hash header_hash;
};

/* A message that the router derives from a record of the bundle. */
struct evidence_derived {
	uint64_t cause;
	uint32_t ordinal;
	struct buf header;
};

struct evidence_certificate {
	struct merkle_hash hash;
	struct buf der;
};

/*
 * What a time-stamping authority says: that the records that were asked for existed at its
 * time. Its checkpoint is another than the bundle's, commonly an earlier one.
 */
struct evidence_stamp {
	struct buf token; /* TimeStampResp; empty: there is none */
	struct buf note;

	/* Set by evidence_judge(): */
	struct note_checkpoint checkpoint;
	int64_t time_us;
	bool is_judged; /* the authority is one that the terms trust */
	char tsa[256];  /* its name then */
};

/* Initialise with evidence_init(). */
struct evidence {
	struct arena *arena;
	struct buf note; /* the checkpoint with its signatures */
	struct note_verifier log;
	struct evidence_record *records; /* ascending */
	size_t n_records;
	struct evidence_derived *derived; /* ascending by cause and ordinal */
	size_t n_derived;
	struct evidence_stamp stamp;
	/* Of an earlier version (released.h), borrowed from the bundle; no data: ours. */
	struct rg_bytes verify_sh;
	struct rg_bytes verify_md;

	/* Set by evidence_judge(): */
	struct note_checkpoint checkpoint;
	const Rivergate__V1__Origin *origin; /* record 0 */
	uint8_t pin[32];
	struct cosigner_roster roster; /* the witnesses of the newest registry */
	size_t n_cosigned;
	struct evidence_certificate *certificates; /* ascending by hash */
	size_t n_certificates;
};

RG_MUST_USE rg_err evidence_init(struct evidence *evidence);
void evidence_deinit(struct evidence *evidence);
SCOPED_DEFINE_VALUE(struct evidence, evidence_deinit);

/* What is added to a record beside its leaf. */
struct evidence_piece {
	uint64_t index; /* above that of the record added last */
	enum evidence_role role;
	struct rg_bytes leaf;
};
/*
 * Adds a record and reads its leaf; parts (all withheld) and path are the caller's to fill
 * in. *ret_record NULL: the leaf is not canonical, see the answer. Borrowed until the next add.
 */
RG_MUST_USE rg_err evidence_add(struct evidence *evidence, const struct evidence_piece *piece,
	struct evidence_record **ret_record, struct bundle_answer *ret_answer);
/* Adds an empty one; borrowed until the next add. */
RG_MUST_USE rg_err evidence_add_derived(struct evidence *evidence, uint64_t cause, uint32_t ordinal,
	struct evidence_derived **ret_derived);
/* NULL: not in the bundle. */
struct evidence_record *evidence_at(const struct evidence *evidence, uint64_t index);

/* Has q cosignatures of as many witnesses; false also where the registry names none. */
bool evidence_is_witnessed(const struct evidence *evidence);

/* What the reader trusts already; NULL: the bundle's word is taken for it. */
struct evidence_terms {
	const uint8_t *pin; /* 32 bytes: SHA-256 of the genesis registry */
	/* PEM: time-stamping authorities; empty: who signed a token is not asked. */
	struct rg_bytes tsa_ca;
};

/*
 * Judges all that needs no files: signatures, paths, parts, registry, directories, revocation,
 * admission, cosignatures, derived messages, and that every record has a reason to be here.
 * Being unwitnessed is no fault here: ask evidence_is_witnessed().
 */
RG_MUST_USE rg_err evidence_judge(struct evidence *evidence, const struct evidence_terms *terms,
	struct bundle_answer *ret_answer);

/* The files of evidence that has been judged and holds; sorted. */
RG_MUST_USE rg_err evidence_emit(const struct evidence *evidence, struct bundle *bundle);

/* Reads a bundle. Lenient in form, as emitting it again shows every difference. */
RG_MUST_USE rg_err evidence_read(const struct bundle *bundle, struct evidence *evidence,
	struct bundle_answer *ret_answer);

/*
 * The whole check of a bundle: read, judge, emit, compare. Evidence stays with the caller,
 * for a report.
 */
RG_MUST_USE rg_err evidence_check(const struct bundle *bundle, const struct evidence_terms *terms,
	struct evidence *evidence, struct bundle_answer *ret_answer);

/*
 * Judges the time-stamp alone: its checkpoint, the ways to it, the token, and that no record
 * that it covers states a later time. After evidence_judge(), which asks this too.
 */
RG_MUST_USE rg_err evidence_stamp_judge(struct evidence *evidence,
	const struct evidence_terms *terms, int64_t skew_us, struct bundle_answer *ret_answer);

/* --- Between the files of this folder -------------------------------------------------------- */

/* The files of a time-stamp, from a bundle and to one; without one both do nothing. */
RG_MUST_USE rg_err evidence_stamp_read(const struct bundle *bundle, struct evidence *evidence,
	struct bundle_answer *ret_answer);
RG_MUST_USE rg_err evidence_stamp_emit(const struct evidence *evidence, struct bundle *bundle);

/*
 * Which records govern a record: under which directories and revocation list it was
 * admitted. trust is that in force before it; NULL: it is the genesis or before.
 */
#define EVIDENCE_NEEDS_MAX 40
struct evidence_needs {
	uint64_t indexes[EVIDENCE_NEEDS_MAX];
	size_t n_indexes;
};
void evidence_needs_of(const struct trust *trust, const struct evidence_record *record,
	struct evidence_needs *ret_needs);

/*
 * The header of the EXPIRY that tells the sender of a record that its recipient number
 * `ordinal` was not reached; appended to out. ret_is_due false: it has no such recipient,
 * or nobody to tell.
 */
struct evidence_expiry {
	const struct derived_lineage *lineage;
	const char *router;
	const struct trust *trust; /* in force at the record */
	const struct evidence_record *record;
	uint32_t ordinal;
};
RG_MUST_USE rg_err evidence_expiry_header(const struct evidence_expiry *expiry, struct buf *out,
	bool *ret_is_due);

#endif
