/* SPDX-License-Identifier: MIT */
/* From a report in JSON to a page or a trace. It has the memory over time of the total alone. */
#include <string.h>

#include "base/alloc.h"
#include "base/minmax.h"
#include "report/report_json_read.h"
#include "view/view_internal.h"

static void add_spans(struct view *v)
{
	const struct report_rows *spans = &v->report.rows[REPORT_SPAN];
	v->tick = alloc_resize(NULL, spans->n, sizeof *v->tick);
	v->stack[0] = alloc_resize(NULL, spans->n, sizeof(uint64_t));
	for (; v->ticks < spans->n; v->ticks++) {
		const struct report_row *s = &spans->v[v->ticks];
		uint64_t rss_kib = (uint64_t)s->rss_kib.value, bound_kib = (uint64_t)s->bound_kib.value;
		int64_t before_us = v->ticks > 0 ? v->tick[v->ticks - 1].time_us : 0;
		v->tick[v->ticks] = (struct view_tick){
		    .time_us = max_i64(view_since(v, s->time_us.value), before_us),
		    .rss_kib = rss_kib,
		    .peak_kib = rss_kib,
		    .bound_kib = max_u64(bound_kib, rss_kib),
		    .starts = v->ticks == 0,
		};
		v->stack[0][v->ticks] = rss_kib;
	}
}

const char *view_report(struct view *v, struct slice json)
{
	struct json_reader j = json_read(json);
	const char *reason = "not a report";
	if (json_next(&j) == JSON_OBJECT)
		reason = report_json_read(&v->report, &j, NULL, NULL);
	json_free(&j);
	if (reason != NULL)
		return reason;
	if (report_total(&v->report) == NULL || v->report.rows[REPORT_SPAN].n == 0)
		return "no timeline: memrun --timeline adds it";
	v->has_marks = true;
	v->start_us = report_start_us(&v->report);
	add_spans(v);
	view_make_lanes(v);
	v->length_us = max_i64(report_length_us(&v->report), v->tick[v->ticks - 1].time_us);
	return NULL;
}
