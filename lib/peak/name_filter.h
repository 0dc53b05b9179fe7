/*
 * Which names are wanted: those that one regular expression matches, and
 * another doesn't.
 *
 * Starts as all zeros, which wants every name; name_filter_free gives the memory back.
 */
#ifndef NAME_FILTER_H
#define NAME_FILTER_H

#include <regex.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/slice.h"

struct name_filter {
	/* pick.c's own */
	regex_t regex[2];
	int given[2];
	struct intern names; /* each is tried once */
	struct buf wanted;  /* by name */
	char why[128];
};

enum name_filter_which { NAME_FILTER_INCLUDE, NAME_FILTER_EXCLUDE };

/* Sets the extended regular expression of WHICH, in place of one given before.
 * NULL, or what is wrong with it, in words. */
const char *name_filter_set(struct name_filter *p, enum name_filter_which which, const char *pattern);

/* Whether anything was set. */
int name_filter_chooses(const struct name_filter *p);

/* Whether NAME is wanted, a field of a stream; what it stands for is matched. */
int name_filter_wants(struct name_filter *p, struct slice name);

void name_filter_free(struct name_filter *p);

#endif
