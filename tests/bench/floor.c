/*
 * Hashing and signature checking alone: what an audit cannot be faster than
 *
 * Each leaf is hashed into its tile, each signature taken apart and verified with the key
 * that made it, by as many threads as the auditor has, and nothing else is done. Files are
 * read outside of the measured time.
 *
 * Threads: one a job.
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "bench.h"
#include "evidence/published.h"
#include "evidence/record.h"
#include "sign/signature.h"
#include "wire/scan.h"

#define JOBS_MAX 64
#define CHUNK    256 /* bundles in memory at once */
#define CACHE    4096

struct floor_bundle {
	struct buf bytes;
	unsigned n;
	size_t at[TILE_WIDTH];
	size_t len[TILE_WIDTH];
};

struct floor_job {
	pthread_t thread;
	const struct floor_bundle *bundles;
	size_t n_bundles;
	size_t first;
	size_t step;
	const struct key *key;
	struct signature_cache *cache;
	struct arena *arena;
	uint64_t n_verified;
	rg_err err;
};

static rg_err check(struct floor_job *job, struct rg_bytes leaf, struct tile *tile)
{
	struct record record;
	struct merkle_hash hash;
	struct scan_answer answer;
	ProtobufCMessage *signature = NULL;
	const char *rule = NULL;
	rg_err err = merkle_leaf(leaf, &hash);

	if (!err) {
		err = tile_add(tile, &hash);
	}
	if (err || !record_read(leaf, &record) || record.signature.len == 0) {
		return err;
	}
	arena_reset(job->arena);
	err = scan_unpack(&rivergate__v1__signature__descriptor, record.signature, job->arena,
		&answer, &signature);
	if (err || !signature) {
		return err ? err : RG_E_FORMAT;
	}
	const Rivergate__V1__Signature *it = (const Rivergate__V1__Signature *)signature;

	if (strcmp(it->key_id, key_id(job->key)) != 0) {
		return RG_OK;
	}
	job->n_verified++;
	err = signature_verify(job->key, record.body, it, job->cache, &rule);
	return err ? err : rule ? RG_E_FORMAT : RG_OK;
}

static void *work(void *context)
{
	struct floor_job *job = context;

	for (size_t i = job->first; !job->err && i < job->n_bundles; i += job->step) {
		const struct floor_bundle *bundle = &job->bundles[i];
		struct tile tile = {.width = 0};

		for (unsigned j = 0; !job->err && j < bundle->n; j++) {
			job->err = check(job,
				bytes_of(bundle->bytes.data + bundle->at[j], bundle->len[j]),
				&tile);
		}
	}
	return NULL;
}

static rg_err read_bundle(struct published *log, uint64_t number, struct floor_bundle *bundle)
{
	struct published_bundle it;
	struct published_finding what;
	rg_err err = published_bundle(log, number, &it, &what);

	if (err || what.state != PUBLISHED_GOOD) {
		return err ? err : RG_E_FORMAT;
	}
	buf_clear(&bundle->bytes);
	bundle->n = it.n_entries;
	for (unsigned i = 0; i < it.n_entries; i++) {
		bundle->at[i] = bundle->bytes.len;
		bundle->len[i] = it.entries[i].len;
		buf_add_bytes(&bundle->bytes, it.entries[i]);
	}
	return buf_error(&bundle->bytes);
}

struct spent {
	int64_t wall_us;
	int64_t cpu_us; /* of all threads */
};

static int64_t cpu_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* One chunk in parallel; adds the time it took. */
static rg_err run_chunk(struct floor_job *jobs, unsigned n_jobs, size_t n_bundles,
	struct spent *spent)
{
	int64_t start_us = clock_monotonic_us();
	int64_t start_cpu_us = cpu_us();
	rg_err err = RG_OK;

	for (unsigned i = 0; i < n_jobs; i++) {
		jobs[i].n_bundles = n_bundles;
		if (pthread_create(&jobs[i].thread, NULL, work, &jobs[i]) != 0) {
			abort();
		}
	}
	for (unsigned i = 0; i < n_jobs; i++) {
		(void)pthread_join(jobs[i].thread, NULL);
		err = err ? err : jobs[i].err;
	}
	spent->wall_us += clock_monotonic_us() - start_us;
	spent->cpu_us += cpu_us() - start_cpu_us;
	return err;
}

static rg_err run_all(struct published *log, struct floor_bundle *bundles, struct floor_job *jobs,
	unsigned n_jobs, struct spent *spent)
{
	uint64_t n = (published_checkpoint(log)->size + TILE_WIDTH - 1) / TILE_WIDTH;
	rg_err err = RG_OK;

	for (uint64_t number = 0; !err && number < n;) {
		size_t n_read = 0;

		while (!err && number < n && n_read < CHUNK) {
			err = read_bundle(log, number++, &bundles[n_read++]);
		}
		if (!err) {
			err = run_chunk(jobs, n_jobs, n_read, spent);
		}
	}
	return err;
}

int bench_floor(const char *dir, const char *signing_key, unsigned n_jobs)
{
	scoped(published_closep) struct published *log = NULL;
	scoped(key_freep) struct key *key = NULL;
	struct published_finding what;
	struct floor_bundle *bundles = calloc(CHUNK, sizeof(*bundles));
	struct floor_job jobs[JOBS_MAX] = {{.first = 0}};
	unsigned n = n_jobs < 1 ? 1 : n_jobs < JOBS_MAX ? n_jobs : JOBS_MAX;
	uint64_t n_verified = 0;
	struct spent spent = {.wall_us = 0};
	rg_err err = bundles ? key_load(signing_key, &key) : RG_E_NOMEM;

	if (!err) {
		err = published_open(dir, NULL, &log, &what);
	}
	for (unsigned i = 0; !err && i < n; i++) {
		jobs[i] = (struct floor_job){.bundles = bundles,
			.first = i,
			.step = n,
			.key = key,
			.cache = signature_cache_new(CACHE),
			.arena = arena_new(0)};
	}
	if (!err) {
		err = log ? run_all(log, bundles, jobs, n, &spent) : RG_E_FORMAT;
	}
	for (unsigned i = 0; i < n; i++) {
		n_verified += jobs[i].n_verified;
		signature_cache_free(jobs[i].cache);
		arena_free(jobs[i].arena);
	}
	for (size_t i = 0; bundles && i < CHUNK; i++) {
		buf_deinit(&bundles[i].bytes);
	}
	free(bundles);
	if (err) {
		fprintf(stderr, "rivergate-bench: floor: %s\n", rg_strerror(err));
		return 3;
	}
	printf("{\"seconds\": %.6f, \"cpu_s\": %.6f, \"verified\": %llu, \"jobs\": %u}\n",
		(double)spent.wall_us / 1e6, (double)spent.cpu_us / 1e6,
		(unsigned long long)n_verified, n);
	return 0;
}
