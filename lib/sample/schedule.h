/* SPDX-License-Identifier: MIT */
/*
 * When to take the next tick, and which signs of movement to wait for.
 *
 * While memory moves, ticks follow each other and nothing else is needed. When it rests, page-fault
 * events are armed if the kernel allows them. Where they do not see all growth, the CPU time of the
 * tree or, if the tree is large, the free memory of the machine is checked from time to time.
 *
 *	               moving                     resting
 *	ticks          each 1 to 4 ms, as the     10 ms to 1 s apart, and at signs of movement
 *	               budget allows
 *	events         disarmed; closed after     armed
 *	               some creations
 *	CPU time                                  checked each 16 ms, unless the events have a clock
 *
 * A grid adds ticks at a fixed interval.
 */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "os/fault_events.h"
#include "sample/budget.h"
#include "sample/tree.h"

enum schedule_choice {
	SCHEDULE_AUTO, /* events at rest, or adaptive where they are refused */
	SCHEDULE_ADAPTIVE,
	SCHEDULE_FIXED,
};

struct schedule {
	struct fault_events events;
	struct budget budget;

	/* private to schedule.c */
	enum budget_mode described; /* the mode that the stream names */
	bool refused;		    /* for some processes, so the schedule is adaptive */
	bool open;		    /* all processes have events */
	bool armed;		    /* after each tick, since memory rests */
	size_t creations;	    /* since they were opened */
	size_t processes;	    /* at the last tick */
	uint64_t free_kib;	    /* the most since the last tick */
	int64_t clock_ns;	    /* the CPU time of the tree when it was last checked */
	int64_t poll_ns;	    /* when to check for signs */
};

/* GRID: keep the interval, with a tick at each. CPU_SHARE: the part of one CPU that ticks may use.
 */
void schedule_init(struct schedule *s, enum schedule_choice choice, int64_t interval_ns, bool grid,
    double cpu_share);

/* Note that PID was given, or that it was found and has inherited no events. */
void schedule_watch(struct schedule *s, pid_t pid);

/*
 * Return whether events should be opened now for the processes of the tree, which have THREADS in
 * all: call schedule_watch for each, between schedule_open_events and schedule_arm_events.
 */
bool schedule_wants_events(const struct schedule *s, uint64_t threads);
void schedule_open_events(struct schedule *s);
void schedule_arm_events(struct schedule *s);

/* Return descriptors that are readable when page-fault events, or the clock's, are pending; or -1
 * while they are not waited for. */
int schedule_fault_fd(const struct schedule *s);
int schedule_clock_fd(const struct schedule *s);
void schedule_take_faults(struct schedule *s);
void schedule_take_clock(struct schedule *s);

/* Return whether memory rests, so that signs of movement matter. */
bool schedule_is_resting(const struct schedule *s);

/* Return when to call schedule_poll; INT64_MAX: the next tick is earlier. PROCESS_EVENTS: creations
 * of processes are reported, so they need not be searched for. */
int64_t schedule_poll_ns(const struct schedule *s, bool process_events);

/* Check for signs of movement of TREE. */
void schedule_poll(struct schedule *s, const struct tree *tree, int64_t now_ns);

/* Return when the next tick is due. All times are of the monotonic clock. */
int64_t schedule_due_ns(const struct schedule *s);

/* Return until when the budget allows no tick, so that there is no use in waiting for events. */
int64_t schedule_blocked_until_ns(const struct schedule *s);

/* The results of a tick. */
struct schedule_tick {
	int64_t now_ns;	 /* when it began */
	int64_t cost_ns; /* CPU time since the tick before */
	uint64_t total_kib, marks_kib;
	size_t processes;
	size_t exited; /* processes of the tree, since the tick before */
	size_t unseen; /* processes of the tree that were created and exited since then */
	bool extra;    /* the cost is not of the budget of ticks */
};

/* Note a tick. */
void schedule_add_tick(struct schedule *s, const struct tree *tree, const struct schedule_tick *t);

/* Append the `#` lines that describe the schedule. */
void schedule_describe(const struct schedule *s, struct buf *b);

/* Note that the stream describes the schedule as it is now. */
void schedule_set_described(struct schedule *s);

/* Return whether the schedule has changed since it was described. */
bool schedule_has_changed(const struct schedule *s);

void schedule_free(struct schedule *s);

#endif
