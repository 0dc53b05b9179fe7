/*
 * Who descends from whom, and whether anybody was born. (Linux: /proc.)
 *
 * A process that vanishes while it is looked at simply isn't there.
 */
#ifndef KIN_H
#define KIN_H

#include <stddef.h>
#include <sys/types.h>

struct kin {
	pid_t pid, ppid;
};

/* Starts as all zeros; kin_free gives the memory back. */
struct kin_list {
	struct kin *v;
	size_t n, cap;
};

void kin_add(struct kin_list *l, pid_t pid, pid_t ppid);
void kin_free(struct kin_list *l);

/* The parent of PID now, or -1 if there is no such process. */
pid_t kin_parent(pid_t pid);

/*
 * Appends the children of all threads of PID, from the kernel's own lists.
 * 0, or -1 if this kernel keeps none (CONFIG_PROC_CHILDREN) or won't show them.
 */
int kin_children(struct kin_list *l, pid_t pid);

/* Appends every process that /proc shows but those in KNOWN (NULL: none).
 * 0, or -1 with errno set. */
struct pidmap;
int kin_everyone(struct kin_list *l, const struct pidmap *known);

/* What the kernel last gave out. */
struct kin_news {
	int fd;	      /* of /proc/loadavg, kept open; -1 before the first look */
	pid_t newest; /* the PID given out last, to a process or a thread */
	long tasks;   /* processes and threads on the machine */
};

#define KIN_RESERVED 299 /* PIDs are not given out again when the numbers come round */

/* The largest PID there is. */
pid_t kin_last_pid(void);

/* Looks again. 0, or -1 with errno set. */
int kin_news_read(struct kin_news *k);

/* Whether walking the children lists of MEMBERS processes is less work than
 * reading all of /proc on a machine of TASKS tasks. */
int kin_lists_are_cheaper(size_t members, long tasks);

#endif
