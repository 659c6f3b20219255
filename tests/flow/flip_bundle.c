/*
 * Changes bytes of an evidence bundle and counts what `rivergate audit check` finds
 *
 *     flip_bundle DIR STEP TSA.pem
 *
 * Every STEP-th byte of every file is changed once, the first included (of verify.sh and
 * VERIFY.md every 101st), to another value that differs from place to place; SHA256SUMS is
 * made again; the whole bundle is checked in this process. A line a file: path, changes,
 * found. Exit 1: one was not found.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/evidence.h"
#include "audit/stamps.h"
#include "base/merkle.h"
#include "base/text.h"

#define SUMS "SHA256SUMS"

/* The sums of all files but themselves; the bundle is sorted. */
static rg_err sum_again(struct bundle *bundle)
{
	struct bundle_file *sums = NULL;
	rg_err err = RG_OK;

	for (size_t i = 0; i < bundle->n_files; i++) {
		if (strcmp(bundle->files[i].path, SUMS) == 0) {
			sums = &bundle->files[i];
			buf_clear(&sums->content);
		}
	}
	for (size_t i = 0; sums && !err && i < bundle->n_files; i++) {
		struct merkle_hash hash;
		char hex[2 * MERKLE_HASH_LEN + 1];

		if (&bundle->files[i] == sums) {
			continue;
		}
		err = merkle_hash_of(buf_view(&bundle->files[i].content),
			(struct rg_bytes){.data = NULL}, &hash);
		text_hex(bytes_of(hash.bytes, MERKLE_HASH_LEN), hex);
		buf_printf(&sums->content, "%s  %s\n", hex, bundle->files[i].path);
	}
	return err;
}

static rg_err is_found(struct bundle *bundle, struct rg_bytes tsa_ca, bool *ret_found)
{
	scoped(evidence_deinitv) struct evidence evidence = {.arena = NULL};
	const struct evidence_terms terms = {.tsa_ca = tsa_ca};
	struct bundle_answer answer = {.is_ok = false};
	rg_err err = sum_again(bundle);

	if (!err) {
		err = evidence_init(&evidence);
	}
	if (!err) {
		err = evidence_check(bundle, &terms, &evidence, &answer);
	}
	*ret_found = !err && !answer.is_ok;
	return err;
}

/* 0: every change was found. */
static int flip_file(struct bundle *bundle, size_t number, size_t step, struct rg_bytes tsa_ca)
{
	struct bundle_file *file = &bundle->files[number];
	size_t n_changes = 0;
	size_t n_found = 0;

	for (size_t at = 0; at < file->content.len; at += step) {
		uint8_t whole = file->content.data[at];
		bool found = false;

		file->content.data[at] ^= (uint8_t)(1u + (at * 7 + number) % 255);
		rg_err err = is_found(bundle, tsa_ca, &found);

		file->content.data[at] = whole;
		if (err) {
			fprintf(stderr, "%s: %s\n", file->path, rg_strerror(err));
			return 1;
		}
		if (!found) {
			fprintf(stderr, "%s: nobody finds a change of byte %zu\n", file->path, at);
		}
		n_changes++;
		n_found += found;
	}
	printf("%s %zu %zu\n", file->path, n_changes, n_found);
	return n_changes != n_found;
}

/* The same in every bundle, and only compared. */
static bool is_template(const struct bundle_file *file)
{
	return strcmp(file->path, "verify.sh") == 0 || strcmp(file->path, "VERIFY.md") == 0;
}

int main(int argc, char **argv)
{
	scoped(bundle_deinitv) struct bundle bundle = {.files = NULL};
	scoped(buf_deinitv) struct buf ca = {.data = NULL};
	struct bundle_answer answer;
	size_t step = argc == 4 ? strtoull(argv[2], NULL, 10) : 0;
	bool found = true;
	int result = 0;

	if (step == 0 || bundle_read(argv[1], &bundle, &answer) || !answer.is_ok) {
		fprintf(stderr, "flip_bundle: no bundle\n");
		return 2;
	}
	if (stamps_read_ca((const char *const *)&argv[3], 1, &ca)) {
		return 2;
	}
	if (is_found(&bundle, buf_view(&ca), &found) || found) {
		fprintf(stderr, "flip_bundle: the bundle does not hold to begin with\n");
		return 2;
	}
	for (size_t i = 0; i < bundle.n_files; i++) {
		if (strcmp(bundle.files[i].path, SUMS) != 0) {
			result |= flip_file(&bundle, i, is_template(&bundle.files[i]) ? 101 : step,
				buf_view(&ca));
		}
	}
	return result;
}
