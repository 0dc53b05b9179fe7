/* SPDX-License-Identifier: MIT */
/* A filter of names. */
#include "peak/name_filter.h"

#include <stdio.h>

#include "stream/escape.h"

const char *name_filter_set(struct name_filter *f, enum name_filter_rule rule, const char *pattern)
{
	regex_t *regex = &f->regex[rule];
	if (f->set[rule])
		regfree(regex);
	int error = regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB);
	f->set[rule] = error == 0;
	if (error == 0)
		return NULL;
	char text[128];
	regerror(error, regex, text, sizeof text);
	snprintf(f->reason, sizeof f->reason, "invalid regular expression: %s", text);
	return f->reason;
}

bool name_filter_is_set(const struct name_filter *f)
{
	return f->set[NAME_FILTER_INCLUDE] || f->set[NAME_FILTER_EXCLUDE];
}

static bool matches(const struct name_filter *f, enum name_filter_rule rule, const char *text)
{
	return regexec(&f->regex[rule], text, 0, NULL, 0) == 0;
}

/* Match NAME against the rules. Return whether it passes. */
static bool match(const struct name_filter *f, struct slice name)
{
	struct buf text = {0};
	escape_decode(&text, name.p, name.n);
	buf_char(&text, '\0');
	bool passes = (!f->set[NAME_FILTER_INCLUDE] || matches(f, NAME_FILTER_INCLUDE, text.p)) &&
		      (!f->set[NAME_FILTER_EXCLUDE] || !matches(f, NAME_FILTER_EXCLUDE, text.p));
	buf_free(&text);
	return passes;
}

bool name_filter_passes(struct name_filter *f, struct slice name)
{
	if (!name_filter_is_set(f))
		return true;
	uint32_t i = intern_number(&f->names, name);
	if (i == f->passes.n)
		buf_char(&f->passes, (char)match(f, name));
	return f->passes.p[i] != 0;
}

void name_filter_free(struct name_filter *f)
{
	for (int i = 0; i < NAME_FILTER_RULES; i++)
		if (f->set[i])
			regfree(&f->regex[i]);
	intern_free(&f->names);
	buf_free(&f->passes);
	*f = (struct name_filter){0};
}
