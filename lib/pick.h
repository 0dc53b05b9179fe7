/*
 * Which names are wanted: those that one regular expression matches, and
 * another doesn't.
 *
 * Starts as all zeros, which wants every name; pick_free gives the memory back.
 */
#ifndef PICK_H
#define PICK_H

#include <regex.h>

#include "buf.h"
#include "names.h"

struct pick {
	/* pick.c's own */
	regex_t regex[2];
	int given[2];
	struct names names; /* each is tried once */
	struct buf wanted;  /* by name */
	char why[128];
};

enum pick_which { PICK_INCLUDE, PICK_EXCLUDE };

/* Sets the extended regular expression of WHICH, in place of one given before.
 * NULL, or what is wrong with it, in words. */
const char *pick_set(struct pick *p, enum pick_which which, const char *pattern);

/* Whether anything was set. */
int pick_chooses(const struct pick *p);

/* Whether NAME is wanted, a field of a stream; what it stands for is matched. */
int pick_wants(struct pick *p, struct slice name);

void pick_free(struct pick *p);

#endif
