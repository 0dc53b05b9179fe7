/* SPDX-License-Identifier: MIT */
/* memsample - read the memory of processes, and of their descendants, over time. */
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/options.h"
#include "base/output_file.h"
#include "base/parse.h"
#include "base/status.h"
#include "base/warn.h"
#include "sample/sampler.h"

enum { KEY_HERTZ = OPTIONS_LONG, KEY_PSS_BUDGET };

static const struct options_row rows[] = {
    {'1', "once", NULL, "take one tick; the same as -n 1"},
    {'a', "adapt", "auto|adaptive|fixed", "when to take ticks (auto)"},
    {'b', "budget", "percent", "use at most percent of one CPU (2)"},
    {'C', "continue", NULL, "continue each given process, which is stopped"},
    {'d', "duration", "time", "stop after time"},
    {'H', "no-header", NULL, "leave out the header"},
    {KEY_HERTZ, "hertz", "n", "set the interval to 1/n seconds"},
    {'I', "ignore-missing", NULL, "a missing process is no error"},
    {'i', "interval", "interval", "take a tick at least every interval"},
    {'L', "label", "key=value", "add a column key with value in every row"},
    {'l', "log", "file", "append to file, which may be rotated"},
    {'N', "name", "name", "sample new processes of this command name too"},
    {'n', "count", "count", "stop after count ticks"},
    {'O', "columns", "list", "add columns to the default ones"},
    {'o', "only-columns", "list", "write exactly these columns"},
    {'P', "pss", NULL, "add the columns pss and uss"},
    {KEY_PSS_BUDGET, "pss-budget", "percent", "use at most percent of one CPU for PSS (10)"},
    {'x', "no-children", NULL, "leave out descendants"},
    {0, NULL, NULL, NULL},
};

static const struct options_table table = {
    .purpose = "read the memory of processes over time",
    .operands = {"[pid ...]"},
    .rows = rows,
};

struct command {
	struct sampler_options o;
	struct buf added; /* lists of -O, with commas between them; empty: none */
	bool pss;
};

static const char *parse_schedule(const char *text, enum schedule_choice *choice)
{
	static const char *const names[] = {
	    [SCHEDULE_AUTO] = "auto", [SCHEDULE_ADAPTIVE] = "adaptive", [SCHEDULE_FIXED] = "fixed"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(text, names[i]) == 0) {
			*choice = (enum schedule_choice)i;
			return NULL;
		}
	}
	return "must be auto, adaptive or fixed";
}

static const char *parse_budget(const char *text, double *cpu_share)
{
	int64_t millionths = 0; /* of a percent */
	const char *reason = parse_time_us(text, strlen(text), &millionths);
	if (reason != NULL)
		return reason;
	if (millionths < 10000 || millionths > 100000000)
		return "budget must be 0.01 to 100 percent";
	*cpu_share = (double)millionths / 1e8;
	return NULL;
}

static const char *parse_count(const char *text, uint64_t *count)
{
	return parse_u64(text, strlen(text), UINT64_MAX, count);
}

/* Add a command name. The caller frees the names. */
static const char *add_name(struct sampler_options *o, const char *name)
{
	if (*name == '\0')
		return "missing name";
	o->names = alloc_resize(o->names, o->names_n + 1, sizeof *o->names);
	o->names[o->names_n++] = name;
	return NULL;
}

/* Take an option without an argument. Return false if KEY is none. */
static bool take_flag(struct command *c, int key)
{
	switch (key) {
	case '1':
		c->o.ticks = 1;
		return true;
	case 'C':
		c->o.held = true;
		return true;
	case 'H':
		c->o.header = false;
		return true;
	case 'I':
		c->o.ignore_missing = true;
		return true;
	case 'P':
		c->pss = true;
		return true;
	case 'x':
		c->o.descendants = false;
		return true;
	default:
		return false;
	}
}

/* Take an option with ARGUMENT. Return NULL, or the reason why it is invalid. */
static const char *take_option(struct command *c, int key, const char *argument)
{
	switch (key) {
	case 'a':
		return parse_schedule(argument, &c->o.schedule);
	case 'b':
		return parse_budget(argument, &c->o.cpu_share);
	case 'd':
		return parse_duration(argument, &c->o.duration_ns);
	case KEY_HERTZ:
		c->o.grid = true;
		return parse_hertz(argument, &c->o.interval_ns);
	case 'i':
		c->o.grid = true;
		return parse_interval(argument, &c->o.interval_ns);
	case 'L':
		return sample_columns_label(&c->o.columns, argument);
	case 'l':
		c->o.log = argument;
		return output_file_check(argument);
	case 'n':
		return parse_count(argument, &c->o.ticks);
	case 'N':
		return add_name(&c->o, argument);
	case KEY_PSS_BUDGET:
		return parse_budget(argument, &c->o.pss_share);
	case 'O':
		buf_str(&c->added, argument);
		buf_char(&c->added, ',');
		return NULL;
	default: /* -o */
		return sample_columns_set(&c->o.columns, argument);
	}
}

/* Add the columns of -O and -P. This is done after all options are read, since a list may name
 * labels. */
static void add_columns(struct command *c)
{
	buf_char(&c->added, '\0');
	const char *reason = sample_columns_add(&c->o.columns, c->added.p);
	if (reason != NULL)
		warn_exit(STATUS_ERROR, "-O: %s", reason);
	if (c->pss)
		(void)sample_columns_add(&c->o.columns, "pss,uss");
	buf_free(&c->added);
}

/* Return the N PIDs of ARGV. The caller frees them. */
static pid_t *parse_pids(char **argv, size_t n)
{
	pid_t *pids = alloc_resize(NULL, n + 1, sizeof *pids);
	for (size_t i = 0; i < n; i++)
		warn_check(parse_pid(argv[i], strlen(argv[i]), &pids[i]), argv[i]);
	return pids;
}

int main(int argc, char **argv)
{
	struct command c = {.o = {
				.interval_ns = 100000000,
				.cpu_share = 0.02,
				.pss_share = 0.1,
				.header = true,
				.descendants = true,
			    }};
	struct options o = options_start(&table, argc, argv);
	sample_columns_default(&c.o.columns);
	for (int key; (key = options_next(&o)) != OPTIONS_END;)
		if (!take_flag(&c, key))
			options_check(&o, take_option(&c, key, o.argument));
	add_columns(&c);
	size_t n = (size_t)(argc - o.operands);
	pid_t *pids = parse_pids(argv + o.operands, n);
	int status = o.check ? STATUS_OK : sampler_run(&c.o, pids, n);
	free(pids);
	free(c.o.names);
	return status;
}
