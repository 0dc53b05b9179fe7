/*
 * When to read the tree: woken by its page faults where the kernel allows
 * that, else as often as memory moves, or at a fixed interval.
 */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "os/fault_events.h"
#include "sample/budget.h"

enum schedule_choice { SCHEDULE_AUTO, SCHEDULE_ADAPTIVE, SCHEDULE_FIXED };

struct schedule {
	struct fault_events faults;
	struct budget pace;
	enum budget_mode described; /* as the stream was last told */
	int partial;		  /* some processes are not watched */
	uint64_t periods;	  /* of faults, since the last reading */
	uint64_t counted;	  /* faults, when they were last counted */
	uint64_t marks_kib;	  /* at the last reading */
	size_t members;
};

/* BUDGET: the share of one CPU that readings may take. */
void schedule_init(struct schedule *w, enum schedule_choice choice, int64_t interval_ns, double budget);

/* A process whose faults, and those of all it starts, are to wake us. */
void schedule_watch(struct schedule *w, pid_t pid);

/* Readable when there is something for schedule_take; -1: never. */
int schedule_fd(const struct schedule *w);

/* Until then the budget forbids a reading, and there is no use in being woken. */
int64_t schedule_deaf_until_ns(const struct schedule *w);
void schedule_take(struct schedule *w);

/* When the next reading is due, of the monotonic clock. */
int64_t schedule_due_ns(const struct schedule *w);

/* When to look at the latest for who was born: a fork brings memory without a
 * fault. INT64_MAX where the readings are often enough for that. */
int64_t schedule_look_ns(const struct schedule *w, int64_t now_ns);

/* What a reading found. */
struct schedule_reading {
	int64_t now_ns, cost_ns; /* when it began, and the CPU time since the last */
	uint64_t total_kib, marks_kib;
	size_t members;
	size_t ended;  /* members, since the one before */
	size_t missed; /* PIDs that came and went unread, of ours or of others */
};

/*
 * Tells of a reading. Returns what those who have gone can have grown by after
 * they were last read, in KiB: of base pages, and as far as faults are seen.
 */
uint64_t schedule_read(struct schedule *w, const struct schedule_reading *r);

/* Appends the `#schedule` lines, which say how readings come about. */
void schedule_describe(struct schedule *w, struct buf *b);

/* Whether that is no longer so. */
int schedule_changed(const struct schedule *w);

void schedule_free(struct schedule *w);

#endif
