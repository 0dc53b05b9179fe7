/* The report that people read. */
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/slice.h"
#include "report/report_text.h"

#define WIDTH 80
#define ROWS_MAX 10   /* of a table */
#define SIZE_WIDTH 12 /* of a size, at the least */

void report_text_styled(struct report_page *p, const char *code, const char *text)
{
	if (p->style->colour)
		buf_str(p->out, code);
	buf_str(p->out, text);
	if (p->style->colour)
		buf_str(p->out, REPORT_TEXT_PLAIN);
}

const char *report_text_format(
    const struct report_page *p, char text[FORMAT_SIZE], struct report_number kib)
{
	return kib.known ? format_size_in(text, kib.value, p->style->unit) : "-";
}

void report_text_size(struct report_page *p, struct report_number kib)
{
	char text[FORMAT_SIZE];
	buf_printf(p->out, "%*s", p->width, report_text_format(p, text, kib));
}

void report_text_say(struct report_page *p, struct report_number kib)
{
	char text[FORMAT_SIZE];
	buf_str(p->out, report_text_format(p, text, kib));
}

const char *report_text_plural(struct report_number n)
{
	return n.value == 1 ? "" : "es";
}

/* Sizes stand in columns as wide as the widest of them. */
static int find_width(const struct report_page *p)
{
	const struct report_row *t = report_total(p->r);
	struct report_number most[] = {t->rss_kib, t->bound_kib, t->vsz_kib, t->swap_kib,
	    t->pss_at_peak_kib, p->r->cgroup_peak_kib, p->r->left_out_kib};
	int width = SIZE_WIDTH;
	for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
		char text[FORMAT_SIZE];
		int n = (int)strlen(report_text_format(p, text, most[i]));
		width = n > width ? n : width;
	}
	return width;
}

/* At most WIDTH columns of NAME; padded if PAD. */
void report_text_name(struct report_page *p, struct slice name, size_t width, int pad)
{
	static const struct slice none = {"-", 1};
	size_t columns = format_name(p->out, name.n > 0 ? name : none, width, p->style->utf8);
	if (pad)
		buf_printf(p->out, "%*s", (int)(width - columns), "");
}

static void put_title(struct report_page *p)
{
	const struct report_row *t = report_total(p->r);
	if (p->style->colour)
		buf_str(p->out, REPORT_TEXT_BOLD);
	if (p->r->command.n > 0) {
		report_text_name(p, p->r->command, WIDTH, 0);
	} else {
		report_text_name(p, t->name, REPORT_TEXT_NAME, 0);
		if (t->pid.known)
			buf_printf(p->out, " (PID %lld)", (long long)t->pid.value);
	}
	if (p->style->colour)
		buf_str(p->out, REPORT_TEXT_PLAIN);
	buf_char(p->out, '\n');
}

static void put_attached_end(struct report_page *p)
{
	buf_str(p->out, "  watched for ");
	format_duration(p->out, report_length_us(p->r));
	if (!p->r->running.known || p->r->running.value == 0)
		buf_str(p->out, "\n");
	else
		buf_printf(p->out, "; %lld process%s still running\n",
		    (long long)p->r->running.value, p->r->running.value == 1 ? "" : "es");
}

static void put_end(struct report_page *p)
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
	format_duration(p->out, report_length_us(r));
	if (r->user_us.known && r->system_us.known) {
		buf_str(p->out, " (");
		format_duration(p->out, r->user_us.value);
		buf_str(p->out, " user, ");
		format_duration(p->out, r->system_us.value);
		buf_str(p->out, " system)");
	}
	buf_char(p->out, '\n');
	if (r->running.known && r->running.value > 0)
		buf_printf(p->out, "  %lld process%s of it still running\n",
		    (long long)r->running.value, r->running.value == 1 ? "" : "es");
}

/* Of N, of which LISTED could be shown. */
static void put_more(struct report_page *p, size_t listed, size_t n)
{
	size_t shown = listed < ROWS_MAX ? listed : ROWS_MAX;
	if (n > shown)
		buf_printf(p->out, "  and %zu more\n", n - shown);
}

/* Of `#limit_signal` lines: `; ended with SIGTERM, SIGKILL`. */
static void put_signals(struct report_page *p)
{
	for (size_t i = 0; i < p->r->limit_signals; i++) {
		struct slice name = p->r->limit_signal[i];
		int digit = name.n > 0 && name.p[0] >= '0' && name.p[0] <= '9';
		buf_str(p->out, i > 0 ? ", " : "; ended with ");
		buf_str(p->out, digit ? "signal " : "SIG");
		report_text_name(p, name, REPORT_TEXT_NAME, 0);
	}
}

static void put_exceeded_line(struct report_page *p, const struct report_exceeded *e)
{
	const struct report *r = p->r;
	struct report_number limit = e->by_process ? r->limit_process_kib : r->limit_total_kib;
	buf_str(p->out, "  LIMIT EXCEEDED: ");
	if (e->by_process) {
		report_text_name(p, e->name, REPORT_TEXT_NAME, 0);
		if (e->pid.known)
			buf_printf(p->out, " (PID %lld)", (long long)e->pid.value);
	} else {
		buf_str(p->out, "total");
	}
	struct report_style style = *p->style;
	struct report_page page = *p;
	style.unit = format_distinct_unit(e->rss_kib.value, limit.value, style.unit);
	page.style = &style;
	buf_char(p->out, ' ');
	report_text_say(&page, e->rss_kib);
	if (limit.known) {
		buf_str(p->out, " of ");
		report_text_say(&page, limit);
	}
	if (e->time_us.known) {
		buf_str(p->out, " after ");
		format_duration(p->out, e->time_us.value - report_start_us(r));
	}
}

static void put_exceeded(struct report_page *p)
{
	size_t n = p->r->exceeded_n;
	for (size_t i = 0; i < n && i < ROWS_MAX; i++) {
		put_exceeded_line(p, &p->r->exceeded[i]);
		if (i == 0)
			put_signals(p);
		buf_char(p->out, '\n');
	}
	put_more(p, n, n);
}

static void put_oom(struct report_page *p)
{
	struct report_number n = p->r->oom_kills;
	if (n.known && n.value > 0)
		buf_printf(p->out, "  OUT OF MEMORY: the kernel killed %lld process%s\n",
		    (long long)n.value, report_text_plural(n));
}

static void put_head(
    struct report_page *p, struct slice name, const char *second, const char *behind)
{
	struct report_page head = *p;
	struct buf line = {0};
	head.out = &line;
	buf_str(&line, "\n  ");
	report_text_name(&head, name, REPORT_TEXT_NAME, 1);
	buf_printf(&line, " %8s %*s %*s%s\n%c", second, p->width, "PEAK", p->width, "AT PEAK",
	    behind, '\0');
	report_text_styled(p, REPORT_TEXT_FAINT, line.p);
	buf_free(&line);
}

/* What groups and processes have in common; NUMBER goes with the name. */
static void put_row(
    struct report_page *p, const struct report_row *row, struct report_number number)
{
	buf_str(p->out, "  ");
	report_text_name(p, row->name, REPORT_TEXT_NAME, 1);
	buf_printf(p->out, " %8lld ", (long long)number.value);
	report_text_size(p, row->rss_kib);
	buf_char(p->out, ' ');
	report_text_size(p, row->at_peak_kib);
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

static void put_processes(struct report_page *p)
{
	const struct report_rows *processes = &p->r->rows[REPORT_PROCESS];
	int64_t start = report_start_us(p->r);
	put_head(p, (struct slice){"PROCESS", 7}, "PID", "  SEEN");
	for (size_t i = 0; i < processes->n && i < ROWS_MAX; i++) {
		const struct report_row *r = &processes->v[i];
		put_row(p, r, r->pid);
		buf_printf(p->out, "  %.1f-%.1f s\n", (double)(r->first_us.value - start) / 1e6,
		    (double)(r->last_us.value - start) / 1e6);
	}
	put_more(p, processes->n, report_count(p->r, REPORT_PROCESS));
}

void report_text(const struct report *r, const struct report_style *style, struct buf *out)
{
	struct report_page p = {r, style, out, SIZE_WIDTH};
	p.width = find_width(&p);
	put_title(&p);
	put_end(&p);
	put_exceeded(&p);
	put_oom(&p);
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
	buf_printf(out, "%lld\n", (long long)report_total(r)->rss_kib.value * 1024);
}
