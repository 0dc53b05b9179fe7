/* SPDX-License-Identifier: MIT */
/*
 * A picture: its type, its size, and the file that it is written to.
 */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct picture {
	const char *type; /* "png", "svg", "pdf", or "text": characters on standard output */
	bool colour;	  /* of text */
	unsigned width, height;
};

/* Set the type from the end of the name FILE, and the default size. Return NULL, or the reason why
 * it is invalid. */
const char *picture_type(struct picture *p, const char *file);

/* The same for text: the size and colours are those of the terminal at standard output. */
void picture_text(struct picture *p);

/* Set the size from TEXT, `WIDTHxHEIGHT`, within the limits of the type. Return NULL, or the reason
 * why it is invalid. */
const char *picture_size(struct picture *p, const char *text);

/* Append the variables that the script reads (share/memplot.gnuplot). */
void picture_put(const struct picture *p, struct buf *out);

/* Return NULL, or the reason why FILE cannot be written. Nothing is created. */
const char *picture_check(const char *file);

/*
 * Write B to FILE: beside it first, then it is renamed, so that FILE is whole. A pipe or a device
 * is written as it is. Return NULL, or the reason why that failed.
 */
const char *picture_write(const char *file, struct buf *b);

/* Remove from B, a chart of text, what only a printer needs: form feeds, blanks at the ends of
 * lines, and empty lines at the start. */
void picture_trim(struct buf *b);

#endif
