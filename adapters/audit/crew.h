#ifndef AUDIT_CREW_H
#define AUDIT_CREW_H

/*
 * Threads that examine stretches; they come back in the order in which they were given
 *
 *     stretch = crew_spare(crew);      fill it …
 *     crew_give(crew);
 *     stretch = crew_take(crew);       waits for the oldest; fold it …
 *     crew_return(crew);
 *
 * All four are one thread's. A ring of fixed length is the bound on memory: while it has no
 * spare place, the oldest must be taken first. With no threads of its own the crew examines
 * in crew_take().
 */

#include "audit/stretch.h"

struct crew;

/* n_threads: 0 to 64. */
RG_MUST_USE rg_err crew_start(unsigned n_threads, struct crew **ret_crew);
/* Waits for its threads. */
void crew_stop(struct crew *crew);
SCOPED_DEFINE(struct crew, crew_stop);

/* NULL: all are under way. */
struct stretch *crew_spare(struct crew *crew);
/* Gives away the spare one that was filled. */
void crew_give(struct crew *crew);
/* The oldest, examined; NULL: none is under way. */
struct stretch *crew_take(struct crew *crew);
/* The one taken is spare again. */
void crew_return(struct crew *crew);

#endif
