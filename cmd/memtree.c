/* SPDX-License-Identifier: MIT */
/* Print the processes of a tick as a tree. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/format.h"
#include "base/options.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/term.h"
#include "base/warn.h"
#include "live/process_tree.h"
#include "stream/samples.h"
#include "stream/stage.h"

#define DRAW_NS 100000000LL /* from one picture on a terminal to the next */
#define OTHER_LINES 4	    /* of a picture on a terminal: time, header, sum, cursor */

static const struct options_row rows[] = {
    {'w', "watch", NULL, "print every tick; on a terminal, in place of the previous one"},
    {0, NULL, NULL, NULL},
};
static const struct options_table table = {
    .purpose = "print the processes of a tick as a tree",
    .operands = {"[file]"},
    .rows = rows,
};

static const char *const extra[] = {"cmd", NULL};

struct printer {
	struct samples samples;
	struct process_tree tree; /* of the present tick */
	int64_t time_us;	  /* of that tick */
	char time[40];		  /* the same as in the stream */
	size_t time_n;

	bool watch, terminal, utf8;
	bool changed; /* the tree differs from what was printed */
	bool printed; /* a tree was */
	struct term_size size;
	int lines;	 /* of the picture on the terminal */
	int64_t draw_ns; /* when the next picture is allowed */
	struct buf out;
};

static struct options parse_options(bool *watch, int argc, char **argv)
{
	struct options o = options_start(&table, argc, argv);
	while (options_next(&o) != OPTIONS_END) /* -w */
		*watch = true;
	if (argc - o.operands > 1)
		options_usage(&o);
	return o;
}

/* ---- printing */

/* Return the size of the terminal, or the usual one if it is unknown. */
static struct term_size terminal_size(void)
{
	struct term_size size = term_size(STDOUT_FILENO);
	return size.rows > 0 && size.cols > 0 ? size : (struct term_size){24, 80};
}

static bool is_resized(const struct printer *p)
{
	struct term_size now = terminal_size();
	return now.rows != p->size.rows || now.cols != p->size.cols;
}

/* Return how many processes fit on the terminal. If not all do, a line has the number of the others. */
static size_t rows_max(const struct printer *p)
{
	int room = p->size.rows - OTHER_LINES;
	if (!p->watch || !p->terminal || p->tree.n <= (size_t)(room > 0 ? room : 0))
		return SIZE_MAX;
	return room > 1 ? (size_t)room - 1 : 0;
}

static void put_tick(struct printer *p)
{
	const struct process_tree_style style = {
	    .utf8 = p->utf8,
	    .width = p->terminal ? p->size.cols : 0,
	    .rows_max = rows_max(p),
	    /* A picture clears the rest of each line that it overwrites. */
	    .end_of_line = p->watch && p->terminal ? "\033[K\n" : "\n",
	};
	if (p->watch) {
		if (format_date(&p->out, p->time_us) != 0)
			buf_put(&p->out, p->time, p->time_n);
		buf_str(&p->out, style.end_of_line);
	}
	p->lines = process_tree_text(&p->tree, &style, &p->out) + p->watch;
}

/* Draw over the previous picture, or on a cleared screen if that may have moved. */
static void draw_tick(struct printer *p)
{
	if (p->watch && p->lines > 0) {
		if (is_resized(p))
			buf_str(&p->out, "\033[H\033[2J");
		else
			buf_printf(&p->out, "\033[%dA\r", p->lines);
	}
	p->size = terminal_size();
	put_tick(p);
	if (p->watch)
		buf_str(&p->out, "\033[J");
	p->draw_ns = clock_mono_ns() + DRAW_NS;
}

static void print_tick(struct printer *p)
{
	if (!p->changed)
		return;
	if (p->terminal) {
		draw_tick(p);
	} else {
		if (p->printed)
			buf_char(&p->out, '\n');
		put_tick(p);
	}
	p->changed = false;
	p->printed = true;
	stage_write(&p->out);
}

/* The tick is complete. Without -w, only the last one is printed. */
static void end_tick(struct printer *p)
{
	if (p->watch && (!p->terminal || clock_mono_ns() >= p->draw_ns))
		print_tick(p);
}

/* ---- samples */

static void begin_tick(struct printer *p)
{
	const struct slice time = p->samples.time;
	end_tick(p);
	process_tree_clear(&p->tree);
	p->time_us = p->samples.time_us;
	p->time_n = time.n < sizeof p->time ? time.n : sizeof p->time;
	memcpy(p->time, time.p, p->time_n);
}

static void take_row(struct printer *p)
{
	struct slice command = samples_extra(&p->samples, 0);
	const struct samples_row *row = &p->samples.row;
	process_tree_add(&p->tree, row, command.n > 0 ? command : row->comm);
	p->changed = true;
}

/* Take the lines that have arrived. Return false after the last one. */
static bool take_arrived(struct printer *p)
{
	enum samples_event event;
	while ((event = samples_arrived(&p->samples)) != SAMPLES_NONE && event != SAMPLES_END)
		switch (event) {
		case SAMPLES_HEADER:
			end_tick(p);
			break;
		case SAMPLES_TICK:
			begin_tick(p);
			break;
		case SAMPLES_ROW:
			take_row(p);
			break;
		default:
			break;
		}
	return event != SAMPLES_END;
}

/* Print ticks up to the end of the input. If no more rows arrive, the tick is taken as complete. */
static void run(struct printer *p)
{
	bool more = true;
	while (more) {
		if (p->watch && !stage_wait(p->samples.tsv.in.fd, clock_mono_ns() + DRAW_NS)) {
			p->changed |= p->printed && p->terminal && is_resized(p);
			print_tick(p);
			continue;
		}
		samples_fill(&p->samples);
		more = take_arrived(p);
	}
	print_tick(p);
}

int main(int argc, char **argv)
{
	struct printer p = {0};
	const char *name;
	struct options o = parse_options(&p.watch, argc, argv);
	if (o.check)
		return STATUS_OK;
	int fd = stage_open(o.operands < argc ? argv[o.operands] : "-", &name);
	if (fd < 0)
		return STATUS_ERROR;
	stage_outlive_interrupt();
	samples_init(&p.samples, fd, name, SAMPLES_PPID | SAMPLES_PSS, extra);
	p.tree.keeps_pss = p.watch;
	p.utf8 = term_utf8();
	p.terminal = p.watch ? term_can_draw(STDOUT_FILENO) : isatty(STDOUT_FILENO);
	run(&p);
	int status = stage_faults_end(&p.samples.faults);
	if (!p.printed && status == STATUS_OK) {
		warn_print("no samples");
		status = STATUS_NO;
	}
	process_tree_free(&p.tree);
	samples_free(&p.samples);
	buf_free(&p.out);
	return status;
}
