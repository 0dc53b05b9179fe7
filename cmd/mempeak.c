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
#include "stream/metrics.h"
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
	struct peak *peak;
	struct peak_options options;
	struct name_filter filter;
	const char *key[2]; /* the column of groups, if it is not the name; ended by NULL */
	struct metrics metrics;
	bool tick_pending; /* it begins with its first valid row */
	struct stage_faults faults;
	struct buf out;
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

static void take_meta(struct reducer *r, struct slice line)
{
	peak_meta(r->peak, line);
	if (samples_is_of_tick(line))
		return;
	buf_put(&r->out, line.p, line.n);
	buf_char(&r->out, '\n');
}

static void take_header(struct reducer *r, struct samples *s)
{
	const char *missing = NULL;
	char reason[128];
	peak_begin_stream(r->peak);
	metrics_header(&r->metrics, &s->tsv);
	if (r->options.filtered && !samples_has_comm(s))
		missing = "comm";
	else if (r->key[0] != NULL && !samples_has_extra(s, 0))
		missing = r->key[0];
	if (missing == NULL)
		return;
	snprintf(reason, sizeof reason, "missing column %s", missing);
	samples_fail(s, reason);
}

static void take_row(struct reducer *r, struct samples *s)
{
	const struct samples_row *row = &s->row;
	const struct metrics_row *metrics = NULL;
	const char *reason = NULL;
	if (r->metrics.n > 0)
		reason = metrics_read(&r->metrics, &s->tsv, s->repeated, &metrics);
	if (reason != NULL) {
		samples_fault(s, reason);
		return;
	}
	const struct peak_sample sample = {
	    .pid = row->pid,
	    .ppid = row->ppid,
	    .rss_kib = row->rss_kib,
	    .hwm_kib = row->hwm_kib,
	    .vsz_kib = row->vsz_kib,
	    .rss_known = row->rss_known,
	    .excluded = !name_filter_passes(&r->filter, row->comm),
	    .name = row->comm,
	    .group = r->key[0] != NULL ? samples_extra(s, 0) : row->comm,
	    .repeated = s->repeated,
	    .metrics = metrics,
	};
	if (r->tick_pending)
		peak_begin_tick(r->peak, s->time_us);
	r->tick_pending = false;
	peak_add(r->peak, &sample);
}

static void take(struct reducer *r, struct samples *s, enum samples_event event)
{
	switch (event) {
	case SAMPLES_META:
		take_meta(r, s->tsv.line);
		break;
	case SAMPLES_HEADER:
		take_header(r, s);
		break;
	case SAMPLES_TICK:
		r->tick_pending = true;
		break;
	case SAMPLES_ROW:
		take_row(r, s);
		break;
	default:
		break;
	}
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
	samples_init(&s, fd, name, SAMPLES_PPID | SAMPLES_HWM | SAMPLES_VSZ, r->key);
	s.faults = r->faults; /* only the first fault of all files is printed */
	enum samples_event event;
	while ((event = samples_next(&s)) != SAMPLES_END)
		take(r, &s, event);
	r->faults = s.faults;
	samples_free(&s);
	if (fd != STDIN_FILENO)
		close(fd);
}

/* Write the peaks. Return the exit status. */
static int finish(struct reducer *r)
{
	int status = stage_faults_end(&r->faults);
	if (peak_write(r->peak, &r->out) != 0 && status == STATUS_OK) {
		warn_print(r->options.filtered ? "no samples with a matching name" : "no samples");
		status = STATUS_NO;
	}
	stage_write(&r->out);
	return status;
}

/* Reduce FILES, or standard input if there are none. Return the exit status. */
static int reduce(struct reducer *r, char **files)
{
	r->options.metrics = &r->metrics;
	stage_outlive_interrupt();
	r->peak = peak_new(&r->options);
	if (*files == NULL)
		read_file(r, "-");
	for (; *files != NULL; files++)
		read_file(r, *files);
	int status = finish(r);
	peak_free(r->peak);
	return status;
}

int main(int argc, char **argv)
{
	struct reducer r = {.options = {.processes = PROCESSES}};
	struct options o = parse_options(&r, argc, argv);
	int status = o.check ? STATUS_OK : reduce(&r, argv + o.operands);
	name_filter_free(&r.filter);
	metrics_free(&r.metrics);
	buf_free(&r.out);
	return status;
}
