/* Passes samples on, and shows the present state on the terminal. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/format.h"
#include "base/parse.h"
#include "base/program.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/utf8.h"
#include "base/warn.h"
#include "live/statusline.h"
#include "stream/escape.h"
#include "stream/tick.h"
#include "stream/stage.h"
#include "stream/tsv.h"

#define DRAW_NS 500000000LL	  /* from one picture to the next, */
#define DRAW_LEAST_NS 200000000LL /* and the least */
#define LINE_NS 10000000000LL	  /* from one plain line to the next */

enum { TIME, PID, RSS, COMM };

static const char *const columns[] = {
    [TIME] = "time",
    [PID] = "pid",
    [RSS] = "rss_kib", /* required */
    [COMM] = "comm",
    NULL,
};

#define REQUIRED 3

struct sums {
	uint64_t total_kib, largest_kib;
	size_t processes;
	pid_t largest_pid;
	struct buf largest_name; /* as it stands in the stream */
};

struct state {
	struct sums now, whole; /* of which rows still come; as it is shown */
	uint64_t peak_kib;
	struct tick tick;
	int64_t start_us; /* 0: not known yet */
	int64_t last_us;  /* what the stream said last, */
	int64_t last_ns;  /* and when */
};

struct viewer {
	struct tsv table;
	struct stage_faults faults;
	int unreadable; /* as samples; passed on all the same */
	struct state state;
	struct statusline foot;
	int64_t draw_ns, line_ns; /* between two */
	int64_t drawn_ns, lined_ns;
	struct buf passed;
};

static const struct option long_options[] = {
    {"every", required_argument, NULL, 'n'},
    {NULL, 0, NULL, 0},
};

static void usage(void)
{
	fputs("usage: memlive [-n seconds] [file]\n", stderr);
	exit(STATUS_ERROR);
}

/* As far as is known, all rows of the tick have come. */
static void show_tick(struct state *s)
{
	struct buf name = s->whole.largest_name;
	if (s->now.processes == 0)
		return;
	s->whole = s->now;
	s->whole.largest_name = name;
	s->whole.largest_name.n = 0;
	buf_put(&s->whole.largest_name, s->now.largest_name.p, s->now.largest_name.n);
	if (s->whole.total_kib > s->peak_kib)
		s->peak_kib = s->whole.total_kib;
}

static void begin_run(struct state *s)
{
	s->now.processes = s->whole.processes = 0;
	s->tick = (struct tick){0};
	s->start_us = 0;
	s->peak_kib = 0;
}

static const char *take_time(struct state *s, struct slice time)
{
	int begins;
	const char *why = tick_time(&s->tick, time, &begins);
	if (why != NULL || !begins)
		return why;
	show_tick(s);
	s->now.processes = 0;
	s->now.total_kib = 0;
	s->last_us = s->tick.us;
	s->last_ns = clock_mono_ns();
	if (s->start_us == 0)
		s->start_us = s->tick.us;
	return NULL;
}

static const char *take_row(struct state *s, const struct tsv *t)
{
	struct slice rss = tsv_field(t, RSS), pid = tsv_field(t, PID),
		     name = tsv_field(t, COMM);
	uint64_t kib = 0;
	pid_t number = 0;
	const char *why = parse_pid(pid.p, pid.n, &number);
	if (why == NULL)
		why = tick_kib(rss, &kib);
	if (why == NULL)
		why = take_time(s, tsv_field(t, TIME));
	if (why != NULL)
		return why;
	s->now.processes++;
	s->now.total_kib += kib;
	if (s->now.processes == 1 || kib > s->now.largest_kib) {
		s->now.largest_kib = kib;
		s->now.largest_pid = number;
		s->now.largest_name.n = 0;
		buf_put(&s->now.largest_name, name.p, name.n);
	}
	return NULL;
}

static void take_meta(struct state *s, struct slice line)
{
	struct slice value;
	int64_t us = 0;
	show_tick(s);
	if (!tsv_is_meta(line, "#started", &value) ||
	    parse_time_us(value.p, value.n, &us) != NULL)
		return;
	begin_run(s);
	s->start_us = s->last_us = us;
	s->last_ns = clock_mono_ns();
}

static void take(struct viewer *v, enum tsv_kind kind, const char *name)
{
	const char *why = v->table.why;
	if (kind == TSV_META) {
		take_meta(&v->state, v->table.line);
		return;
	}
	if (kind == TSV_HEADER) { /* another run, unless #started said so */
		show_tick(&v->state);
		if (v->state.whole.processes > 0)
			begin_run(&v->state);
		return;
	}
	if (kind == TSV_ROW)
		why = take_row(&v->state, &v->table);
	if (kind == TSV_ERROR)
		v->unreadable = 1;
	if (why != NULL)
		stage_fault(&v->faults, name, v->table.in.number, why);
}

/* Takes in what has arrived. */
static void take_all(struct viewer *v, const char *name)
{
	enum tsv_kind kind;
	while (!v->unreadable && (kind = tsv_buffered(&v->table)) != TSV_END)
		take(v, kind, name);
	if (!v->unreadable && v->table.in.eof && (kind = tsv_rest(&v->table)) != TSV_END)
		take(v, kind, name);
	if (v->unreadable)
		lines_drop(&v->table.in);
}

static void put_elapsed(struct buf *b, int64_t us)
{
	us -= us % 1000000;
	if (us >= 0 && us < 100000000)
		buf_printf(b, "%lld s", (long long)(us / 1000000));
	else
		format_duration(b, us);
}

/* The state in words; nothing if there is none yet. */
static void put_state(const struct viewer *v, int64_t now_ns, struct buf *b)
{
	const struct state *s = &v->state;
	const struct sums *t = &s->whole;
	char now[FORMAT_SIZE], peak[FORMAT_SIZE], largest[FORMAT_SIZE];
	struct buf name = {0};
	if (t->processes == 0)
		return;
	put_elapsed(b, s->last_us - s->start_us + (now_ns - s->last_ns) / 1000);
	buf_printf(b, ": %s now, %s peak, %zu process%s, largest ", format_size(now, t->total_kib),
	    format_size(peak, s->peak_kib), t->processes, t->processes == 1 ? "" : "es");
	escape_decode(&name, t->largest_name.p, t->largest_name.n);
	(v->foot.utf8 ? utf8_visible : utf8_ascii)(b, name.p, name.n);
	buf_printf(b, " (%ld) %s", (long)t->largest_pid, format_size(largest, t->largest_kib));
	buf_free(&name);
}

/* A line that can't be written at once is none. */
static void print_line(struct buf *text)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
	if (text->n == 0 || poll(&p, 1, 0) <= 0 || (p.revents & POLLOUT) == 0)
		return;
	struct buf line = {0};
	buf_str(&line, "memlive: ");
	buf_put(&line, text->p, text->n);
	buf_char(&line, '\n');
	(void)!write(STDERR_FILENO, line.p, line.n);
	buf_free(&line);
}

/* Looks after the terminal, and shows the state where that is due. */
static void show(struct viewer *v, int64_t now_ns)
{
	struct buf text = {0};
	enum statusline_state foot = statusline_look(&v->foot, now_ns);
	if (foot == STATUSLINE_FREE && now_ns - v->drawn_ns >= v->draw_ns) {
		put_state(v, now_ns, &text);
		if (text.n > 0 && statusline_draw(&v->foot, (struct slice){text.p, text.n}))
			v->drawn_ns = now_ns;
	} else if (foot == STATUSLINE_NONE && now_ns - v->lined_ns >= v->line_ns) {
		put_state(v, now_ns, &text);
		print_line(&text);
		v->lined_ns = now_ns;
	}
	buf_free(&text);
}

/* Reads what is there and passes it on before anything else is done. 0, or -1
 * with errno set. */
static int pass_on(struct viewer *v)
{
	struct lines *in = &v->table.in;
	long n = lines_fill(in);
	if (n < 0)
		return errno == EINTR ? 0 : -1;
	buf_put(&v->passed, in->p + in->end - (size_t)n, (size_t)n);
	if (buf_write(&v->passed, STDOUT_FILENO) != 0) {
		int why = errno;
		statusline_close(&v->foot);
		warn_exit(STATUS_ERROR, "standard output: %s", strerror(why));
	}
	return 0;
}

/* A line without an end is no sample, but is passed on too. Whether to go on. */
static int read_on(struct viewer *v, const char *name)
{
	if (pass_on(v) == 0)
		return 1;
	int why = errno;
	stage_fault(&v->faults, name, 0, strerror(why));
	if (why != EMSGSIZE)
		return 0;
	v->unreadable = 1;
	return 1;
}

static void run(struct viewer *v, int fd, const char *name)
{
	int more = 1;
	int64_t look_ns = v->lined_ns = clock_mono_ns();
	tsv_init(&v->table, fd, columns, REQUIRED);
	while (more && !v->table.in.eof) {
		if (stage_wait(fd, look_ns))
			more = read_on(v, name);
		else
			show_tick(&v->state); /* nothing follows at once */
		take_all(v, name);
		int64_t now_ns = clock_mono_ns();
		if (now_ns < look_ns)
			continue;
		show(v, now_ns);
		look_ns = now_ns + STATUSLINE_LOOK_NS;
	}
	statusline_close(&v->foot);
	tsv_free(&v->table);
}

int main(int argc, char **argv)
{
	struct viewer v = {.draw_ns = DRAW_NS, .line_ns = LINE_NS};
	program_set_name(argv[0]);
	for (int c; (c = getopt_long(argc, argv, "+n:", long_options, NULL)) != -1;) {
		if (c != 'n')
			usage();
		warn_check(parse_duration(optarg, &v.line_ns), optarg);
		v.draw_ns = v.line_ns < DRAW_LEAST_NS ? DRAW_LEAST_NS : v.line_ns;
	}
	if (argc - optind > 1)
		usage();
	const char *name;
	int fd = stage_open(optind < argc ? argv[optind] : "-", &name);
	if (fd < 0)
		return STATUS_ERROR;
	stage_outlive_interrupt();
	statusline_open(&v.foot, STDERR_FILENO);
	run(&v, fd, name);
	buf_free(&v.passed);
	buf_free(&v.state.now.largest_name);
	buf_free(&v.state.whole.largest_name);
	return stage_faults_end(&v.faults);
}
