/*
 * What else /proc tells of a process: each thing read only if it is wanted.
 */
#ifndef DETAIL_H
#define DETAIL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "buf.h"
#include "proc.h"

#define DETAIL_CMD_MAX 4096 /* bytes of a command line; then "..." */

enum {
	DETAIL_CPU = 1 << 0,
	DETAIL_START = 1 << 1,
	DETAIL_IO = 1 << 2,
	DETAIL_REGIONS = 1 << 3,
	DETAIL_EXE = 1 << 4,
	DETAIL_CMD = 1 << 5,
	DETAIL_USER = 1 << 6,
	/* These change while the memory stays the same. */
	DETAIL_RESTLESS = DETAIL_CPU | DETAIL_IO | DETAIL_REGIONS,
};

/* Starts as all zeros; detail_free gives the memory back. */
struct detail {
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
	struct detail_user {
		uid_t uid;
		char *name;
	} * users;
	size_t users_n;
};

/* Reads what of P is WANTED, in place of what was read before. */
void detail_read(struct detail *d, const struct proc *p, unsigned wanted);

void detail_free(struct detail *d);

#endif
