/* SPDX-License-Identifier: MIT */
/*
 * Copying the input of a stage to standard output while it reads samples.
 */
#ifndef COPY_H
#define COPY_H

#include <stdbool.h>

#include "stream/samples.h"

struct copy {
	bool on;    /* copy; without it, only read */
	int status; /* STATUS_ERROR if standard output could not be written */
};

/* Copy to standard output. If its reader exits, copying ends without an error. */
void copy_begin(struct copy *c);

/* The same as samples_fill, and copy what was read. */
void copy_fill(struct copy *c, struct samples *s);

/* After SAMPLES_END: copy what is left of an input of which no more samples can be read. */
void copy_rest(struct copy *c, struct samples *s);

#endif
