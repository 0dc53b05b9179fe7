/*
 * What else /proc tells of a process: each thing read only if it is wanted.
 */
#ifndef PROCESS_DETAIL_H
#define PROCESS_DETAIL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "os/process.h"

#define PROCESS_DETAIL_CMD_MAX 4096 /* bytes of a command line; then "..." */

enum {
	PROCESS_DETAIL_CPU = 1 << 0,
	PROCESS_DETAIL_START = 1 << 1,
	PROCESS_DETAIL_IO = 1 << 2,
	PROCESS_DETAIL_REGIONS = 1 << 3,
	PROCESS_DETAIL_EXE = 1 << 4,
	PROCESS_DETAIL_CMD = 1 << 5,
	PROCESS_DETAIL_USER = 1 << 6,
	/* These change while the memory stays the same. */
	PROCESS_DETAIL_RESTLESS = PROCESS_DETAIL_CPU | PROCESS_DETAIL_IO | PROCESS_DETAIL_REGIONS,
};

/* Starts as all zeros; process_detail_free gives the memory back. */
struct process_detail {
	unsigned known; /* what could be read, as a set of the above */
	uint64_t cpu_ms;
	int64_t start_us; /* Unix time */
	uint64_t read_kib, write_kib;
	uint64_t regions;
	const char *user; /* its name, or its number */
	struct buf exe;	  /* any bytes but NUL */
	struct buf cmd;	  /* blanks between arguments; empty: it has none */

	/* detail.c's own */
	int64_t boot_us;
	struct process_detail_user {
		uid_t uid;
		char *name;
	} * users;
	size_t users_n;
};

/* Reads what of P is WANTED, in place of what was read before. */
void process_detail_read(struct process_detail *d, const struct process *p, unsigned wanted);

void process_detail_free(struct process_detail *d);

#endif
