/*
 * From a name to a small number, given out in order of appearance.
 *
 * Starts as all zeros; intern_free gives the memory back.
 */
#ifndef INTERN_H
#define INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "stream/lines.h"

#define INTERN_NONE UINT32_MAX

struct intern {
	struct intern_entry {
		char *text;
		size_t len;
	} * v;
	size_t n;

	/* names.c's own */
	size_t cap, slots; /* slots: a power of two */
	uint32_t *slot;	   /* number + 1; 0: free */
};

/* The number of NAME, new or old. */
uint32_t intern_number(struct intern *t, struct slice name);

/* The same of an old one; of a new one, INTERN_NONE. */
uint32_t intern_find(const struct intern *t, struct slice name);

void intern_free(struct intern *t);

#endif
