/* Print peaks for people or for other programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/status.h"
#include "base/term.h"
#include "base/warn.h"
#include "report/report.h"
#include "report/timeline.h"
#include "stream/csv.h"
#include "stream/stage.h"

typedef void report_printer(
    const struct report *r, const struct report_style *style, struct buf *out);

/* One of the three is set. */
struct format {
	const char *name;
	report_printer *report;			  /* print a report */
	int (*convert)(int fd, const char *name); /* convert the stream */
	void (*constant)(struct buf *out);	  /* print a text, and read nothing */
	bool shows_incomplete;			  /* the report shows that it is incomplete */
};

struct request {
	const struct format *format;
	struct report_style style;
	struct report_template template;
};

static int copy_peaks(int fd, const char *name);

static const struct format formats[] = {
    {.name = "text", .report = report_text, .shows_incomplete = true},
    {.name = "json", .report = report_json, .shows_incomplete = true},
    {.name = "csv", .convert = csv_convert},
    {.name = "tsv", .convert = copy_peaks},
    {.name = "process-csv", .report = report_process_csv},
    {.name = "timeline-csv", .convert = timeline_csv},
    {.name = "markdown", .report = report_markdown, .shows_incomplete = true},
    {.name = "openmetrics", .report = report_openmetrics},
    {.name = "bytes", .report = report_bytes},
    {.name = "schema", .constant = report_schema},
};

static const struct format template_format = {.name = "template", .report = report_template};

enum { KEY_CSV = OPTIONS_LONG };

static const struct options_row rows[] = {
    {KEY_CSV, "csv", NULL, "the same as -f csv"},
    {'f', "format", "format", "print in this format: text, json, markdown, ... (see the manual)"},
    {'G', "graph", NULL, "draw the RSS over time, also if the output is not a terminal"},
    {'j', "json", NULL, "the same as -f json"},
    {'q', "quiet", NULL, "the same as -f bytes: print the peak only"},
    {'T', "template", "template", "print a template, such as '{name} {peak_rss}\\n'"},
    {'t', "timeline", NULL, "add the RSS over time to the JSON"},
    {'u', "unit", "unit", "print sizes in B, KiB, MiB, GiB, kB, MB, GB or the like"},
    {'v', "verbose", NULL, "add the mean and quantiles of the RSS over time to the text"},
    {0, NULL, NULL, NULL},
};

static const struct options_table table = {
    "print peaks for people or for other programs", {"[file]"}, rows, 0};

/* ---- reading and printing */

/* Return the style of a report on standard output. */
static struct report_style choose_style(const struct request *q)
{
	const char *no_color = getenv("NO_COLOR");
	struct report_style style = q->style;
	style.chart |= isatty(STDOUT_FILENO);
	style.colour = (no_color == NULL || *no_color == '\0') && term_can_draw(STDOUT_FILENO);
	style.utf8 = term_utf8();
	style.template = &q->template;
	return style;
}

/* Print a report when the whole stream has been read. If lines are invalid, print only the text,
 * which people can judge. */
static int print_report(const struct request *q, int fd, const char *name)
{
	struct report r;
	struct buf out = {0};
	report_init(&r);
	int status = report_read(&r, fd, name, NULL);
	/* A locale takes much memory, so it is not loaded while the command runs. */
	struct report_style style = choose_style(q);
	if (report_total(&r) != NULL && (status == STATUS_OK || q->format->report == report_text))
		q->format->report(&r, &style, &out);
	if (status == STATUS_OK && !q->format->shows_incomplete && !report_is_complete(&r))
		warn_print("%s: incomplete: the end of the command was not recorded", name);
	stage_write(&out);
	buf_free(&out);
	report_free(&r);
	return status;
}

/* Copy a peaks stream if it is one and all of it is valid. */
static int copy_peaks(int fd, const char *name)
{
	struct report r;
	struct buf copy = {0};
	report_init(&r);
	int status = report_read(&r, fd, name, &copy);
	if (status == STATUS_OK)
		stage_write(&copy);
	buf_free(&copy);
	report_free(&r);
	return status;
}

static int print_constant(const struct format *f)
{
	struct buf out = {0};
	f->constant(&out);
	stage_write(&out);
	buf_free(&out);
	return STATUS_OK;
}

/* ---- options */

/* Set *FORMAT to the one called NAME. Return NULL, or the reason why there is none. */
static const char *parse_format(const char *name, const struct format **format)
{
	static char reason[256];
	struct buf text = {0};
	buf_str(&text, "invalid format: it must be one of");
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (strcmp(name, formats[i].name) == 0) {
			buf_free(&text);
			*format = &formats[i];
			return NULL;
		}
		buf_printf(&text, " %s", formats[i].name);
	}
	snprintf(reason, sizeof reason, "%.*s", (int)text.n, text.p);
	buf_free(&text);
	return reason;
}

/* The message names the part of the template that is invalid rather than all of it. */
static const struct format *parse_template(struct report_template *t, const char *text)
{
	report_template_free(t);
	*t = (struct report_template){0};
	const char *message = report_template_parse(t, text);
	if (message != NULL)
		warn_exit(STATUS_ERROR, "-T: %s", message);
	return &template_format;
}

static const char *parse_unit_name(const char *name, uint64_t *unit)
{
	return *name == '\0' ? "invalid unit" : parse_unit(name, unit);
}

static void take_option(struct request *q, const struct options *o, int key)
{
	switch (key) {
	case 'f':
		options_check(o, parse_format(o->argument, &q->format));
		break;
	case 'j':
		options_check(o, parse_format("json", &q->format));
		break;
	case KEY_CSV:
		options_check(o, parse_format("csv", &q->format));
		break;
	case 'q':
		options_check(o, parse_format("bytes", &q->format));
		break;
	case 'T':
		q->format = parse_template(&q->template, o->argument);
		break;
	case 'u':
		options_check(o, parse_unit_name(o->argument, &q->style.unit));
		break;
	case 'G':
		q->style.chart = true;
		break;
	case 't':
		q->style.timeline = true;
		break;
	case 'v':
		q->style.verbose = true;
		break;
	}
}

/* Print the report on the file NAME. Return the exit status. */
static int print_file(struct request *q, const char *name)
{
	if (q->format->constant != NULL)
		return print_constant(q->format);
	stage_outlive_interrupt();
	int fd = stage_open(name, &name);
	if (fd < 0)
		return STATUS_ERROR;
	return q->format->convert != NULL ? q->format->convert(fd, name)
					  : print_report(q, fd, name);
}

int main(int argc, char **argv)
{
	struct request q = {.format = &formats[0]};
	struct options o = options_start(&table, argc, argv);
	for (int key; (key = options_next(&o)) != OPTIONS_END;)
		take_option(&q, &o, key);
	argv += o.operands;
	if (argv[0] != NULL && argv[1] != NULL)
		options_usage(&o);
	int status = o.check ? STATUS_OK : print_file(&q, argv[0] != NULL ? argv[0] : "-");
	report_template_free(&q.template);
	return status;
}
