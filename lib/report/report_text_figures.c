/* SPDX-License-Identifier: MIT */
/* The figures of the report for people. */
#include "report/report_text_figures.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "os/fault_events.h"
#include "report/report_text_joined.h"
#include "report/report_text_limits.h"
#include "report/report_text_metrics.h"

/* A tick with less than the peak by up to this part is at the peak. */
#define AT_PEAK_PART 64

#define BLANK "\001" /* REPORT_PAGE_BLANK, as a text */

/* ---- the peak */

/* Append when the peak was reached, and in how many processes. */
static void put_moment(struct report_page *p)
{
	const struct report_row *t = report_total(p->r);
	if (!t->rss_kib.known) {
		buf_str(&p->line, "exited before it could be read");
		return;
	}
	if (t->bound_kib.known) {
		buf_str(&p->line, "at" BLANK "most" BLANK);
		report_page_size(p, t->bound_kib);
		buf_str(&p->line, ", ");
	}
	if (t->time_us.known) {
		buf_str(&p->line, "after ");
		report_page_since(p, t->time_us);
	} else {
		buf_str(&p->line, "between ticks");
	}
	if (t->procs.known) {
		buf_str(&p->line, ", in ");
		report_page_processes(p, t->procs);
	}
}

/* Append why the bound is wide, if it is. */
static void put_bound_reason(struct report_page *p)
{
	const struct report_row *t = report_total(p->r);
	struct report_number exits = p->r->bound_exits;
	if (t->bound_kib.value * 4 <= t->rss_kib.value * 5 || exits.value == 0)
		return;
	buf_printf(&p->line, "%*s", (int)p->detail, "");
	report_page_processes(p, exits);
	buf_str(&p->line, " exited between the two ticks of the bound");
	report_page_end(p, p->detail);
}

static void put_shared(struct report_page *p)
{
	if (!report_is_shared(p->r))
		return;
	buf_str(&p->line, "  shared: about ");
	report_page_size(p, p->r->shared_kib);
	buf_str(&p->line, " of it, counted for more than one process");
	report_page_end(p, 4);
}

static void put_peak(struct report_page *p)
{
	report_page_label(p, "peak RSS");
	report_page_style(p, REPORT_PAGE_BOLD);
	report_page_size_column(p, report_total(p->r)->rss_kib);
	report_page_style(p, REPORT_PAGE_PLAIN);
	report_page_note(p);
	put_moment(p);
	report_page_end(p, p->note);
	report_text_parts(p);
	put_bound_reason(p);
	put_shared(p);
}

/* Append how many processes of the command were left. */
static void put_running(struct report_page *p)
{
	const struct report *r = p->r;
	if (r->command.n == 0 || report_is_stopped(r) || r->running.value == 0)
		return;
	buf_str(&p->line, "  ");
	report_page_processes(p, r->running);
	buf_str(&p->line, " still running");
	report_page_end(p, 4);
}

/* ---- other sizes */

static void put_vsz(struct report_page *p)
{
	const struct report_row *t = report_total(p->r);
	if (!p->style->verbose || !t->vsz_kib.known)
		return;
	report_page_figure(p, "peak VSZ", t->vsz_kib);
	report_page_end(p, p->note);
}

/* PSS is not read in every tick. Append the RSS of that tick as a share of the peak of the RSS. */
static void put_pss_share(struct report_page *p)
{
	struct report_number peak = report_total(p->r)->rss_kib, at = p->r->pss_at_rss_kib;
	if (!at.known || !peak.known || peak.value == 0)
		return;
	if (at.value >= peak.value - peak.value / AT_PEAK_PART)
		buf_str(&p->line, "read at the peak RSS");
	else
		buf_printf(&p->line, "read at %" PRId64 BLANK "%% of the peak RSS",
		    at.value * 100 / peak.value);
}

static void put_pss(struct report_page *p)
{
	const struct report *r = p->r;
	struct report_number pss = report_total(r)->pss_at_peak_kib;
	if (!pss.known && !r->pss_reads.known)
		return;
	report_page_figure(p, "PSS", pss);
	report_page_note(p);
	if (!pss.known)
		buf_str(&p->line, "unknown: too little of it could be read");
	if (pss.known && r->pss_bound_kib.known) {
		buf_str(&p->line, "at" BLANK "most" BLANK);
		report_page_size(p, r->pss_bound_kib);
		buf_str(&p->line, r->pss_at_rss_kib.known ? ", " : "");
	}
	if (pss.known)
		put_pss_share(p);
	report_page_end(p, p->note);
}

/* The kernel's own count for the control group, and its parts. */
static void put_cgroup(struct report_page *p)
{
	const struct report *r = p->r;
	const struct report_page_part parts[] = {
	    {"anonymous", r->cgroup_anon_kib},
	    {"files", r->cgroup_file_kib},
	    {"shared memory", r->cgroup_shmem_kib},
	    {"kernel", r->cgroup_kernel_kib},
	};
	if (!r->cgroup_peak_kib.known)
		return;
	report_page_figure(p, "cgroup", r->cgroup_peak_kib);
	report_page_note(p);
	report_page_parts(p, r->cgroup_peak_kib, parts, sizeof parts / sizeof *parts);
	report_page_end(p, p->note);
}

static void put_excluded(struct report_page *p)
{
	const struct report *r = p->r;
	if (!r->excluded_procs.known || r->excluded_procs.value == 0)
		return;
	report_page_figure(p, "excluded", r->excluded_kib);
	report_page_note(p);
	buf_str(&p->line, "at most, in ");
	report_page_processes(p, r->excluded_procs);
	report_page_end(p, p->note);
}

/* Append the RSS over time: its mean and quantiles, and its sum. */
static void put_over_time(struct report_page *p)
{
	const struct report *r = p->r;
	char sum[FORMAT_SIZE];
	if (!p->style->verbose || !r->rss_mean_kib.known)
		return;
	report_page_figure(p, "mean RSS", r->rss_mean_kib);
	report_page_note(p);
	buf_str(&p->line, "median ");
	report_page_size(p, r->rss_median_kib);
	buf_str(&p->line, "; 95" BLANK "% of the time, at most ");
	report_page_size(p, r->rss_p95_kib);
	report_page_end(p, p->note);
	report_page_figure(p, "resting", r->rss_resting_kib);
	report_page_note(p);
	buf_str(&p->line, "median of the last quarter of the time");
	report_page_end(p, p->note);
	snprintf(sum, sizeof sum, "%.3f" BLANK "GiB" BLANK "s", (double)r->rss_gib_us.value / 1e6);
	report_page_label(p, "over time");
	buf_printf(&p->line, "%*s", p->size_width, sum);
	report_page_note(p);
	buf_str(&p->line, "the sum of the RSS over time");
	report_page_end(p, p->note);
}

/* ---- ticks */

/* Append the commands that allow page-fault events, which were refused for REASON, if there are
 * any. */
static void put_advice(struct report_page *p, struct slice reason)
{
	struct buf text = {0};
	buf_put(&text, reason.p, reason.n);
	buf_char(&text, '\0');
	const char *advice = fault_events_advice(text.p);
	if (*advice != '\0')
		buf_str(&p->line, "; to allow them, as root: ");
	for (const char *c = advice; *c != '\0'; c++) {
		if (*c == '\n')
			buf_str(&p->line, " or ");
		else
			buf_char(&p->line, *c == ' ' ? REPORT_PAGE_BLANK : *c);
	}
	buf_free(&text);
}

/* Append why there are no page-fault events or no bound, if they were refused. */
static void put_refusals(struct report_page *p)
{
	struct slice events = p->r->events_refused, bound = p->r->bound_refused;
	if (events.n > 0) {
		buf_str(&p->line, "  page-fault events refused: ");
		report_page_cut(p, events, p->width - 4);
		put_advice(p, events);
		report_page_end(p, 4);
	}
	if (bound.n > 0) {
		buf_str(&p->line, "  bound refused: ");
		report_page_cut(p, bound, p->width - 4);
		report_page_end(p, 4);
	}
}

/* Append what the times of the ticks depended on. */
static void put_schedule(struct report_page *p)
{
	const struct report *r = p->r;
	double ms = (double)r->interval_us.value / 1e3;
	if (slice_is(r->schedule, "events"))
		buf_str(&p->line, "as memory changed; at rest, by page faults");
	else if (slice_is(r->schedule, "events-user"))
		buf_str(&p->line, "as memory changed; at rest, by user-mode page faults");
	else if (slice_is(r->schedule, "adaptive") && ms > 1)
		buf_printf(&p->line, "every 1 to %.10g" BLANK "ms, as memory changed", ms);
	else
		buf_printf(&p->line, "every %.10g" BLANK "ms", ms);
}

static void put_ticks(struct report_page *p)
{
	const struct report *r = p->r;
	struct report_number ticks = report_total(r)->ticks;
	if (!p->style->verbose || r->schedule.n == 0 || !ticks.known)
		return;
	report_page_label(p, "ticks");
	buf_printf(&p->line, "%*" PRId64, p->size_width, ticks.value);
	report_page_note(p);
	put_schedule(p);
	if (ticks.value > 1 && report_length_us(r) > 0) {
		buf_str(&p->line, "; one every ");
		buf_printf(&p->line, "%.3g" BLANK "ms on average",
		    (double)report_length_us(r) / 1e3 / (double)ticks.value);
	}
	report_page_end(p, p->note);
}

void report_text_figures(struct report_page *p)
{
	put_peak(p);
	put_running(p);
	report_text_joined(p);
	report_text_limits(p);
	report_text_footprint(p);
	put_vsz(p);
	put_pss(p);
	put_cgroup(p);
	put_excluded(p);
	report_text_metrics(p);
	put_over_time(p);
	put_ticks(p);
	put_refusals(p);
}
