/* The report that programs read: one JSON object. */
#include <stdio.h>
#include <string.h>

#include "human.h"
#include "report.h"

#define SCHEMA_VERSION 1

/* Any bytes as a JSON string; those that are no UTF-8 become U+FFFD. */
static void put_string(struct buf *out, struct slice raw)
{
	buf_char(out, '"');
	for (size_t i = 0; i < raw.n;) {
		unsigned char c = (unsigned char)raw.p[i];
		size_t len = buf_utf8(raw.p + i, raw.n - i);
		if (len == 0 && c == 0xc2 && i + 1 < raw.n &&
		    ((unsigned char)raw.p[i + 1] & 0xe0) == 0x80) {
			buf_printf(out, "\\u%04x", (unsigned char)raw.p[i + 1]);
			len = 2; /* U+0080 to U+009F: valid, not to be shown */
		} else if (len == 0) {
			if (c < 0x80)
				buf_printf(out, "\\u%04x", c);
			else
				buf_str(out, "\\ufffd");
			len = 1;
		} else {
			if (c == '"' || c == '\\')
				buf_char(out, '\\');
			buf_put(out, raw.p + i, len);
		}
		i += len;
	}
	buf_char(out, '"');
}

/* `"KEY": `, with what goes before. */
static void put_key(struct buf *out, const char *indent, const char *key)
{
	char last = out->n > 0 ? out->p[out->n - 1] : '\0';
	buf_str(out, last == '{' ? "\n" : ",\n");
	buf_printf(out, "%s\"%s\": ", indent, key);
}

static void put_integer(
    struct buf *out, const char *indent, const char *key, struct report_number n)
{
	put_key(out, indent, key);
	if (n.known)
		buf_printf(out, "%lld", (long long)n.value);
	else
		buf_str(out, "null");
}

static void put_seconds(
    struct buf *out, const char *indent, const char *key, struct report_number us)
{
	put_key(out, indent, key);
	if (us.known)
		buf_time(out, us.value);
	else
		buf_str(out, "null");
}

static void put_date(struct buf *out, const char *indent, const char *key, struct report_number us)
{
	struct buf date = {0};
	put_key(out, indent, key);
	if (us.known && human_date(&date, us.value) == 0)
		buf_printf(out, "\"%.*s\"", (int)date.n, date.p);
	else
		buf_str(out, "null");
	buf_free(&date);
}

static struct report_number since(const struct report *r, struct report_number us)
{
	us.value -= report_start_us(r);
	return us;
}

static void put_peaks(
    struct buf *out, const char *indent, const struct report *r, const struct report_row *row)
{
	put_integer(out, indent, "peak_rss_kib", row->rss_kib);
	put_integer(out, indent, "peak_rss_bound_kib", row->bound_kib);
	put_integer(out, indent, "peak_vsz_kib", row->vsz_kib);
	put_seconds(out, indent, "peak_after_seconds", since(r, row->time_us));
	put_seconds(out, indent, "first_seen_seconds", since(r, row->first_us));
	put_seconds(out, indent, "last_seen_seconds", since(r, row->last_us));
	put_integer(out, indent, "ticks", row->ticks);
}

static void put_rows(
    struct buf *out, const struct report *r, const char *key, enum report_scope scope)
{
	static const char inner[] = "      ";
	put_key(out, "  ", key);
	buf_char(out, '[');
	for (size_t i = 0; i < r->rows[scope].n; i++) {
		const struct report_row *row = &r->rows[scope].v[i];
		buf_str(out, i == 0 ? "\n    {" : ",\n    {");
		put_key(out, inner, "name");
		put_string(out, row->name);
		if (scope == REPORT_PROCESS) {
			put_integer(out, inner, "pid", row->pid);
			put_integer(out, inner, "ppid", row->ppid);
		} else {
			put_integer(out, inner, "peak_processes", row->procs);
		}
		put_peaks(out, inner, r, row);
		put_integer(out, inner, "at_peak_rss_kib", row->at_peak_kib);
		buf_str(out, "\n    }");
	}
	buf_str(out, r->rows[scope].n > 0 ? "\n  ]" : "]");
}

static void put_run(struct buf *out, const struct report *r)
{
	const struct report_row *t = report_total(r);
	struct report_number start = {report_start_us(r), 1}, length = {report_length_us(r), 1};
	struct report_number end = {start.value + length.value, 1};
	put_key(out, "  ", "command");
	if (r->command.n > 0)
		put_string(out, r->command);
	else
		buf_str(out, "null");
	put_key(out, "  ", "name");
	put_string(out, t->name);
	put_integer(out, "  ", "pid", t->pid);
	put_integer(out, "  ", "exit_code", r->exit_code);
	put_integer(out, "  ", "signal", r->signal);
	put_integer(out, "  ", "processes_left", r->running);
	put_key(out, "  ", "complete");
	buf_str(out, r->command.n == 0 || r->exit_code.known || r->signal.known ? "true" : "false");
	put_date(out, "  ", "started_at", start);
	put_date(out, "  ", "ended_at", end);
	put_seconds(out, "  ", "duration_seconds", length);
	put_seconds(out, "  ", "user_seconds", r->user_us);
	put_seconds(out, "  ", "system_seconds", r->system_us);
	put_seconds(out, "  ", "interval_seconds", r->interval_us);
	put_key(out, "  ", "wake");
	if (r->wake.n > 0)
		put_string(out, r->wake);
	else
		buf_str(out, "null");
}

void report_json(const struct report *r, struct buf *out)
{
	const struct report_row *t = report_total(r);
	buf_char(out, '{');
	put_integer(out, "  ", "schema_version", (struct report_number){SCHEMA_VERSION, 1});
	put_run(out, r);
	put_integer(out, "  ", "peak_processes", t->procs);
	put_peaks(out, "  ", r, t);
	put_date(out, "  ", "peak_at", t->time_us);
	put_rows(out, r, "groups", REPORT_GROUP);
	put_rows(out, r, "processes", REPORT_PROCESS);
	buf_str(out, "\n}\n");
}
