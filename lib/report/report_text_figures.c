/* The figures of the report for people. */
#include "report/report_text_figures.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "os/fault_events.h"
#include "report/report_text_metrics.h"

#define REASON_WIDTH 28

/* A tick with less than the peak by up to this part is at the peak. */
#define AT_PEAK_PART 64

/* Append why the bound is wide, if it is. */
static void put_bound_reason(struct report_page *p)
{
	const struct report_row *t = report_total(p->r);
	struct report_number exits = p->r->bound_exits;
	if (t->bound_kib.value * 4 <= t->rss_kib.value * 5 || exits.value == 0)
		return;
	buf_str(p->out, "   ");
	report_page_processes(p, exits);
	buf_str(p->out, " exited between two ticks");
}

static void put_shared(struct report_page *p)
{
	if (!report_is_shared(p->r))
		return;
	buf_str(p->out, "  shared: about ");
	report_page_size(p, p->r->shared_kib);
	buf_str(p->out, " of it, counted for more than one process\n");
}

static void put_peak(struct report_page *p)
{
	const struct report_row *t = report_total(p->r);
	buf_str(p->out, "\n  peak RSS  ");
	report_page_style(p, REPORT_PAGE_BOLD);
	report_page_size_column(p, t->rss_kib);
	report_page_style(p, REPORT_PAGE_PLAIN);
	if (!t->rss_kib.known) {
		buf_str(p->out, "   exited before it could be read");
	} else if (t->time_us.known) {
		buf_str(p->out, "   after ");
		report_page_since(p, t->time_us);
	} else {
		buf_str(p->out, "   between ticks");
	}
	if (t->procs.known && t->rss_kib.known) {
		buf_str(p->out, ", in ");
		report_page_processes(p, t->procs);
	}
	buf_char(p->out, '\n');
	put_shared(p);
	report_text_parts(p);
	buf_str(p->out, "  at most   ");
	report_page_size_column(p, t->bound_kib);
	put_bound_reason(p);
	if (t->vsz_kib.known) {
		buf_str(p->out, "\n  peak VSZ  ");
		report_page_size_column(p, t->vsz_kib);
	}
	buf_char(p->out, '\n');
}

/* PSS is not read in every tick. Append of what share of the peak of the RSS it is. */
static void put_pss_share(struct report_page *p)
{
	struct report_number peak = report_total(p->r)->rss_kib, at = p->r->pss_at_rss_kib;
	if (!at.known || !peak.known || peak.value == 0)
		return;
	if (at.value >= peak.value - peak.value / AT_PEAK_PART)
		buf_str(p->out, "   read at the peak RSS");
	else
		buf_printf(p->out, "   read at %" PRId64 " %% of the peak RSS",
		    at.value * 100 / peak.value);
}

static void put_pss(struct report_page *p)
{
	const struct report *r = p->r;
	struct report_number pss = report_total(r)->pss_at_peak_kib;
	if (!pss.known && r->pss_reads.known)
		buf_printf(p->out, "  PSS       %*s   too little of it could be read\n",
		    p->size_width, "unknown");
	if (!pss.known)
		return;
	buf_str(p->out, "  PSS       ");
	report_page_size_column(p, pss);
	put_pss_share(p);
	if (r->pss_bound_kib.known) {
		buf_str(p->out, ", at most ");
		report_page_size(p, r->pss_bound_kib);
	}
	buf_char(p->out, '\n');
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
	buf_str(p->out, "  cgroup    ");
	report_page_size_column(p, r->cgroup_peak_kib);
	report_page_parts(p, r->cgroup_peak_kib, parts, sizeof parts / sizeof *parts);
	buf_char(p->out, '\n');
}

static void put_excluded(struct report_page *p)
{
	const struct report *r = p->r;
	if (!r->excluded_procs.known || r->excluded_procs.value == 0)
		return;
	buf_str(p->out, "  excluded  ");
	report_page_size_column(p, r->excluded_kib);
	buf_str(p->out, "   at most, in ");
	report_page_processes(p, r->excluded_procs);
	buf_char(p->out, '\n');
}

/* Append the RSS over time: its mean and quantiles, and its sum. */
static void put_over_time(struct report_page *p)
{
	const struct report *r = p->r;
	char sum[FORMAT_SIZE];
	if (!p->style->verbose || !r->rss_mean_kib.known)
		return;
	buf_str(p->out, "  mean RSS  ");
	report_page_size_column(p, r->rss_mean_kib);
	buf_str(p->out, "   median ");
	report_page_size(p, r->rss_median_kib);
	buf_str(p->out, "; 95% of the time, at most ");
	report_page_size(p, r->rss_p95_kib);
	buf_str(p->out, "\n  resting   ");
	report_page_size_column(p, r->rss_resting_kib);
	buf_str(p->out, "   median of the last quarter of the time\n");
	snprintf(sum, sizeof sum, "%.3f GiB s", (double)r->rss_gib_us.value / 1e6);
	buf_printf(p->out, "  over time %*s   the sum of the RSS over time\n", p->size_width, sum);
}

/* Append why page-fault events were refused, and the commands that allow them. */
static void put_refusal(struct report_page *p)
{
	struct slice refused = p->r->events_refused;
	struct buf reason = {0};
	buf_put(&reason, refused.p, refused.n);
	buf_char(&reason, '\0');
	buf_str(p->out, "  page-fault events refused: ");
	(void)report_page_cut(p, refused, REASON_WIDTH);
	buf_str(p->out, "; to allow them, as root:\n    ");
	for (const char *c = fault_events_advice(reason.p); *c != '\0'; c++) {
		if (*c == '\n')
			buf_str(p->out, " or ");
		else
			buf_char(p->out, *c);
	}
	buf_char(p->out, '\n');
	buf_free(&reason);
}

/* Append the number of ticks and what their times depended on. */
static void put_ticks(struct report_page *p)
{
	const struct report *r = p->r;
	struct report_number ticks = report_total(r)->ticks;
	double ms = (double)r->interval_us.value / 1e3;
	if (r->schedule.n == 0 || !ticks.known)
		return;
	buf_printf(p->out, "  ticks     %12" PRId64 "   ", ticks.value);
	if (slice_is(r->schedule, "events"))
		buf_str(p->out, "as memory changed; at rest, by page faults\n");
	else if (slice_is(r->schedule, "events-user"))
		buf_str(p->out, "as memory changed; at rest, by user-mode page faults\n");
	else if (slice_is(r->schedule, "adaptive") && ms > 1)
		buf_printf(p->out, "every 1 to %.10g ms, as memory changed\n", ms);
	else
		buf_printf(p->out, "every %.10g ms\n", ms);
	if (r->events_refused.n > 0)
		put_refusal(p);
}

void report_text_figures(struct report_page *p)
{
	put_peak(p);
	report_text_footprint(p);
	put_pss(p);
	put_cgroup(p);
	put_excluded(p);
	report_text_metrics(p);
	put_over_time(p);
	put_ticks(p);
}
