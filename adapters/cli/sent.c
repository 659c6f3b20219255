/*
 * What a party has sent: see sent.h
 *
 * Threads: one.
 */
#include "cli/sent.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"

rg_err sent_open(const struct party *party, const char *out, char **ret_dir)
{
	scoped(freep) char *dir = out ? strdup(out) : file_join(party->state, "sent");
	rg_err err = dir ? file_make_dirs(dir) : RG_E_NOMEM;

	*ret_dir = err ? NULL : steal(dir);
	return err;
}

static rg_err store(const char *dir, const char *id, const char *suffix, struct rg_bytes content)
{
	scoped(buf_deinit) struct buf path = {0};

	buf_printf(&path, "%s/%s%s", dir, id, suffix);
	const char *text = buf_text(&path);

	return text ? file_replace(text, content, 0600) : RG_E_NOMEM;
}

rg_err sent_store(struct rg_client *client, const char *dir, const char *id)
{
	scoped(freep) uint8_t *envelope = NULL;
	scoped(freep) char *proof = NULL;
	size_t envelope_len = 0;
	size_t proof_len = 0;
	rg_err err = rg_client_envelope(client, &envelope, &envelope_len);

	err = err ? err : rg_client_proof(client, &proof, &proof_len);
	err = err ? err : store(dir, id, ".rge", bytes_of(envelope, envelope_len));
	return err ? err : store(dir, id, ".tlog-proof", bytes_of(proof, proof_len));
}
