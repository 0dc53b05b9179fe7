/*
 * The process tree being measured: the given processes and their descendants.
 *
 * tree_update() finds new processes; tree_read() samples the memory of all of them. A process that
 * has exited leaves the tree at the next read.
 */
#ifndef TREE_H
#define TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pidmap.h"
#include "os/process.h"
#include "os/processes.h"
#include "sample/sample_row.h"

struct tree_process {
	struct process process;
	bool new;	      /* not sampled yet */
	int64_t mark_read_ns; /* when the high-water mark was last read */

	/* as of the last tree_read */
	bool sampled;	/* false: it uses the memory of its parent, or it has exited */
	bool changed;	/* a value differs from the tick before */
	bool refreshed; /* its status was read although its memory may not have changed */
	int64_t mark_unsure_ns; /* the mark may have risen since then; 0: since the tick before */
	bool mark_predates; /* first sample; the mark includes time before the process was given */
	bool not_inherited; /* first sample; it started before its ancestor was given, so it has
			       inherited no page-fault events */

	struct sample_row row; /* the sampler's; the tree releases it */
};

struct tree {
	struct tree_process *v;
	size_t n;

	/* as of the last tree_read */
	struct tree_process *unread; /* exited before they could be read: memory is not known */
	size_t unread_n;
	size_t exited; /* processes that have exited since the read before */
	size_t missed; /* PIDs given out since then that had exited before they were found, in the
			  tree or not */

	/* private to tree.c */
	size_t cap, unread_cap;
	struct pidmap index;
	struct pidmap excluded; /* children of the reaper that it had already when it was set */
	struct process_creations creations;
	bool follow;
	const char *unavailable; /* why processes cannot be read; or NULL */
	int error;		 /* errno of tree_update in progress */
	size_t given_from;	 /* processes from here on were given since the last tree_update */
	pid_t reaper;		 /* or -1 */
	int64_t searched_ns;	 /* when the whole tree was last searched */
	bool search_again;	 /* there were creations since: search once more */
	size_t missed_now;	 /* since the last tree_read */
	size_t refresh_from;	 /* the next process whose status is read at rest */
	size_t kept, keep_max;	 /* processes with open descriptors */
	int64_t read_ns;	 /* the last tree_read */
};

/* Start with an empty tree. If FOLLOW, descendants of its processes belong to it. */
void tree_init(struct tree *t, bool follow);

/*
 * Add PID. If the tree follows, the next tree_update adds its descendants. Return 0, also if PID is
 * in the tree already, or -1 with errno set: ESRCH if there is no such process, EACCES if it is
 * hidden.
 */
int tree_add(struct tree *t, pid_t pid);

/*
 * From now on, new children of REAPER belong to the tree; REAPER itself does not. Its children of
 * our own process group, the programs that measure, do not either.
 */
void tree_set_reaper(struct tree *t, pid_t reaper);

/* Find new processes. Return their number, or -1 with errno set if some may be missing. */
long tree_update(struct tree *t, int64_t now_ns);

#define TREE_ALL_MARKS 1u

/*
 * Sample every process at NOW_NS (monotonic clock). Read the high-water marks of processes whose
 * memory changed and, in turn, of some others; or of all with TREE_ALL_MARKS. Return the number of
 * processes that changed.
 */
size_t tree_read(struct tree *t, int64_t now_ns, unsigned flags);

void tree_free(struct tree *t);

#endif
