/* SPDX-License-Identifier: MIT */
/*
 * Shared by view.c, which reads samples, and the files that write.
 */
#ifndef VIEW_INTERNAL_H
#define VIEW_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "merge/thin.h"
#include "peak/peak_samples.h"
#include "report/report.h"
#include "view/view.h"

#define VIEW_STACKS 10 /* groups with an area of their own; the others are one more */
#define VIEW_NONE UINT32_MAX

struct view_tick {
	int64_t time_us; /* since the start */
	uint64_t rss_kib, peak_kib, bound_kib;
	bool starts; /* it is the first of a stream */
};

/* A process. */
struct view_lane {
	const struct report_row *row;
	size_t first;	   /* the number of its first tick */
	uint64_t *rss_kib; /* at that one and those after it */
	size_t n, cap;
};

struct view {
	struct peak_samples samples;
	struct thin *thin;
	struct report report; /* the peaks, from view_end on */
	bool has_marks;	      /* samples_has_bounds() of any header */

	/* from view_end on */
	int64_t start_us, length_us;
	struct view_tick *tick;
	size_t ticks;
	struct view_lane *lane; /* as the processes of the report */
	size_t lanes;
	uint32_t *by_pid;  /* the numbers of lanes, sorted by PID */
	uint32_t *lane_of; /* by the number of a process in THIN; VIEW_NONE: not known yet */
	size_t processes;
	uint64_t *stack[VIEW_STACKS + 1]; /* by tick */
	size_t stacks;			  /* without that of the others */
	struct intern names;		  /* fields, */
	uint32_t *stack_of;		  /* and their stacks */
	size_t stack_of_cap;
};

/* Make a lane, still empty, for each process of the report. */
void view_make_lanes(struct view *v);

/* Return the time US, Unix time, since the start. */
int64_t view_since(const struct view *v, int64_t us);

/* Return the command, or an empty text. */
struct slice view_command(const struct view *v);

#endif
