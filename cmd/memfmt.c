/* Prints peaks for a person or for another program. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/buf.h"
#include "../lib/csv.h"
#include "../lib/err.h"
#include "../lib/lines.h"
#include "../lib/report.h"
#include "../lib/stage.h"
#include "../lib/table.h"
#include "../lib/term.h"

enum format { TEXT, JSON, CSV, BYTES, FORMATS };

static const char *const formats[] = {
    [TEXT] = "text",
    [JSON] = "json",
    [CSV] = "csv",
    [BYTES] = "bytes",
};

static const struct option long_options[] = {
    {"format", required_argument, NULL, 'f'},
    {"graph", no_argument, NULL, 'G'},
    {NULL, 0, NULL, 0},
};

static void usage(void)
{
	fputs("usage: memfmt [-G] [-f text | json | csv | bytes] [file]\n", stderr);
	exit(STATUS_FAIL);
}

static enum format parse_format(const char *arg)
{
	for (int i = 0; i < FORMATS; i++)
		if (strcmp(arg, formats[i]) == 0)
			return (enum format)i;
	err_die(STATUS_FAIL, "%s: no such format (there are text, json, csv and bytes)", arg);
}

static struct report_style choose_style(int graph)
{
	const char *no_color = getenv("NO_COLOR");
	return (struct report_style){
	    .chart = isatty(STDOUT_FILENO) || graph,
	    .colour = (no_color == NULL || *no_color == '\0') && term_can_draw(STDOUT_FILENO),
	    .utf8 = term_utf8(),
	};
}

/* Everything is read before anything is printed: a report is whole or none. */
static int read_report(struct report *r, int fd, const char *name)
{
	struct stage_faults faults = {0};
	struct table t;
	table_init(&t, fd, report_columns, REPORT_REQUIRED);
	for (;;) {
		enum table_kind kind = table_next(&t);
		const char *why = kind == TABLE_BAD || kind == TABLE_ERROR ? t.why : NULL;
		if (kind == TABLE_META)
			report_meta(r, t.line);
		else if (kind == TABLE_ROW)
			why = report_row(r, &t);
		if (why != NULL)
			stage_fault(&faults, name, t.in.number, why);
		if (kind == TABLE_END || kind == TABLE_ERROR)
			break;
	}
	table_free(&t);
	int status = stage_faults_end(&faults);
	if (status == STATUS_OK && report_total(r) == NULL) {
		err_warn("%s: no peaks", name);
		status = STATUS_FAIL;
	} else if (status == STATUS_OK && !report_total(r)->rss_kib.known) {
		err_warn("%s: the peak is not known", name);
		status = STATUS_FAIL;
	}
	return status;
}

static int print_report(enum format format, int graph, int fd, const char *name)
{
	struct report r;
	struct buf out = {0};
	report_init(&r);
	int status = read_report(&r, fd, name);
	if (report_total(&r) != NULL && (status == STATUS_OK || format == TEXT)) {
		struct report_style style = choose_style(graph);
		if (format == TEXT)
			report_text(&r, &style, &out);
		else
			(format == JSON ? report_json : report_bytes)(&r, &out);
	}
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

int main(int argc, char **argv)
{
	enum format format = TEXT;
	int graph = 0;
	err_name(argv[0]);
	for (int c; (c = getopt_long(argc, argv, "+Gf:", long_options, NULL)) != -1;) {
		if (c == 'f')
			format = parse_format(optarg);
		else if (c == 'G')
			graph = 1;
		else
			usage();
	}
	if (argc - optind > 1)
		usage();
	stage_outlive_interrupt();
	const char *name;
	int fd = stage_open(optind < argc ? argv[optind] : "-", &name);
	if (fd < 0)
		return STATUS_FAIL;
	if (format == CSV)
		return print_csv(fd, name);
	return print_report(format, graph, fd, name);
}
