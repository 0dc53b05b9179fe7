/* SPDX-License-Identifier: MIT */
/*
 * The present state of a samples stream, in one sentence:
 *
 *	4 s: 1.0 MiB now, 6.0 MiB peak, 1 process, largest sh (10) 1.0 MiB
 */
#ifndef LIVE_STATE_H
#define LIVE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "stream/samples.h"

/* The sums of one tick. */
struct live_sums {
	uint64_t total_kib, largest_kib;
	size_t processes;
	pid_t largest_pid;
	struct buf largest_name; /* a field: escapes as in the stream */
};

/* Starts as all zeros. */
struct live_state {
	/* private to live_state.c */
	struct live_sums arriving; /* of a tick whose rows are arriving */
	struct live_sums complete; /* of the last complete tick */
	uint64_t peak_kib;	   /* of complete ticks */
	int64_t start_us;	   /* of the run; 0: unknown */
	int64_t last_us, last_ns;  /* the last time in the stream, and when it was read */
};

/* Take EVENT of the samples IN. */
void live_state_take(struct live_state *s, const struct samples *in, enum samples_event event);

/* Take the present tick as complete, because no more rows arrive. */
void live_state_end_tick(struct live_state *s);

/* Append the sentence, or nothing before the first tick. NOW_NS is of the monotonic clock. */
void live_state_text(const struct live_state *s, int64_t now_ns, bool utf8, struct buf *out);

void live_state_free(struct live_state *s);

#endif
