/* SPDX-License-Identifier: MIT */
/* The limits in the report for people. */
#include "report/report_text_limits.h"

#include <inttypes.h>

#include "base/format.h"

#define LINES_SHORT 3
#define LINES_LONG 10

/* Append the signals that memlimit sent: `; sent SIGTERM, SIGKILL`. */
static void put_signals(struct report_page *p)
{
	for (size_t i = 0; i < p->r->limit_signals; i++) {
		struct slice name = p->r->limit_signal[i];
		bool number = name.n > 0 && name.p[0] >= '0' && name.p[0] <= '9';
		buf_str(&p->line, i > 0 ? ", " : "; sent ");
		buf_str(&p->line, number ? "signal " : "SIG");
		report_page_name(p, name);
	}
}

static void put_alarm(struct report_page *p, const char *text)
{
	buf_str(&p->line, "  ");
	report_page_style(p, REPORT_PAGE_ALARM);
	buf_str(&p->line, text);
	report_page_style(p, REPORT_PAGE_PLAIN);
	buf_char(&p->line, ' ');
}

static void put_exceeded(struct report_page *p, const struct report_exceeded *e)
{
	const struct report *r = p->r;
	bool total = slice_is(e->scope, "total");
	struct report_number limit = total ? r->limit_total_kib : r->limit_process_kib;
	const struct report_style *style = p->style;
	struct report_style distinct = *style;
	distinct.unit = format_distinct_unit(e->kib.value, limit.value, style->unit);
	put_alarm(p, "LIMIT EXCEEDED:");
	if (total)
		buf_str(&p->line, report_total_name(r));
	else
		report_page_name(p, e->name.n > 0 ? e->name : slice_of("a process"));
	if (!total && e->pid.known)
		buf_printf(&p->line, " (PID %" PRId64 ")", e->pid.value);
	buf_char(&p->line, ' ');
	p->style = &distinct;
	report_page_size(p, e->kib);
	if (limit.known) {
		buf_str(&p->line, " of ");
		report_page_size(p, limit);
	}
	p->style = style;
	if (e->time_us.known) {
		buf_str(&p->line, " after ");
		report_page_since(p, e->time_us);
	}
}

void report_text_limits(struct report_page *p)
{
	size_t n = p->r->exceeded_n, most = p->style->verbose ? LINES_LONG : LINES_SHORT;
	for (size_t i = 0; i < n && i < most; i++) {
		put_exceeded(p, &p->r->exceeded[i]);
		if (i == 0)
			put_signals(p);
		report_page_end(p, 4);
	}
	if (n > most) {
		buf_printf(&p->line, "  and %zu more", n - most);
		report_page_end_row(p);
	}
	if (!p->r->oom_kills.known || p->r->oom_kills.value == 0)
		return;
	put_alarm(p, "OUT OF MEMORY:");
	buf_str(&p->line, "the kernel killed ");
	report_page_processes(p, p->r->oom_kills);
	report_page_end(p, 4);
}
