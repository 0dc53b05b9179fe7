/* SPDX-License-Identifier: MIT */
/* pstree-pids - list processes and all their descendants. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/warn.h"
#include "os/cgroup.h"
#include "os/processes.h"
#include "sample/select.h"
#include "stream/escape.h"
#include "stream/lines.h"
#include "stream/stage.h"

#define SHOWN_MAX 40 /* bytes of an invalid line in a message */

static const struct options_row rows[] = {
    {'c', "cgroup", "cgroup", "list every process in a control group, too"},
    {'I', "ignore-missing", NULL, "a missing process is no error"},
    {'l', "long", NULL, "print the parent, the depth and the name"},
    {'m', "match", "text", "list processes with text in their command line, too"},
    {'n', "name", "name", "list processes with this command name, too"},
    {'x', "no-children", NULL, "leave out descendants"},
    {0, NULL, NULL, NULL},
};

static const struct options_table table = {
    .purpose = "list processes and all their descendants",
    .operands = {"[pid ...]"},
    .rows = rows,
};

struct lister {
	bool long_format;
	bool descend;
	bool ignore_missing;
	bool header_written;
	bool given; /* a PID was read from standard input */
	int status;
	struct buf out;
};

/* An option that finds processes. */
struct finder {
	int key;
	const char *argument;
};

static void put_process(struct lister *l, const struct select_process *p)
{
	buf_u64(&l->out, (uint64_t)p->pid);
	if (l->long_format) {
		buf_printf(&l->out, "\t%ld\t%d\t", (long)p->ppid, p->depth);
		escape_field(&l->out, p->comm, strlen(p->comm));
	}
	buf_char(&l->out, '\n');
}

/* Print a message about PID, which was not found. */
static void put_missing(struct lister *l, pid_t pid)
{
	struct process p;
	int error = ESRCH;
	if (process_open(&p, pid, PROCESS_KEEP_NONE) == 0)
		process_close(&p); /* it has just been created */
	else
		error = errno;
	if (l->ignore_missing && error == ESRCH)
		return;
	warn_print("%ld: %s", (long)pid, process_open_error(error));
	if (l->status == STATUS_OK)
		l->status = STATUS_NO;
}

/* List ROOTS and their descendants. */
static void list(struct lister *l, const struct process_list *roots)
{
	struct select found = {0};
	if (select_find(&found, roots, l->descend) != 0) {
		warn_print("%s: %s", processes_source(), strerror(errno));
		l->status = STATUS_ERROR;
	}
	if (l->long_format && !l->header_written)
		buf_str(&l->out, "pid\tppid\tdepth\tcomm\n");
	l->header_written = true;
	for (size_t i = 0; i < found.n; i++)
		if (found.v[i].pid != getpid()) /* it exits before the list is read */
			put_process(l, &found.v[i]);
	for (size_t i = 0; i < found.missing.n; i++)
		put_missing(l, found.missing.v[i].pid);
	stage_write(&l->out);
	select_free(&found);
}

/* ---- PIDs from standard input */

static void list_line(struct lister *l, struct slice line, unsigned long number)
{
	struct process_list roots = {0};
	struct slice field;
	pid_t pid;
	if (line.n > 0 && *line.p == '#') {
		buf_put(&l->out, line.p, line.n);
		buf_char(&l->out, '\n');
		return;
	}
	if (!lines_first_field(line, &field))
		return;
	const char *why = parse_pid(field.p, field.n, &pid);
	if (why != NULL) {
		warn_print("standard input: line %lu: '%.*s': %s", number,
		    (int)(field.n < SHOWN_MAX ? field.n : SHOWN_MAX), field.p, why);
		l->status = STATUS_ERROR;
		return;
	}
	l->given = true;
	process_list_add(&roots, pid, 0);
	list(l, &roots);
	process_list_free(&roots);
}

static void list_input(struct lister *l)
{
	struct lines in = {.fd = STDIN_FILENO};
	struct slice line;
	while (!in.eof && l->status != STATUS_ERROR) {
		if (lines_fill(&in) < 0 && errno != EINTR) {
			warn_print("standard input: %s", strerror(errno));
			l->status = STATUS_ERROR;
		}
		while (l->status != STATUS_ERROR && lines_next(&in, &line))
			list_line(l, line, in.number);
		stage_write(&l->out);
	}
	if (l->status != STATUS_ERROR && lines_rest(&in, &line))
		list_line(l, line, in.number);
	if (!l->given && l->status == STATUS_OK && !l->ignore_missing) {
		warn_print("standard input: no process IDs");
		l->status = STATUS_NO;
	}
	lines_free(&in);
}

/* ---- -c, -m and -n */

/* A service that is stopped has no control group. */
static int find_in_group(struct process_list *roots, const char *name, bool ignore_missing)
{
	struct cgroup group;
	int status = cgroup_find(&group, name);
	if (status != 0 && errno == ENOENT && ignore_missing)
		return 0;
	if (status != 0)
		warn_exit(STATUS_ERROR, "%s: %s", name,
		    errno == ENOENT ? "control group not found" : strerror(errno));
	return cgroup_members(&group, roots);
}

/* Add the processes that F finds to ROOTS. */
static void find(struct lister *l, struct process_list *roots, const struct finder *f)
{
	size_t before = roots->n;
	const char *none = f->key == 'c'   ? "no process in this control group"
			   : f->key == 'm' ? "no process with this in its command line"
					   : "no process of this name";
	int status = f->key == 'c'   ? find_in_group(roots, f->argument, l->ignore_missing)
		     : f->key == 'm' ? select_matching(roots, f->argument)
				     : select_named(roots, f->argument);
	if (status != 0)
		warn_exit(STATUS_ERROR, "%s: %s", f->argument, strerror(errno));
	if (roots->n > before || l->ignore_missing)
		return;
	warn_print("%s: %s", f->argument, none);
	l->status = STATUS_NO;
}

static void list_all(
    struct lister *l, const struct finder *finders, size_t n, struct process_list *roots)
{
	const char *unavailable = processes_unavailable();
	if (unavailable != NULL)
		warn_exit(STATUS_ERROR, "%s", unavailable);
	bool from_input = n == 0 && roots->n == 0;
	for (size_t i = 0; i < n; i++)
		find(l, roots, &finders[i]);
	if (from_input)
		list_input(l);
	else if (roots->n > 0)
		list(l, roots);
	stage_write(&l->out);
}

int main(int argc, char **argv)
{
	struct lister l = {.descend = true};
	struct process_list roots = {0};
	struct finder *finders = alloc_resize(NULL, (size_t)argc + 1, sizeof *finders);
	size_t n = 0;
	struct options o = options_start(&table, argc, argv);
	for (int key; (key = options_next(&o)) != OPTIONS_END;) {
		if (key == 'l')
			l.long_format = true;
		else if (key == 'x')
			l.descend = false;
		else if (key == 'I')
			l.ignore_missing = true;
		else
			finders[n++] = (struct finder){key, o.argument};
	}
	for (int i = o.operands; i < argc; i++) {
		pid_t pid = 0;
		warn_check(parse_pid(argv[i], strlen(argv[i]), &pid), argv[i]);
		process_list_add(&roots, pid, 0);
	}
	if (!o.check)
		list_all(&l, finders, n, &roots);
	process_list_free(&roots);
	buf_free(&l.out);
	free(finders);
	return l.status;
}
