/*
 * Examining in parallel: see crew.h.
 *
 * Method: a ring of stretches and three counters that only grow: given, begun, returned.
 * Threads take the next begun; a flag of each place says when it is done.
 * Threads: as crew.h says; one lock over counters and flags.
 */
#include "audit/crew.h"

#include <pthread.h>
#include <stdlib.h>

#define THREADS_MAX 64
#define PLACES_MIN  2

struct place {
	struct stretch stretch;
	bool is_done;
};

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t has_work;
	pthread_cond_t has_done;
	struct place *places;
	size_t n_places;
	uint64_t given;
	uint64_t begun;
	uint64_t returned;
	bool is_closing;
	struct examiner *own; /* for a crew without threads */
	pthread_t threads[THREADS_MAX];
	unsigned n_threads;
};

/* The next place to be examined; NULL: the crew closes. Called with the lock held. */
static struct place *next_place(struct crew *crew)
{
	while (crew->begun == crew->given && !crew->is_closing) {
		(void)pthread_cond_wait(&crew->has_work, &crew->lock);
	}
	return crew->begun < crew->given ? &crew->places[crew->begun++ % crew->n_places] : NULL;
}

static void *work(void *context)
{
	struct crew *crew = context;
	scoped(examiner_freep) struct examiner *examiner = NULL;
	rg_err err = examiner_new(&examiner);
	struct place *place = NULL;

	(void)pthread_mutex_lock(&crew->lock);
	while ((place = next_place(crew))) {
		(void)pthread_mutex_unlock(&crew->lock);
		if (err) {
			place->stretch.err = err;
		} else {
			stretch_examine(&place->stretch, examiner);
		}
		(void)pthread_mutex_lock(&crew->lock);
		place->is_done = true;
		(void)pthread_cond_signal(&crew->has_done);
	}
	(void)pthread_mutex_unlock(&crew->lock);
	return NULL;
}

static rg_err start_threads(struct crew *crew, unsigned n_threads)
{
	while (crew->n_threads < n_threads) {
		if (pthread_create(&crew->threads[crew->n_threads], NULL, work, crew) != 0) {
			return RG_E_NOMEM;
		}
		crew->n_threads++;
	}
	return n_threads == 0 ? examiner_new(&crew->own) : RG_OK;
}

rg_err crew_start(unsigned n_threads, struct crew **ret_crew)
{
	scoped(crew_stopp) struct crew *crew = calloc(1, sizeof(*crew));
	unsigned n = n_threads < THREADS_MAX ? n_threads : THREADS_MAX;

	if (!crew) {
		return RG_E_NOMEM;
	}
	(void)pthread_mutex_init(&crew->lock, NULL);
	(void)pthread_cond_init(&crew->has_work, NULL);
	(void)pthread_cond_init(&crew->has_done, NULL);
	crew->n_places = PLACES_MIN + 2 * (size_t)n;
	crew->places = calloc(crew->n_places, sizeof(*crew->places));
	rg_err err = crew->places ? start_threads(crew, n) : RG_E_NOMEM;

	if (!err) {
		*ret_crew = steal(crew);
	}
	return err;
}

void crew_stop(struct crew *crew)
{
	if (!crew) {
		return;
	}
	(void)pthread_mutex_lock(&crew->lock);
	crew->is_closing = true;
	crew->given = crew->begun;
	(void)pthread_cond_broadcast(&crew->has_work);
	(void)pthread_mutex_unlock(&crew->lock);
	for (unsigned i = 0; i < crew->n_threads; i++) {
		(void)pthread_join(crew->threads[i], NULL);
	}
	for (size_t i = 0; crew->places && i < crew->n_places; i++) {
		stretch_deinit(&crew->places[i].stretch);
	}
	examiner_free(crew->own);
	(void)pthread_cond_destroy(&crew->has_done);
	(void)pthread_cond_destroy(&crew->has_work);
	(void)pthread_mutex_destroy(&crew->lock);
	free(crew->places);
	free(crew);
}

struct stretch *crew_spare(struct crew *crew)
{
	bool is_full = crew->given - crew->returned == crew->n_places;

	return is_full ? NULL : &crew->places[crew->given % crew->n_places].stretch;
}

void crew_give(struct crew *crew)
{
	(void)pthread_mutex_lock(&crew->lock);
	crew->places[crew->given % crew->n_places].is_done = false;
	crew->given++;
	(void)pthread_cond_signal(&crew->has_work);
	(void)pthread_mutex_unlock(&crew->lock);
}

struct stretch *crew_take(struct crew *crew)
{
	struct place *place = &crew->places[crew->returned % crew->n_places];

	if (crew->returned == crew->given) {
		return NULL;
	}
	if (crew->own) {
		stretch_examine(&place->stretch, crew->own);
		return &place->stretch;
	}
	(void)pthread_mutex_lock(&crew->lock);
	while (!place->is_done) {
		(void)pthread_cond_wait(&crew->has_done, &crew->lock);
	}
	(void)pthread_mutex_unlock(&crew->lock);
	return &place->stretch;
}

void crew_return(struct crew *crew)
{
	crew->returned++;
}
