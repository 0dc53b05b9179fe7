/*
 * What readers of samples do alike: telling one tick from the next, and taking
 * figures from the fields of a row.
 */
#ifndef TICK_H
#define TICK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/slice.h"

/* The present tick. Starts as all zeros, and is set to that where another run
 * begins: its ticks are others, at the same time too. */
struct tick {
	char time[40]; /* as it stands in the stream */
	size_t len;
	int64_t us;
};

/* Takes the time of a row; *BEGINS says whether it is another tick's. NULL, or the
 * reason in words; then the tick stays as it was. */
const char *tick_time(struct tick *t, struct slice field, int *begins);

/* A number of KiB, and the PID of a parent; 0 for an empty field, which is
 * unknown. NULL, or the reason in words. */
const char *tick_kib(struct slice field, uint64_t *kib);
const char *tick_ppid(struct slice field, pid_t *ppid);

#endif
