/*
 * When to read the tree: woken by its page faults where the kernel allows
 * that, else as often as memory moves, or at a fixed interval.
 */
#ifndef WAKE_H
#define WAKE_H

#include <stdint.h>
#include <sys/types.h>

#include "buf.h"
#include "faults.h"
#include "pace.h"

enum wake_choice { WAKE_AUTO, WAKE_ADAPTIVE, WAKE_FIXED };

struct wake {
	struct faults faults;
	struct pace pace;
	enum pace_mode described; /* as the stream was last told */
	int partial;		  /* some processes are not watched */
	uint64_t periods;	  /* of faults, since the last reading */
	uint64_t counted;	  /* faults, when they were last counted */
	uint64_t marks_kib;	  /* at the last reading */
	size_t members;
};

/* BUDGET: the share of one CPU that readings may take. */
void wake_init(struct wake *w, enum wake_choice choice, int64_t interval_ns, double budget);

/* A process whose faults, and those of all it starts, are to wake us. */
void wake_watch(struct wake *w, pid_t pid);

/* Readable when there is something for wake_take; -1: never. */
int wake_fd(const struct wake *w);

/* Until then the budget forbids a reading, and there is no use in being woken. */
int64_t wake_deaf_until_ns(const struct wake *w);
void wake_take(struct wake *w);

/* When the next reading is due, of the monotonic clock. */
int64_t wake_due_ns(const struct wake *w);

/* When to look at the latest for who was born: a fork brings memory without a
 * fault. INT64_MAX where the readings are often enough for that. */
int64_t wake_look_ns(const struct wake *w, int64_t now_ns);

/* What a reading found. */
struct wake_reading {
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
uint64_t wake_read(struct wake *w, const struct wake_reading *r);

/* Appends the `#wake` lines, which say how readings come about. */
void wake_describe(struct wake *w, struct buf *b);

/* Whether that is no longer so. */
int wake_changed(const struct wake *w);

void wake_free(struct wake *w);

#endif
