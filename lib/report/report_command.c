/* SPDX-License-Identifier: MIT */
/* The command of a run as people write it. */
#include "report/report_command.h"

#include <string.h>

#include "base/slice.h"

/* How membench runs a line for the shell, and one that is a simple command. */
static const char *const shells[] = {"sh -c ", "sh -c 'eval \"exec $0\"' "};

/* Append what the shell reads in S, one word in the form of `#command`. Return false if S is
 * anything else. */
static bool put_word(struct buf *out, struct slice s)
{
	static const char quote[] = "'\\''";
	if (s.n == 0 || s.p[0] != '\'') {
		buf_put(out, s.p, s.n);
		return s.n > 0 && memchr(s.p, ' ', s.n) == NULL && memchr(s.p, '\'', s.n) == NULL;
	}
	for (size_t i = 1; i < s.n;) {
		const char *end = memchr(s.p + i, '\'', s.n - i);
		if (end == NULL)
			return false;
		size_t at = (size_t)(end - s.p);
		buf_put(out, s.p + i, at - i);
		if (at + 1 == s.n)
			return true;
		if (s.n - at < sizeof quote - 1 || memcmp(end, quote, sizeof quote - 1) != 0)
			return false;
		buf_char(out, '\'');
		i = at + sizeof quote - 1;
	}
	return false;
}

void report_command(const struct report *r, struct buf *out)
{
	const struct report_row *total = report_total(r);
	struct slice command = r->command;
	size_t start = out->n;
	if (command.n == 0 && total != NULL)
		command = total->name;
	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
		size_t n = strlen(shells[i]);
		if (r->command.n > n && memcmp(command.p, shells[i], n) == 0 &&
		    put_word(out, (struct slice){command.p + n, command.n - n}))
			return;
		out->n = start;
	}
	buf_put(out, command.p, command.n);
}
