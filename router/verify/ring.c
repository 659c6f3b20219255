/*
 * The ticket ring: see ring.h.
 *
 * Method: slots in a circle, three counters that only grow: taken ≤ started ≤ pushed.
 * A worker takes a few neighbouring slots at a time (a share of what waits, so that all
 * workers have some), verifies outside the lock and marks them done. The taker reads
 * slots while they are done. One mutex; nothing is done under it but counting.
 *
 * A message that comes alone is verified by the taker itself: waking a worker that then
 * wakes the taker costs two hand-offs, and there is nothing to do in parallel.
 *
 * Threads: see ring.h; the cache of verified batches is each worker's and the taker's own.
 */
#include "verify/ring.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "verify/check.h"

#define CAPACITY_DEFAULT 4096
#define SHARE_MAX        16
#define CACHE_ROOTS      256

struct slot {
	struct verify_item item;
	bool is_done;
};

struct verify_ring {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct slot *slots;
	size_t capacity;
	uint64_t pushed;
	uint64_t started;
	uint64_t taken;
	unsigned n_idle;
	bool is_stopping;
	bool wants_room;   /* a push failed */
	bool is_announced; /* ready_fd is readable, or about to be */
	bool is_room_set;
	rg_err fault;
	int ready_fd;
	int room_fd;
	struct trust *trust;
	struct signature_cache *cache; /* of the taker */
	unsigned n_threads;
	unsigned n_running;
	pthread_t *threads;
};

static struct slot *slot_at(const struct verify_ring *ring, uint64_t ticket)
{
	return &ring->slots[ticket % ring->capacity];
}

/* To be told to the taker, by announce_if() when the lock is free. Locked. */
static bool must_announce(struct verify_ring *ring, bool is_ready)
{
	bool must = is_ready && !ring->is_announced;

	ring->is_announced = ring->is_announced || must;
	return must;
}

/* Not locked: the taker would wake only to wait for the lock. */
static void announce_if(const struct verify_ring *ring, bool must)
{
	const uint64_t one = 1;
	/* Fails only when the counter is full, and then the descriptor is readable anyway. */
	ssize_t n = must ? write(ring->ready_fd, &one, sizeof(one)) : 0;

	(void)n;
}

static void raise_fd(int fd, bool *is_set)
{
	const uint64_t one = 1;

	if (!*is_set) {
		*is_set = write(fd, &one, sizeof(one)) == (ssize_t)sizeof(one);
	}
}

static void lower_fd(int fd, bool *is_set)
{
	uint64_t count = 0;

	if (*is_set) {
		*is_set = read(fd, &count, sizeof(count)) < 0;
	}
}

/* Whether the next slot to be taken is ready. Locked. */
static bool head_is_done(const struct verify_ring *ring)
{
	return ring->taken < ring->pushed && slot_at(ring, ring->taken)->is_done;
}

/* Slots for one worker: first ticket and how many. Locked. */
struct share {
	uint64_t first;
	size_t n;
};

static bool take_share(struct verify_ring *ring, struct share *ret_share)
{
	while (ring->started < ring->pushed && slot_at(ring, ring->started)->is_done) {
		ring->started++;
	}
	uint64_t waiting = ring->pushed - ring->started;
	uint64_t n = (waiting + ring->n_threads - 1) / ring->n_threads;

	*ret_share = (struct share){ring->started, n < SHARE_MAX ? (size_t)n : SHARE_MAX};
	ring->started += ret_share->n;
	return ret_share->n > 0;
}

static rg_err verify_share(struct verify_ring *ring, struct share share, const struct trust *trust,
	struct signature_cache *cache)
{
	for (size_t i = 0; i < share.n; i++) {
		/* Slots of a share are this worker's until they are marked done. */
		struct message *message = slot_at(ring, share.first + i)->item.message;
		rg_err err = message ? verify_check(message, trust, cache) : RG_OK;

		if (err) {
			return err;
		}
	}
	return RG_OK;
}

/* Locked; whether there is something to announce. */
static bool finish_share(struct verify_ring *ring, struct share share, rg_err err)
{
	for (size_t i = 0; i < share.n; i++) {
		slot_at(ring, share.first + i)->is_done = true;
	}
	if (err && !ring->fault) {
		ring->fault = err;
		log_event(LOG_ERROR, "verify", "worker-failed", log_fault(err));
	}
	return must_announce(ring, head_is_done(ring));
}

/* Outside the lock, which is held before and after; whether there is something to announce. */
static bool verify_unlocked(struct verify_ring *ring, struct share share,
	struct signature_cache *cache)
{
	scoped(trust_unrefp) struct trust *trust = trust_ref(ring->trust);

	(void)pthread_mutex_unlock(&ring->lock);
	rg_err err = cache ? verify_share(ring, share, trust, cache) : RG_E_NOMEM;

	(void)pthread_mutex_lock(&ring->lock);
	return finish_share(ring, share, err);
}

static void *work(void *argument)
{
	struct verify_ring *ring = argument;
	scoped(signature_cache_freep) struct signature_cache *cache =
		signature_cache_new(CACHE_ROOTS);

	(void)pthread_mutex_lock(&ring->lock);
	while (!ring->is_stopping) {
		struct share share;

		if (!take_share(ring, &share)) {
			ring->n_idle++;
			(void)pthread_cond_wait(&ring->work, &ring->lock);
			ring->n_idle--;
			continue;
		}
		if (verify_unlocked(ring, share, cache)) {
			(void)pthread_mutex_unlock(&ring->lock);
			announce_if(ring, true);
			(void)pthread_mutex_lock(&ring->lock);
		}
	}
	(void)pthread_mutex_unlock(&ring->lock);
	return NULL;
}

static rg_err ring_make(const struct verify_options *options, struct verify_ring *ring)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	(void)pthread_mutex_init(&ring->lock, NULL);
	(void)pthread_cond_init(&ring->work, NULL);
	ring->capacity = options->capacity ? options->capacity : CAPACITY_DEFAULT;
	ring->n_threads =
		options->n_threads ? options->n_threads : (unsigned)(cores > 0 ? cores : 1);
	ring->trust = trust_ref(options->trust);
	ring->cache = signature_cache_new(CACHE_ROOTS);
	ring->slots = calloc(ring->capacity, sizeof(*ring->slots));
	ring->threads = calloc(ring->n_threads, sizeof(*ring->threads));
	ring->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ring->room_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!ring->cache || !ring->slots || !ring->threads) {
		return RG_E_NOMEM;
	}
	if (ring->ready_fd < 0 || ring->room_fd < 0) {
		log_event(LOG_ERROR, "verify", "no-eventfd", log_errno());
		return RG_E_IO;
	}
	return RG_OK;
}

rg_err verify_ring_start(const struct verify_options *options, struct verify_ring **ret_ring)
{
	scoped(verify_ring_stopp) struct verify_ring *ring = calloc(1, sizeof(*ring));

	if (!ring) {
		return RG_E_NOMEM;
	}
	rg_err err = ring_make(options, ring);

	for (; !err && ring->n_running < ring->n_threads; ring->n_running++) {
		if (pthread_create(&ring->threads[ring->n_running], NULL, work, ring) != 0) {
			log_event(LOG_ERROR, "verify", "no-thread", log_errno());
			err = RG_E_IO;
			break;
		}
	}
	if (err) {
		return err;
	}
	*ret_ring = steal(ring);
	return RG_OK;
}

void verify_ring_stop(struct verify_ring *ring)
{
	if (!ring) {
		return;
	}
	(void)pthread_mutex_lock(&ring->lock);
	ring->is_stopping = true;
	(void)pthread_cond_broadcast(&ring->work);
	(void)pthread_mutex_unlock(&ring->lock);
	for (unsigned i = 0; i < ring->n_running; i++) {
		(void)pthread_join(ring->threads[i], NULL);
	}
	for (; ring->taken < ring->pushed; ring->taken++) {
		message_free(slot_at(ring, ring->taken)->item.message);
	}
	fd_close(&ring->ready_fd);
	fd_close(&ring->room_fd);
	trust_unref(ring->trust);
	signature_cache_free(ring->cache);
	(void)pthread_cond_destroy(&ring->work);
	(void)pthread_mutex_destroy(&ring->lock);
	free(ring->threads);
	free(ring->slots);
	free(ring);
}

bool verify_ring_push(struct verify_ring *ring, const struct verify_item *item)
{
	(void)pthread_mutex_lock(&ring->lock);
	bool has_room = ring->pushed - ring->taken < ring->capacity;
	bool is_alone = ring->pushed == ring->taken;
	bool must_wake = false;
	bool is_news = false;

	if (has_room) {
		*slot_at(ring, ring->pushed) = (struct slot){*item, item->message == NULL};
		ring->pushed++;
		lower_fd(ring->room_fd, &ring->is_room_set);
		must_wake = item->message && !is_alone && ring->n_idle > 0;
		is_news = must_announce(ring, is_alone || head_is_done(ring));
	}
	ring->wants_room = !has_room;
	(void)pthread_mutex_unlock(&ring->lock);
	if (must_wake) {
		(void)pthread_cond_signal(&ring->work);
	}
	announce_if(ring, is_news);
	return has_room;
}

/* The next slot, if no worker has begun with it. Locked. */
static void verify_head(struct verify_ring *ring)
{
	bool is_untouched = ring->taken < ring->pushed && ring->started <= ring->taken &&
		!slot_at(ring, ring->taken)->is_done;

	if (is_untouched) {
		ring->started = ring->taken + 1;
		(void)verify_unlocked(ring, (struct share){ring->taken, 1}, ring->cache);
	}
}

size_t verify_ring_take(struct verify_ring *ring, struct verify_item *items, size_t max)
{
	size_t n = 0;
	uint64_t count = 0;
	/* Before the look inside: what comes in between leaves it readable. */
	ssize_t n_read = read(ring->ready_fd, &count, sizeof(count));

	(void)n_read;
	(void)pthread_mutex_lock(&ring->lock);
	verify_head(ring);
	while (n < max && head_is_done(ring)) {
		struct slot *slot = slot_at(ring, ring->taken);

		items[n++] = slot->item;
		*slot = (struct slot){.is_done = false};
		ring->taken++;
	}
	if (ring->started < ring->taken) {
		ring->started = ring->taken;
	}
	ring->is_announced = false;
	bool is_news = must_announce(ring, head_is_done(ring));

	if (n > 0 && ring->wants_room) {
		ring->wants_room = false;
		raise_fd(ring->room_fd, &ring->is_room_set);
	}
	(void)pthread_mutex_unlock(&ring->lock);
	announce_if(ring, is_news);
	return n;
}

void verify_ring_set_trust(struct verify_ring *ring, struct trust *trust)
{
	(void)pthread_mutex_lock(&ring->lock);
	trust_unref(ring->trust);
	ring->trust = trust_ref(trust);
	(void)pthread_mutex_unlock(&ring->lock);
}

int verify_ring_ready_fd(const struct verify_ring *ring)
{
	return ring->ready_fd;
}

int verify_ring_room_fd(const struct verify_ring *ring)
{
	return ring->room_fd;
}

size_t verify_ring_length(struct verify_ring *ring)
{
	(void)pthread_mutex_lock(&ring->lock);
	size_t n = (size_t)(ring->pushed - ring->taken);

	(void)pthread_mutex_unlock(&ring->lock);
	return n;
}

rg_err verify_ring_fault(struct verify_ring *ring)
{
	(void)pthread_mutex_lock(&ring->lock);
	rg_err fault = ring->fault;

	(void)pthread_mutex_unlock(&ring->lock);
	return fault;
}
