/* SPDX-License-Identifier: MIT */
/* Warnings about runs that are compared although they differ in more than their peaks. */
#include "compare/runs_check.h"

#include <string.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/warn.h"
#include "compare/machine.h"
#include "report/report_command.h"

/* Processes that were attached have no known end. */
static void check_ends(
    const struct runs *runs, const char *name, const struct runs *base, const char *base_name)
{
	struct report_number expected = base->v[0].exit_code;
	for (size_t i = 0; i < runs->n; i++) {
		const struct report *r = &runs->v[i];
		struct report_number code = r->exit_code;
		if (r->command.n == 0)
			continue;
		if (r->signal.known)
			warn_print("%s: run %zu was killed by signal %lld", name, i + 1,
			    (long long)r->signal.value);
		else if (!code.known)
			warn_print("%s: run %zu is incomplete: missing exit status", name, i + 1);
		else if (expected.known && code.value != expected.value)
			warn_print("%s: run %zu exited with status %lld, not %lld as run 1 of %s",
			    name, i + 1, (long long)code.value, (long long)expected.value,
			    base_name);
		else
			continue;
		return;
	}
}

void runs_check_ends(const struct commands *c, const char *base, const char *new)
{
	for (size_t i = 0; i < c->n; i++) {
		check_ends(&c->v[i].base, base, &c->v[i].base, base);
		if (c->has_new)
			check_ends(&c->v[i].new, new, &c->v[i].base, base);
	}
}

/* Print a warning about the first run of NAME that has another command than the first of BASE. */
static void check_commands(
    const struct runs *runs, const char *name, const struct runs *base, const char *base_name)
{
	for (size_t i = 0; i < runs->n; i++) {
		struct buf text = {0};
		if (slice_equal(runs->v[i].command, base->v[0].command))
			continue;
		if (runs->v[i].command.n > 0)
			report_command(&runs->v[i], &text);
		else
			buf_char(&text, '-');
		warn_print("%s: run %zu: the command differs from %s: %.*s", name, i + 1, base_name,
		    (int)text.n, text.p);
		buf_free(&text);
		return;
	}
}

static void check_machines(const struct commands *c, const char *base, const char *new)
{
	struct buf lines = {0};
	machine_differences(&c->v[0].new.v[0], &c->v[0].base.v[0], &lines);
	for (size_t at = 0; at < lines.n;) {
		const char *line = lines.p + at, *end = memchr(line, '\n', lines.n - at);
		warn_print(
		    "%s: the machine differs from %s: %.*s", new, base, (int)(end - line), line);
		at += (size_t)(end - line) + 1;
	}
	buf_free(&lines);
}

void runs_check_sides(const struct commands *c, const char *base, const char *new)
{
	if (!c->has_new)
		return;
	if (c->different) {
		check_commands(&c->v[0].base, base, &c->v[0].base, base);
		check_commands(&c->v[0].new, new, &c->v[0].base, base);
	}
	if (c->base_only > 0)
		warn_print("%s: %zu command%s not found in %s", base, c->base_only,
		    c->base_only == 1 ? "" : "s", new);
	if (c->new_only > 0)
		warn_print("%s: %zu command%s not found in %s", new, c->new_only,
		    c->new_only == 1 ? "" : "s", base);
	check_machines(c, base, new);
}
