/* SPDX-License-Identifier: MIT */
/* Reduce samples to peaks: of the tree, of each group, of each process. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/status.h"
#include "base/warn.h"
#include "peak/name_filter.h"
#include "peak/peak.h"
#include "peak/peak_samples.h"
#include "stream/samples.h"
#include "stream/stage.h"

#define SPANS_MAX 100000
#define PROCESSES 10000
#define PROCESSES_MAX 1000000000

static const struct options_row rows[] = {
    {'g', "group-by", "key", "group processes by this column"},
    {'I', "include", "regex", "count only processes with a matching name"},
    {'n', "processes", "count", "print at most this many processes"},
    {'s', "spans", "count", "also print at most this many spans of time"},
    {'X', "exclude", "regex", "do not count processes with a matching name"},
    {0, NULL, NULL, NULL},
};

static const struct options_table table = {
    .purpose = "reduce samples of memory to peaks",
    .operands = {"[file ...]"},
    .rows = rows,
};

struct reducer {
	struct peak_samples samples;
	struct peak_options options;
	struct name_filter filter;
	const char *key[2]; /* the column of groups, if it is not the name; ended by NULL */
	struct stage_faults faults;
};

/* ---- options */

static const char *parse_count(const char *argument, size_t max, size_t *count)
{
	uint64_t n = 0;
	const char *reason = parse_u64(argument, strlen(argument), max, &n);
	*count = (size_t)n;
	return reason;
}

static const char *parse_key(const char *argument, struct reducer *r)
{
	if (*argument == '\0')
		return "missing column name";
	bool by_name = strcmp(argument, "comm") == 0;
	r->options.by_parent = strcmp(argument, "parent") == 0;
	r->options.group_by = by_name ? NULL : argument;
	r->key[0] = r->options.by_parent ? "ppid" : r->options.group_by;
	return NULL;
}

static struct options parse_options(struct reducer *r, int argc, char **argv)
{
	struct options o = options_start(&table, argc, argv);
	for (int key; (key = options_next(&o)) != OPTIONS_END;)
		switch (key) {
		case 'g':
			options_check(&o, parse_key(o.argument, r));
			break;
		case 'I':
			options_check(
			    &o, name_filter_set(&r->filter, NAME_FILTER_INCLUDE, o.argument));
			break;
		case 'n':
			options_check(
			    &o, parse_count(o.argument, PROCESSES_MAX, &r->options.processes));
			break;
		case 's':
			options_check(&o, parse_count(o.argument, SPANS_MAX, &r->options.spans));
			break;
		case 'X':
			options_check(
			    &o, name_filter_set(&r->filter, NAME_FILTER_EXCLUDE, o.argument));
			break;
		}
	r->options.filtered = name_filter_is_set(&r->filter);
	return o;
}

/* ---- samples */

/* Fail unless the header that S has read has the columns that the options need. */
static void check_header(const struct reducer *r, struct samples *s)
{
	const char *missing = NULL;
	char reason[128];
	if (r->options.filtered && !samples_has_comm(s))
		missing = "comm";
	else if (r->key[0] != NULL && !samples_has_extra(s, 0))
		missing = r->key[0];
	if (missing == NULL)
		return;
	snprintf(reason, sizeof reason, "missing column %s", missing);
	samples_fail(s, reason);
}

/* Read all samples of FILE. */
static void read_file(struct reducer *r, const char *file)
{
	const char *name;
	int fd = stage_open(file, &name);
	if (fd < 0) {
		r->faults.n++;
		return;
	}
	struct samples s;
	samples_init(&s, fd, name, PEAK_SAMPLES_COLUMNS, r->key);
	s.faults = r->faults; /* only the first fault of all files is printed */
	enum samples_event event;
	while ((event = samples_next(&s)) != SAMPLES_END) {
		(void)peak_samples_take(&r->samples, &s, event);
		if (event == SAMPLES_HEADER)
			check_header(r, &s);
	}
	r->faults = s.faults;
	samples_free(&s);
	if (fd != STDIN_FILENO)
		close(fd);
}

/* Write the peaks. Return the exit status. */
static int finish(struct reducer *r)
{
	int status = stage_faults_end(&r->faults);
	if (peak_write(r->samples.peak, &r->samples.meta) != 0 && status == STATUS_OK) {
		warn_print(r->options.filtered ? "no samples with a matching name" : "no samples");
		status = STATUS_NO;
	}
	stage_write(&r->samples.meta);
	return status;
}

/* Reduce FILES, or standard input if there are none. Return the exit status. */
static int reduce(struct reducer *r, char **files)
{
	r->options.metrics = &r->samples.metrics;
	stage_outlive_interrupt();
	r->samples.peak = peak_new(&r->options);
	r->samples.filter = &r->filter;
	r->samples.by_extra = r->key[0] != NULL;
	if (*files == NULL)
		read_file(r, "-");
	for (; *files != NULL; files++)
		read_file(r, *files);
	return finish(r);
}

int main(int argc, char **argv)
{
	struct reducer r = {.options = {.processes = PROCESSES}};
	struct options o = parse_options(&r, argc, argv);
	int status = o.check ? STATUS_OK : reduce(&r, argv + o.operands);
	peak_samples_free(&r.samples);
	name_filter_free(&r.filter);
	return status;
}
