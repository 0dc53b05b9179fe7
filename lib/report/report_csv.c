/* SPDX-License-Identifier: MIT */
/* The run as one record of CSV, with the columns of peak-mem, and the processes, with those of
 * memwatch. */
#include <inttypes.h>

#include "base/format.h"
#include "report/report.h"
#include "stream/csv.h"
#include "stream/escape.h"

static void put_number(struct buf *out, struct report_number n)
{
	if (n.known)
		buf_printf(out, "%" PRId64, n.value);
	buf_char(out, ',');
}

static void put_date(struct buf *out, struct report_number us, const char *end)
{
	if (us.known)
		(void)format_date(out, us.value);
	buf_str(out, end);
}

static void put_process(const struct report_row *p, struct buf *out)
{
	struct slice command = p->metric[METRIC_CMD].text;
	struct buf field = {0};
	if (command.n == 0)
		command = p->name;
	escape_field(&field, command.p, command.n);
	put_number(out, p->pid);
	put_number(out, p->ppid);
	csv_text(out, (struct slice){field.p, field.n});
	buf_char(out, ',');
	put_number(out, p->rss_kib);
	if (p->rss_kib.known)
		buf_printf(out, "%.2f", (double)p->rss_kib.value / 1024);
	buf_char(out, ',');
	put_date(out, p->first_us, ",");
	put_date(out, p->last_us, "\r\n");
	buf_free(&field);
}

void report_process_csv(const struct report *r, const struct report_style *style, struct buf *out)
{
	const struct report_rows *processes = &r->rows[REPORT_PROCESS];
	(void)style;
	buf_str(out, "pid,ppid,command,max_rss_kib,max_rss_mib,first_seen,last_seen\r\n");
	for (size_t i = 0; i < processes->n; i++)
		put_process(&processes->v[i], out);
}

static void put_bytes(struct buf *out, struct report_number kib)
{
	put_number(out, (struct report_number){kib.value * 1024, kib.known});
}

void report_run_csv(const struct report *r, const struct report_style *style, struct buf *out)
{
	const struct report_row *t = report_total(r);
	struct slice command = r->command.n > 0 ? r->command : t->name;
	struct buf field = {0};
	escape_field(&field, command.p, command.n);
	if (!style->continues)
		buf_str(out, "command,peak_rss_bytes,peak_vsz_bytes,duration_ms,exit_code,"
			     "threshold_exceeded,timestamp\r\n");
	csv_text(out, (struct slice){field.p, field.n});
	buf_char(out, ',');
	put_bytes(out, t->rss_kib);
	put_bytes(out, t->vsz_kib);
	buf_printf(out, "%" PRId64 ",", report_length_us(r) / 1000);
	put_number(out, report_status(r));
	buf_str(out, r->exceeded_n > 0 ? "true," : "false,");
	put_date(out, (struct report_number){report_start_us(r) + report_length_us(r), true}, "\r\n");
	buf_free(&field);
}
