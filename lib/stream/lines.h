/*
 * Lines of a stream as they arrive, for a reader that blocks and for one that
 * polls alike: lines_fill reads once, lines_next hands out what is complete.
 */
#ifndef LINES_H
#define LINES_H

#include <stddef.h>

#include "base/slice.h"

#define LINES_MAX (64u << 20) /* a longer line is refused (EMSGSIZE) */

/* Starts as all zeros, but for the descriptor. */
struct lines {
	int fd;
	char *p;
	size_t start, end, cap;
	size_t seen;	      /* bytes behind start that hold no newline */
	unsigned long number; /* of the line last handed out, from 1 */
	int eof;
};

/* One read(2). The bytes read; 0 at the end; -1 with errno set (EINTR too). */
long lines_fill(struct lines *l);

/*
 * The next complete line, without its newline: 1, or 0 if there is none yet.
 * It stays where it is until the next lines_fill.
 */
int lines_next(struct lines *l, struct slice *line);

/* At the end: what follows the last newline. 1 if there is anything. */
int lines_rest(struct lines *l, struct slice *line);

/* Forgets all that was read. */
void lines_drop(struct lines *l);

/* The first field of LINE, ended by a blank or a tab: 1, or 0 if it is empty. */
int lines_first_field(struct slice line, struct slice *field);

void lines_free(struct lines *l);

#endif
