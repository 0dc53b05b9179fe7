/*
 * Who descends from whom, and whether anybody was born. (Linux: /proc.)
 *
 * A process that vanishes while it is looked at simply isn't there.
 */
#ifndef PROCESSES_H
#define PROCESSES_H

#include <stddef.h>
#include <sys/types.h>

struct process_id {
	pid_t pid, ppid;
};

/* Starts as all zeros; process_list_free gives the memory back. */
struct process_list {
	struct process_id *v;
	size_t n, cap;
};

void process_list_add(struct process_list *l, pid_t pid, pid_t ppid);
void process_list_free(struct process_list *l);

/* The parent of PID now, or -1 if there is no such process. */
pid_t processes_parent(pid_t pid);

/*
 * Appends the children of all threads of PID, from the kernel's own lists.
 * 0, or -1 if this kernel keeps none (CONFIG_PROC_CHILDREN) or won't show them.
 */
int processes_children(struct process_list *l, pid_t pid);

/* Appends every process that /proc shows but those in KNOWN (NULL: none).
 * 0, or -1 with errno set. */
struct pidmap;
int processes_all(struct process_list *l, const struct pidmap *known);

/* What the kernel last gave out. */
struct process_news {
	int fd;	      /* of /proc/loadavg, kept open; -1 before the first look */
	pid_t newest; /* the PID given out last, to a process or a thread */
	long tasks;   /* processes and threads on the machine */
};

#define PROCESSES_RESERVED 299 /* PIDs are not given out again when the numbers come round */

/* The largest PID there is. */
pid_t processes_last_pid(void);

/* Looks again. 0, or -1 with errno set. */
int processes_news(struct process_news *k);

/* Whether walking the children lists of MEMBERS processes is less work than
 * reading all of /proc on a machine of TASKS tasks. */
int processes_lists_are_cheaper(size_t members, long tasks);

#endif
