/* Reads the memory of processes, and of what they start, over time. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/parse.h"
#include "base/program.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/warn.h"
#include "os/cgroup.h"
#include "os/os_poll.h"
#include "os/process_detail.h"
#include "sample/pss_schedule.h"
#include "sample/sample_row.h"
#include "sample/schedule.h"
#include "sample/tree.h"
#include "stream/escape.h"
#include "stream/lines.h"
#include "stream/stage.h"
#include "stream/tsv.h"

#define STDIN "standard input"

struct options {
	int64_t interval_ns;
	enum schedule_choice choice;
	double budget;	     /* the share of one CPU for readings */
	int64_t duration_ns; /* 0: no end */
	uint64_t count;	     /* of ticks; 0: no end */
	int header;
	int follow;
	int held; /* the processes on stdin are stopped: let them go */
	int pss;
	struct sample_row columns;
};

struct sampler {
	struct options o;
	struct tree tree;
	struct clock clock;
	struct lines in;
	int reading;  /* stdin may bring more lines */
	int complete; /* but no more processes */
	int begun;    /* the first tick may be taken */
	int ended;    /* #end was read */
	int given;    /* somebody named a process */
	int status;
	struct schedule wake;
	struct cgroup group;	       /* that the kernel accounts the tree in; path "": none */
	struct cgroup_memory most;     /* it needed, by parts */
	uint64_t total_kib, marks_kib; /* sums over the present tick */
	int64_t cpu_ns;		       /* used until the last reading */
	int64_t first_ns;	       /* the first tick */
	uint64_t ticks;
	struct pss_schedule pss;
	struct process_detail detail; /* of the present row */
	struct buf out;	      /* `#` lines, then the rows of this tick; */
	struct buf gone;      /* last, those who ended unread: the first is who was given first */
	char time[32];	      /* of this tick */
	size_t time_len;
	int rewrite; /* it got longer, or rows hold what changes: they can't be reused */
};

enum { OPT_HERTZ = 256 };

static const struct option long_options[] = {
    {"adapt", required_argument, NULL, 'a'},
    {"budget", required_argument, NULL, 'b'},
    {"columns", required_argument, NULL, 'o'},
    {"continue", no_argument, NULL, 'C'},
    {"count", required_argument, NULL, 'n'},
    {"duration", required_argument, NULL, 'd'},
    {"hertz", required_argument, NULL, OPT_HERTZ},
    {"interval", required_argument, NULL, 'i'},
    {"label", required_argument, NULL, 'L'},
    {"no-children", no_argument, NULL, 'x'},
    {"no-header", no_argument, NULL, 'H'},
    {"once", no_argument, NULL, '1'},
    {"pss", no_argument, NULL, 'P'},
    {NULL, 0, NULL, 0},
};

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* Only where the signal is not ignored already: in a pipeline that outlives a
 * Ctrl-C, it is. All are blocked but while waiting. */
static void catch_signals(sigset_t *waiting)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	sigset_t block;
	sigemptyset(&block);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		struct sigaction old, new = {.sa_handler = on_signal};
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &new, NULL);
		sigaddset(&block, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &block, waiting);
}

/* A process that somebody named. Attached late, its mark tells of a past that
 * this stream has not seen. 0, or -1 if it is held and can't be measured: who
 * holds it must know. */
static int watch(struct sampler *s, pid_t pid)
{
	s->given = 1;
	if (tree_add(&s->tree, pid) != 0) {
		warn_print(
		    "%ld: %s", (long)pid, errno == EACCES ? "not shown in /proc" : strerror(errno));
		s->status = s->o.held ? STATUS_ERROR : STATUS_NO;
		if (s->o.held)
			return -1;
	}
	schedule_watch(&s->wake, pid);
	if (s->o.held)
		kill(pid, SIGCONT);
	return 0;
}

/* Its parts are of interest when it needs most; the kernel keeps no mark of them. */
static void take_group(struct sampler *s, struct slice name)
{
	struct buf path = {0};
	escape_decode(&path, name.p, name.n);
	buf_char(&path, '\0');
	if (cgroup_find(&s->group, path.p) != 0)
		s->group.path[0] = '\0';
	buf_free(&path);
}

static void look_at_group(struct sampler *s)
{
	uint64_t now_kib = 0;
	struct cgroup_memory m;
	if (s->group.path[0] != '\0' && cgroup_current(&s->group, &now_kib) == 0 &&
	    now_kib > s->most.current_kib + s->most.current_kib / 64 &&
	    cgroup_memory(&s->group, &m) == 0)
		s->most = m;
}

static void put_group(struct sampler *s)
{
	uint64_t peak_kib;
	if (s->group.path[0] != '\0' && cgroup_peak(&s->group, &peak_kib) == 0)
		buf_printf(&s->out, "#cgroup_peak_kib\t%" PRIu64 "\n", peak_kib);
	if (s->most.current_kib > 0)
		buf_printf(&s->out,
		    "#cgroup_anon_kib\t%" PRIu64 "\n#cgroup_file_kib\t%" PRIu64
		    "\n#cgroup_kernel_kib\t%" PRIu64 "\n",
		    s->most.anon_kib, s->most.file_kib, s->most.kernel_kib);
}

static void take_meta(struct sampler *s, struct slice line)
{
	struct slice value;
	pid_t reaper;
	buf_put(&s->out, line.p, line.n);
	buf_char(&s->out, '\n');
	if (tsv_is_meta(line, "#end", &value))
		s->ended = s->begun = 1;
	else if (tsv_is_meta(line, "#started", &value))
		s->begun = 1;
	else if (tsv_is_meta(line, "#all_given", &value))
		s->complete = 1;
	else if (tsv_is_meta(line, "#cgroup", &value))
		take_group(s, value);
	else if (tsv_is_meta(line, "#reaper", &value) &&
		 parse_pid(value.p, value.n, &reaper) == NULL)
		tree_reaper(&s->tree, reaper);
}

/* 0, or -1 for a line that is no PID, after which none can be trusted, or for a
 * process that can't be measured. */
static int take_line(struct sampler *s, struct slice line)
{
	if (line.n > 0 && *line.p == '#') {
		take_meta(s, line);
		return 0;
	}
	if (!lines_first_field(line, &line))
		return 0;
	pid_t pid;
	const char *why = parse_pid(line.p, line.n, &pid);
	if (why != NULL) {
		warn_print(STDIN ": line %lu: '%.*s': %s", s->in.number,
		    (int)(line.n < 40 ? line.n : 40), line.p, why);
		s->status = STATUS_ERROR;
		return -1;
	}
	return watch(s, pid);
}

static void end_of_input(struct sampler *s)
{
	s->reading = 0;
	s->complete = s->begun = 1;
	if (!s->given && s->status == STATUS_OK && !s->ended) {
		warn_print(STDIN ": no process IDs");
		s->status = STATUS_NO;
	}
}

static void take_input(struct sampler *s)
{
	struct slice line;
	long n = lines_fill(&s->in);
	if (n < 0 && errno == EINTR)
		return;
	if (n < 0) {
		warn_print(STDIN ": %s", strerror(errno));
		s->status = STATUS_ERROR;
	}
	int bad = n < 0;
	while (!bad && lines_next(&s->in, &line))
		bad = take_line(s, line);
	if (n == 0 && lines_rest(&s->in, &line))
		bad = take_line(s, line);
	if (bad || n == 0)
		end_of_input(s);
	else if (s->given && !s->o.held && s->o.count != 1)
		s->begun = 1;
}

static void put_row(struct sampler *s, struct member *m, struct buf *out)
{
	if (m->stale || s->rewrite) {
		if (s->o.columns.details != 0)
			process_detail_read(&s->detail, &m->proc, s->o.columns.details);
		m->row.n = 0;
		m->time_at = sample_row_row(&s->o.columns, &m->row, &m->proc, &s->detail, s->time);
	} else if (m->time_at >= 0) {
		memcpy(m->row.p + m->time_at, s->time, s->time_len);
	}
	m->due = 0;
	buf_put(out, m->row.p, m->row.n);
}

/* Its row is put together after the sweep, which reads all at nearly the same
 * time; but for one that has ended and will not be there then. */
static void take_member(void *ctx, struct member *m, int changed)
{
	struct sampler *s = ctx;
	s->total_kib += m->proc.rss_kib;
	s->marks_kib += m->proc.hwm_kib;
	if (m->older)
		schedule_watch(&s->wake, m->proc.pid);
	if (m->past && s->ticks > 0)
		buf_printf(&s->out, "#mark_since\t%ld\t0\n", (long)m->proc.pid);
	m->older = m->past = 0;
	/* Execution of another program shows in the memory, nearly always. */
	m->stale = changed || m->proc.pss_known || (m->turn && s->o.columns.details != 0);
	m->proc.pss_known = 0;
	m->due = 1;
	if (m->proc.statm_len == 0)
		put_row(s, m, &s->gone);
	if (m->late_ns != 0) {
		buf_printf(&s->out, "#mark_since\t%ld\t", (long)m->proc.pid);
		buf_time(&s->out, clock_unix_us(&s->clock, m->late_ns));
		buf_char(&s->out, '\n');
	}
}

/* CPU time since this was last asked: of a reading, and of what woke us. */
static int64_t spent(struct sampler *s)
{
	int64_t now = clock_cpu_ns(), before = s->cpu_ns;
	s->cpu_ns = now;
	return before == 0 ? 0 : now - before;
}

/* A given number of ticks is to have it, whatever it costs. */
static void read_pss(struct sampler *s, int64_t now)
{
	struct pss_schedule_tick t = {now, s->total_kib, s->tree.n};
	if (!s->o.columns.pss || s->tree.n == 0 ||
	    (s->o.count == 0 && !pss_schedule_is_due(&s->pss, &s->wake.pace, &t)))
		return;
	for (size_t i = 0; i < s->tree.n; i++) {
		struct member *m = &s->tree.v[i];
		if (m->due)
			process_pss(&m->proc);
		m->stale |= m->due;
	}
	int64_t cost = spent(s);
	budget_use(&s->wake.pace, now, cost);
	pss_schedule_read(&s->pss, &t, cost);
}

static void put_rows(struct sampler *s)
{
	for (size_t i = 0; i < s->tree.n; i++)
		if (s->tree.v[i].due)
			put_row(s, &s->tree.v[i], &s->out);
	buf_put(&s->out, s->gone.p, s->gone.n);
	s->gone.n = 0;
}

static void put_header(struct sampler *s)
{
	if (!s->o.header)
		return;
	if (s->o.count != 1) {
		buf_printf(&s->out, "#interval_ms\t%.10g\n", (double)s->o.interval_ns / 1e6);
		schedule_describe(&s->wake, &s->out);
		buf_printf(&s->out, "#mark_error_kib\t%" PRIu64 "\n", process_mark_error_kib());
	}
	sample_row_header(&s->o.columns, &s->out);
}

static void set_time(struct sampler *s, int64_t now)
{
	struct buf text = {0};
	buf_time(&text, clock_unix_us(&s->clock, now));
	s->rewrite = text.n != s->time_len || (s->o.columns.details & PROCESS_DETAIL_RESTLESS) != 0;
	s->time_len = text.n;
	memcpy(s->time, text.p, text.n);
	s->time[text.n] = '\0';
	buf_free(&text);
}

/* One reading of every live process, in one write. */
static void tick(struct sampler *s, int last)
{
	int64_t now = clock_mono_ns();
	set_time(s, now);
	s->total_kib = s->marks_kib = 0;
	schedule_take(&s->wake);
	tree_sweep(&s->tree, now, &(struct tree_visit){take_member, s, last});
	if (s->tree.error != 0 && s->status != STATUS_ERROR) {
		warn_print("/proc: %s: processes may be missing", strerror(s->tree.error));
		s->status = STATUS_ERROR;
	}
	struct schedule_reading r = {
	    now, spent(s), s->total_kib, s->marks_kib, s->tree.n, s->tree.ended, s->tree.missed};
	uint64_t unseen = schedule_read(&s->wake, &r);
	if (unseen > 0 && s->ticks > 0)
		buf_printf(&s->out, "#unseen_kib\t%" PRIu64 "\n", unseen);
	if (s->ticks++ == 0) {
		s->first_ns = now;
		put_header(s);
	}
	if (s->o.header && s->o.count != 1 && schedule_changed(&s->wake))
		schedule_describe(&s->wake, &s->out);
	look_at_group(s);
	read_pss(s, now);
	put_rows(s);
	stage_write(&s->out);
}

/* When the sampling ends by itself; INT64_MAX if it doesn't. */
static int64_t end_ns(const struct sampler *s)
{
	if (s->ticks == 0 || s->o.duration_ns == 0)
		return INT64_MAX;
	return s->first_ns + s->o.duration_ns;
}

static int is_over(const struct sampler *s)
{
	if (stopped || s->ended || (s->complete && s->tree.n == 0))
		return 1;
	if (s->o.count != 0 && s->ticks >= s->o.count)
		return 1;
	return clock_mono_ns() >= end_ns(s);
}

/* Who can't wait would never see the end of the input. */
static void stop_blind(struct sampler *s)
{
	warn_print("waiting: %s", strerror(errno));
	s->status = STATUS_ERROR;
	stopped = 1;
}

/* Until a line comes, a tick is due, the time is over or a signal comes. */
static void wait_for_something(struct sampler *s, const sigset_t *waiting)
{
	int64_t due = s->begun && s->tree.n > 0 ? schedule_due_ns(&s->wake) : INT64_MAX;
	if (due > end_ns(s))
		due = end_ns(s);
	int64_t now = clock_mono_ns(), deaf = schedule_deaf_until_ns(&s->wake);
	if (deaf > now && due > deaf)
		due = deaf;
	if (deaf <= now && s->tree.n > 0 && due > schedule_look_ns(&s->wake, now))
		due = schedule_look_ns(&s->wake, now);
	int64_t left = due - now;
	struct timespec rest = {0};
	if (left > 0 && due < INT64_MAX)
		rest = (struct timespec){
		    .tv_sec = left / 1000000000, .tv_nsec = (long)(left % 1000000000)};
	struct pollfd fds[] = {
	    {.fd = s->reading ? STDIN_FILENO : -1, .events = POLLIN},
	    {.fd = s->begun && deaf <= now ? schedule_fd(&s->wake) : -1, .events = POLLIN},
	};
	int ready = os_poll(fds, 2, due < INT64_MAX ? &rest : NULL, waiting);
	if (ready < 0 && errno != EINTR)
		stop_blind(s);
	if (ready <= 0)
		return;
	if (fds[0].revents != 0)
		take_input(s);
	if (fds[1].revents != 0)
		schedule_take(&s->wake);
}

/* By the clock, or because somebody was born and the budget allows it. */
static int is_due(struct sampler *s)
{
	int64_t now = clock_mono_ns();
	if (now >= schedule_due_ns(&s->wake))
		return 1;
	return now >= schedule_deaf_until_ns(&s->wake) && schedule_look_ns(&s->wake, now) < INT64_MAX &&
	       tree_look(&s->tree, now);
}

static void sample(struct sampler *s, const sigset_t *waiting)
{
	while (!is_over(s)) {
		wait_for_something(s, waiting);
		if (s->begun && s->tree.n > 0 && !is_over(s) && is_due(s))
			tick(s, 0);
	}
	/* How all stands at the end, every mark included. */
	if (s->o.count == 0 && s->tree.n > 0)
		tick(s, 1);
	if (s->o.count == 0 && s->tree.n > 0)
		buf_printf(&s->out, "#running\t%zu\n", s->tree.n);
	put_group(s);
	stage_write(&s->out);
}

static void usage(void)
{
	fputs("usage: memsample [-1CHPx] [-a pace] [-b percent] [-d duration]\n"
	      "                 [-i interval | --hertz n] [-L key=value] [-n count] [-o columns]\n"
	      "                 [pid ...]\n",
	    stderr);
	exit(STATUS_ERROR);
}

static void parse_columns(struct options *o, const char *list)
{
	const char *bad, *why = sample_row_parse(&o->columns, list, &bad);
	warn_check(why, bad);
}

static void parse_choice(struct options *o, const char *arg)
{
	static const char *const choices[] = {
	    [SCHEDULE_AUTO] = "auto", [SCHEDULE_ADAPTIVE] = "adaptive", [SCHEDULE_FIXED] = "fixed"};
	for (int i = 0; i < 3; i++) {
		if (strcmp(arg, choices[i]) == 0) {
			o->choice = (enum schedule_choice)i;
			return;
		}
	}
	warn_exit(STATUS_ERROR, "%s: not auto, adaptive or fixed", arg);
}

static void parse_budget(struct options *o, const char *arg)
{
	int64_t micro = 0; /* of a percent */
	warn_check(parse_time_us(arg, strlen(arg), &micro), arg);
	if (micro < 10000 || micro > 100000000)
		warn_exit(STATUS_ERROR, "%s: a budget is 0.01 to 100 percent of one CPU", arg);
	o->budget = (double)micro / 1e8;
}

/* 0 if it is none without an argument. */
static int take_flag(struct options *o, int c)
{
	switch (c) {
	case '1':
		o->count = 1;
		return 1;
	case 'C':
		o->held = 1;
		return 1;
	case 'H':
		o->header = 0;
		return 1;
	case 'P':
		o->pss = 1;
		return 1;
	case 'x':
		o->follow = 0;
		return 1;
	default:
		return 0;
	}
}

static void take_option(struct options *o, int c, const char *arg)
{
	switch (c) {
	case 'L':
		warn_check(sample_row_label(&o->columns, arg), arg);
		break;
	case OPT_HERTZ:
		warn_check(parse_hertz(arg, &o->interval_ns), arg);
		break;
	case 'a':
		parse_choice(o, arg);
		break;
	case 'b':
		parse_budget(o, arg);
		break;
	case 'd':
		warn_check(parse_duration(arg, &o->duration_ns), arg);
		break;
	case 'i':
		warn_check(parse_interval(arg, &o->interval_ns), arg);
		break;
	case 'n':
		warn_check(parse_u64(arg, strlen(arg), UINT64_MAX, &o->count), arg);
		break;
	case 'o':
		parse_columns(o, arg);
		break;
	default:
		usage();
	}
}

static void parse_options(struct options *o, int argc, char **argv)
{
	static const char letters[] = "+1CHL:Pa:b:d:i:n:o:x";
	*o = (struct options){.interval_ns = 100000000, .budget = 0.02, .header = 1, .follow = 1};
	parse_columns(o, SAMPLE_ROW_DEFAULT);
	for (int c; (c = getopt_long(argc, argv, letters, long_options, NULL)) != -1;)
		if (!take_flag(o, c))
			take_option(o, c, optarg);
	if (o->pss)
		sample_row_add_pss(&o->columns);
}

/* Wrong ones end it before the first is looked at. */
static void take_operands(struct sampler *s, int argc, char **argv)
{
	pid_t pid = 0;
	for (int i = 0; i < argc; i++)
		warn_check(parse_pid(argv[i], strlen(argv[i]), &pid), argv[i]);
	for (int i = 0; i < argc; i++) {
		(void)parse_pid(argv[i], strlen(argv[i]), &pid);
		(void)watch(s, pid);
	}
	s->reading = argc == 0;
	s->complete = s->begun = argc > 0;
}

int main(int argc, char **argv)
{
	struct sampler s = {.in = {.fd = STDIN_FILENO}};
	sigset_t waiting;
	program_set_name(argv[0]);
	parse_options(&s.o, argc, argv);
	/* The signals of faults stay blocked; a count of readings is one of intervals. */
	schedule_init(&s.wake, s.o.count > 0 ? SCHEDULE_FIXED : s.o.choice, s.o.interval_ns, s.o.budget);
	catch_signals(&waiting);
	s.clock = clock_start();
	tree_init(&s.tree, s.o.follow);
	take_operands(&s, argc - optind, argv + optind);
	sample(&s, &waiting);
	tree_free(&s.tree);
	process_detail_free(&s.detail);
	schedule_free(&s.wake);
	lines_free(&s.in);
	buf_free(&s.out);
	buf_free(&s.gone);
	return s.status;
}
