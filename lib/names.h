/*
 * From a name to a small number, given out in order of appearance.
 *
 * Starts as all zeros; names_free gives the memory back.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "lines.h"

#define NAMES_NONE UINT32_MAX

struct names {
	struct names_entry {
		char *text;
		size_t len;
	} * v;
	size_t n;

	/* names.c's own */
	size_t cap, slots; /* slots: a power of two */
	uint32_t *slot;	   /* number + 1; 0: free */
};

/* The number of NAME, new or old. */
uint32_t names_number(struct names *t, struct slice name);

/* The same of an old one; of a new one, NAMES_NONE. */
uint32_t names_find(const struct names *t, struct slice name);

void names_free(struct names *t);

#endif
