/* Lists processes and all their descendants. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/parse.h"
#include "base/program.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/warn.h"
#include "os/cgroup.h"
#include "os/linux/procfs.h"
#include "sample/select.h"
#include "stream/escape.h"
#include "stream/lines.h"
#include "stream/stage.h"

struct lister {
	int long_format;
	int only_given;
	int headed;
	int given;
	int status;
	struct buf out;
};

static const struct option long_options[] = {
    {"cgroup", required_argument, NULL, 'c'},
    {"long", no_argument, NULL, 'l'},
    {"match", required_argument, NULL, 'm'},
    {"name", required_argument, NULL, 'n'},
    {"no-children", no_argument, NULL, 'x'},
    {NULL, 0, NULL, 0},
};

static void usage(void)
{
	fputs("usage: pstree-pids [-lx] [-c cgroup] [-m text] [-n name] [pid ...]\n", stderr);
	exit(STATUS_ERROR);
}

static void put_member(struct lister *l, const struct select_process *m)
{
	buf_u64(&l->out, (uint64_t)m->pid);
	if (l->long_format) {
		buf_printf(&l->out, "\t%ld\t%d\t", (long)m->ppid, m->depth);
		escape_field(&l->out, m->comm, strlen(m->comm));
	}
	buf_char(&l->out, '\n');
}

/* The processes in ROOTS, and their descendants, written at once. */
static void list(struct lister *l, const struct process_list *roots)
{
	struct select f = {0};
	if (select_find(&f, roots, !l->only_given) != 0) {
		warn_print("/proc: %s", strerror(errno));
		l->status = STATUS_ERROR;
	}
	if (l->long_format && !l->headed++)
		buf_str(&l->out, "pid\tppid\tdepth\tcomm\n");
	for (size_t i = 0; i < f.n; i++)
		if (f.v[i].pid != getpid()) /* gone before anybody reads it */
			put_member(l, &f.v[i]);
	for (size_t i = 0; i < f.missing.n; i++) {
		pid_t pid = f.missing.v[i].pid;
		/* A zombie and a thread are shown, and are no processes. */
		int hidden = processes_parent(pid) < 0 && (kill(pid, 0) == 0 || errno == EPERM);
		warn_print("%ld: %s", (long)pid, hidden ? "not shown in /proc" : "No such process");
		if (l->status == STATUS_OK)
			l->status = STATUS_NO;
	}
	stage_write(&l->out);
	select_free(&f);
}

/* A PID on stdin is listed as it comes; what else a line says is not ours. */
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
		    (int)(field.n < 40 ? field.n : 40), field.p, why);
		l->status = STATUS_ERROR;
		return;
	}
	l->given = 1;
	process_list_add(&roots, pid, 0);
	list(l, &roots);
	process_list_free(&roots);
}

static void list_stdin(struct lister *l)
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
	if (!l->given && l->status == STATUS_OK) {
		warn_print("standard input: no process IDs");
		l->status = STATUS_NO;
	}
	lines_free(&in);
}

/* The processes that one of -c, -m and -n stands for. */
static void add_found(struct lister *l, struct process_list *roots, int found, size_t before,
    const char *what, const char *no)
{
	if (found != 0)
		warn_exit(STATUS_ERROR, "%s: %s", what, strerror(errno));
	if (roots->n > before)
		return;
	warn_print("%s: no process %s", what, no);
	l->status = STATUS_NO;
}

static void add_group(struct lister *l, struct process_list *roots, const char *name)
{
	struct cgroup g;
	size_t before = roots->n;
	if (cgroup_find(&g, name) != 0)
		warn_exit(STATUS_ERROR, "%s: %s", name,
		    errno == ENOENT ? "no such control group" : strerror(errno));
	add_found(l, roots, cgroup_members(&g, roots), before, name, "in this control group");
}

static void parse_option(struct lister *l, struct process_list *roots, int option, const char *arg)
{
	size_t before = roots->n;
	switch (option) {
	case 'c':
		add_group(l, roots, arg);
		break;
	case 'l':
		l->long_format = 1;
		break;
	case 'm':
		add_found(l, roots, select_matching(roots, arg), before, arg,
		    "with this in its command line");
		break;
	case 'n':
		add_found(l, roots, select_named(roots, arg), before, arg, "of this name");
		break;
	case 'x':
		l->only_given = 1;
		break;
	default:
		usage();
	}
}

int main(int argc, char **argv)
{
	struct lister l = {0};
	struct process_list roots = {0};
	int chosen = 0;
	program_set_name(argv[0]);
	if (!procfs_is_ours())
		warn_exit(STATUS_ERROR, "/proc: missing, or of another PID namespace");
	for (int c; (c = getopt_long(argc, argv, "+c:lm:n:x", long_options, NULL)) != -1;) {
		chosen |= c == 'c' || c == 'm' || c == 'n';
		parse_option(&l, &roots, c, optarg);
	}
	for (int i = optind; i < argc; i++) {
		pid_t pid = 0;
		warn_check(parse_pid(argv[i], strlen(argv[i]), &pid), argv[i]);
		process_list_add(&roots, pid, 0);
	}
	if (!chosen && optind == argc)
		list_stdin(&l);
	else if (roots.n > 0)
		list(&l, &roots);
	stage_write(&l.out);
	process_list_free(&roots);
	buf_free(&l.out);
	return l.status;
}
