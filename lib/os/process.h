/* SPDX-License-Identifier: MIT */
/*
 * One process and its memory.
 *
 * An open process stays that process: once it has exited, every function fails, even if its PID
 * has been given to another process.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_COMM 64 /* bytes of a name and its NUL; kernel threads have long ones */

/* The parts of the memory of each process that the system reports. The others are 0. */
enum {
	PROCESS_HAS_SWAP = 1 << 0,
	PROCESS_HAS_HUGETLB = 1 << 1,
	PROCESS_HAS_SHARED = 1 << 2, /* files and shared memory */
	PROCESS_HAS_FOOTPRINT = 1 << 3,
};

struct process {
	pid_t pid;
	unsigned has; /* set of PROCESS_HAS_* */

	/* as of the last process_read_status */
	pid_t ppid;
	uint64_t hwm_kib; /* high-water mark; at least each rss_kib read of the same program */
	uint64_t swap_kib;    /* swapped out */
	uint64_t hugetlb_kib; /* pages of hugetlbfs, which rss_kib does not include */
	uint64_t shmem_kib;   /* shared memory: a part of shared_kib */
	uint64_t threads;
	char comm[PROCESS_COMM]; /* any bytes but NUL */

	/* as of the last process_read_memory */
	bool memory_known; /* it was read at least once */
	uint64_t rss_kib;
	uint64_t vsz_kib;
	uint64_t shared_kib; /* resident pages of files and of shared memory */
	uint64_t footprint_kib; /* what the kernel charges to the process (macOS) */
	bool executing;	     /* it was in execve(2): this is the memory of the new program, which is
				not loaded yet, while that of the old one is being freed */

	/* as of the last process_read_faults */
	uint64_t faults; /* page faults since it was created, in all programs it executed */
	uint64_t children_faults; /* of the children it has waited for, and theirs */

	/* as of the last process_read_pss */
	bool pss_known;
	uint64_t pss_kib;
	uint64_t uss_kib;
	uint64_t pss_rss_kib; /* the RSS at that moment */

	struct process_handle *handle; /* private to the system */
};

/* Return the columns, separated by commas, that samples have by default for what the system reports
 * of the memory of a process. */
const char *process_memory_columns(void);

/* Which files of a process to keep open: descriptors make the next reads cheaper. */
enum {
	PROCESS_KEEP_NONE,
	PROCESS_KEEP_MEMORY, /* for process_read_memory: one descriptor */
	PROCESS_KEEP_ALL,    /* for status and faults too: up to PROCESS_DESCRIPTORS */
};

#define PROCESS_DESCRIPTORS 3

/*
 * Open PID and read its status. KEEP is one of PROCESS_KEEP_*.
 * Return 0, or -1 with errno set: ESRCH if there is no such process (the ID of a thread is none),
 * EACCES if it is hidden.
 */
int process_open(struct process *p, pid_t pid, int keep);

void process_close(struct process *p);

/* Return how many descriptors may be kept open. */
size_t process_keeps_descriptors(const struct process *p);

/* Read the memory. Return 1 if it changed since the last read, 0 if not, or -1 if the process has
 * exited. A zombie has. */
int process_read_memory(struct process *p);

/* Read the memory again, and keep the result if the RSS has become smaller. If the process has
 * exited, its RSS is 0. */
void process_read_less_memory(struct process *p);

/* Read the high-water mark, the name, the parent and so on. Return 1 if any of these changed, 0 if
 * not, or -1 if the process has exited. */
int process_read_status(struct process *p);

/* Read the numbers of page faults. A zombie has them until its parent has waited for it. Return 0,
 * or -1 if the process no longer exists. While the process is in execve(2), this can wait until the
 * memory of the old program is freed, for 100 ms on a busy machine. */
int process_read_faults(struct process *p);

/*
 * Read PSS and USS, and set pss_known. The kernel visits every page for it. Call this soon after
 * process_read_memory, so that the values belong to the same moment.
 */
void process_read_pss(struct process *p);

/* Set *UID to the effective user. Return 0, or -1 if the process has exited. */
int process_owner(const struct process *p, uid_t *uid);

/* Return whether the PID is still that of P. If so, anything just read by PID belongs to P. */
bool process_owns_pid(const struct process *p);

/* Return whether P is in execve(2) now, see executing. */
bool process_is_executing(const struct process *p);

/* Return whether P uses the memory of PARENT, as between vfork(2) and execve(2). PARENT is as of
 * its last process_read_memory. */
bool process_shares_memory(const struct process *p, const struct process *parent);

/* Return whether P and OTHER are known to use the same memory. Return false if the system does not
 * allow to compare them. */
bool process_has_memory_of(const struct process *p, const struct process *other);

/* Return by how many KiB a high-water mark can be too low: the kernel keeps some pages uncounted on
 * each CPU. This is for a process that has run on up to four CPUs. */
uint64_t process_mark_error_kib(void);

/* Return NULL if high-water marks and page faults limit what a process can have had, or the reason in
 * words why they do not. */
const char *process_bound_refusal(void);

/*
 * Return whether ERROR, an errno from a function of os/process*.h, means that a process has exited
 * or is hidden. Any other error is a failure to read.
 */
bool process_is_out_of_reach(int error);

/* Return the text for ERROR from process_open. */
const char *process_open_error(int error);

#endif
