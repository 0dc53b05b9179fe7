/* SPDX-License-Identifier: MIT */
/*
 * A filter of names: regular expressions that a name must match, or must not match.
 */
#ifndef NAME_FILTER_H
#define NAME_FILTER_H

#include <regex.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/slice.h"

enum name_filter_rule {
	NAME_FILTER_INCLUDE, /* a name must match */
	NAME_FILTER_EXCLUDE, /* a name must not match */
	NAME_FILTER_RULES,
};

/* Begins as all zeros: then every name passes. */
struct name_filter {
	/* private to name_filter.c */
	regex_t regex[NAME_FILTER_RULES];
	bool set[NAME_FILTER_RULES];
	struct intern names; /* each is matched once */
	struct buf passes;   /* by number of the name: 1 or 0 */
	char reason[160];
};

/* Set RULE to PATTERN, an extended regular expression, in place of an earlier one. Return NULL, or
 * the reason why PATTERN is invalid, which is kept in F. */
const char *name_filter_set(struct name_filter *f, enum name_filter_rule rule, const char *pattern);

/* Return whether any rule is set. */
bool name_filter_is_set(const struct name_filter *f);

/* Return whether NAME passes. NAME is a field of a stream; the pattern is matched with the
 * text that it encodes. */
bool name_filter_passes(struct name_filter *f, struct slice name);

void name_filter_free(struct name_filter *f);

#endif
