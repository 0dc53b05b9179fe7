/*
 * What every stage of a pipeline does alike: its files, its faults, its end.
 */
#ifndef STAGE_H
#define STAGE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

/* A name for messages and a descriptor to read: "-" is standard input. Returns
 * -1 after a word on stderr if FILE can't be opened. */
int stage_open(const char *file, const char **name);

/* Faults in the input: the first is told, the others are counted. */
struct stage_faults {
	unsigned long n;
};
void stage_fault(struct stage_faults *f, const char *name, unsigned long line, const char *why);

/* Tells how many there were; the exit status that they make. */
int stage_faults_end(const struct stage_faults *f);

/*
 * A Ctrl-C reaches every stage at once and is meant for the one that measures:
 * this one goes on until its input ends, and only a second one ends it.
 */
void stage_outlive_interrupt(void);

/* Waits for something to read from FD, for TIMEOUT_MS at most (-1: for ever).
 * Whether there is anything, be it the end. Who can't be told is to read, which
 * waits too. */
int stage_ready(int fd, int timeout_ms);

/* The same, until UNTIL_NS of the monotonic clock. */
int stage_wait(int fd, int64_t until_ns);

/* Writes to standard output, or says that it can't and exits with STATUS_ERROR. */
void stage_write(struct buf *b);

#endif
