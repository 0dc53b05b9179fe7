/* SPDX-License-Identifier: MIT */
/*
 * Details of a process besides its memory. Each is read only if it is wanted.
 */
#ifndef PROCESS_DETAIL_H
#define PROCESS_DETAIL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "os/process.h"

#define PROCESS_DETAIL_CMD_MAX 4096 /* bytes of a command line; "..." replaces the rest */

/* Sets of details have a bit for each. */
enum {
	PROCESS_DETAIL_CPU = 1 << 0,
	PROCESS_DETAIL_START = 1 << 1,
	PROCESS_DETAIL_IO = 1 << 2,
	PROCESS_DETAIL_REGIONS = 1 << 3,
	PROCESS_DETAIL_EXE = 1 << 4,
	PROCESS_DETAIL_CMD = 1 << 5,
	PROCESS_DETAIL_USER = 1 << 6,

	/* These change even if the memory does not. */
	PROCESS_DETAIL_CHANGING = PROCESS_DETAIL_CPU | PROCESS_DETAIL_IO | PROCESS_DETAIL_REGIONS,
};

/* Starts as all zeros. Release it with process_detail_free. */
struct process_detail {
	unsigned known; /* the details that could be read */
	uint64_t cpu_ms;
	int64_t start_us; /* Unix time */
	uint64_t read_kib, write_kib;
	uint64_t regions;
	const char *user; /* the name, or the number if there is no name */
	struct buf exe;	  /* any bytes but NUL */
	struct buf cmd;	  /* blanks between arguments; empty if the process has none */

	/* private to the system */
	int64_t boot_us;
	struct process_detail_user {
		uid_t uid;
		char *name;
	} * users;
	size_t users_n;
};

/* Read the details WANTED of P. They replace those read before. */
void process_detail_read(struct process_detail *d, const struct process *p, unsigned wanted);

void process_detail_free(struct process_detail *d);

#endif
