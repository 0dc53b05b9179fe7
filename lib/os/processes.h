/* SPDX-License-Identifier: MIT */
/*
 * The processes of the system: which there are, their parents, and which were created lately.
 *
 * A process that exits during a call is not an error: it is left out.
 */
#ifndef PROCESSES_H
#define PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process_id {
	pid_t pid, ppid;
};

/* Starts as all zeros. Release it with process_list_free. */
struct process_list {
	struct process_id *v;
	size_t n, cap;
};

void process_list_add(struct process_list *l, pid_t pid, pid_t ppid);
void process_list_free(struct process_list *l);

/* Return NULL if processes can be read, or the reason in words why not, and what to do. */
const char *processes_unavailable(void);

/* Return where processes are read from, for messages. */
const char *processes_source(void);

/* Return whether a process can become the parent of the orphans that its descendants leave. */
bool processes_have_reapers(void);

/* Return the parent of PID, or -1 with errno set if there is no such process. */
pid_t processes_parent(pid_t pid);

/*
 * Return a number that a process has in common with the copies of it that fork(2) makes, until they
 * execute a program: where the program is in memory, which differs for each execution. Return 0 if
 * it is not known.
 */
uint64_t processes_image(pid_t pid);

/* Return whether A and B are in the same control groups, which a child inherits. */
bool processes_share_groups(pid_t a, pid_t b);

/* Append the children of all threads of PID. Return 0, or -1 if the kernel keeps no lists of
 * children or does not show them. */
int processes_children(struct process_list *l, pid_t pid);

/* Append every process except those in KNOWN (NULL: none). Return 0, or -1 with errno set. */
struct pidmap;
int processes_all(struct process_list *l, const struct pidmap *known);

/*
 * Copy the command line of PID to TEXT, with blanks between the arguments and a NUL at the end.
 * Return its length, at most SIZE - 1, or -1 with errno set.
 */
long processes_command_line(pid_t pid, char *text, size_t size);

/* Return whether processes_children of N processes takes less time than processes_all on a system
 * with TASKS processes and threads. */
bool processes_children_are_cheaper(size_t n, size_t tasks);

/* Return the number of processes and threads on the system, or 0 if that is not known. */
size_t processes_tasks(void);

/*
 * Counting the PIDs that the system gives to new processes and threads.
 *
 *	call    newest PID    known   count   first  last    restarted
 *	1       4100          false
 *	2       4103          true    3       4101   4103    false
 *	3       302           true            4104   302     true
 */
struct process_creations {
	bool known;	   /* false after the first call, and where the system keeps no count */
	bool restarted;	   /* the system has begun again with the lowest PIDs */
	size_t count;	   /* PIDs given out between the last two calls */
	pid_t first, last; /* the first and the last of them; as if in order, unless restarted */
	size_t tasks;	   /* processes and threads on the system; 0: not known */

	/* private to the system */
	int fd;
	pid_t newest;
};

void process_creations_start(struct process_creations *c);
void process_creations_update(struct process_creations *c);
void process_creations_end(struct process_creations *c);

/* Return whether PID is one of those given out between the last two calls. */
bool process_creations_include(const struct process_creations *c, pid_t pid);

#endif
