/* SPDX-License-Identifier: MIT */
/*
 * Common to all stages of a pipeline: input files, invalid input, interrupts, output.
 */
#ifndef STAGE_H
#define STAGE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

/* The input of a stage: a descriptor, or a text that was read from one. */
struct stage_input {
	const char *name; /* for messages */
	int fd;
	struct slice text; /* .p NULL: read the descriptor */
};

/* Open FILE; "-" is standard input. Set *NAME to its name for messages. Return a descriptor, or -1
 * after a message if it cannot be opened. */
int stage_open(const char *file, const char **name);

/* Invalid lines of the input: the first is reported, the others are counted. */
struct stage_faults {
	unsigned long n;
};

/* Add one. LINE 0: the reason is about the whole input. */
void stage_fault(struct stage_faults *f, const char *name, unsigned long line, const char *reason);

/* Report how many more there were. Return STATUS_ERROR if there were any, or STATUS_OK. */
int stage_faults_end(const struct stage_faults *f);

/*
 * Ignore the first SIGINT. Ctrl-C reaches all stages at once, but only the one that measures shall
 * end; the others continue until their input ends. A second SIGINT ends them.
 */
void stage_outlive_interrupt(void);

/* Wait for input from FD, up to TIMEOUT_MS (-1: without a limit). Return 1 if read(2) will not
 * block, 0 on timeout or a signal. If poll(2) fails, return 1 so that read(2) reports the error. */
int stage_ready(int fd, int timeout_ms);

/* The same, until UNTIL_NS of the monotonic clock. */
int stage_wait(int fd, int64_t until_ns);

/* Write B to standard output. On an error, print a message and exit with STATUS_ERROR. */
void stage_write(struct buf *b);

#endif
