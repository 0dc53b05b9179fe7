/* SPDX-License-Identifier: MIT */
/*
 * Names that are cut in the middle, so that names that differ remain distinguishable.
 *
 *	struct elide cut = elide_choose(names, n, 20, utf8);
 *	elide_put(&cut, out, names[i]);		/opt/work…01/bin/cc
 */
#ifndef ELIDE_H
#define ELIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"

/* The parts that remain of a name that is too long. */
struct elide {
	size_t width; /* columns */
	size_t head;  /* of these, the columns of its beginning */
	size_t from;  /* 0: the others are its end; else they begin at this column of it */
	bool utf8;    /* the dots are one character */
};

/* Choose which part of NAMES, N of them, is left out where they are longer than WIDTH columns, so
 * that as many as possible remain different. WIDTH is at least 8. */
struct elide elide_choose(const struct slice *names, size_t n, size_t width, bool utf8);

/* Append NAME, which may be any bytes, made visible and cut. Return its columns, WIDTH at most. */
size_t elide_put(const struct elide *e, struct buf *out, struct slice name);

#endif
