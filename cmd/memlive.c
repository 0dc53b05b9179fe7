/* SPDX-License-Identifier: MIT */
/* Copy samples, and show their present state on the terminal. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/warn.h"
#include "live/live_state.h"
#include "live/statusline.h"
#include "stream/samples.h"
#include "stream/stage.h"

#define DRAW_NS 500000000LL	/* from one drawing to the next */
#define DRAW_MIN_NS 200000000LL /* the shortest such time with -n */
#define LINE_NS 10000000000LL	/* from one line to the next, without a terminal */

static const struct options_row rows[] = {
    {'n', "every", "time", "show the state this often"},
    {0, NULL, NULL, NULL},
};
static const struct options_table table = {
    .purpose = "copy samples, and show their present state on the terminal",
    .operands = {"[file]"},
    .rows = rows,
};

struct viewer {
	struct samples samples;
	struct live_state state;
	struct statusline line;
	int64_t draw_ns, line_ns;   /* intervals */
	int64_t drawn_ns, lined_ns; /* the last time of each */
	struct buf copy;
};

static struct options parse_options(struct viewer *v, int argc, char **argv)
{
	struct options o = options_start(&table, argc, argv);
	v->draw_ns = DRAW_NS;
	v->line_ns = LINE_NS;
	while (options_next(&o) != OPTIONS_END) { /* -n */
		options_check(&o, parse_duration(o.argument, &v->line_ns));
		v->draw_ns = v->line_ns < DRAW_MIN_NS ? DRAW_MIN_NS : v->line_ns;
	}
	if (argc - o.operands > 1)
		options_usage(&o);
	return o;
}

/* ---- showing the state */

/* Print a line, unless standard error would block. */
static void print_line(const struct buf *text)
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

/* Check the terminal, and show the state if that is due. */
static void show(struct viewer *v, int64_t now_ns)
{
	struct buf text = {0};
	enum statusline_state state = statusline_check(&v->line, now_ns);
	if (state == STATUSLINE_READY && now_ns - v->drawn_ns >= v->draw_ns) {
		live_state_text(&v->state, now_ns, v->line.utf8, &text);
		if (text.n > 0 && statusline_draw(&v->line, (struct slice){text.p, text.n}))
			v->drawn_ns = now_ns;
	} else if (state == STATUSLINE_NONE && now_ns - v->lined_ns >= v->line_ns) {
		live_state_text(&v->state, now_ns, v->line.utf8, &text);
		print_line(&text);
		v->lined_ns = now_ns;
	}
	buf_free(&text);
}

/* ---- copying samples */

/* Write N bytes that have just been read, complete lines or not. */
static void copy_bytes(struct viewer *v, size_t n)
{
	const struct lines *in = &v->samples.tsv.in;
	buf_put(&v->copy, in->p + in->end - n, n);
	if (buf_write(&v->copy, STDOUT_FILENO) == 0)
		return;
	int error = errno;
	statusline_close(&v->line);
	warn_exit(STATUS_ERROR, "standard output: %s", strerror(error));
}

/* Read once, and copy what was read before anything else is done with it. Return false if the input
 * cannot be read any further. */
static bool copy_input(struct viewer *v)
{
	struct samples *s = &v->samples;
	long n = lines_fill(&s->tsv.in);
	if (n >= 0) {
		copy_bytes(v, (size_t)n);
		return true;
	}
	if (errno == EINTR || errno == EAGAIN)
		return true;
	bool too_long = errno == EMSGSIZE; /* a line that is no sample, but can be copied */
	stage_fault(&s->faults, s->name, 0, strerror(errno));
	if (too_long)
		samples_stop(s);
	return too_long;
}

/* Take the lines that have arrived. After the end of the samples, other input is only copied. */
static void take_arrived(struct viewer *v)
{
	enum samples_event event;
	while ((event = samples_arrived(&v->samples)) != SAMPLES_NONE && event != SAMPLES_END)
		live_state_take(&v->state, &v->samples, event);
	if (event == SAMPLES_END)
		lines_drop(&v->samples.tsv.in);
}

static void run(struct viewer *v)
{
	struct lines *in = &v->samples.tsv.in;
	bool more = true;
	int64_t check_ns = v->lined_ns = clock_mono_ns();
	while (more && !in->eof) {
		if (stage_wait(in->fd, check_ns))
			more = copy_input(v);
		else
			live_state_end_tick(&v->state);
		take_arrived(v);
		int64_t now_ns = clock_mono_ns();
		if (now_ns < check_ns)
			continue;
		show(v, now_ns);
		check_ns = now_ns + STATUSLINE_CHECK_NS;
	}
	statusline_close(&v->line);
}

int main(int argc, char **argv)
{
	struct viewer v = {0};
	const char *name;
	struct options o = parse_options(&v, argc, argv);
	if (o.check)
		return STATUS_OK;
	int fd = stage_open(o.operands < argc ? argv[o.operands] : "-", &name);
	if (fd < 0)
		return STATUS_ERROR;
	stage_outlive_interrupt();
	samples_init(&v.samples, fd, name, 0, NULL);
	statusline_open(&v.line, STDERR_FILENO);
	run(&v);
	int status = stage_faults_end(&v.samples.faults);
	live_state_free(&v.state);
	samples_free(&v.samples);
	buf_free(&v.copy);
	return status;
}
