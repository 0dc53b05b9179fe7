/* The report that people read. */
#include <stdio.h>
#include <string.h>

#include "human.h"
#include "report.h"

#define WIDTH 80
#define NAME_WIDTH 22
#define ROWS_MAX 10 /* of a table */
#define CHART_WIDTH 64
#define CHART_HEIGHT 6

static const char bold[] = "\033[1m", plain[] = "\033[0m", faint[] = "\033[2m";

struct printer {
	const struct report *r;
	const struct report_style *style;
	struct buf *out;
};

static void put_styled(struct printer *p, const char *code, const char *text)
{
	if (p->style->colour)
		buf_str(p->out, code);
	buf_str(p->out, text);
	if (p->style->colour)
		buf_str(p->out, plain);
}

static const char *format_size(char *text, struct report_number kib)
{
	return kib.known ? human_size(text, (uint64_t)kib.value) : "-";
}

static void put_size(struct printer *p, struct report_number kib, int width)
{
	char text[HUMAN_SIZE];
	buf_printf(p->out, "%*s", width, format_size(text, kib));
}

/* At most WIDTH columns of NAME; padded if PAD. */
static void put_name(struct printer *p, struct slice name, size_t width, int pad)
{
	static const struct slice none = {"-", 1};
	size_t columns = human_name(p->out, name.n > 0 ? name : none, width, p->style->utf8);
	if (pad)
		buf_printf(p->out, "%*s", (int)(width - columns), "");
}

static void put_title(struct printer *p)
{
	const struct report_row *t = report_total(p->r);
	if (p->style->colour)
		buf_str(p->out, bold);
	if (p->r->command.n > 0) {
		put_name(p, p->r->command, WIDTH, 0);
	} else {
		put_name(p, t->name, NAME_WIDTH, 0);
		if (t->pid.known)
			buf_printf(p->out, " (PID %lld)", (long long)t->pid.value);
	}
	if (p->style->colour)
		buf_str(p->out, plain);
	buf_char(p->out, '\n');
}

static void put_attached_end(struct printer *p)
{
	buf_str(p->out, "  watched for ");
	human_duration(p->out, report_length_us(p->r));
	if (!p->r->running.known || p->r->running.value == 0)
		buf_str(p->out, "\n");
	else
		buf_printf(p->out, "; %lld process%s still running\n",
		    (long long)p->r->running.value, p->r->running.value == 1 ? "" : "es");
}

static void put_end(struct printer *p)
{
	const struct report *r = p->r;
	if (r->exit_code.known)
		buf_printf(p->out, "  exit status %lld", (long long)r->exit_code.value);
	else if (r->signal.known)
		buf_printf(p->out, "  killed by signal %lld (%s)", (long long)r->signal.value,
		    strsignal((int)r->signal.value));
	else if (r->command.n == 0) {
		put_attached_end(p);
		return;
	} else
		buf_str(p->out, "  INCOMPLETE: how the command ended is not known,");
	buf_str(p->out, " after ");
	human_duration(p->out, report_length_us(r));
	if (r->user_us.known && r->system_us.known) {
		buf_str(p->out, " (");
		human_duration(p->out, r->user_us.value);
		buf_str(p->out, " user, ");
		human_duration(p->out, r->system_us.value);
		buf_str(p->out, " system)");
	}
	buf_char(p->out, '\n');
	if (r->running.known && r->running.value > 0)
		buf_printf(p->out, "  %lld process%s of it still running\n",
		    (long long)r->running.value, r->running.value == 1 ? "" : "es");
}

static int is(struct slice s, const char *text)
{
	return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

/* How the readings came about; what would make them better, if anything. */
static void put_wake(struct printer *p)
{
	const struct report *r = p->r;
	const struct report_row *t = report_total(r);
	double ms = (double)r->interval_us.value / 1e3;
	if (r->wake.n == 0 || !t->ticks.known)
		return;
	buf_printf(p->out, "  readings  %12lld   ", (long long)t->ticks.value);
	if (is(r->wake, "faults"))
		buf_str(p->out, "woken by page faults\n");
	else if (is(r->wake, "faults-user"))
		buf_str(p->out, "woken by page faults outside system calls\n");
	else if (is(r->wake, "adaptive") && ms > 1)
		buf_printf(p->out, "every 1 to %.10g ms, as memory moved\n", ms);
	else
		buf_printf(p->out, "every %.10g ms\n", ms);
	if (r->wake_refused.n > 0) {
		buf_str(p->out, "  (page-fault events: ");
		put_name(p, r->wake_refused, NAME_WIDTH, 0);
		buf_str(p->out, "; as root: sysctl kernel.perf_event_paranoid=2\n"
				"  or setcap cap_perfmon+ep memsample)\n");
	}
}

static void put_peak(struct printer *p)
{
	const struct report_row *t = report_total(p->r);
	char size[HUMAN_SIZE], text[48];
	snprintf(text, sizeof text, "%12s", format_size(size, t->rss_kib));
	buf_str(p->out, "\n  peak RSS  ");
	put_styled(p, bold, text);
	if (t->time_us.known) {
		buf_str(p->out, "   after ");
		human_duration(p->out, t->time_us.value - report_start_us(p->r));
	} else {
		buf_str(p->out, "   between readings");
	}
	if (t->procs.known)
		buf_printf(p->out, ", in %lld process%s", (long long)t->procs.value,
		    t->procs.value == 1 ? "" : "es");
	buf_str(p->out, "\n  at most   ");
	put_size(p, t->bound_kib, 12);
	if (t->vsz_kib.known) {
		buf_str(p->out, "\n  peak VSZ  ");
		put_size(p, t->vsz_kib, 12);
	}
	buf_char(p->out, '\n');
	put_wake(p);
}

/* What each column of the chart shows, in KiB; between readings, the last. */
static void fill_columns(const struct report *r, int64_t *column)
{
	const struct report_rows *spans = &r->rows[REPORT_SPAN];
	int64_t start = report_start_us(r), length = report_length_us(r);
	int64_t last = 0;
	for (int i = 0; i < CHART_WIDTH; i++)
		column[i] = -1;
	for (size_t i = 0; i < spans->n && length > 0; i++) {
		const struct report_row *s = &spans->v[i];
		int64_t at = (s->time_us.value - start) * CHART_WIDTH / length;
		at = at < 0 ? 0 : at >= CHART_WIDTH ? CHART_WIDTH - 1 : at;
		if (s->rss_kib.value > column[at])
			column[at] = s->rss_kib.value;
	}
	for (int i = 0; i < CHART_WIDTH; i++)
		last = column[i] = column[i] < 0 ? last : column[i];
}

static void put_cell(struct printer *p, int eighths)
{
	static const char *const blocks[] = {" ", "\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83",
	    "\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88"};
	eighths = eighths < 0 ? 0 : eighths > 8 ? 8 : eighths;
	if (p->style->utf8)
		buf_str(p->out, blocks[eighths]);
	else
		buf_char(p->out, eighths >= 4 ? '#' : eighths > 0 ? '.' : ' ');
}

static void put_axis(struct printer *p)
{
	struct buf end = {0};
	human_duration(&end, report_length_us(p->r));
	buf_printf(p->out, "  %10s  0 s%*.*s\n", "", CHART_WIDTH - 3, (int)end.n, end.p);
	buf_free(&end);
}

static void put_chart(struct printer *p)
{
	const struct report_row *t = report_total(p->r);
	int64_t column[CHART_WIDTH];
	int64_t top = t->rss_kib.value > 0 ? t->rss_kib.value : 1;
	if (!p->style->chart || p->r->rows[REPORT_SPAN].n == 0)
		return;
	fill_columns(p->r, column);
	buf_char(p->out, '\n');
	for (int line = CHART_HEIGHT - 1; line >= 0; line--) {
		struct report_number label = {line == 0 ? 0 : top, 1};
		buf_str(p->out, "  ");
		if (line == CHART_HEIGHT - 1 || line == 0)
			put_size(p, label, 10);
		else
			buf_printf(p->out, "%10s", "");
		buf_str(p->out, p->style->utf8 ? " \xe2\x94\x82" : " |");
		for (int i = 0; i < CHART_WIDTH; i++) {
			int64_t eighths = (column[i] * CHART_HEIGHT * 8 + top / 2) / top - line * 8;
			put_cell(p, eighths > 8 ? 8 : eighths < 0 ? 0 : (int)eighths);
		}
		while (p->out->p[p->out->n - 1] == ' ')
			p->out->n--;
		buf_char(p->out, '\n');
	}
	put_axis(p);
}

static void put_more(struct printer *p, size_t n)
{
	if (n > ROWS_MAX)
		buf_printf(p->out, "  and %zu more\n", n - ROWS_MAX);
}

static void put_groups(struct printer *p)
{
	const struct report_rows *groups = &p->r->rows[REPORT_GROUP];
	char head[WIDTH + 1];
	snprintf(head, sizeof head, "\n  %-*s %8s %12s %12s\n", NAME_WIDTH, "GROUP", "PROCS",
	    "PEAK", "AT PEAK");
	put_styled(p, faint, head);
	for (size_t i = 0; i < groups->n && i < ROWS_MAX; i++) {
		const struct report_row *g = &groups->v[i];
		buf_str(p->out, "  ");
		put_name(p, g->name, NAME_WIDTH, 1);
		buf_printf(p->out, " %8lld ", (long long)g->procs.value);
		put_size(p, g->rss_kib, 12);
		buf_char(p->out, ' ');
		put_size(p, g->at_peak_kib, 12);
		buf_char(p->out, '\n');
	}
	put_more(p, groups->n);
}

static void put_processes(struct printer *p)
{
	const struct report_rows *processes = &p->r->rows[REPORT_PROCESS];
	int64_t start = report_start_us(p->r);
	char head[WIDTH + 1];
	snprintf(head, sizeof head, "\n  %-*s %8s %12s %12s  %s\n", NAME_WIDTH, "PROCESS", "PID",
	    "PEAK", "AT PEAK", "SEEN");
	put_styled(p, faint, head);
	for (size_t i = 0; i < processes->n && i < ROWS_MAX; i++) {
		const struct report_row *r = &processes->v[i];
		buf_str(p->out, "  ");
		put_name(p, r->name, NAME_WIDTH, 1);
		buf_printf(p->out, " %8lld ", (long long)r->pid.value);
		put_size(p, r->rss_kib, 12);
		buf_char(p->out, ' ');
		put_size(p, r->at_peak_kib, 12);
		buf_printf(p->out, "  %.1f-%.1f s\n", (double)(r->first_us.value - start) / 1e6,
		    (double)(r->last_us.value - start) / 1e6);
	}
	put_more(p, processes->n);
}

void report_text(const struct report *r, const struct report_style *style, struct buf *out)
{
	struct printer p = {r, style, out};
	put_title(&p);
	put_end(&p);
	put_peak(&p);
	put_chart(&p);
	if (r->rows[REPORT_PROCESS].n > 1) {
		put_groups(&p);
		put_processes(&p);
	}
}

void report_bytes(const struct report *r, struct buf *out)
{
	buf_printf(out, "%lld\n", (long long)report_total(r)->rss_kib.value * 1024);
}
