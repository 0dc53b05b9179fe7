/* SPDX-License-Identifier: MIT */
/* Draw samples with gnuplot. */
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/status.h"
#include "base/warn.h"
#include "plot/gnuplot.h"
#include "plot/picture.h"
#include "plot/plot.h"
#include "stream/copy.h"
#include "stream/samples.h"
#include "stream/stage.h"

#define AREAS_OF_TEXT 6
#define AREAS_OF_NARROW_TEXT 3
#define NARROW_TEXT 60 /* columns; the key has one name on each line */
#define AREAS_OF_PICTURE 8
#define AREAS_MAX 100

static const struct options_row rows[] = {
    {'g', "groups", NULL, "an area for each group of processes of one name (default)"},
    {'n', "number", "number", "at most number areas; the others are one more"},
    {'o', "output", "file", "draw a picture: .png, .svg or .pdf"},
    {'p', "processes", NULL, "an area for each process"},
    {'s', "size", "size", "width x height, in pixels or characters"},
    {'T', "title", "title", "the title; the default is the command"},
    {'t', "total", NULL, "one area, the total"},
    {0, NULL, NULL, NULL},
};

static const struct options_table table = {
    "draw memory over time with gnuplot", {"[samples]"}, rows, 0, false};

struct drawer {
	struct plot_options options;
	struct picture picture;
	const char *file; /* of the picture; NULL: text on standard output */
	const char *samples;
	bool copies; /* copies its input to standard output as it arrives */
	struct copy copy;
	struct buf script;
	int status;
};

static const char *parse_number(const char *text, size_t *number)
{
	uint64_t n = 0;
	if (parse_u64(text, strlen(text), AREAS_MAX, &n) != NULL || n == 0)
		return "number must be from 1 to 100";
	*number = (size_t)n;
	return NULL;
}

/* Read the options and operands into D. Return whether only to check them. */
static bool read_options(struct drawer *d, int argc, char **argv)
{
	struct options o = options_start(&table, argc, argv);
	const char *size = NULL;
	for (int key; (key = options_next(&o)) != OPTIONS_END;) {
		if (key == 'g' || key == 'p' || key == 't')
			d->options.scope = key == 'g'	? PLOT_GROUPS
					   : key == 'p' ? PLOT_PROCESSES
							: PLOT_TOTAL;
		else if (key == 'n')
			options_check(&o, parse_number(o.argument, &d->options.number));
		else if (key == 'o')
			options_check(&o, picture_type(&d->picture, d->file = o.argument));
		else if (key == 's')
			size = o.argument;
		else
			d->options.title = o.argument;
	}
	if (argc - o.operands > 1)
		options_usage(&o);
	d->samples = o.operands < argc ? argv[o.operands] : "-";
	d->copies = d->file != NULL && o.operands == argc;
	if (d->file == NULL)
		picture_text(&d->picture);
	const char *reason = size != NULL ? picture_size(&d->picture, size) : NULL;
	if (reason != NULL)
		warn_exit(STATUS_ERROR, "-s: %s: %s", size, reason);
	if (d->options.number == 0)
		d->options.number = d->file != NULL		     ? AREAS_OF_PICTURE
				    : d->picture.width < NARROW_TEXT ? AREAS_OF_NARROW_TEXT
								     : AREAS_OF_TEXT;
	d->options.columns = d->file != NULL ? 0 : d->picture.width;
	return o.check;
}

/* Exit unless the picture can be drawn and written. */
static void prepare(struct drawer *d)
{
	const char *reason = gnuplot_prepare(&d->script);
	if (reason != NULL)
		warn_exit(STATUS_ERROR, "%s", reason);
	if (d->file != NULL)
		warn_check(picture_check(d->file), d->file);
}

/* ---- reading */

/* Read the samples into P. Copy each part of the input before it is used. */
static void read_samples(struct drawer *d, struct plot *p)
{
	struct samples s;
	const char *name;
	enum samples_event event;
	int fd = stage_open(d->samples, &name);
	if (fd < 0) {
		d->status = STATUS_ERROR;
		return;
	}
	samples_init(&s, fd, name, PLOT_COLUMNS, NULL);
	while ((event = samples_arrived(&s)) != SAMPLES_END) {
		if (event != SAMPLES_NONE)
			plot_take(p, &s, event);
		else
			copy_fill(&d->copy, &s);
	}
	copy_rest(&d->copy, &s);
	if (stage_faults_end(&s.faults) != STATUS_OK || d->copy.status != STATUS_OK)
		d->status = STATUS_ERROR;
	samples_free(&s);
	if (fd != STDIN_FILENO)
		close(fd);
}

/* ---- drawing */

/* Return the data of P, with the script that draws them. */
static bool put_program(const struct drawer *d, struct plot *p, struct buf *out)
{
	picture_put(&d->picture, out);
	if (!plot_write(p, out))
		return false;
	buf_put(out, d->script.p, d->script.n);
	return true;
}

static void draw(struct drawer *d, struct plot *p)
{
	struct buf program = {0}, picture = {0}, why = {0};
	if (!put_program(d, p, &program)) {
		if (d->status == STATUS_OK) {
			warn_print("no samples");
			d->status = STATUS_NO;
		}
		buf_free(&program);
		return;
	}
	const char *reason = gnuplot_run(&program, &picture, &why);
	if (reason != NULL)
		warn_exit(STATUS_ERROR, "gnuplot: %s", reason);
	if (d->file != NULL) {
		warn_check(picture_write(d->file, &picture), d->file);
	} else {
		picture_trim(&picture);
		stage_write(&picture);
	}
	buf_free(&program);
	buf_free(&picture);
	buf_free(&why);
}

int main(int argc, char **argv)
{
	struct drawer d = {.options = {.scope = PLOT_GROUPS}};
	bool check = read_options(&d, argc, argv);
	prepare(&d);
	if (check) {
		buf_free(&d.script);
		return STATUS_OK;
	}
	if (d.copies)
		copy_begin(&d.copy);
	stage_outlive_interrupt();
	struct plot *p = plot_new(&d.options);
	read_samples(&d, p);
	draw(&d, p);
	plot_free(p);
	buf_free(&d.script);
	return d.status;
}
