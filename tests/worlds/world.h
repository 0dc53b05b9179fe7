/* SPDX-License-Identifier: MIT */
/*
 * A simulated world of processes, on which the code of one system runs: SYSTEM_kernel.c offers what
 * that system's kernel.h declares, from the processes of this world. world.c also replaces getpid(2),
 * getpgid(2), getsid(2) and kill(2).
 *
 * A scenario makes a world and calls the library. It can change the world at named points of the
 * library's reads: world.at is called there.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define WORLD_SELF 50 /* the PID of the program that measures */
#define WORLD_USER 1000

enum world_state {
	WORLD_RUNNING,
	WORLD_STOPPED,
	WORLD_ZOMBIE,
	WORLD_REAPED, /* it is no more; the PID may be given to another process */
};

struct world_process {
	pid_t pid, ppid, group, session;
	uint64_t serial;   /* differs for each process that there ever was */
	uint64_t start_us; /* since the machine was booted */
	uid_t owner;
	enum world_state state;
	bool hidden; /* the kernel refuses to report on it: it is another user's */
	char name[64];
	char command[256]; /* the arguments, with blanks between them */

	uint64_t rss_kib, mark_kib, vsz_kib;
	uint64_t swap_kib;	      /* where the system reports it of a process */
	uint64_t footprint_kib, footprint_mark_kib; /* macOS */
	uint64_t threads, faults, cpu_us;
	uint64_t read_kib, write_kib;
	int exit_fd; /* private: the other end of world_exit_fd() */
};

/* Where the library is, when a scenario may change the world. */
enum world_point {
	WORLD_LISTED,  /* it has been given a list of processes (PID 0), or of the children of PID */
	WORLD_READING, /* it is about to be given information about PID */
	WORLD_WAITING, /* the sampler waits for the next tick */
};

struct world {
	struct world_process *v; /* in the order of creation; those that were reaped stay */
	size_t n, cap;
	uint64_t now_us; /* since the machine was booted; each process that is created adds 10 ms */
	uint64_t reads;	 /* requests for information on a process */
	void (*at)(enum world_point point, pid_t pid); /* NULL: nothing changes */
	struct world_event *events; /* since the last one that was taken */
	size_t events_n, events_taken, events_cap;
	bool events_refused; /* the kernel reports no events */
};

/* The events for the kernel's queue. */
enum world_event_kind { WORLD_CREATED, WORLD_EXECUTED, WORLD_EXITED };

struct world_event {
	enum world_event_kind kind;
	pid_t pid, ppid;
	uint64_t serial, parent; /* the serial numbers of both */
	int64_t time_ns; /* when it happened, of the real monotonic clock */
};

extern struct world world;

/* Make an empty world with PID 1, a shell (PID 40, the leader of session 40) and this program. */
void world_begin(void);
void world_end(void);

/* Create the process PID, a child of PPID, with its group, session, owner, name and memory. Return
 * it; it is valid until the next one is created. */
struct world_process *world_fork(pid_t ppid, pid_t pid);

/* PID executes NAME: its memory and mark are RSS_KIB now. */
void world_exec(pid_t pid, const char *name, uint64_t rss_kib);

/* Set the memory of PID. The mark follows. */
void world_grow(pid_t pid, uint64_t rss_kib);

/* PID becomes a zombie; its children become children of PID 1. */
void world_exit(pid_t pid);

/* The parent of the zombie PID waits for it. */
void world_reap(pid_t pid);

/* PID becomes the leader of a session and of a process group. */
void world_setsid(pid_t pid);

/* Return the process that has PID, even a zombie, or NULL. */
struct world_process *world_find(pid_t pid);

/* Return the process with this serial number, unless it was reaped. */
struct world_process *world_find_serial(uint64_t serial);

/* Call world.at. A SYSTEM_kernel.c calls it at each point. */
void world_reach(enum world_point point, pid_t pid);

/* Take the next event off the queue. Return NULL if there is none. */
const struct world_event *world_take_event(void);

/* Return a descriptor that is readable once the process PID has exited, or -1. The caller closes it.
 */
int world_exit_fd(pid_t pid);

/* Return a descriptor that is readable while there are events. */
int world_event_fd(void);

#endif
