/* SPDX-License-Identifier: MIT */
/* Print peaks for people or for other programs. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/status.h"
#include "base/warn.h"
#include "report/report_outputs.h"

enum { KEY_CSV = OPTIONS_LONG, KEY_APPEND };

static const struct options_row rows[] = {
    {KEY_APPEND, "append", NULL, "add to what the file of the next -o holds"},
    {KEY_CSV, "csv", NULL, "the same as -f csv"},
    {'f', "format", "format", "print in this format: text, json, markdown, ... (see the manual)"},
    {'G', "graph", NULL, "draw the RSS over time, also if the output is not a terminal"},
    {'j', "json", NULL, "the same as -f json"},
    {'o', "output", "file", "write to file, in the format of its suffix unless -f precedes"},
    {'q', "quiet", NULL, "the same as -f bytes: print the peak only"},
    {'T', "template", "template", "print a template, such as '{name} {peak_rss}\\n'"},
    {'t', "timeline", NULL, "add the RSS over time to the JSON"},
    {'u', "unit", "unit", "print sizes in B, KiB, MiB, GiB, kB, MB, GB or the like"},
    {'v', "verbose", NULL, "add further figures, all groups and the processes to the text"},
    {0, NULL, NULL, NULL},
};

static const struct options_table table = {
    "print peaks for people or for other programs", {"[file]"}, rows, 0, false};

/* The outputs, and what is asked for of the next one. */
struct request {
	struct report_outputs outputs;
	struct report_output next; /* .format NULL: that of the suffix */
	const char *option;	   /* the last one that is about the next output, or NULL */
};

/* ---- options */

/* Return NULL if FORMAT is made from peaks, or the reason why it cannot be written. */
static const char *check_format(const struct report_format *format)
{
	static char reason[64];
	if (format->maker == NULL)
		return NULL;
	snprintf(reason, sizeof reason, "made from samples: use %s", format->maker);
	return reason;
}

/* Set *FORMAT to the one called NAME. Return NULL, or the reason why there is none. */
static const char *parse_format(const char *name, const struct report_format **format)
{
	static char reason[256];
	struct buf names = {0};
	*format = report_format_find(name);
	if (*format != NULL)
		return check_format(*format);
	report_format_names(&names);
	snprintf(reason, sizeof reason, "invalid format: it must be one of %.*s", (int)names.n,
	    names.p);
	buf_free(&names);
	return reason;
}

/* The message names the part of the template that is invalid rather than all of it. */
static const struct report_format *parse_template(struct report_template *t, const char *text)
{
	static const struct report_format format = {.name = "template", .print = report_template};
	report_template_free(t);
	*t = (struct report_template){0};
	const char *message = report_template_parse(t, text);
	if (message != NULL)
		warn_exit(STATUS_ERROR, "-T: %s", message);
	return &format;
}

static const char *parse_unit_name(const char *name, uint64_t *unit)
{
	return *name == '\0' ? "invalid unit" : parse_unit(name, unit);
}

/* Add an output to FILE, for which the options so far are. Return NULL, or why that is not
 * possible. */
static const char *add_output(struct request *q, const char *file)
{
	q->next.file = file;
	if (q->next.format == NULL)
		q->next.format = report_format_of_file(file);
	const char *reason = check_format(q->next.format);
	if (reason != NULL)
		return reason;
	report_outputs_add(&q->outputs, &q->next);
	q->next = (struct report_output){0};
	q->option = NULL;
	return output_check(file);
}

static void take_option(struct request *q, const struct options *o, int key)
{
	static const struct { /* options that are short for a format */
		int key;
		const char *option, *format;
	} formats[] = {{'j', "-j", "json"}, {KEY_CSV, "--csv", "csv"}, {'q', "-q", "bytes"}};
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (key == formats[i].key) {
			q->option = formats[i].option;
			q->next.format = report_format_find(formats[i].format);
		}
	switch (key) {
	case KEY_APPEND:
		q->option = "--append";
		q->next.append = true;
		break;
	case 'f':
		q->option = "-f";
		options_check(o, parse_format(o->argument, &q->next.format));
		break;
	case 'o':
		options_check(o, add_output(q, o->argument));
		break;
	case 'T':
		q->option = "-T";
		q->next.format = parse_template(&q->next.template, o->argument);
		break;
	case 'u':
		options_check(o, parse_unit_name(o->argument, &q->outputs.style.unit));
		break;
	case 'G':
		q->outputs.style.chart_always = true;
		break;
	case 't':
		q->outputs.style.timeline = true;
		break;
	case 'v':
		q->outputs.style.verbose = true;
		break;
	}
}

/* Without -o, write to standard output. With one, the order of the options does not matter. */
static void complete(struct request *q)
{
	struct report_output *only = q->outputs.v;
	if (q->outputs.n > 1 && q->option != NULL)
		warn_exit(STATUS_ERROR, "%s: must precede the -o that it is for", q->option);
	if (q->outputs.n == 0 && q->next.append)
		warn_exit(STATUS_ERROR, "--append: not allowed without -o");
	if (q->outputs.n == 0) {
		(void)add_output(q, "-");
	} else if (q->option != NULL) {
		only->append |= q->next.append;
		if (q->next.format != NULL) {
			report_template_free(&only->template);
			only->format = q->next.format;
			only->template = q->next.template;
		}
	}
}

int main(int argc, char **argv)
{
	struct request q = {0};
	struct options o = options_start(&table, argc, argv);
	for (int key; (key = options_next(&o)) != OPTIONS_END;)
		take_option(&q, &o, key);
	argv += o.operands;
	if (argv[0] != NULL && argv[1] != NULL)
		options_usage(&o);
	complete(&q);
	int status = o.check ? STATUS_OK
			     : report_outputs_write(&q.outputs, argv[0] != NULL ? argv[0] : "-");
	report_outputs_free(&q.outputs);
	return status;
}
