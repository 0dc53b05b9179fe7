/* SPDX-License-Identifier: MIT */
/*
 * From samples to a Chrome trace (Trace Event Format), which ui.perfetto.dev and chrome://tracing
 * open. Times are microseconds since the start.
 *
 *	M  the name of a process and of its track
 *	X  the time from the creation to the exit of a process
 *	C  what a process, or the total, held
 *	i  the peak of the total
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/format.h"
#include "base/minmax.h"
#include "view/view_internal.h"
#include "view/view_json.h"

/* Process IDs are below. The total has the first of the IDs from here on, a process whose PID
 * another process has too, one of the others. */
#define IDS 4194304
#define COMMAND_WIDTH 1000

struct trace {
	const struct view *v;
	struct buf *out;
	size_t events;
};

/* Begin an event of KIND about process ID at TIME_US. */
static void begin(struct trace *t, char kind, const char *name, int64_t id, int64_t time_us)
{
	buf_printf(t->out,
	    "%s{\"ph\":\"%c\",\"name\":\"%s\",\"pid\":%" PRId64 ",\"tid\":%" PRId64
	    ",\"ts\":%" PRId64,
	    t->events++ > 0 ? ",\n" : "\n", kind, name, id, id, time_us);
}

static void put_name(struct trace *t, const char *event, int64_t id, struct slice name)
{
	begin(t, 'M', event, id, 0);
	buf_str(t->out, ",\"args\":{\"name\":");
	view_json_text(t->out, name);
	buf_str(t->out, "}}");
}

static void put_names(struct trace *t, int64_t id, struct slice name, int64_t place)
{
	put_name(t, "process_name", id, name);
	put_name(t, "thread_name", id, name);
	begin(t, 'M', "process_sort_index", id, 0);
	buf_printf(t->out, ",\"args\":{\"sort_index\":%" PRId64 "}}", place);
}

static void put_counter(
    struct trace *t, const char *name, int64_t id, int64_t time_us, uint64_t kib)
{
	begin(t, 'C', name, id, time_us);
	buf_printf(t->out, ",\"args\":{\"KiB\":%" PRIu64 "}}", kib);
}

static void put_argument(struct trace *t, const char *key, struct report_number n)
{
	buf_printf(t->out, ",\"%s\":", key);
	view_json_number(t->out, n);
}

/* ---- processes */

/* Return the ID of lane I. */
static int64_t id_of(const struct view *v, size_t i)
{
	int64_t pid = v->lane[i].row->pid.value;
	size_t from = 0, to = v->lanes;
	while (from < to) { /* the first lane with this PID */
		size_t middle = from + (to - from) / 2;
		if (v->lane[v->by_pid[middle]].row->pid.value < pid)
			from = middle + 1;
		else
			to = middle;
	}
	return v->by_pid[from] == i && pid < IDS ? pid : IDS + 1 + (int64_t)i;
}

static void put_life(struct trace *t, const struct report_row *row, int64_t id)
{
	int64_t from_us = view_since(t->v, row->first_us.value);
	int64_t to_us = view_since(t->v, row->last_us.value);
	struct slice command = row->metric[METRIC_CMD].text;
	buf_printf(t->out,
	    "%s{\"ph\":\"X\",\"cat\":\"process\",\"name\":", t->events++ > 0 ? ",\n" : "\n");
	view_json_text(t->out, row->name.n > 0 ? row->name : slice_of("(no name)"));
	buf_printf(t->out,
	    ",\"pid\":%" PRId64 ",\"tid\":%" PRId64 ",\"ts\":%" PRId64 ",\"dur\":%" PRId64, id, id,
	    from_us, max_i64(to_us - from_us, 1));
	buf_printf(t->out, ",\"args\":{\"pid\":%" PRId64, row->pid.value);
	put_argument(t, "ppid", row->ppid);
	put_argument(t, "peak_rss_kib", row->rss_kib);
	put_argument(t, "bound_rss_kib", row->bound_kib);
	put_argument(t, "at_peak_kib", row->at_peak_kib);
	if (command.n > 0) {
		buf_str(t->out, ",\"command\":");
		view_json_short(t->out, command, COMMAND_WIDTH);
	}
	buf_str(t->out, "}}");
}

static void put_process(struct trace *t, size_t i)
{
	const struct view_lane *lane = &t->v->lane[i];
	const struct report_row *row = lane->row;
	int64_t id = id_of(t->v, i), end_us = view_since(t->v, row->last_us.value);
	put_names(t, id, row->name, view_since(t->v, row->first_us.value) / 1000);
	put_life(t, row, id);
	for (size_t j = 0; j < lane->n; j++)
		if (j == 0 || lane->rss_kib[j] != lane->rss_kib[j - 1])
			put_counter(
			    t, "RSS", id, t->v->tick[lane->first + j].time_us, lane->rss_kib[j]);
	if (lane->n > 0)
		put_counter(t, "RSS", id,
		    max_i64(end_us, t->v->tick[lane->first + lane->n - 1].time_us + 1), 0);
}

/* ---- the total */

/* Append the largest holders at the peak as members of `args`. */
static void put_holders(struct trace *t)
{
	const struct report_rows *groups = &t->v->report.rows[REPORT_GROUP];
	for (size_t i = 0; i < groups->n; i++) {
		if (!groups->v[i].at_peak_kib.known || groups->v[i].at_peak_kib.value == 0)
			continue;
		buf_str(t->out, t->out->p[t->out->n - 1] == '{' ? "" : ",");
		view_json_text(t->out, groups->v[i].name);
		buf_printf(t->out, ":%" PRId64, groups->v[i].at_peak_kib.value);
	}
}

/* A peak at an unknown time has no event. */
static void put_peak(struct trace *t)
{
	const struct report_row *total = report_total(&t->v->report);
	char size[FORMAT_SIZE], name[FORMAT_SIZE + 8];
	if (!total->time_us.known || !total->rss_kib.known)
		return;
	snprintf(name, sizeof name, "peak %s", format_size(size, (uint64_t)total->rss_kib.value));
	begin(t, 'i', name, IDS, view_since(t->v, total->time_us.value));
	buf_printf(t->out, ",\"s\":\"g\",\"args\":{\"rss_kib\":%" PRId64, total->rss_kib.value);
	put_argument(t, "bound_kib", total->bound_kib);
	put_argument(t, "processes", total->procs);
	buf_str(t->out, ",\"held_kib\":{");
	put_holders(t);
	buf_str(t->out, "}}}");
}

static void put_total(struct trace *t)
{
	put_names(t, IDS, slice_of("total"), -1);
	for (size_t i = 0; i < t->v->ticks; i++) {
		const struct view_tick *tick = &t->v->tick[i];
		put_counter(t, "RSS", IDS, tick->time_us, tick->rss_kib);
		if (t->v->has_marks)
			put_counter(t, "at most", IDS, tick->time_us, tick->bound_kib);
	}
	put_peak(t);
}

void view_trace(const struct view *v, struct buf *out)
{
	struct trace t = {.v = v, .out = out};
	buf_str(out, "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"command\":");
	view_json_text(out, view_command(v));
	buf_printf(out, ",\"start_us\":%" PRId64 "},\"traceEvents\":[", v->start_us);
	put_total(&t);
	for (size_t i = 0; i < v->lanes; i++)
		put_process(&t, i);
	buf_str(out, "\n]}\n");
}
