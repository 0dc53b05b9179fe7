/* SPDX-License-Identifier: MIT */
/*
 * Lines of a stream as they arrive, for readers that block and for readers that poll.
 *
 * lines_fill reads once; lines_next returns the complete lines, one after the other.
 */
#ifndef LINES_H
#define LINES_H

#include <stddef.h>

#include "base/slice.h"

#define LINES_MAX (64u << 20) /* a longer line is an error (EMSGSIZE) */

/* It starts with the descriptor or the text set, maybe the chunk, and the rest zero. */
struct lines {
	int fd;
	struct slice text; /* to read in place of the descriptor, unless .p is NULL */
	size_t chunk;	   /* bytes to read at once; 0: 64 KiB */
	char *p;
	size_t start, end, cap;
	size_t seen;	      /* bytes from start on without a newline */
	unsigned long number; /* of the line that was returned last, from 1 */
	int eof;
};

/* Call read(2) once. Return the number of bytes, 0 at the end, or -1 with errno set (EINTR too). */
long lines_fill(struct lines *l);

/* Set *LINE to the next complete line, without its newline. It is valid until the next lines_fill.
 * Return 1, or 0 if there is none yet. */
int lines_next(struct lines *l, struct slice *line);

/* At the end, set *LINE to the text after the last newline. Return 1, or 0 if there is none. */
int lines_rest(struct lines *l, struct slice *line);

/* Discard all bytes that were read. */
void lines_drop(struct lines *l);

/* Set *FIELD to the first field of LINE, up to a blank or a tab. Return 1, or 0 if it is empty. */
int lines_first_field(struct slice line, struct slice *field);

void lines_free(struct lines *l);

#endif
