/* SPDX-License-Identifier: MIT */
/*
 * An output of a program: standard output, or a file that keeps what it holds until something is
 * written to it.
 *
 * If it cannot be written, one message is printed and the rest is discarded, so that the other
 * outputs of the program become complete.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>

#include "base/buf.h"

struct output {
	const char *name; /* for messages */
	int fd;
	bool append; /* to what the file holds */
	bool failed; /* a message was printed */

	/* private to output.c */
	bool truncate; /* before something is written */
};

/* Return NULL if FILE can be an output, or the reason why not. Create and change nothing. */
const char *output_check(const char *file);

/* Open FILE, which must remain valid; "-" is standard output. Another name of a
 * descriptor, as /dev/fd/N, is that descriptor at its present position. */
void output_open(struct output *o, const char *file, bool append);

/* Return whether the output already holds something that will remain. */
bool output_continues(const struct output *o);

/* Write B, and empty it. */
void output_write(struct output *o, struct buf *b);

/* Close it. Return STATUS_OK, or STATUS_ERROR if it failed. */
int output_close(struct output *o);

#endif
