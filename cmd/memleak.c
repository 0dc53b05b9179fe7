/* SPDX-License-Identifier: MIT */
/* Find the processes whose memory grows steadily. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/warn.h"
#include "leak/leak.h"
#include "leak/trend.h"
#include "stream/samples.h"
#include "stream/stage.h"

#define LENGTH_US 60000000
#define PART 0.5

static const struct options_row rows[] = {
    {'a', "all", NULL, "print every process, whatever its verdict"},
    {'f', "format", "tsv|text", "print a table or sentences"},
    {'g', "growth", "growth", "a leak grows at least by this percentage or size"},
    {'l', "length", "time", "judge no less than this time"},
    {'p', "part", "percent", "judge this part of the time, from its end"},
    {0, NULL, NULL, NULL},
};
static const struct options_table table = {
    .purpose = "find the processes whose memory grows steadily",
    .operands = {"[file ...]"},
    .rows = rows,
};

struct settings {
	struct trend_window window;
	bool all, text;
};

struct finder {
	struct leak *leak;
	struct buf out;
	bool text;
};

/* ---- options */

static const char *parse_format(const char *argument, bool *text)
{
	*text = strcmp(argument, "text") == 0;
	return *text || strcmp(argument, "tsv") == 0 ? NULL : "format must be tsv or text";
}

static const char *parse_length(const char *argument, int64_t *us)
{
	int64_t ns = 0;
	const char *reason = parse_duration(argument, &ns);
	*us = ns / 1000;
	return reason;
}

/* Parse a percentage, with or without its sign, into a fraction. */
static const char *parse_part(const char *argument, double *part)
{
	int64_t millionths = 0; /* of a percent */
	size_t n = strlen(argument);
	n -= n > 0 && argument[n - 1] == '%';
	const char *reason = parse_time_us(argument, n, &millionths);
	if (reason == NULL && (millionths < 1000000 || millionths > 100000000))
		reason = "part must be 1 to 100 percent";
	*part = (double)millionths / 1e8;
	return reason;
}

/* Parse `50%` or `20M`. */
static const char *parse_growth(const char *argument, struct trend_window *window)
{
	int64_t millionths = 0; /* of a percent */
	uint64_t bytes = 0;
	size_t n = strlen(argument);
	const char *reason;
	if (n > 0 && argument[n - 1] == '%') {
		reason = parse_time_us(argument, n - 1, &millionths);
		window->growth_part = (double)millionths / 1e8;
	} else {
		reason = parse_size(argument, &bytes);
		window->growth_kib = (double)bytes / 1024;
	}
	return reason != NULL ? "growth must be a percentage or a size" : NULL;
}

static struct options parse_options(struct settings *s, int argc, char **argv)
{
	struct options o = options_start(&table, argc, argv);
	*s = (struct settings){.window = {.part = PART, .length_us = LENGTH_US}};
	for (int key; (key = options_next(&o)) != OPTIONS_END;)
		switch (key) {
		case 'a':
			s->all = true;
			break;
		case 'f':
			options_check(&o, parse_format(o.argument, &s->text));
			break;
		case 'g':
			options_check(&o, parse_growth(o.argument, &s->window));
			break;
		case 'l':
			options_check(&o, parse_length(o.argument, &s->window.length_us));
			break;
		case 'p':
			options_check(&o, parse_part(o.argument, &s->window.part));
			break;
		}
	return o;
}

/* ---- samples */

static void take_row(struct finder *f, struct samples *s)
{
	const struct samples_row *r = &s->row;
	const struct leak_sample sample = {
	    .pid = r->pid,
	    .held_kib = r->rss_kib + r->swap_kib, /* memory that leaked may be swapped out */
	    .known = r->rss_known,
	    .name = r->comm,
	};
	const char *reason = leak_add(f->leak, &sample);
	if (reason != NULL)
		samples_fault(s, reason);
}

static void take(struct finder *f, struct samples *s, enum samples_event event)
{
	switch (event) {
	case SAMPLES_META:
		if (f->text || samples_is_of_tick(s->tsv.line))
			break;
		buf_put(&f->out, s->tsv.line.p, s->tsv.line.n);
		buf_char(&f->out, '\n');
		break;
	case SAMPLES_TICK:
		leak_begin_tick(f->leak, s->time_us);
		break;
	case SAMPLES_ROW:
		take_row(f, s);
		break;
	default:
		break;
	}
}

/* Read all samples of FILE. */
static void read_file(struct finder *f, struct stage_faults *faults, const char *file)
{
	const char *name;
	int fd = stage_open(file, &name);
	if (fd < 0) {
		faults->n++;
		return;
	}
	struct samples s;
	samples_init(&s, fd, name, SAMPLES_SWAP, NULL);
	s.faults = *faults; /* only the first fault of all files is printed */
	enum samples_event event;
	while ((event = samples_next(&s)) != SAMPLES_END)
		take(f, &s, event);
	*faults = s.faults;
	samples_free(&s);
	if (fd != STDIN_FILENO)
		close(fd);
}

/* Print the verdicts. Return the exit status that they and STATUS make. */
static int conclude(struct finder *f, int status)
{
	struct leak_count count = leak_end(f->leak);
	if (count.series == 0 && status == STATUS_OK) {
		warn_print("no samples");
		status = STATUS_ERROR;
	} else if (count.series > 0 && count.too_short == count.series) {
		warn_print("too short to judge: see -l and -p");
	}
	if (count.series > 0 && f->text)
		leak_write_text(f->leak, &f->out);
	else if (count.series > 0)
		leak_write_table(f->leak, &f->out);
	stage_write(&f->out);
	return status == STATUS_OK && count.leaks > 0 ? STATUS_NO : status;
}

int main(int argc, char **argv)
{
	struct settings settings;
	struct options o = parse_options(&settings, argc, argv);
	if (o.check)
		return STATUS_OK;
	stage_outlive_interrupt();
	struct finder f = {
	    .leak = leak_new(&settings.window, settings.all),
	    .text = settings.text,
	};
	struct stage_faults faults = {0};
	if (o.operands == argc)
		read_file(&f, &faults, "-");
	for (int i = o.operands; i < argc; i++)
		read_file(&f, &faults, argv[i]);
	int status = conclude(&f, stage_faults_end(&faults));
	leak_free(f.leak);
	buf_free(&f.out);
	return status;
}
