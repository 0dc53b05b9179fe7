/* Prints peaks for a person or for another program. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/parse.h"
#include "base/program.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/term.h"
#include "base/warn.h"
#include "report/report.h"
#include "report/timeline.h"
#include "stream/csv.h"
#include "stream/lines.h"
#include "stream/stage.h"
#include "stream/tsv.h"

typedef void report_printer(
    const struct report *r, const struct report_style *style, struct buf *out);

/* Either a report is printed, or a stream turned into another form. */
struct format {
	const char *name;
	report_printer *report;
	int tells; /* in the report itself, that it is incomplete */
	int (*stream)(int fd, const char *name);
};

struct options {
	const struct format *format;
	struct report_style style;
	struct report_template template;
};

static const struct option long_options[] = {
    {"format", required_argument, NULL, 'f'},
    {"graph", no_argument, NULL, 'G'},
    {"template", required_argument, NULL, 'T'},
    {"timeline", no_argument, NULL, 't'},
    {"unit", required_argument, NULL, 'u'},
    {NULL, 0, NULL, 0},
};

static void usage(void)
{
	fputs("usage: memfmt [-Gt] [-f format | -T template] [-u unit] [file]\n", stderr);
	exit(STATUS_ERROR);
}

/* Everything is read before anything is printed: a report is whole or none. */
static int read_report(struct report *r, int fd, const char *name)
{
	struct stage_faults faults = {0};
	struct tsv t;
	tsv_init(&t, fd, report_columns, REPORT_REQUIRED);
	for (;;) {
		enum tsv_kind kind = tsv_next(&t);
		const char *why = kind == TSV_BAD || kind == TSV_ERROR ? t.why : NULL;
		if (kind == TSV_META)
			report_meta(r, t.line);
		else if (kind == TSV_HEADER)
			report_header(r, &t);
		else if (kind == TSV_ROW)
			why = report_row(r, &t);
		if (why != NULL)
			stage_fault(&faults, name, t.in.number, why);
		if (kind == TSV_END || kind == TSV_ERROR)
			break;
	}
	report_end(r);
	tsv_free(&t);
	int status = stage_faults_end(&faults);
	if (status == STATUS_OK && report_total(r) == NULL) {
		warn_print("%s: no peaks", name);
		status = STATUS_ERROR;
	} else if (status == STATUS_OK && !report_total(r)->rss_kib.known) {
		warn_print("%s: the peak is not known", name);
		status = STATUS_ERROR;
	}
	return status;
}

/* As what it goes to can show it. Looked at last: a locale is a large thing to hold
 * as long as the command runs. */
static struct report_style choose_style(const struct options *o)
{
	const char *no_color = getenv("NO_COLOR");
	struct report_style style = o->style;
	style.chart |= isatty(STDOUT_FILENO);
	style.colour = (no_color == NULL || *no_color == '\0') && term_can_draw(STDOUT_FILENO);
	style.utf8 = term_utf8();
	style.template = &o->template;
	return style;
}

static int print_report(const struct options *o, int fd, const char *name)
{
	struct report r;
	struct buf out = {0};
	report_init(&r);
	int status = read_report(&r, fd, name);
	struct report_style style = choose_style(o);
	if (report_total(&r) != NULL && (status == STATUS_OK || o->format->report == report_text))
		o->format->report(&r, &style, &out);
	if (status == STATUS_OK && !o->format->tells && !report_is_complete(&r))
		warn_print("%s: incomplete: how the command ended is not known", name);
	stage_write(&out);
	buf_free(&out);
	report_free(&r);
	return status;
}

static void print_line(struct csv *c, struct lines *in, struct slice line, const char *name,
    struct stage_faults *faults, struct buf *out)
{
	const char *why = csv_line(c, line, out);
	if (why != NULL)
		stage_fault(faults, name, in->number, why);
}

static int print_csv(int fd, const char *name)
{
	struct lines in = {.fd = fd};
	struct stage_faults faults = {0};
	struct csv c = {0};
	struct buf out = {0};
	struct slice line;
	while (!in.eof) {
		if (lines_fill(&in) < 0 && errno != EINTR) {
			stage_fault(&faults, name, 0, strerror(errno));
			break;
		}
		while (lines_next(&in, &line))
			print_line(&c, &in, line, name, &faults, &out);
		stage_write(&out);
	}
	if (lines_rest(&in, &line))
		stage_fault(&faults, name, in.number, "cut off");
	if (c.columns == 0 && faults.n == 0)
		stage_fault(&faults, name, 0, "no header");
	csv_free(&c);
	lines_free(&in);
	buf_free(&out);
	return stage_faults_end(&faults);
}

/* A sum without one of its rows would be wrong: it is whole or none, too. */
static int print_timeline(int fd, const char *name)
{
	struct stage_faults faults = {0};
	struct timeline l = {0};
	struct buf out = {0};
	struct tsv t;
	enum tsv_kind kind;
	tsv_init(&t, fd, timeline_columns, TIMELINE_REQUIRED);
	do {
		kind = tsv_next(&t);
		const char *why = kind == TSV_BAD || kind == TSV_ERROR ? t.why : NULL;
		if (kind == TSV_META)
			timeline_meta(&l, t.line, &out);
		else if (kind == TSV_HEADER)
			timeline_header(&l, &out);
		else if (kind == TSV_ROW)
			why = timeline_row(&l, &t, &out);
		if (why != NULL)
			stage_fault(&faults, name, t.in.number, why);
	} while (kind != TSV_END && kind != TSV_ERROR);
	tsv_free(&t);
	timeline_end(&l, &out);
	if (faults.n == 0 && l.records == 0)
		stage_fault(&faults, name, 0, "no samples, nor peaks with spans");
	if (faults.n == 0)
		stage_write(&out);
	buf_free(&out);
	return stage_faults_end(&faults);
}

static const struct format formats[] = {
    {"text", report_text, 1, NULL},
    {"json", report_json, 1, NULL},
    {"csv", NULL, 0, print_csv},
    {"process-csv", report_process_csv, 0, NULL},
    {"timeline-csv", NULL, 0, print_timeline},
    {"markdown", report_markdown, 1, NULL},
    {"openmetrics", report_openmetrics, 0, NULL},
    {"bytes", report_bytes, 0, NULL},
};

static const struct format by_template = {"template", report_template, 0, NULL};

static const struct format *parse_format(const char *arg)
{
	struct buf all = {0};
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (strcmp(arg, formats[i].name) == 0) {
			buf_free(&all);
			return &formats[i];
		}
		buf_printf(&all, "%s%s", i > 0 ? " " : "", formats[i].name);
	}
	warn_exit(STATUS_ERROR, "%s: no such format (there are %.*s)", arg, (int)all.n, all.p);
}

static const struct format *parse_template(struct report_template *t, const char *arg)
{
	report_template_free(t);
	*t = (struct report_template){0};
	const char *why = report_template_parse(t, arg);
	if (why != NULL)
		warn_exit(STATUS_ERROR, "%s", why);
	return &by_template;
}

static uint64_t parse_bytes(const char *arg)
{
	uint64_t unit = 0;
	warn_check(*arg == '\0' ? "not a unit" : parse_unit(arg, &unit), arg);
	return unit;
}

static void parse_options(struct options *o, int argc, char **argv)
{
	for (int c; (c = getopt_long(argc, argv, "+Gtf:T:u:", long_options, NULL)) != -1;) {
		if (c == 'f')
			o->format = parse_format(optarg);
		else if (c == 'T')
			o->format = parse_template(&o->template, optarg);
		else if (c == 'u')
			o->style.unit = parse_bytes(optarg);
		else if (c == 't')
			o->style.timeline = 1;
		else if (c == 'G')
			o->style.chart = 1;
		else
			usage();
	}
	if (argc - optind > 1)
		usage();
}

int main(int argc, char **argv)
{
	struct options o = {.format = &formats[0]};
	program_set_name(argv[0]);
	parse_options(&o, argc, argv);
	stage_outlive_interrupt();
	const char *name;
	int fd = stage_open(optind < argc ? argv[optind] : "-", &name);
	if (fd < 0)
		return STATUS_ERROR;
	int status =
	    o.format->stream != NULL ? o.format->stream(fd, name) : print_report(&o, fd, name);
	report_template_free(&o.template);
	return status;
}
