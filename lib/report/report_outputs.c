/* SPDX-License-Identifier: MIT */
/* The outputs of one report. */
#include "report/report_outputs.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/term.h"
#include "base/warn.h"

void report_outputs_add(struct report_outputs *o, const struct report_output *output)
{
	o->v = alloc_grow(o->v, &o->cap, o->n + 1, sizeof *o->v);
	o->v[o->n++] = *output;
}

void report_outputs_free(struct report_outputs *o)
{
	for (size_t i = 0; i < o->n; i++)
		report_template_free(&o->v[i].template);
	free(o->v);
}

/* Return the style of a report on OUTPUT. */
static struct report_style choose_style(
    const struct report_outputs *o, const struct report_output *output)
{
	const char *no_color = getenv("NO_COLOR");
	struct report_style style = o->style;
	style.chart |= isatty(output->to.fd);
	style.colour = (no_color == NULL || *no_color == '\0') && term_can_draw(output->to.fd);
	style.utf8 = term_utf8();
	style.width = (size_t)term_size(output->to.fd).cols;
	style.continues = output_continues(&output->to);
	style.template = &output->template;
	return style;
}

static void write_report(const struct report_outputs *o, struct report_output *output,
    const struct report *r, const char *name)
{
	struct report_style style = choose_style(o, output);
	struct buf out = {0};
	if (!output->format->shows_incomplete && !report_is_complete(r) && !report_is_stopped(r))
		warn_print("%s: incomplete: the end of the command was not recorded", name);
	output->format->print(r, &style, &out);
	output_write(&output->to, &out);
	buf_free(&out);
}

static void write_constant(struct report_output *output)
{
	struct buf out = {0};
	output->format->constant(&out);
	output_write(&output->to, &out);
	buf_free(&out);
}

/* Write OUTPUT if it can be made of R or INPUT, of which STATUS is how well they were read. */
static int write_output(const struct report_outputs *o, struct report_output *output,
    const struct report *r, const struct stage_input *input, int status)
{
	const struct report_format *f = output->format;
	if (f->constant != NULL) {
		write_constant(output);
	} else if (f->print != NULL) {
		if (report_total(r) != NULL && (status == STATUS_OK || f->print == report_text))
			write_report(o, output, r, input->name);
	} else if (f->convert != NULL && status == STATUS_OK) {
		return f->convert(input, &output->to);
	}
	return STATUS_OK;
}

static bool is_converter(const struct report_output *output)
{
	return output->format->convert != NULL && !output->format->from_peaks;
}

/* Read INPUT whole and write all outputs. */
static int write_all(struct report_outputs *o, struct stage_input *input)
{
	struct report r;
	struct buf text = {0};
	bool copied = false;
	for (size_t i = 0; i < o->n; i++)
		copied |= o->v[i].format->convert != NULL;
	report_init(&r);
	int status = report_read(&r, input->fd, input->name, copied ? &text : NULL), worst = status;
	input->text = (struct slice){text.p != NULL ? text.p : "", text.n};
	for (size_t i = 0; i < o->n; i++)
		if (write_output(o, &o->v[i], &r, input, status) != STATUS_OK)
			worst = STATUS_ERROR;
	buf_free(&text);
	report_free(&r);
	return worst;
}

static int read_and_write(struct report_outputs *o, const char *file)
{
	struct stage_input input = {0};
	stage_outlive_interrupt();
	input.fd = stage_open(file, &input.name);
	if (input.fd < 0)
		return STATUS_ERROR;
	if (o->n == 1 && is_converter(&o->v[0])) /* as the input arrives */
		return o->v[0].format->convert(&input, &o->v[0].to);
	return write_all(o, &input);
}

int report_outputs_write(struct report_outputs *o, const char *file)
{
	int status = STATUS_OK;
	bool reads = false;
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	if (o->n > 1) /* a reader that leaves early does not end the other outputs */
		sigaction(SIGPIPE, &ignore, NULL);
	for (size_t i = 0; i < o->n; i++) {
		output_open(&o->v[i].to, o->v[i].file, o->v[i].append);
		reads |= o->v[i].format->constant == NULL;
	}
	if (reads)
		status = read_and_write(o, file);
	for (size_t i = 0; i < o->n && !reads; i++)
		write_constant(&o->v[i]);
	for (size_t i = 0; i < o->n; i++)
		if (output_close(&o->v[i].to) != STATUS_OK)
			status = STATUS_ERROR;
	return status;
}
