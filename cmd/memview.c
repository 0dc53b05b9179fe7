/* SPDX-License-Identifier: MIT */
/* Write a page, or a trace, that shows a run. */
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/options.h"
#include "base/status.h"
#include "base/warn.h"
#include "os/share_file.h"
#include "plot/picture.h"
#include "stream/copy.h"
#include "stream/json_reader.h"
#include "stream/samples.h"
#include "stream/stage.h"
#include "view/view.h"

#define PAGE "memview.html"
#define TRACE_SUFFIX ".trace.json"

static const struct options_row rows[] = {
    {'f', "format", "format", "write html (default), or trace, a Chrome trace"},
    {'o', "output", "file", "write to file; copy standard input to standard output"},
    {0, NULL, NULL, NULL},
};

static const struct options_table table = {
    .purpose = "show a run in one HTML file",
    .operands = {"[file ...]"},
    .rows = rows,
};

enum form { FORM_UNSET, FORM_HTML, FORM_TRACE };

struct viewer {
	enum form form;
	const char *file; /* NULL: standard output */
	char **samples;	  /* files, ended by NULL */
	size_t files;	  /* how many */
	struct copy copy;
	struct buf page;
	struct buf json; /* the report, if that is the input */
	struct stage_faults faults;
};

static const char *parse_form(const char *text, enum form *form)
{
	*form = strcmp(text, "html") == 0    ? FORM_HTML
		: strcmp(text, "trace") == 0 ? FORM_TRACE
					     : FORM_UNSET;
	return *form != FORM_UNSET ? NULL : "format must be html or trace";
}

static enum form form_of(const char *file)
{
	size_t n = file != NULL ? strlen(file) : 0, suffix = strlen(TRACE_SUFFIX);
	return n >= suffix && strcmp(file + n - suffix, TRACE_SUFFIX) == 0 ? FORM_TRACE : FORM_HTML;
}

/* Read the options and operands into V. Return whether only to check them. */
static bool read_options(struct viewer *v, int argc, char **argv)
{
	struct options o = options_start(&table, argc, argv);
	for (int key; (key = options_next(&o)) != OPTIONS_END;) {
		if (key == 'f')
			options_check(&o, parse_form(o.argument, &v->form));
		else
			v->file = strcmp(o.argument, "-") != 0 ? o.argument : NULL;
	}
	v->samples = argv + o.operands;
	if (v->form == FORM_UNSET)
		v->form = form_of(v->file);
	if (v->form == FORM_HTML && !share_file_read(&v->page, PAGE))
		warn_exit(STATUS_ERROR, PAGE ": " SHARE_FILE_MISSING);
	if (v->file != NULL)
		warn_check(picture_check(v->file), v->file);
	return o.check;
}

static void take_samples(struct viewer *v, struct view *view, struct samples *s)
{
	enum samples_event event;
	while ((event = samples_arrived(s)) != SAMPLES_END) {
		if (event != SAMPLES_NONE)
			view_take(view, s, event);
		else
			copy_fill(&v->copy, s);
	}
	copy_rest(&v->copy, s);
}

/* Take a report in JSON, which is in the buffer of S once all of it has been read. */
static void take_report(struct viewer *v, struct view *view, struct samples *s)
{
	const struct lines *in = &s->tsv.in;
	while (!in->eof && s->faults.n == 0)
		copy_fill(&v->copy, s);
	buf_put(&v->json, in->p + in->start, in->end - in->start);
	const char *reason = view_report(view, (struct slice){v->json.p, v->json.n});
	if (reason != NULL)
		stage_fault(&s->faults, s->name, 0, reason);
}

/* Read FILE. Copy each part of the input before it is used. */
static void read_file(struct viewer *v, struct view *view, const char *file)
{
	const char *name;
	struct samples s;
	int fd = stage_open(file, &name);
	if (fd < 0) {
		v->faults.n++;
		return;
	}
	samples_init(&s, fd, name, VIEW_COLUMNS, NULL);
	s.faults = v->faults; /* only the first fault of all files is printed */
	const struct lines *in = &s.tsv.in;
	while (in->end == in->start && !in->eof && s.faults.n == v->faults.n)
		copy_fill(&v->copy, &s);
	if (v->files == 1 &&
	    json_begins_object((struct slice){in->p + in->start, in->end - in->start}))
		take_report(v, view, &s);
	else
		take_samples(v, view, &s);
	v->faults = s.faults;
	samples_free(&s);
	if (fd != STDIN_FILENO)
		close(fd);
}

static void read_files(struct viewer *v, struct view *view)
{
	if (v->file != NULL && *v->samples == NULL)
		copy_begin(&v->copy);
	while (v->samples[v->files] != NULL)
		v->files++;
	if (v->files == 0) {
		v->files = 1;
		read_file(v, view, "-");
	}
	for (char **file = v->samples; *file != NULL; file++)
		read_file(v, view, *file);
}

static void write_view(const struct viewer *v, const struct view *view)
{
	struct buf out = {0};
	if (v->form == FORM_TRACE)
		view_trace(view, &out);
	else
		view_html(view, (struct slice){v->page.p, v->page.n}, &out);
	if (v->file != NULL)
		warn_check(picture_write(v->file, &out), v->file);
	else
		stage_write(&out);
	buf_free(&out);
}

/* Return the exit status. */
static int show(struct viewer *v)
{
	struct view *view = view_new();
	stage_outlive_interrupt();
	read_files(v, view);
	int status = stage_faults_end(&v->faults);
	if (v->json.n > 0 ? status == STATUS_OK : view_end(view)) {
		write_view(v, view);
	} else if (status == STATUS_OK) {
		warn_print("no samples");
		status = STATUS_NO;
	}
	view_free(view);
	return v->copy.status != STATUS_OK ? v->copy.status : status;
}

int main(int argc, char **argv)
{
	struct viewer v = {.file = NULL};
	int status = read_options(&v, argc, argv) ? STATUS_OK : show(&v);
	buf_free(&v.page);
	buf_free(&v.json);
	return status;
}
