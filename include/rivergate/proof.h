#ifndef RIVERGATE_PROOF_H
#define RIVERGATE_PROOF_H

/*
 * Checking a receipt offline: an envelope and its tlog-proof, with the log's key alone
 *
 * What holds afterwards: this exact header was in the log when it had `size` records,
 * as record `index`, with this signature; and every part that is present is what the
 * header commits to. What is not checked here: that the signature is the sender's own,
 * which needs the directory that was in force.
 *
 * Pure: no files, no network, no state. Any thread.
 */

#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

/* The checks in their order; the first that fails ends. */
enum rg_proof_step {
	RG_PROOF_KEY,       /* the verifier key is a C2SP key: name+hash+base64 */
	RG_PROOF_ENVELOPE,  /* the envelope is canonical, and so is its header */
	RG_PROOF_PARTS,     /* each part that is present meets size and commitment */
	RG_PROOF_FILE,      /* the proof is a tlog-proof with meta and signature */
	RG_PROOF_SIGNATURE, /* envelope and record carry the same signature */
	RG_PROOF_RECORD,    /* leaf, path and checkpoint fit, and this log signed the checkpoint */
	RG_PROOF_HOLDS,     /* all of them */
};

struct rg_proof_report {
	enum rg_proof_step step; /* RG_PROOF_HOLDS, or the check that failed */
	const char *rule;        /* static: what failed; NULL when it holds */
	/* Filled as far as the checks came: */
	char from[101]; /* sender's address; valid UTF-8, to be escaped where shown */
	uint8_t id[16];
	char key_id[65]; /* of the signature */
	uint32_t n_parts;
	uint32_t n_withheld; /* parts that are not in the envelope */
	uint64_t index;      /* of the record */
	uint64_t size;       /* of the log in the checkpoint */
	int64_t time_us;     /* of the record */
};

/* Static lower-case words for a step, e.g. "parts meet their commitments". */
RG_API const char *rg_proof_step_text(enum rg_proof_step step);
/* vkey: text of the log's verifier key. Faults: RG_E_NOMEM, RG_E_CRYPTO. */
RG_API RG_MUST_USE rg_err rg_proof_check(struct rg_bytes envelope, struct rg_bytes proof,
	const char *vkey, struct rg_proof_report *ret_report);

#endif
