/* SPDX-License-Identifier: MIT */
/*
 * Facts about the processes of a tick, from the `#` lines before it: when they were created, and
 * when their high-water marks can have risen. See mempipe(5).
 */
#ifndef TICK_NOTES_H
#define TICK_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/pidmap.h"
#include "base/slice.h"

/* When a mark that rose since the previous tick was reached. */
enum mark_age {
	MARK_DATED,    /* since the previous tick */
	MARK_UNDATED,  /* at an unknown time of this stream: `#mark_since` */
	MARK_PREDATES, /* maybe before the stream: `#mark_since` with the time 0 */
};

/* Begins as all zeros. */
struct tick_notes {
	/* private */
	struct pidmap mark_ages; /* enum mark_age; others are MARK_DATED */
	struct pidmap created;	 /* in CREATED_US, by PID */
	int64_t *created_us;
	size_t n, cap;
};

/* Note LINE if it is `#created` or `#mark_since`; an invalid one is ignored. Return whether it is
 * one of them. */
bool tick_notes_take(struct tick_notes *notes, struct slice line);

/* Set *US to when PID was created. Return false if that is not known. */
bool tick_notes_created(const struct tick_notes *notes, pid_t pid, int64_t *us);

/* Private to tick_notes_mark_age. */
enum mark_age tick_notes_find_age(const struct tick_notes *notes, pid_t pid);

static inline enum mark_age tick_notes_mark_age(const struct tick_notes *notes, pid_t pid)
{
	return notes->mark_ages.n > 0 ? tick_notes_find_age(notes, pid) : MARK_DATED;
}

/* Forget all. */
void tick_notes_clear(struct tick_notes *notes);
void tick_notes_free(struct tick_notes *notes);

/* Parse `PID<tab>TIME`, the value of `#created` and `#exited`. Return whether it is valid. */
bool tick_notes_parse_time(struct slice value, pid_t *pid, int64_t *us);

#endif
