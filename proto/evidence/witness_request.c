/*
 * Requests to a witness: see witness_request.h
 *
 * Source: https://c2sp.org/tlog-witness
 * Threads: any; nothing is shared.
 */

#include "evidence/witness_request.h"

#include <string.h>

#include "base/text.h"

#define OLD "old "

rg_err witness_request_write(const struct witness_request *request, struct buf *out)
{
	if (request->path.n_nodes > WITNESS_REQUEST_NODES_MAX) {
		return RG_E_OVERFLOW;
	}
	buf_printf(out, OLD "%llu\n", (unsigned long long)request->old_size);
	for (size_t i = 0; i < request->path.n_nodes; i++) {
		text_base64(bytes_of(request->path.nodes[i].bytes, MERKLE_HASH_LEN), out);
		buf_add_u8(out, '\n');
	}
	buf_add_u8(out, '\n');
	buf_add_bytes(out, request->note);
	return buf_error(out);
}

static bool read_old_size(struct rg_bytes line, uint64_t *ret_size)
{
	const size_t start = strlen(OLD);
	char digits[24];

	if (line.len <= start || line.len - start >= sizeof(digits) ||
		memcmp(line.data, OLD, start) != 0) {
		return false;
	}
	memcpy(digits, line.data + start, line.len - start);
	digits[line.len - start] = '\0';
	return text_u64(digits, ret_size) && strlen(digits) == line.len - start;
}

static bool read_node(struct rg_bytes line, struct proof_path *path)
{
	scoped(buf_deinitv) struct buf raw = {.data = NULL};

	if (line.len > 2 * (size_t)MERKLE_HASH_LEN || !text_unbase64(line, &raw) ||
		raw.len != MERKLE_HASH_LEN) {
		return false;
	}
	memcpy(path->nodes[path->n_nodes++].bytes, raw.data, MERKLE_HASH_LEN);
	return true;
}

static const char *read_nodes(struct rg_bytes *rest, struct proof_path *path)
{
	struct rg_bytes line;

	path->n_nodes = 0;
	while (text_next_line(rest, &line)) {
		if (line.len == 0) {
			return NULL;
		}
		if (path->n_nodes == WITNESS_REQUEST_NODES_MAX) {
			return "more than 63 lines of consistency proof";
		}
		if (!read_node(line, path)) {
			return "a line of the consistency proof is no base64 of a hash";
		}
	}
	return "no empty line before the checkpoint";
}

bool witness_request_read(struct rg_bytes text, struct witness_request *ret_request,
	const char **ret_why)
{
	struct rg_bytes rest = text;
	struct rg_bytes line;

	*ret_why = NULL;
	if (text.len > WITNESS_REQUEST_MAX) {
		*ret_why = "the request is too long";
	} else if (!text_next_line(&rest, &line) || !read_old_size(line, &ret_request->old_size)) {
		*ret_why = "the first line is not: old SIZE";
	} else {
		*ret_why = read_nodes(&rest, &ret_request->path);
	}
	ret_request->note = rest;
	return !*ret_why;
}
