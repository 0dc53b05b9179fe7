/*
 * When to take the next tick: when page-fault events report growth, if the kernel allows them; else
 * more often the more the memory moves; or at a fixed interval.
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

enum schedule_choice {
	SCHEDULE_AUTO, /* events, or adaptive where they are refused */
	SCHEDULE_ADAPTIVE,
	SCHEDULE_FIXED,
};

struct schedule {
	struct fault_events events;
	struct budget budget;

	/* private to schedule.c */
	enum budget_mode described; /* the mode that the stream names */
	bool partial;		    /* some processes have no events, so the schedule is adaptive */
	uint64_t event_periods;	    /* since the last tick */
	uint64_t faults;	    /* when they were last counted */
	uint64_t marks_kib;	    /* at the last tick */
	size_t processes;	    /* at the last tick */
};

/* CPU_SHARE: the part of one CPU that ticks may use. */
void schedule_init(
    struct schedule *s, enum schedule_choice choice, int64_t interval_ns, double cpu_share);

/* Open events for PID and all that it starts. */
void schedule_watch(struct schedule *s, pid_t pid);

/* Return a descriptor that is readable when events are pending, for schedule_take_events; or -1. */
int schedule_fd(const struct schedule *s);
void schedule_take_events(struct schedule *s);

/* Return when the next tick is due. All times are of the monotonic clock. */
int64_t schedule_due_ns(const struct schedule *s);

/* Return until when the budget allows no tick, so that there is no use in waiting for events. */
int64_t schedule_blocked_until_ns(const struct schedule *s);

/* Return when to search for new processes at the latest, since fork(2) adds memory without an event.
 * INT64_MAX: ticks are frequent enough. */
int64_t schedule_update_ns(const struct schedule *s, int64_t now_ns);

/* The results of a tick. */
struct schedule_tick {
	int64_t now_ns;	 /* when it began */
	int64_t cost_ns; /* CPU time since the tick before */
	uint64_t total_kib, marks_kib;
	size_t processes;
	size_t exited; /* processes of the tree, since the tick before */
	size_t missed; /* PIDs given out and not found since then, in the tree or not */
};

/*
 * Note a tick. Return by how many KiB the processes that have exited since the tick before can have
 * grown after their last sample: estimated from page faults, 0 without events.
 */
uint64_t schedule_add_tick(struct schedule *s, const struct schedule_tick *t);

/* Append the `#` lines that describe the schedule. */
void schedule_describe(struct schedule *s, struct buf *b);

/* Return whether the schedule has changed since it was described. */
bool schedule_has_changed(const struct schedule *s);

void schedule_free(struct schedule *s);

#endif
