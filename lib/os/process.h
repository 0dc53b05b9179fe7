/*
 * One process and its memory. (Linux: /proc/PID/statm and status.)
 *
 * A process is its open descriptors: they keep showing this process and fail
 * once it has ended, whoever gets its PID later. Where no descriptor can be
 * kept, the start time takes their place.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_PATH 64
#define PROCESS_COMM 64 /* 16 for programs; kernel threads have longer names */

struct process {
	pid_t pid;
	pid_t ppid;	  /* this and what follows up to comm: as of the */
	uint64_t hwm_kib; /* last process_status; never below an rss_kib seen */
	uint64_t swap_kib;
	uint64_t threads;
	char comm[PROCESS_COMM]; /* any bytes but NUL */

	uint64_t rss_kib; /* as of the last process_memory */
	uint64_t vsz_kib;
	uint64_t shared_kib; /* resident pages of files and shared memory */

	uint64_t pss_kib; /* as of the last process_pss, */
	uint64_t uss_kib;
	int pss_known; /* if that could read them */

	/* proc.c's own */
	pid_t task;		 /* the thread it is seen through, mostly the main one */
	int statm_fd, status_fd; /* -1: opened for each reading */
	uint64_t start_ticks;
	size_t statm_len;
	char statm[96]; /* as last read: the same text, the same memory */
};

/*
 * Takes hold of PID, with descriptors kept open if KEEP, and reads its status.
 * 0, or -1 with errno set: ESRCH if there is no such process (a thread's ID is
 * none), EACCES and the like if /proc won't show it.
 */
int process_open(struct process *p, pid_t pid, int keep);

/*
 * Reads the memory. 1 if anything changed since the last reading, 0 if not;
 * -1 if the process has ended (a zombie has).
 */
int process_memory(struct process *p);

/* Reads status: the high-water mark, name and parent. 1 if any of it changed, 0 if
 * not; -1: it has ended. */
int process_status(struct process *p);

/* Reads the proportional and the unique set size, which takes the kernel a look at
 * every page. Soon after process_memory, or they are of another moment. */
void process_pss(struct process *p);

/* The user whose rights it has. 0, or -1: it has ended. */
int process_owner(const struct process *p, uid_t *uid);

/* Whether the PID still is this process's: what was read by PID before, is of it. */
int process_is_same(const struct process *p);

/* NAME below /proc/PID, a file about the memory, as seen through a thread that has
 * it: NAME itself, or written to PATH. */
const char *process_path(const struct process *p, const char *name, char *path, size_t size);

/* Whether it shares the memory of PARENT now, as between vfork and exec; the
 * parent as of its last process_memory. */
int process_shares_memory(const struct process *p, const struct process *parent);

/* By how much the kernel may have a mark too low, in KiB: it keeps some pages on
 * each CPU uncounted. Of a process that has run on a few CPUs. */
uint64_t process_mark_error_kib(void);

void process_close(struct process *p);

#endif
