/* Compares the peaks of runs, and fails on a regression. */
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
#include "compare/compare.h"
#include "compare/runs.h"
#include "report/report.h"
#include "stream/stage.h"
#include "stream/tsv.h"

#define PERCENT_MAX 1000000

struct options {
	int text;
	int groups;		/* count too */
	const char *goes_with2; /* an option that has no use with one file */
	struct compare_threshold threshold;
};

/* A file and the runs in it. */
struct side {
	const char *name;
	struct runs runs;
};

static const struct option long_options[] = {
    {"format", required_argument, NULL, 'f'},
    {"groups", no_argument, NULL, 'g'},
    {"regression-threshold", required_argument, NULL, 'r'},
    {NULL, 0, NULL, 0},
};

static void usage(void)
{
	fputs("usage: memdiff [-g] [-f text | tsv] [-r threshold] base [new]\n", stderr);
	exit(STATUS_ERROR);
}

/* 10, 10%, `10 %`; with any other unit, a size. */
static struct compare_threshold parse_threshold(const char *arg)
{
	struct compare_threshold t = {0};
	int64_t micro = 0; /* of a percent */
	size_t n = strlen(arg);
	if (n > 0 && arg[n - 1] == '%')
		n--;
	while (n > 0 && arg[n] == '%' && arg[n - 1] == ' ')
		n--;
	if (parse_time_us(arg, n, &micro) == NULL) {
		if (micro / 1000000 >= PERCENT_MAX)
			warn_exit(STATUS_ERROR, "%s: too large", arg);
		t.percent = (double)micro / 1e6;
		return t;
	}
	t.is_size = 1;
	const char *why = parse_size(arg, &t.bytes);
	if (why != NULL)
		warn_exit(STATUS_ERROR, "%s: not a threshold (as 10%%, 0.5%% or 50M)", arg);
	return t;
}

static void parse_options(struct options *o, int argc, char **argv)
{
	*o = (struct options){.threshold = {.percent = 10}};
	for (int c; (c = getopt_long(argc, argv, "+f:gr:", long_options, NULL)) != -1;) {
		switch (c) {
		case 'f':
			o->text = strcmp(optarg, "text") == 0;
			if (!o->text && strcmp(optarg, "tsv") != 0)
				warn_exit(STATUS_ERROR, "%s: no such format (there are text and tsv)",
				    optarg);
			break;
		case 'g':
			o->groups = 1;
			o->goes_with2 = "-g";
			break;
		case 'r':
			o->threshold = parse_threshold(optarg);
			o->goes_with2 = "-r";
			break;
		default:
			usage();
		}
	}
}

/* Half a file is none: a comparison with it could pass for the wrong reason. */
static int read_runs(struct side *s, const char *file)
{
	struct stage_faults faults = {0};
	struct tsv t;
	enum tsv_kind kind;
	int fd = stage_open(file, &s->name);
	if (fd < 0)
		return STATUS_ERROR;
	tsv_init(&t, fd, report_columns, REPORT_REQUIRED);
	do {
		kind = tsv_next(&t);
		const char *why = runs_take(&s->runs, &t, kind);
		if (why != NULL)
			stage_fault(&faults, s->name, kind == TSV_END ? 0 : t.in.number, why);
	} while (kind != TSV_END && faults.n == 0);
	tsv_free(&t);
	if (fd != STDIN_FILENO)
		close(fd);
	return stage_faults_end(&faults);
}

/* Peaks of different commands can be compared, but seldom are on purpose. */
static void check_command(const struct side *s, const struct side *base)
{
	struct slice first = base->runs.v[0].command;
	for (size_t i = 0; i < s->runs.n; i++) {
		struct slice command = s->runs.v[i].command;
		if (command.n == first.n &&
		    (first.n == 0 || memcmp(command.p, first.p, first.n) == 0))
			continue;
		warn_print("%s: run %zu is of another command than %s: %.*s", s->name, i + 1,
		    base->name, command.n > 0 ? (int)command.n : 1,
		    command.n > 0 ? command.p : "-");
		return;
	}
}

/* A run that ended early may not have come to its peak. Processes that were
 * attached have no end that would be known. */
static void check_end(const struct side *s, const struct side *base)
{
	struct report_number expected = base->runs.v[0].exit_code;
	for (size_t i = 0; i < s->runs.n; i++) {
		const struct report *r = &s->runs.v[i];
		if (r->command.n == 0)
			continue;
		if (r->signal.known)
			warn_print("%s: run %zu was killed by signal %lld", s->name, i + 1,
			    (long long)r->signal.value);
		else if (!r->exit_code.known)
			warn_print("%s: run %zu is incomplete: how the command ended is not known",
			    s->name, i + 1);
		else if (expected.known && r->exit_code.value != expected.value)
			warn_print(
			    "%s: run %zu ended with exit status %lld, the first of %s with %lld",
			    s->name, i + 1, (long long)r->exit_code.value, base->name,
			    (long long)expected.value);
		else
			continue;
		return;
	}
}

/* NOW is NULL if there is one side only. */
static int print_diff(const struct options *o, const struct side *base, const struct side *now)
{
	struct compare d;
	struct buf out = {0};
	struct compare_style style = {
	    .base_name = base->name,
	    .groups = o->groups,
	    .utf8 = term_utf8(),
	};
	check_command(base, base);
	check_end(base, base);
	if (now != NULL) {
		check_command(now, base);
		check_end(now, base);
	}
	compare_make(&d, &o->threshold, &base->runs, now != NULL ? &now->runs : NULL);
	if (o->text)
		compare_text(&d, &style, &out);
	else
		compare_tsv(&d, &out);
	int worse = d.total.verdict == COMPARE_WORSE || (o->groups && d.groups_worse > 0);
	stage_write(&out);
	buf_free(&out);
	compare_free(&d);
	return now != NULL && worse ? STATUS_NO : STATUS_OK;
}

int main(int argc, char **argv)
{
	struct options o;
	struct side base = {0}, now = {0};
	program_set_name(argv[0]);
	parse_options(&o, argc, argv);
	int files = argc - optind;
	if (files < 1 || files > 2)
		usage();
	argv += optind;
	if (files == 1 && o.goes_with2 != NULL)
		warn_exit(STATUS_ERROR, "%s: nothing to compare %s with", o.goes_with2, argv[0]);
	if (files == 2 && strcmp(argv[0], "-") == 0 && strcmp(argv[1], "-") == 0)
		warn_exit(STATUS_ERROR, "standard input: can't be both files");
	stage_outlive_interrupt();
	int status = read_runs(&base, argv[0]);
	if (files == 2 && read_runs(&now, argv[1]) != STATUS_OK)
		status = STATUS_ERROR;
	if (status == STATUS_OK)
		status = print_diff(&o, &base, files == 2 ? &now : NULL);
	runs_free(&base.runs);
	runs_free(&now.runs);
	return status;
}
