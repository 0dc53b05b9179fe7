/* The figures of the report that people read. */
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "report/report_text.h"

/* How the readings came about; what would make them better, if anything. */
static void put_wake(struct report_page *p)
{
	const struct report *r = p->r;
	const struct report_row *t = report_total(r);
	double ms = (double)r->interval_us.value / 1e3;
	if (r->wake.n == 0 || !t->ticks.known)
		return;
	buf_printf(p->out, "  readings  %12lld   ", (long long)t->ticks.value);
	if (slice_is(r->wake, "events"))
		buf_str(p->out, "woken by page faults\n");
	else if (slice_is(r->wake, "events-user"))
		buf_str(p->out, "woken by page faults outside system calls\n");
	else if (slice_is(r->wake, "adaptive") && ms > 1)
		buf_printf(p->out, "every 1 to %.10g ms, as memory moved\n", ms);
	else
		buf_printf(p->out, "every %.10g ms\n", ms);
	if (r->wake_refused.n > 0) {
		buf_str(p->out, "  (page-fault events: ");
		report_text_name(p, r->wake_refused, REPORT_TEXT_NAME, 0);
		buf_str(p->out, "; as root: ");
		if (!slice_is(r->wake_refused, "processes of another user"))
			buf_str(p->out, "sysctl kernel.perf_event_paranoid=2\n  or ");
		buf_str(p->out, "setcap cap_perfmon+ep memsample)\n");
	}
}

static void put_peak(struct report_page *p)
{
	const struct report_row *t = report_total(p->r);
	char size[FORMAT_SIZE], text[FORMAT_SIZE];
	snprintf(text, sizeof text, "%*s", p->width, report_text_format(p, size, t->rss_kib));
	buf_str(p->out, "\n  peak RSS  ");
	report_text_styled(p, REPORT_TEXT_BOLD, text);
	if (t->time_us.known) {
		buf_str(p->out, "   after ");
		format_duration(p->out, t->time_us.value - report_start_us(p->r));
	} else {
		buf_str(p->out, "   between readings");
	}
	if (t->procs.known)
		buf_printf(p->out, ", in %lld process%s", (long long)t->procs.value,
		    report_text_plural(t->procs));
	buf_str(p->out, "\n  at most   ");
	report_text_size(p, t->bound_kib);
	if (t->vsz_kib.known) {
		buf_str(p->out, "\n  peak VSZ  ");
		report_text_size(p, t->vsz_kib);
	}
	buf_char(p->out, '\n');
}

/* The most that was swapped out, if anything was. */
static void put_swap(struct report_page *p)
{
	const struct report_row *t = report_total(p->r);
	if (!t->swap_kib.known || t->swap_kib.value == 0)
		return;
	buf_str(p->out, "  swapped   ");
	report_text_size(p, t->swap_kib);
	buf_str(p->out, "   at most\n");
}

/* PSS is read now and then: at the peak only if that was a time of these. */
static void put_pss(struct report_page *p)
{
	const struct report *r = p->r;
	const struct report_row *t = report_total(r);
	if (!t->pss_at_peak_kib.known && !t->pss_kib.known) {
		if (r->pss_reads.known)
			buf_str(p->out,
			    "  PSS         not known   too little of the tree could be read\n");
		return;
	}
	buf_str(p->out, "  PSS       ");
	report_text_size(p, t->pss_at_peak_kib);
	if (r->pss_at_rss_kib.known && r->pss_at_rss_kib.value != t->rss_kib.value) {
		buf_str(p->out, "   at an RSS of ");
		report_text_say(p, r->pss_at_rss_kib);
	} else {
		buf_str(p->out, "   at the peak");
	}
	if (t->pss_kib.known) {
		buf_str(p->out, "; largest reading ");
		report_text_say(p, t->pss_kib);
	}
	if (r->pss_reads.known)
		buf_printf(p->out, " (read %lld time%s)", (long long)r->pss_reads.value,
		    r->pss_reads.value == 1 ? "" : "s");
	buf_char(p->out, '\n');
}

/* The kernel's own account of the group, and its parts. */
static void put_cgroup(struct report_page *p)
{
	const struct report *r = p->r;
	const struct {
		const char *name;
		struct report_number kib;
	} parts[] = {
	    {"anonymous", r->cgroup_anon_kib},
	    {"files", r->cgroup_file_kib},
	    {"kernel", r->cgroup_kernel_kib},
	};
	const char *before = "   ";
	if (!r->cgroup_peak_kib.known)
		return;
	buf_str(p->out, "  cgroup    ");
	report_text_size(p, r->cgroup_peak_kib);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (!parts[i].kib.known)
			continue;
		buf_printf(p->out, "%s%s ", before, parts[i].name);
		report_text_say(p, parts[i].kib);
		before = ", ";
	}
	buf_char(p->out, '\n');
}

static void put_left_out(struct report_page *p)
{
	const struct report *r = p->r;
	if (!r->left_out_procs.known || r->left_out_procs.value == 0)
		return;
	buf_str(p->out, "  left out  ");
	report_text_size(p, r->left_out_kib);
	buf_printf(p->out, "   at most, in %lld process%s\n", (long long)r->left_out_procs.value,
	    report_text_plural(r->left_out_procs));
}

void report_text_figures(struct report_page *p)
{
	put_peak(p);
	put_swap(p);
	put_pss(p);
	put_cgroup(p);
	put_left_out(p);
	put_wake(p);
}
