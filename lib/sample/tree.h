/* SPDX-License-Identifier: MIT */
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
#include "os/process_events.h"
#include "os/processes.h"
#include "sample/bound_process.h"
#include "sample/pss_process.h"
#include "sample/sample_row.h"

struct tree_process {
	struct process process;
	bool new;	      /* not sampled yet */
	int64_t opened_ns;    /* when it was added */
	int64_t mark_read_ns; /* when the high-water mark was last read */

	/* as of the last tree_read */
	bool sampled;		/* false: it uses the memory of its parent, or it has exited */
	bool changed;		/* a value differs from the tick before */
	bool refreshed;		/* its status was read although its memory may not have changed */
	int64_t mark_unsure_ns; /* the mark may have risen since then; 0: since the tick before */
	bool mark_predates; /* first sample; the mark includes time before the process was given */
	bool not_inherited; /* first sample; it started before its ancestor was given, so it has
			       inherited no page-fault events */

	/* since the tick before, if the system reports it (os/process_events.h); 0: no */
	int64_t created_ns, executed_ns;
	int64_t exited_ns; /* the main thread has exited */

	struct sample_row row;	    /* the sampler's; the tree releases it */
	struct bound_process bound; /* sample/bound.c's */
	struct pss_process pss;	    /* sample/pss_sharing.c's */
};

/* A process that has exited since the tick before. */
struct tree_exit {
	pid_t pid, ppid;
	int64_t created_ns, executed_ns, exited_ns; /* as in struct tree_process; 0: not known */
	struct bound_process bound; /* as of the tick before, if it was sampled then */
	struct pss_process pss;	    /* likewise */
	struct process process;	    /* still open, if it was; released by the next tree_read */
};

struct tree {
	struct tree_process *v;
	size_t n;
	struct process reaper;	/* its children belong to the tree; pid 0: none */
	uint64_t reaper_faults; /* sample/bound.c's: the children_faults of it, as last read */

	/* other processes that have executed a program, if the system reports it, for
	 * sample/joining.c, which empties the list */
	bool note_executions;
	struct process_list executed;

	/* as of the last tree_read */
	struct tree_process *unread; /* exited before they could be read: memory is not known */
	size_t unread_n;
	struct tree_exit *exit;
	size_t exits;
	struct tree_exit *leaving; /* they show no memory any more, but the system has not reported
				      their exit yet: their memory is being freed */
	size_t leavings;
	bool in_order; /* the system reported every creation, execution and exit, and when it was */
	size_t missed; /* PIDs given out since the tick before that had exited before they were
			  found, in the tree or not; if in_order, those in the tree are in EXIT */

	/* as of the last tree_possible_kib */
	uint64_t possible_late_faults; /* of zombies, since they were read */
	size_t possible_exits;	       /* of processes that were waited for */
	uint64_t possible_faults;      /* that these had taken, and their children */

	/* private to tree.c and tree_find.c */
	size_t cap, unread_cap, exit_cap, leaving_cap;
	struct pidmap index;
	struct pidmap excluded; /* children of the reaper that it had already when it was set */
	struct pidmap above;	/* ancestors of the given processes, if orphans are searched for */
	struct pidmap elders;	/* their children before that */
	struct process *possible; /* orphans that may have come from the tree */
	size_t possibles, possible_cap;
	struct pidmap own;	/* programs of this measurement */
	pid_t own_group;	/* a process group of such programs; 0: none */
	bool follow;
	const char *unavailable;  /* why processes cannot be read; or NULL */
	int error;		  /* errno of tree_update in progress */
	size_t kept, descriptors; /* that processes may have open; that there can be */
	int64_t read_ns;	  /* the last tree_read */
	size_t refresh_from;	  /* the next process whose status is read at rest */
	struct process_events events;
	bool events_lost;	   /* since the last tree_read */
	struct tree_exit *pending; /* created since the last tree_update, and not opened yet */
	size_t pendings, pending_cap;
	struct pidmap pending_index;
	struct process_creations creations;
	size_t given_from;   /* processes from here on were given since the last tree_update */
	int64_t searched_ns; /* when the whole tree was last searched */
	bool search_again;   /* there were creations since: search once more */
	size_t missed_now;   /* since the last tree_read */
};

/* Start with an empty tree. If FOLLOW, descendants of its processes belong to it. */
void tree_init(struct tree *t, bool follow);

/*
 * Add PID, unless it is a program of this measurement. If the tree follows, the next tree_update
 * adds its descendants. Return 0, also if PID is in the tree already, or -1 with errno set: ESRCH if
 * there is no such process, EACCES if it is hidden.
 */
int tree_add(struct tree *t, pid_t pid);

/* Return whether PID is in the tree. */
bool tree_has(const struct tree *t, pid_t pid);

/*
 * Add PID, which no process of the tree has created, as tree_add does. PREDATES: its high-water
 * mark includes time before.
 */
int tree_join(struct tree *t, pid_t pid, bool predates);

/*
 * From now on, new children of REAPER belong to the tree; REAPER itself does not. Its children of
 * our own process group, the programs that measure, do not either.
 */
void tree_set_reaper(struct tree *t, pid_t reaper);

/* PID is a program of this measurement, and is never added. */
void tree_leave_out(struct tree *t, pid_t pid);

/* Return whether PID is a program of this measurement. */
bool tree_leaves_out(const struct tree *t, pid_t pid);

/* LAUNCHER has started this measurement: it is never added, and neither are the processes of our
 * own process group if that is another one. Return whether it is. */
bool tree_set_launcher(struct tree *t, pid_t launcher);

/* Find new processes. Return their number, or -1 with errno set if some may be missing. */
long tree_update(struct tree *t, int64_t now_ns);

#define TREE_ALL_MARKS 1u

/*
 * Sample every process at NOW_NS (monotonic clock). Read the high-water marks of processes whose
 * memory changed and, in turn, of some others; or of all with TREE_ALL_MARKS. Return the number of
 * processes that changed.
 */
size_t tree_read(struct tree *t, int64_t now_ns, unsigned flags);

/* Return what those processes can have had since this was last called that may belong to the tree
 * and cannot be followed. They are in no sample. */
uint64_t tree_possible_kib(struct tree *t);

/* Release what is kept of the present tick: UNREAD, EXIT and the times of events. */
void tree_end_tick(struct tree *t);

/* Return a descriptor that is readable when processes may have been created or have exited, or -1.
 */
int tree_fd(const struct tree *t);

void tree_free(struct tree *t);

#endif
