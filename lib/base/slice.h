/* SPDX-License-Identifier: MIT */
/*
 * A run of bytes in a buffer that something else owns. It is not terminated by a NUL.
 */
#ifndef SLICE_H
#define SLICE_H

#include <stddef.h>
#include <string.h>

struct slice {
	const char *p;
	size_t n;
};

static inline struct slice slice_of(const char *text)
{
	return (struct slice){text, strlen(text)};
}

static inline int slice_equal(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline int slice_is(struct slice s, const char *text)
{
	return slice_equal(s, slice_of(text));
}

#endif
