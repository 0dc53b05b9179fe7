/* SPDX-License-Identifier: MIT */
/* Compare the peaks of runs, and fail on a regression. */
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/status.h"
#include "base/term.h"
#include "base/warn.h"
#include "compare/commands.h"
#include "compare/compare.h"
#include "compare/runs.h"
#include "compare/runs_check.h"
#include "compare/runs_read.h"
#include "stream/stage.h"

#define THRESHOLD_PERCENT 10
#define PERCENT_MAX 1000000

struct format {
	const char *name;
	void (*print)(const struct commands *, const struct compare_style *, struct buf *);
	void (*constant)(struct buf *); /* print a text, and read nothing */
	bool one_file;			/* it has no form for two files */
	bool shows_ends;		/* it has the exit status of each run */
};

static const struct format formats[] = {
    {.name = "text", .print = commands_text},
    {.name = "tsv", .print = commands_tsv},
    {.name = "csv", .print = commands_csv},
    {.name = "markdown", .print = commands_markdown},
    {.name = "json", .print = commands_json, .one_file = true, .shows_ends = true},
    {.name = "hyperfine", .print = commands_hyperfine, .one_file = true, .shows_ends = true},
    {.name = "bmf", .print = commands_bmf, .one_file = true},
    {.name = "benchmark", .print = commands_benchmark, .one_file = true},
    {.name = "schema", .constant = commands_schema, .one_file = true},
};

static const struct options_row rows[] = {
    {'f', "format", "format", "print in this format: text, tsv, json, ... (see the manual)"},
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
	const struct format *format;
	bool groups;
	const char *needs_new; /* an option that is not allowed with one file, or NULL */
	struct compare_threshold threshold;
};

/* A file and its runs. */
struct side {
	const char *name;
	struct runs runs;
};

/* ---- options */

/* Set *FORMAT to the one called NAME. Return NULL, or the reason why there is none. */
static const char *parse_format(const char *name, const struct format **format)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcmp(name, formats[i].name) == 0) {
			*format = &formats[i];
			return NULL;
		}
	return "invalid format: it must be one of text tsv csv markdown json hyperfine bmf "
	       "benchmark schema";
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
	if (files > 2 || (files < 1 && s->format->constant == NULL))
		options_usage(o);
	if (files == 1 && s->needs_new != NULL)
		warn_exit(STATUS_ERROR, "%s: not allowed with one file", s->needs_new);
	if (files == 2 && s->format->one_file)
		warn_exit(STATUS_ERROR, "-f %s: not allowed with two files", s->format->name);
	if (files == 2 && strcmp(argv[0], "-") == 0 && strcmp(argv[1], "-") == 0)
		warn_exit(STATUS_ERROR, "-: not allowed for both files");
}

static struct options parse_options(struct settings *s, int argc, char **argv)
{
	struct options o = options_start(&table, argc, argv);
	*s = (struct settings){.threshold = {.percent = THRESHOLD_PERCENT}};
	(void)parse_format("tsv", &s->format);
	for (int key; (key = options_next(&o)) != OPTIONS_END;)
		switch (key) {
		case 'f':
			options_check(&o, parse_format(o.argument, &s->format));
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

/* Print the comparison of NEW, which may be NULL, with BASE. Return the exit status. */
static int print_comparison(const struct settings *s, struct side *base, struct side *new)
{
	struct commands c;
	struct buf out = {0};
	struct compare_style style = {
	    .base_name = base->name,
	    .groups = s->groups,
	    .utf8 = term_utf8(),
	};
	const char *new_name = new != NULL ? new->name : NULL;
	bool worse = false;
	commands_make(&c, &s->threshold, &base->runs, new != NULL ? &new->runs : NULL);
	runs_check_sides(&c, base->name, new_name);
	if (!s->format->shows_ends)
		runs_check_ends(&c, base->name, new_name);
	s->format->print(&c, &style, &out);
	for (size_t i = 0; i < c.n && new != NULL; i++)
		worse |= compare_is_worse(&c.v[i].compare, &style);
	stage_write(&out);
	buf_free(&out);
	commands_free(&c);
	return worse ? STATUS_NO : STATUS_OK;
}

static int print_constant(const struct format *f)
{
	struct buf out = {0};
	f->constant(&out);
	stage_write(&out);
	buf_free(&out);
	return STATUS_OK;
}

int main(int argc, char **argv)
{
	struct settings settings;
	struct side base = {0}, new = {0};
	struct options o = parse_options(&settings, argc, argv);
	if (o.check)
		return STATUS_OK;
	if (settings.format->constant != NULL)
		return print_constant(settings.format);
	stage_outlive_interrupt();
	bool has_new = argc - o.operands == 2;
	argv += o.operands;
	int status = runs_read(&base.runs, argv[0], &base.name);
	if (has_new && runs_read(&new.runs, argv[1], &new.name) != STATUS_OK)
		status = STATUS_ERROR;
	if (status == STATUS_OK)
		status = print_comparison(&settings, &base, has_new ? &new : NULL);
	runs_free(&base.runs);
	runs_free(&new.runs);
	return status;
}
