/* The report that programs read: one JSON object. */
#include <string.h>

#include "base/format.h"
#include "base/slice.h"
#include "base/utf8.h"
#include "report/report.h"

/* Any bytes as a JSON string; those that are no UTF-8 become U+FFFD. */
static void put_string(struct buf *out, struct slice raw)
{
	buf_char(out, '"');
	for (size_t i = 0; i < raw.n;) {
		unsigned char c = (unsigned char)raw.p[i];
		size_t len = utf8_length(raw.p + i, raw.n - i);
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

static void put_value(struct buf *out, enum report_kind kind, const struct report_value *v)
{
	size_t start = out->n;
	if (v->number.known) {
		switch (kind) {
		case REPORT_COUNT:
		case REPORT_KIB:
			buf_printf(out, "%lld", (long long)v->number.value);
			break;
		case REPORT_FLAG:
			buf_str(out, v->number.value ? "true" : "false");
			break;
		case REPORT_SECONDS:
			buf_time(out, v->number.value);
			break;
		case REPORT_DATE:
			buf_char(out, '"');
			if (format_date(out, v->number.value) == 0)
				buf_char(out, '"');
			else
				out->n = start;
			break;
		case REPORT_TEXT:
		case REPORT_NAME:
			put_string(out, v->text);
			break;
		}
	}
	if (out->n == start)
		buf_str(out, "null");
}

/* A key, with what goes before. */
static void put_key(struct buf *out, const char *indent, struct slice key)
{
	char last = out->n > 0 ? out->p[out->n - 1] : '\0';
	buf_str(out, last == '{' ? "\n" : ",\n");
	buf_str(out, indent);
	put_string(out, key);
	buf_str(out, ": ");
}

static void put_name(struct buf *out, const char *indent, const char *key)
{
	put_key(out, indent, (struct slice){key, strlen(key)});
}

static void put_number(struct buf *out, const char *indent, const char *key, enum report_kind kind,
    struct report_number n)
{
	struct report_value v = {.number = n};
	put_name(out, indent, key);
	put_value(out, kind, &v);
}

static void put_text(
    struct buf *out, const char *indent, const char *key, enum report_kind kind, struct slice text)
{
	struct report_value v = {.text = text, .number.known = text.n > 0 || kind == REPORT_NAME};
	put_name(out, indent, key);
	put_value(out, kind, &v);
}

/* What is only there if its column is. */
static const struct {
	enum report_column column;
	enum report_kind kind;
	const char *key;
	size_t at; /* in a row */
	int process;
} extras[] = {
    {REPORT_C_PSS, REPORT_KIB, "peak_pss_kib", offsetof(struct report_row, pss_kib), 0},
    {REPORT_C_USS, REPORT_KIB, "peak_uss_kib", offsetof(struct report_row, uss_kib), 0},
    {REPORT_C_PSS_AT_PEAK, REPORT_KIB, "at_peak_pss_kib",
	offsetof(struct report_row, pss_at_peak_kib), 0},
    {REPORT_C_SWAP, REPORT_KIB, "swap_kib", offsetof(struct report_row, swap_kib), 0},
    {REPORT_C_THREADS, REPORT_COUNT, "threads", offsetof(struct report_row, threads), 0},
    {REPORT_C_REGIONS, REPORT_COUNT, "regions", offsetof(struct report_row, regions), 0},
    {REPORT_C_CPU, REPORT_SECONDS, "cpu_seconds", offsetof(struct report_row, cpu_us), 0},
    {REPORT_C_READ, REPORT_KIB, "read_kib", offsetof(struct report_row, read_kib), 0},
    {REPORT_C_WRITE, REPORT_KIB, "write_kib", offsetof(struct report_row, write_kib), 0},
    {REPORT_C_START, REPORT_DATE, "started_at", offsetof(struct report_row, start_us), 1},
    {REPORT_C_CMD, REPORT_TEXT, "command_line", offsetof(struct report_row, cmd), 1},
    {REPORT_C_EXE, REPORT_TEXT, "exe", offsetof(struct report_row, exe), 1},
    {REPORT_C_USER, REPORT_TEXT, "user", offsetof(struct report_row, user), 1},
};

static void put_extras(struct buf *out, const char *indent, const struct report *r,
    enum report_scope scope, const struct report_row *row)
{
	for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) {
		const void *at = (const char *)row + extras[i].at;
		if (!report_has(r, extras[i].column) ||
		    (extras[i].process && scope != REPORT_PROCESS))
			continue;
		if (extras[i].kind == REPORT_TEXT)
			put_text(
			    out, indent, extras[i].key, REPORT_TEXT, *(const struct slice *)at);
		else
			put_number(out, indent, extras[i].key, extras[i].kind,
			    *(const struct report_number *)at);
	}
}

static void put_labels(struct buf *out, const struct report *r, const struct report_row *row)
{
	if (row->label == NULL)
		return;
	put_name(out, "      ", "labels");
	buf_char(out, '{');
	for (size_t i = 0; i < r->labels; i++) {
		put_key(out, "        ", r->label[i]);
		put_string(out, row->label[i]);
	}
	buf_str(out, "\n      }");
}

static void put_peaks(
    struct buf *out, const char *indent, const struct report *r, const struct report_row *row)
{
	put_number(out, indent, "peak_rss_kib", REPORT_KIB, row->rss_kib);
	put_number(out, indent, "peak_rss_bound_kib", REPORT_KIB, row->bound_kib);
	put_number(out, indent, "at_peak_rss_kib", REPORT_KIB, row->at_peak_kib);
	put_number(out, indent, "peak_vsz_kib", REPORT_KIB, row->vsz_kib);
	put_number(
	    out, indent, "peak_after_seconds", REPORT_SECONDS, report_since(r, row->time_us));
	put_number(
	    out, indent, "first_seen_seconds", REPORT_SECONDS, report_since(r, row->first_us));
	put_number(out, indent, "last_seen_seconds", REPORT_SECONDS, report_since(r, row->last_us));
	put_number(out, indent, "ticks", REPORT_COUNT, row->ticks);
	put_number(out, indent, "peak_at", REPORT_DATE, row->time_us);
	put_number(out, indent, "first_seen_at", REPORT_DATE, row->first_us);
	put_number(out, indent, "last_seen_at", REPORT_DATE, row->last_us);
}

static void put_row(
    struct buf *out, const struct report *r, enum report_scope scope, const struct report_row *row)
{
	static const char indent[] = "      ";
	put_text(out, indent, "name", REPORT_NAME, row->name);
	if (scope == REPORT_PROCESS) {
		put_number(out, indent, "pid", REPORT_COUNT, row->pid);
		put_number(out, indent, "ppid", REPORT_COUNT, row->ppid);
	} else {
		put_number(out, indent, "peak_processes", REPORT_COUNT, row->procs);
	}
	put_peaks(out, indent, r, row);
	put_extras(out, indent, r, scope, row);
	put_labels(out, r, row);
}

static void put_span(struct buf *out, const struct report *r, const struct report_row *s)
{
	static const char indent[] = "      ";
	put_number(out, indent, "at", REPORT_DATE, s->time_us);
	put_number(out, indent, "after_seconds", REPORT_SECONDS, report_since(r, s->time_us));
	put_number(out, indent, "rss_kib", REPORT_KIB, s->rss_kib);
	put_number(out, indent, "bound_kib", REPORT_KIB, s->bound_kib);
	put_number(out, indent, "processes", REPORT_COUNT, s->procs);
}

static void put_rows(
    struct buf *out, const struct report *r, const char *key, enum report_scope scope)
{
	const struct report_rows *rows = &r->rows[scope];
	put_name(out, "  ", key);
	buf_char(out, '[');
	for (size_t i = 0; i < rows->n; i++) {
		buf_str(out, i == 0 ? "\n    {" : ",\n    {");
		if (scope == REPORT_SPAN)
			put_span(out, r, &rows->v[i]);
		else
			put_row(out, r, scope, &rows->v[i]);
		buf_str(out, "\n    }");
	}
	buf_str(out, rows->n > 0 ? "\n  ]" : "]");
}

static void put_exceeded(struct buf *out, const struct report_exceeded *e)
{
	static const char indent[] = "        ";
	static const struct slice total = {"total", 5}, process = {"process", 7};
	buf_str(out, "\n      {");
	put_text(out, indent, "scope", REPORT_TEXT, e->by_process ? process : total);
	put_number(out, indent, "rss_kib", REPORT_KIB, e->rss_kib);
	put_number(out, indent, "at", REPORT_DATE, e->time_us);
	put_number(out, indent, "pid", REPORT_COUNT, e->pid);
	put_text(out, indent, "name", e->by_process ? REPORT_NAME : REPORT_TEXT, e->name);
	buf_str(out, "\n      }");
}

/* What the limits came to, behind the limits themselves. */
static void put_limits(struct buf *out, const struct report *r)
{
	put_name(out, "    ", "exceeded");
	buf_char(out, '[');
	for (size_t i = 0; i < r->exceeded_n; i++) {
		if (i > 0)
			buf_char(out, ',');
		put_exceeded(out, &r->exceeded[i]);
	}
	buf_str(out, r->exceeded_n > 0 ? "\n    ]" : "]");
	put_name(out, "    ", "signals");
	buf_char(out, '[');
	for (size_t i = 0; i < r->limit_signals; i++) {
		if (i > 0)
			buf_str(out, ", ");
		put_string(out, r->limit_signal[i]);
	}
	buf_char(out, ']');
}

/* The object that the keys of F and of some that follow lead into, or null if
 * nothing in it is known. Returns the first behind. */
static const struct report_field *put_object(
    struct buf *out, const struct report *r, const struct report_field *f)
{
	size_t n = (size_t)(strchr(f->key, '.') - f->key);
	int limits = strncmp(f->key, "limits.", n + 1) == 0;
	int known = limits && r->exceeded_n + r->limit_signals > 0;
	const struct report_field *end = f;
	for (; end->key != NULL && strncmp(end->key, f->key, n + 1) == 0; end++)
		known |= report_get(r, end).number.known;
	put_key(out, "  ", (struct slice){f->key, n});
	buf_str(out, known ? "{" : "null");
	for (; known && f < end; f++) {
		struct report_value v = report_get(r, f);
		put_name(out, "    ", f->key + n + 1);
		put_value(out, f->kind, &v);
	}
	if (known && limits)
		put_limits(out, r);
	if (known)
		buf_str(out, "\n  }");
	return end;
}

void report_json(const struct report *r, const struct report_style *style, struct buf *out)
{
	buf_char(out, '{');
	for (const struct report_field *f = report_fields; f->key != NULL;) {
		if (strchr(f->key, '.') != NULL) {
			f = put_object(out, r, f);
			continue;
		}
		struct report_value v = report_get(r, f);
		put_name(out, "  ", f->key);
		put_value(out, f->kind, &v);
		f++;
	}
	put_rows(out, r, "groups", REPORT_GROUP);
	put_rows(out, r, "processes", REPORT_PROCESS);
	if (style->timeline)
		put_rows(out, r, "timeline", REPORT_SPAN);
	buf_str(out, "\n}\n");
}
