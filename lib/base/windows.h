/* SPDX-License-Identifier: MIT */
/*
 * A bounded number of equal windows of time, each with one item that sums up what fell into it.
 *
 * When the windows do not suffice, all of them get twice as long, and items that are now in the
 * same window are merged. So any length of time fits, and the memory in use is bounded. With at
 * most three windows and items that keep the largest value:
 *
 *	added (time, value)   width   items
 *	(0, 5)                1       (0, 5)
 *	(1, 9)                1       (0, 5) (1, 9)
 *	(2, 7)                1       (0, 5) (1, 9) (2, 7)
 *	(4, 2)                2       (1, 9) (2, 7) (4, 2)
 *	(5, 3)                2       (1, 9) (2, 7) (5, 3)
 */
#ifndef WINDOWS_H
#define WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct windows_kind {
	size_t size; /* of an item. Its first member is an int64_t: a time in its window, in us */
	void (*merge)(void *into, const void *item);
	bool sparse; /* a window without an item does not count towards the bound */
};

/* Begins with KIND and MAX set and the rest zero. MAX is at least 1. */
struct windows {
	const struct windows_kind *kind;
	size_t max;
	void *item; /* in order of time; a window without an item is left out */
	size_t n;

	/* private to windows.c */
	size_t cap;
	int64_t start_us, width_us;
};

/* Add a copy of ITEM to the window of its time. A time before the first one added is in the first
 * window. */
void windows_add(struct windows *w, const void *item);

/* Make all windows twice as long, and merge those that are one now. */
void windows_widen(struct windows *w);

void windows_free(struct windows *w);

#endif
