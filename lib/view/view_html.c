/* SPDX-License-Identifier: MIT */
/*
 * From samples to a page: its data.
 *
 *	{"command":"make","start":1763677863123456,"length":18540000,...
 *	 "ticks":{"t":[...],"rss":[...],"peak":[...],"bound":[...]},"starts":[0],
 *	 "stacks":[[...],...],
 *	 "groups":[{"n":"cc1","k":2,...},...],
 *	 "processes":[{"n":"make","p":8472,...,"i":0,"v":[...]},...]}
 *
 * Times are microseconds since the start, memory is KiB. The numbers of all ticks are differences
 * (view_json.h). Keys of groups and processes: n name, k number of processes, p PID, q PID of the
 * parent, c command, r peak, b bound, a held at the peak of the total, f and l the first and last
 * time, i the first tick, v what it held from there on.
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "view/view_internal.h"
#include "view/view_json.h"

#define COMMAND_WIDTH 2000
#define NAME_WIDTH 120
#define PROCESS_COMMAND_WIDTH 240
#define GROUPS 1000

static void put_key(struct buf *out, const char *key)
{
	buf_printf(out, ",\"%s\":", key);
}

static void put_member(struct buf *out, const char *key, struct report_number n)
{
	put_key(out, key);
	view_json_number(out, n);
}

/* Append a time as microseconds since the start. */
static void put_time(
    const struct view *v, struct buf *out, const char *key, struct report_number us)
{
	if (us.known)
		us.value = view_since(v, us.value);
	put_member(out, key, us);
}

static void put_run(const struct view *v, struct buf *out)
{
	const struct report *r = &v->report;
	const struct report_row *total = report_total(r);
	buf_str(out, "{\"command\":");
	if (view_command(v).n > 0)
		view_json_short(out, view_command(v), COMMAND_WIDTH);
	else
		buf_str(out, "null");
	put_key(out, "n");
	view_json_short(out, total->name, NAME_WIDTH);
	put_member(out, "pid", total->pid);
	put_member(out, "exit_code", r->exit_code);
	put_member(out, "signal", r->signal);
	put_member(out, "limit", r->limit_total_kib);
	put_member(out, "unlisted", (struct report_number){r->unlisted.value, true});
	put_member(out, "count", total->ticks);
	put_member(out, "start", (struct report_number){v->start_us, true});
	put_member(out, "length", (struct report_number){v->length_us, true});
	put_key(out, "bounded");
	buf_str(out, v->has_marks ? "true" : "false");
	buf_str(out, ",\"peak\":{\"rss\":");
	view_json_number(out, total->rss_kib);
	put_member(out, "bound", v->has_marks ? total->bound_kib : (struct report_number){0});
	put_member(out, "procs", total->procs);
	put_time(v, out, "time", total->time_us);
	buf_char(out, '}');
}

/* Append one number of each tick: that at OFFSET. */
static void put_ticks_of(const struct view *v, struct buf *out, const char *key, size_t offset)
{
	struct view_json_series s;
	buf_printf(out, "%s\"%s\":", out->p[out->n - 1] == '{' ? "" : ",", key);
	s = view_json_begin(out);
	for (size_t i = 0; i < v->ticks; i++) {
		int64_t number;
		memcpy(&number, (const char *)&v->tick[i] + offset, sizeof number);
		view_json_add(&s, number);
	}
	view_json_end(&s);
}

static void put_ticks(const struct view *v, struct buf *out)
{
	const char *comma = "";
	buf_str(out, ",\n\"ticks\":{");
	put_ticks_of(v, out, "t", offsetof(struct view_tick, time_us));
	put_ticks_of(v, out, "rss", offsetof(struct view_tick, rss_kib));
	put_ticks_of(v, out, "peak", offsetof(struct view_tick, peak_kib));
	put_ticks_of(v, out, "bound", offsetof(struct view_tick, bound_kib));
	buf_str(out, "},\n\"starts\":[");
	for (size_t i = 0; i < v->ticks; i++)
		if (v->tick[i].starts) {
			buf_printf(out, "%s%zu", comma, i);
			comma = ",";
		}
	buf_str(out, "],\n\"stacks\":[");
	for (size_t i = 0; i <= v->stacks; i++) {
		buf_str(out, i > 0 ? ",\n" : "");
		view_json_numbers(out, v->stack[i], v->ticks);
	}
	buf_char(out, ']');
}

/* Append what groups and processes have in common. */
static void put_row(const struct view *v, struct buf *out, const struct report_row *row)
{
	buf_str(out, "{\"n\":");
	view_json_short(out, row->name, NAME_WIDTH);
	put_member(out, "r", row->rss_kib);
	put_member(out, "b", v->has_marks ? row->bound_kib : (struct report_number){0});
	put_member(out, "a", row->at_peak_kib);
}

static void put_groups(const struct view *v, struct buf *out)
{
	const struct report_rows *groups = &v->report.rows[REPORT_GROUP];
	buf_str(out, ",\n\"groups\":[");
	for (size_t i = 0; i < groups->n && i < GROUPS; i++) {
		buf_str(out, i > 0 ? ",\n" : "");
		put_row(v, out, &groups->v[i]);
		put_member(out, "k", groups->v[i].procs);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

static void put_process(const struct view *v, struct buf *out, const struct view_lane *lane)
{
	const struct report_row *row = lane->row;
	struct slice command = row->metric[METRIC_CMD].text;
	put_row(v, out, row);
	put_member(out, "p", row->pid);
	put_member(out, "q", row->ppid);
	put_time(v, out, "f", row->first_us);
	put_time(v, out, "l", row->last_us);
	if (command.n > 0) {
		put_key(out, "c");
		view_json_short(out, command, PROCESS_COMMAND_WIDTH);
	}
	if (lane->n > 0) {
		buf_printf(out, ",\"i\":%zu", lane->first);
		put_key(out, "v");
		view_json_numbers(out, lane->rss_kib, lane->n);
	}
	buf_char(out, '}');
}

static void put_data(const struct view *v, struct buf *out)
{
	put_run(v, out);
	put_ticks(v, out);
	put_groups(v, out);
	buf_str(out, ",\n\"processes\":[");
	for (size_t i = 0; i < v->lanes; i++) {
		buf_str(out, i > 0 ? ",\n" : "");
		put_process(v, out, &v->lane[i]);
	}
	buf_str(out, "]}");
}

void view_html(const struct view *v, struct slice page, struct buf *out)
{
	size_t n = strlen(VIEW_PLACE), at = 0;
	while (at + n < page.n && memcmp(page.p + at, VIEW_PLACE, n) != 0)
		at++;
	buf_put(out, page.p, at);
	put_data(v, out);
	buf_put(out, page.p + at + n, page.n - at - n);
}
