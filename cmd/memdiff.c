/* Compare the peaks of runs, and fail on a regression. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/term.h"
#include "base/warn.h"
#include "compare/compare.h"
#include "compare/runs.h"
#include "report/report.h"
#include "stream/stage.h"
#include "stream/tsv.h"

#define THRESHOLD_PERCENT 10
#define PERCENT_MAX 1000000

static const struct options_row rows[] = {
    {'f', "format", "text|tsv", "print a text to read or a table"},
    {'g', "groups", NULL, "count the growth of a group as a regression"},
    {'t', "threshold", "change", "allow the peak to grow by this percentage or size"},
    {0, NULL, NULL, NULL},
};
static const struct options_table table = {
    .purpose = "compare the peaks of runs, and fail on a regression",
    .operands = {"base [new]"},
    .rows = rows,
};

struct settings {
	bool text, groups;
	const char *needs_new; /* an option that is not allowed with one file, or NULL */
	struct compare_threshold threshold;
};

/* A file and its runs. */
struct side {
	const char *name;
	struct runs runs;
};

/* ---- options */

static const char *parse_format(const char *argument, bool *text)
{
	*text = strcmp(argument, "text") == 0;
	return *text || strcmp(argument, "tsv") == 0 ? NULL : "format must be text or tsv";
}

/* Parse a percentage, `10`, `10%` or `10 %`, or a size with its unit. */
static const char *parse_threshold(const char *argument, struct compare_threshold *t)
{
	int64_t millionths = 0; /* of a percent */
	size_t n = strlen(argument);
	*t = (struct compare_threshold){0};
	if (n > 0 && argument[n - 1] == '%')
		n--;
	while (n > 0 && argument[n] == '%' && argument[n - 1] == ' ')
		n--;
	if (parse_time_us(argument, n, &millionths) == NULL) {
		t->percent = (double)millionths / 1e6;
		return millionths / 1000000 < PERCENT_MAX ? NULL : "threshold out of range";
	}
	t->is_size = true;
	return parse_size(argument, &t->bytes) == NULL
		   ? NULL
		   : "invalid threshold (examples: 10%, 0.5%, 50M)";
}

/* Check that the operands fit together and with the options. */
static void check_files(const struct options *o, const struct settings *s, int argc, char **argv)
{
	int files = argc - o->operands;
	argv += o->operands;
	if (files < 1 || files > 2)
		options_usage(o);
	if (files == 1 && s->needs_new != NULL)
		warn_exit(STATUS_ERROR, "%s: not allowed with one file", s->needs_new);
	if (files == 2 && strcmp(argv[0], "-") == 0 && strcmp(argv[1], "-") == 0)
		warn_exit(STATUS_ERROR, "-: not allowed for both files");
}

static struct options parse_options(struct settings *s, int argc, char **argv)
{
	struct options o = options_start(&table, argc, argv);
	*s = (struct settings){.threshold = {.percent = THRESHOLD_PERCENT}};
	for (int key; (key = options_next(&o)) != OPTIONS_END;)
		switch (key) {
		case 'f':
			options_check(&o, parse_format(o.argument, &s->text));
			break;
		case 'g':
			s->groups = true;
			s->needs_new = "-g";
			break;
		case 't':
			options_check(&o, parse_threshold(o.argument, &s->threshold));
			s->needs_new = "-t";
			break;
		}
	check_files(&o, s, argc, argv);
	return o;
}

/* ---- files */

/* Read all runs of FILE. Any fault is an error: a comparison with a part of a file could pass for
 * the wrong reason. Return the exit status. */
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
		const char *reason = runs_take(&s->runs, &t, kind);
		if (reason != NULL)
			stage_fault(&faults, s->name, kind == TSV_END ? 0 : t.in.number, reason);
	} while (kind != TSV_END && faults.n == 0);
	tsv_free(&t);
	if (fd != STDIN_FILENO)
		close(fd);
	return stage_faults_end(&faults);
}

/* Warn about the first run of S that has another command than the first run of BASE. */
static void check_command(const struct side *s, const struct side *base)
{
	struct slice expected = base->runs.v[0].command;
	for (size_t i = 0; i < s->runs.n; i++) {
		struct slice command = s->runs.v[i].command;
		if (slice_equal(command, expected))
			continue;
		if (command.n == 0)
			command = slice_of("-");
		warn_print("%s: run %zu: the command differs from %s: %.*s", s->name, i + 1,
		    base->name, (int)command.n, command.p);
		return;
	}
}

/* Warn about the first run of S that ended early, or in another way than the first run of BASE: it
 * may not have reached its peak. Processes that were attached have no known end. */
static void check_end(const struct side *s, const struct side *base)
{
	struct report_number expected = base->runs.v[0].exit_code;
	for (size_t i = 0; i < s->runs.n; i++) {
		const struct report *r = &s->runs.v[i];
		struct report_number code = r->exit_code;
		size_t run = i + 1;
		if (r->command.n == 0)
			continue;
		if (r->signal.known)
			warn_print("%s: run %zu was killed by signal %lld", s->name, run,
			    (long long)r->signal.value);
		else if (!code.known)
			warn_print("%s: run %zu is incomplete: missing exit status", s->name, run);
		else if (expected.known && code.value != expected.value)
			warn_print("%s: run %zu exited with status %lld, not %lld as run 1 of %s",
			    s->name, run, (long long)code.value, (long long)expected.value,
			    base->name);
		else
			continue;
		return;
	}
}

/* Print the comparison of NEW, which may be NULL, with BASE. Return the exit status. */
static int print_comparison(
    const struct settings *s, const struct side *base, const struct side *new)
{
	struct compare c;
	struct buf out = {0};
	struct compare_style style = {
	    .base_name = base->name,
	    .groups = s->groups,
	    .utf8 = term_utf8(),
	};
	check_command(base, base);
	check_end(base, base);
	if (new != NULL) {
		check_command(new, base);
		check_end(new, base);
	}
	compare_make(&c, &s->threshold, &base->runs, new != NULL ? &new->runs : NULL);
	if (s->text)
		compare_text(&c, &style, &out);
	else
		compare_tsv(&c, &out);
	bool worse = c.total.verdict == COMPARE_WORSE || (s->groups && c.groups_worse > 0);
	stage_write(&out);
	buf_free(&out);
	compare_free(&c);
	return new != NULL && worse ? STATUS_NO : STATUS_OK;
}

int main(int argc, char **argv)
{
	struct settings settings;
	struct side base = {0}, new = {0};
	struct options o = parse_options(&settings, argc, argv);
	if (o.check)
		return STATUS_OK;
	stage_outlive_interrupt();
	bool has_new = argc - o.operands == 2;
	argv += o.operands;
	int status = read_runs(&base, argv[0]);
	if (has_new && read_runs(&new, argv[1]) != STATUS_OK)
		status = STATUS_ERROR;
	if (status == STATUS_OK)
		status = print_comparison(&settings, &base, has_new ? &new : NULL);
	runs_free(&base.runs);
	runs_free(&new.runs);
	return status;
}
