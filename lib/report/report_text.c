/* The report for people. */
#include <inttypes.h>
#include <string.h>

#include "base/format.h"
#include "report/report.h"
#include "report/report_page.h"
#include "report/report_text_figures.h"
#include "report/report_text_metrics.h"

#define ROWS_MAX 10 /* of a table */

static void put_title(struct report_page *p)
{
	const struct report_row *t = report_total(p->r);
	report_page_style(p, REPORT_PAGE_BOLD);
	if (p->r->command.n > 0) {
		(void)report_page_cut(p, p->r->command, REPORT_PAGE_WIDTH);
	} else {
		report_page_name(p, t->name);
		if (t->pid.known)
			buf_printf(p->out, " (PID %" PRId64 ")", t->pid.value);
	}
	report_page_style(p, REPORT_PAGE_PLAIN);
	buf_char(p->out, '\n');
}

/* ---- how the run ended */

static void put_cpu_time(struct report_page *p)
{
	const struct report *r = p->r;
	if (!r->user_us.known || !r->system_us.known)
		return;
	buf_str(p->out, " (");
	format_duration(p->out, r->user_us.value);
	buf_str(p->out, " user, ");
	format_duration(p->out, r->system_us.value);
	buf_str(p->out, " system)");
}

/* Append how the command ended, or how long running processes were measured. */
static void put_end(struct report_page *p)
{
	const struct report *r = p->r;
	if (r->exit_code.known)
		buf_printf(p->out, "  exit status %" PRId64 " after ", r->exit_code.value);
	else if (r->signal.known)
		buf_printf(p->out, "  killed by signal %" PRId64 " (%s) after ", r->signal.value,
		    strsignal((int)r->signal.value));
	else if (r->command.n > 0)
		buf_str(
		    p->out, "  INCOMPLETE: the end of the command was not recorded; measured for ");
	else
		buf_str(p->out, "  measured for ");
	format_duration(p->out, report_length_us(r));
	put_cpu_time(p);
	if (r->running.known && r->running.value > 0) {
		buf_str(p->out, r->command.n > 0 ? "\n  " : "; ");
		report_page_processes(p, r->running);
		buf_str(p->out, " still running");
	}
	buf_char(p->out, '\n');
}

/* ---- limits */

/* Append the signals that memlimit sent: `; sent SIGTERM, SIGKILL`. */
static void put_signals(struct report_page *p)
{
	for (size_t i = 0; i < p->r->limit_signals; i++) {
		struct slice name = p->r->limit_signal[i];
		bool number = name.n > 0 && name.p[0] >= '0' && name.p[0] <= '9';
		buf_str(p->out, i > 0 ? ", " : "; sent ");
		buf_str(p->out, number ? "signal " : "SIG");
		report_page_name(p, name);
	}
}

static void put_exceeded(struct report_page *p, const struct report_exceeded *e)
{
	const struct report *r = p->r;
	bool total = slice_is(e->scope, "total");
	struct report_number limit = total ? r->limit_total_kib : r->limit_process_kib;
	struct report_style style = *p->style;
	struct report_page distinct = *p;
	style.unit = format_distinct_unit(e->kib.value, limit.value, style.unit);
	distinct.style = &style;
	buf_str(p->out, "  LIMIT EXCEEDED: ");
	if (total)
		buf_str(p->out, report_total_name(r));
	else
		report_page_name(p, e->name.n > 0 ? e->name : slice_of("a process"));
	if (!total && e->pid.known)
		buf_printf(p->out, " (PID %" PRId64 ")", e->pid.value);
	buf_char(p->out, ' ');
	report_page_size(&distinct, e->kib);
	if (limit.known) {
		buf_str(p->out, " of ");
		report_page_size(&distinct, limit);
	}
	if (e->time_us.known) {
		buf_str(p->out, " after ");
		report_page_since(p, e->time_us);
	}
}

/* Append how many of N rows a table of LISTED rows does not show. */
static void put_more(struct report_page *p, size_t listed, size_t n)
{
	size_t shown = listed < ROWS_MAX ? listed : ROWS_MAX;
	if (n > shown)
		buf_printf(p->out, "  and %zu more\n", n - shown);
}

static void put_limits(struct report_page *p)
{
	size_t n = p->r->exceeded_n;
	for (size_t i = 0; i < n && i < ROWS_MAX; i++) {
		put_exceeded(p, &p->r->exceeded[i]);
		if (i == 0)
			put_signals(p);
		buf_char(p->out, '\n');
	}
	put_more(p, n, n);
	if (!p->r->oom_kills.known || p->r->oom_kills.value == 0)
		return;
	buf_str(p->out, "  OUT OF MEMORY: the kernel killed ");
	report_page_processes(p, p->r->oom_kills);
	buf_char(p->out, '\n');
}

/* ---- tables */

/* Append the head of a table. COUNT is the column after the name, LAST the one after the sizes. */
static void put_head(struct report_page *p, struct slice name, const char *count, const char *last)
{
	buf_char(p->out, '\n');
	report_page_style(p, REPORT_PAGE_FAINT);
	buf_str(p->out, "  ");
	report_page_name_column(p, name);
	buf_printf(
	    p->out, " %8s %*s %*s%s", count, p->size_width, "PEAK", p->size_width, "AT PEAK", last);
	report_page_style(p, REPORT_PAGE_PLAIN);
	buf_char(p->out, '\n');
}

/* Append the columns that groups and processes share. COUNT is the one after the name. */
static void put_row(struct report_page *p, const struct report_row *row, struct report_number count)
{
	buf_str(p->out, "  ");
	report_page_name_column(p, row->name);
	buf_printf(p->out, " %8" PRId64 " ", count.value);
	report_page_size_column(p, row->rss_kib);
	buf_char(p->out, ' ');
	report_page_size_column(p, row->at_peak_kib);
}

static void put_groups(struct report_page *p)
{
	const struct report_rows *groups = &p->r->rows[REPORT_GROUP];
	struct buf name = {0};
	buf_str(&name, "GROUP");
	if (p->r->group_by.n > 0) {
		buf_str(&name, " BY ");
		buf_put(&name, p->r->group_by.p, p->r->group_by.n);
	}
	put_head(p, (struct slice){name.p, name.n}, "PROCS", "");
	buf_free(&name);
	for (size_t i = 0; i < groups->n && i < ROWS_MAX; i++) {
		put_row(p, &groups->v[i], groups->v[i].procs);
		buf_char(p->out, '\n');
	}
	put_more(p, groups->n, groups->n);
}

/* Return the time US in seconds from the start of the run; 0 if it rounds to that. */
static double seconds_since(const struct report *r, struct report_number us)
{
	double seconds = (double)report_since(r, us).value / 1e6;
	return seconds > -0.05 && seconds < 0 ? 0 : seconds;
}

static void put_processes(struct report_page *p)
{
	const struct report_rows *processes = &p->r->rows[REPORT_PROCESS];
	put_head(p, slice_of("PROCESS"), "PID", "  SEEN");
	for (size_t i = 0; i < processes->n && i < ROWS_MAX; i++) {
		const struct report_row *row = &processes->v[i];
		put_row(p, row, row->pid);
		buf_printf(p->out, "  %.1f-%.1f s\n", seconds_since(p->r, row->first_us),
		    seconds_since(p->r, row->last_us));
		report_text_process_metrics(p, row);
	}
	put_more(p, processes->n, report_count(p->r, REPORT_PROCESS));
}

void report_text(const struct report *r, const struct report_style *style, struct buf *out)
{
	struct report_page p = report_page_begin(r, style, out);
	put_title(&p);
	put_end(&p);
	put_limits(&p);
	report_text_figures(&p);
	report_chart(r, style, out);
	if (report_count(r, REPORT_PROCESS) > 1) {
		put_groups(&p);
		put_processes(&p);
	}
}

void report_bytes(const struct report *r, const struct report_style *style, struct buf *out)
{
	(void)style;
	buf_printf(out, "%" PRId64 "\n", report_total(r)->rss_kib.value * 1024);
}
