/* SPDX-License-Identifier: MIT */
/*
 * From a name to a small number. Numbers start at 0, in order of appearance.
 *
 * It starts as all zeros. intern_free frees its memory.
 */
#ifndef INTERN_H
#define INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define INTERN_NONE UINT32_MAX

struct intern {
	struct intern_entry {
		char *text;
		size_t len;
	} * v;
	size_t n;

	/* private to intern.c */
	size_t cap, slots; /* slots: a power of two */
	uint32_t *slot;	   /* number + 1; 0: free */
};

/* Return the number of NAME. Add it if it is new. */
uint32_t intern_number(struct intern *t, struct slice name);

/* Return the number of NAME, or INTERN_NONE if it is new. */
uint32_t intern_find(const struct intern *t, struct slice name);

void intern_free(struct intern *t);

#endif
