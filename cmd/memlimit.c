/* Passes samples on; acts when a limit is exceeded. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/format.h"
#include "base/parse.h"
#include "base/program.h"
#include "base/signame.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/warn.h"
#include "limit/targets.h"
#include "stream/lines.h"
#include "stream/tick.h"
#include "stream/stage.h"
#include "stream/tsv.h"

#define GRACE_NS 2000000000LL
#define NEVER INT64_MAX

enum { TIME, PID, RSS, PPID, START, COMM };

static const char *const columns[] = {
    [TIME] = "time",
    [PID] = "pid",
    [RSS] = "rss_kib", /* required */
    [PPID] = "ppid",
    [START] = "start",
    [COMM] = "comm",
    NULL,
};

#define REQUIRED 3

struct options {
	uint64_t total_kib, process_kib; /* 0: no limit */
	int sig;			 /* 0: end nobody */
	int64_t grace_ns;		 /* 0: not given */
};

struct row {
	pid_t pid, ppid;
	uint64_t rss_kib;
	int64_t start_us;
	struct slice name;
};

struct limiter {
	struct options o;
	const char *name; /* of the input */
	struct lines in;
	struct tsv table;
	struct targets tree;
	struct stage_faults faults;
	int status; /* of the first limit exceeded, and in which tick it was */
	unsigned long status_tick;

	/* the present tick */
	unsigned long tick;
	struct tick now;
	uint64_t total_kib;
	size_t procs;

	int total_exceeded; /* ever */
	int total_untold;   /* in this tick, whose sum may still grow */
	int sig;	    /* everybody gets it, and who comes later; 0: not yet */
	size_t sent;	    /* how many got it */
	int sig_untold;
	int64_t kill_ns; /* when KILL is due */

	struct buf out, told; /* told: `#` lines that go behind the batch */
};

static const struct option long_options[] = {
    {"grace", required_argument, NULL, 'g'},
    {"kill", optional_argument, NULL, 'k'},
    {"max-proc", required_argument, NULL, 'm'},
    {"total", required_argument, NULL, 't'},
    {NULL, 0, NULL, 0},
};

static void usage(void)
{
	fputs("usage: memlimit [-k[signal]] [-g grace] [-m size] [-t size] [file]\n", stderr);
	exit(STATUS_ERROR);
}

/* `SUBJECT 612.3 MiB exceeds 512 MiB`, or in KiB where that looks the same. */
static void warn_exceeded(struct buf *subject, uint64_t kib, uint64_t limit_kib)
{
	char held[FORMAT_SIZE], limit[FORMAT_SIZE];
	format_size(held, kib);
	format_size(limit, limit_kib);
	if (strcmp(held, limit) == 0) {
		snprintf(held, sizeof held, "%" PRIu64 " KiB", kib);
		snprintf(limit, sizeof limit, "%" PRIu64 " KiB", limit_kib);
	}
	warn_print("%.*s %s exceeds %s", (int)subject->n, subject->p, held, limit);
	buf_free(subject);
}

static void put_exceeded(struct limiter *l, const char *scope, uint64_t kib)
{
	buf_printf(&l->told, "#limit_exceeded\t%s\t%" PRIu64 "\t%.*s\t", scope, kib,
	    (int)l->now.len, l->now.time);
}

static void tell_total(struct limiter *l)
{
	struct buf subject = {0};
	if (!l->total_untold)
		return;
	l->total_untold = 0;
	put_exceeded(l, "total", l->total_kib);
	buf_str(&l->told, "\t\n");
	buf_printf(&subject, "total of %zu process%s", l->procs, l->procs == 1 ? "" : "es");
	warn_exceeded(&subject, l->total_kib, l->o.total_kib);
}

static void tell_process(struct limiter *l, const struct row *r)
{
	struct buf subject = {0};
	put_exceeded(l, "process", r->rss_kib);
	buf_printf(&l->told, "%ld\t", (long)r->pid);
	buf_put(&l->told, r->name.p, r->name.n);
	buf_char(&l->told, '\n');
	buf_put(&subject, r->name.p, r->name.n);
	buf_printf(&subject, " (%ld)", (long)r->pid);
	warn_exceeded(&subject, r->rss_kib, l->o.process_kib);
}

static void tell_signal(struct limiter *l)
{
	struct buf name = {0};
	int follows = l->sig != l->o.sig; /* and may find nobody left */
	if (!l->sig_untold || (follows && l->sent == 0))
		return;
	l->sig_untold = 0;
	signame_put(&name, l->sig);
	buf_printf(&l->told, "#limit_signal\t%.*s\n", (int)name.n, name.p);
	warn_print(
	    "%.*s sent to %zu process%s", (int)name.n, name.p, l->sent, l->sent == 1 ? "" : "es");
	buf_free(&name);
}

/* The first limit decides; of two in one tick, that of the total. */
static void exceeded(struct limiter *l, int status)
{
	if (l->status == 0)
		l->status_tick = l->tick;
	if (l->status == 0 || (status == STATUS_TOTAL_EXCEEDED && l->status_tick == l->tick))
		l->status = status;
}

static void signal_one(struct limiter *l, struct target *v)
{
	if (v->sent == l->sig)
		return;
	int sent = targets_signal(&l->tree, v, l->sig);
	if (sent < 0)
		warn_print("%ld: %s", (long)v->pid, strerror(errno));
	if (sent != 0)
		v->sent = l->sig;
	l->sent += sent > 0;
}

/* From now on: who is there, and whoever comes. */
static void end_tree(struct limiter *l, int sig)
{
	l->sig = sig;
	l->sent = 0;
	l->sig_untold = 1;
	l->kill_ns = sig == SIGKILL ? NEVER : clock_mono_ns() + l->o.grace_ns;
	for (size_t i = 0; i < l->tree.n; i++)
		signal_one(l, &l->tree.v[i]);
}

static void check(struct limiter *l, struct target *v, const struct row *r)
{
	if (l->o.process_kib != 0 && r->rss_kib > l->o.process_kib && !v->marked) {
		v->marked = 1;
		exceeded(l, STATUS_PROCESS_EXCEEDED);
		tell_process(l, r);
	}
	if (l->o.total_kib != 0 && l->total_kib > l->o.total_kib && !l->total_exceeded) {
		l->total_exceeded = l->total_untold = 1;
		exceeded(l, STATUS_TOTAL_EXCEEDED);
	}
	if (l->status != 0 && l->o.sig != 0 && l->sig == 0)
		end_tree(l, l->o.sig);
	else if (l->sig != 0)
		signal_one(l, v);
}

/* Empty fields are unknown. */
static const char *read_row(const struct tsv *t, struct row *r)
{
	struct slice pid = tsv_field(t, PID), ppid = tsv_field(t, PPID),
		     rss = tsv_field(t, RSS), start = tsv_field(t, START);
	*r = (struct row){.start_us = TARGETS_NO_START, .name = tsv_field(t, COMM)};
	const char *why = parse_pid(pid.p, pid.n, &r->pid);
	if (why == NULL)
		why = tick_ppid(ppid, &r->ppid);
	if (why == NULL)
		why = tick_kib(rss, &r->rss_kib);
	if (why == NULL && start.n > 0)
		why = parse_time_us(start.p, start.n, &r->start_us);
	return why;
}

static const char *take_time(struct limiter *l)
{
	struct tick next = l->now;
	int begins;
	const char *why = tick_time(&next, tsv_field(&l->table, TIME), &begins);
	if (why != NULL || !begins)
		return why;
	tell_total(l);
	l->now = next;
	targets_tick(&l->tree);
	l->tick++;
	l->total_kib = 0;
	l->procs = 0;
	return NULL;
}

static const char *take_row(struct limiter *l)
{
	struct row r;
	const char *why = read_row(&l->table, &r);
	if (why == NULL)
		why = take_time(l);
	if (why != NULL)
		return why;
	l->total_kib += r.rss_kib;
	l->procs++;
	check(l, targets_add(&l->tree, r.pid, r.ppid, r.start_us), &r);
	return NULL;
}

static void take_line(struct limiter *l, struct slice line)
{
	const char *why = NULL;
	buf_put(&l->out, line.p, line.n);
	buf_char(&l->out, '\n');
	switch (line.n > 0 ? tsv_line(&l->table, line) : TSV_META) {
	case TSV_META:
		break;
	case TSV_HEADER:
		tell_total(l);
		l->now = (struct tick){0}; /* what follows is another tick */
		break;
	case TSV_ROW:
		why = take_row(l);
		break;
	default:
		why = l->table.why;
		break;
	}
	if (why != NULL)
		stage_fault(&l->faults, l->name, l->in.number, why);
}

static void flush(struct limiter *l)
{
	tell_total(l);
	tell_signal(l);
	buf_put(&l->out, l->told.p, l->told.n);
	l->told.n = 0;
	stage_write(&l->out);
}

/* What has come by now. Whether there may be more. */
static int take_input(struct limiter *l)
{
	struct slice line;
	long n = lines_fill(&l->in);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n < 0)
		stage_fault(&l->faults, l->name, 0, strerror(errno));
	while (lines_next(&l->in, &line))
		take_line(l, line);
	flush(l);
	return n > 0;
}

/* Until KILL is due, as poll(2) has it. */
static int timeout_ms(const struct limiter *l)
{
	if (l->kill_ns == NEVER)
		return -1;
	int64_t left = l->kill_ns - clock_mono_ns();
	if (left <= 0)
		return 0;
	return left > 3600000000000 ? 3600000 : (int)((left + 999999) / 1000000);
}

static void kill_if_due(struct limiter *l)
{
	if (l->kill_ns == NEVER || clock_mono_ns() < l->kill_ns)
		return;
	end_tree(l, SIGKILL);
	flush(l);
}

/* To the end of the input, and to that of a tree that is to end: sampling may
 * be over before the last one is. */
static void limit(struct limiter *l)
{
	int more = 1;
	while (more) {
		if (stage_ready(l->in.fd, timeout_ms(l)))
			more = take_input(l);
		kill_if_due(l);
	}
	while (l->kill_ns != NEVER && targets_wait(&l->tree, timeout_ms(l)) > 0)
		kill_if_due(l);
	struct slice rest;
	if (!lines_rest(&l->in, &rest))
		return;
	stage_fault(&l->faults, l->name, l->in.number, "cut off");
	buf_put(&l->out, rest.p, rest.n);
}

static uint64_t parse_limit(const char *arg)
{
	uint64_t bytes = 0;
	warn_check(parse_size(arg, &bytes), arg);
	warn_check(bytes < 1024 ? "a limit is 1K at least" : NULL, arg);
	return bytes / 1024;
}

/* One that ends a process, by default or in the long run. */
static int parse_ending(const char *arg)
{
	static const int others[] = {SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG};
	int sig = SIGTERM;
	if (arg == NULL)
		return sig;
	warn_check(signame_parse(arg, &sig), arg);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		warn_check(sig == others[i] ? "that signal ends nobody" : NULL, arg);
	return sig;
}

static void parse_options(struct options *o, int argc, char **argv)
{
	for (int c; (c = getopt_long(argc, argv, "+g:k::m:t:", long_options, NULL)) != -1;) {
		switch (c) {
		case 'g':
			warn_check(parse_duration(optarg, &o->grace_ns), optarg);
			break;
		case 'k':
			o->sig = parse_ending(optarg);
			break;
		case 'm':
			o->process_kib = parse_limit(optarg);
			break;
		case 't':
			o->total_kib = parse_limit(optarg);
			break;
		default:
			usage();
		}
	}
	if (argc - optind > 1)
		usage();
	if (o->total_kib == 0 && o->process_kib == 0)
		warn_exit(STATUS_ERROR, "no limit given: --total or --max-proc");
	if (o->grace_ns != 0 && (o->sig == 0 || o->sig == SIGKILL))
		warn_exit(STATUS_ERROR, "-g: only with -k, and a signal other than KILL");
	if (o->grace_ns == 0)
		o->grace_ns = GRACE_NS;
}

/* Processes of the past are left alone: others have their IDs by now. */
static void refuse_file(int fd, const char *name)
{
	struct stat st;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		warn_exit(STATUS_ERROR, "%s: -k is for samples as they come, not for a file", name);
}

int main(int argc, char **argv)
{
	struct limiter l = {.kill_ns = NEVER};
	program_set_name(argv[0]);
	parse_options(&l.o, argc, argv);
	int fd = stage_open(optind < argc ? argv[optind] : "-", &l.name);
	if (fd < 0)
		return STATUS_ERROR;
	if (l.o.sig != 0)
		refuse_file(fd, l.name);
	stage_outlive_interrupt();
	l.in.fd = fd;
	tsv_init(&l.table, fd, columns, REQUIRED);
	targets_init(&l.tree, l.o.sig != 0);
	if (l.o.total_kib != 0)
		buf_printf(&l.out, "#limit_total_kib\t%" PRIu64 "\n", l.o.total_kib);
	if (l.o.process_kib != 0)
		buf_printf(&l.out, "#limit_process_kib\t%" PRIu64 "\n", l.o.process_kib);
	limit(&l);
	stage_write(&l.out);
	int status = stage_faults_end(&l.faults);
	if (l.status != 0)
		status = l.status;
	targets_free(&l.tree);
	tsv_free(&l.table);
	lines_free(&l.in);
	buf_free(&l.out);
	buf_free(&l.told);
	return status;
}
