/*
 * The processes that are measured: the given ones and all that they start.
 */
#ifndef TREE_H
#define TREE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/pidmap.h"
#include "os/process.h"
#include "os/processes.h"

struct member {
	struct process proc;
	int64_t mark_ns; /* when its high-water mark was last read */
	int64_t late_ns; /* the mark was found higher at this sweep, but may
			    have risen since then; 0: since the last one */
	int fresh;	 /* never counted yet */
	int past;	 /* its mark tells of a time before it was given */
	int older;	 /* a descendant that was there before its ancestor was given */
	int turn;	 /* at this sweep it was looked at though it may rest */

	/* the visitor's own, freed with the member */
	int due, stale; /* a row is to be written; not as it was */
	struct buf row;
	long time_at;
};

struct tree {
	struct member *v;
	size_t n;
	size_t ended;  /* members that ended in the last sweep */
	size_t missed; /* PIDs given out before it and gone by then, ours or not */
	int error;     /* errno of a failure for which processes may be missing; or 0 */

	/* tree.c's own */
	size_t missed_since; /* since the last sweep */
	size_t cap;
	struct pidmap index;
	struct pidmap strangers; /* children of the reaper from before */
	struct process_news news;
	int follow;
	int hidden;	       /* there is no /proc that shows our processes */
	size_t explored;       /* members from here on were given since the last
				  sweep: they may have descendants already */
	pid_t reaper;	       /* its children belong, but for our own group */
	int64_t looked_ns;     /* when everybody was looked at last */
	int unsettled;	       /* born since; look again a second later */
	size_t quiet;	       /* whose mark is read next though it rests */
	size_t kept, keep_max; /* members that hold descriptors */
	int64_t sweep_ns;      /* the last sweep */
};

/* FOLLOW: also measure what the members start. */
void tree_init(struct tree *t, int follow);

/* Adds PID; when following, the next sweep adds its descendants. 0 (there
 * already: too), or -1 with errno set: ESRCH if there is no such process, EACCES if it
 * is hidden. */
int tree_add(struct tree *t, pid_t pid);

/* From now on the children of REAPER belong to the tree, itself not. */
void tree_reaper(struct tree *t, pid_t reaper);

/* Looks for the newly born alone. Whether there are any. */
int tree_look(struct tree *t, int64_t now_ns);

/*
 * Looks for the newly born, then reads everybody's memory at NOW_NS of the
 * monotonic clock. EACH is called for every member; CHANGED says whether any
 * of its values differ from those at the last sweep. Who has ended leaves the
 * tree; one that ended before it could ever be read is visited once, with
 * proc.statm_len 0: nothing is known of its memory.
 */
struct tree_visit {
	void (*each)(void *ctx, struct member *m, int changed);
	void *ctx;
	int all_marks; /* read every high-water mark, of members at rest too */
};
void tree_sweep(struct tree *t, int64_t now_ns, const struct tree_visit *visit);

void tree_free(struct tree *t);

#endif
