/* SPDX-License-Identifier: MIT */
/* The report for people: the answer first, and by default no more than fits a small terminal. */
#include <inttypes.h>
#include <string.h>

#include "base/format.h"
#include "report/report.h"
#include "report/report_chart.h"
#include "report/report_page.h"
#include "report/report_table.h"
#include "report/report_text_figures.h"

#define PAGE_LINES 20	 /* a terminal of 24 lines has room for them and the prompt */
#define ROWS_MAX 5	 /* of the table */
#define ROWS_LEAST 2	 /* of the table, before the chart is left out */
#define CHART_LEAST 3	 /* lines of a chart that is still readable */
#define PROCESSES_MAX 20 /* rows of the table of processes, if it is verbose */

static void put_title(struct report_page *p)
{
	const struct report_row *t = report_total(p->r);
	report_page_style(p, REPORT_PAGE_BOLD);
	if (p->r->command.n > 0) {
		report_page_cut(p, p->r->command, p->width);
	} else {
		report_page_name(p, t->name);
		if (t->pid.known)
			buf_printf(&p->line, " (PID %" PRId64 ")", t->pid.value);
	}
	report_page_style(p, REPORT_PAGE_PLAIN);
	report_page_end_row(p);
}

/* ---- how the run ended */

static void put_cpu_time(struct report_page *p)
{
	const struct report *r = p->r;
	if (!r->user_us.known || !r->system_us.known)
		return;
	buf_str(&p->line, " (");
	report_page_duration(p, r->user_us.value);
	buf_printf(&p->line, "%cuser, ", REPORT_PAGE_BLANK);
	report_page_duration(p, r->system_us.value);
	buf_printf(&p->line, "%csystem)", REPORT_PAGE_BLANK);
}

/* Append that the end of the command is missing, unless it was not waited for. */
static void put_incomplete(struct report_page *p)
{
	if (report_is_complete(p->r) || report_is_stopped(p->r))
		return;
	report_page_style(p, REPORT_PAGE_ALARM);
	buf_str(&p->line, "INCOMPLETE: the end of the command was not recorded; ");
	report_page_style(p, REPORT_PAGE_PLAIN);
}

/* Append how the command ended, or how long running processes were measured. */
static void put_end(struct report_page *p)
{
	const struct report *r = p->r;
	buf_str(&p->line, "  ");
	if (r->exit_code.known) {
		buf_printf(&p->line, "exit status %" PRId64 " after ", r->exit_code.value);
	} else if (r->signal.known) {
		buf_printf(&p->line, "killed by signal %" PRId64 " (%s) after ", r->signal.value,
		    strsignal((int)r->signal.value));
	} else {
		put_incomplete(p);
		buf_str(&p->line, "measured for ");
	}
	report_page_duration(p, report_length_us(r));
	put_cpu_time(p);
	if (report_is_stopped(r))
		buf_str(&p->line, "; the command was still running");
	if (r->command.n == 0 && r->running.known && r->running.value > 0) {
		buf_str(&p->line, "; ");
		report_page_processes(p, r->running);
		buf_str(&p->line, " still running");
	}
	report_page_end(p, 4);
}

/* ---- everything */

/* Append the chart and the table, as large as the lines that are left allow. */
static void put_short(struct report_page *p)
{
	enum report_scope scope = report_table_choose(p->r);
	int height = report_chart_wanted(p) ? REPORT_CHART_HEIGHT : 0;
	size_t all = scope < REPORT_SCOPES ? p->r->rows[scope].n : 0;
	size_t left = p->lines < PAGE_LINES ? PAGE_LINES - p->lines : 0;
	size_t rows = all = all < ROWS_MAX ? all : ROWS_MAX;
	for (;;) {
		size_t chart = height > 0 ? (size_t)height + 2 : 0;
		size_t table = rows > 0 ? report_table_lines(p->r, scope, rows) : 0;
		if (chart + table <= left)
			break;
		if (height > CHART_LEAST)
			height--;
		else if (rows > ROWS_LEAST || height == 0)
			rows--;
		else
			height = 0, rows = all;
	}
	if (height > 0)
		report_chart(p, height);
	if (rows > 0)
		report_table(p, scope, rows);
}

static void put_long(struct report_page *p)
{
	if (report_chart_wanted(p))
		report_chart(p, REPORT_CHART_HEIGHT);
	if (report_count(p->r, REPORT_PROCESS) <= 1)
		return;
	report_table(p, REPORT_GROUP, SIZE_MAX);
	report_table(p, REPORT_PROCESS, PROCESSES_MAX);
}

void report_text(const struct report *r, const struct report_style *style, struct buf *out)
{
	struct report_page p = report_page_begin(r, style, out);
	put_title(&p);
	put_end(&p);
	report_text_figures(&p);
	if (style->verbose)
		put_long(&p);
	else
		put_short(&p);
	report_page_free(&p);
}

void report_bytes(const struct report *r, const struct report_style *style, struct buf *out)
{
	(void)style;
	buf_printf(out, "%" PRId64 "\n", report_total(r)->rss_kib.value * 1024);
}
