/* SPDX-License-Identifier: MIT */
/* The report that programs read: one JSON object. */
#include <inttypes.h>
#include <string.h>

#include "base/format.h"
#include "report/report.h"
#include "report/report_fields.h"
#include "stream/json_string.h"

/* Append a date as a string, or nothing if US is not a date. */
static void put_date(struct buf *out, int64_t us)
{
	size_t start = out->n;
	buf_char(out, '"');
	if (format_date(out, us) == 0)
		buf_char(out, '"');
	else
		out->n = start;
}

static void put_value(struct buf *out, enum report_kind kind, const struct report_value *v)
{
	size_t start = out->n;
	if (v->number.known) {
		switch (kind) {
		case REPORT_COUNT:
		case REPORT_KIB:
			buf_printf(out, "%" PRId64, v->number.value);
			break;
		case REPORT_FLAG:
			buf_str(out, v->number.value ? "true" : "false");
			break;
		case REPORT_SECONDS:
		case REPORT_DECIMAL:
			buf_time(out, v->number.value);
			break;
		case REPORT_DATE:
			put_date(out, v->number.value);
			break;
		case REPORT_TEXT:
		case REPORT_NAME:
			json_string(out, v->text);
			break;
		}
	}
	if (out->n == start)
		buf_str(out, "null");
}

/* ---- structure; DEPTH is the number of objects and arrays around what is appended */

static void put_indent(struct buf *out, int depth)
{
	buf_printf(out, "%*s", depth * 2, "");
}

/* Append KEY, with the comma between it and the member before it. */
static void put_key(struct buf *out, int depth, struct slice key)
{
	char last = out->n > 0 ? out->p[out->n - 1] : '\0';
	buf_str(out, last == '{' ? "\n" : ",\n");
	put_indent(out, depth);
	json_string(out, key);
	buf_str(out, ": ");
}

static void put_close(struct buf *out, int depth, char bracket)
{
	buf_char(out, '\n');
	put_indent(out, depth);
	buf_char(out, bracket);
}

static void put_field(struct buf *out, int depth, const struct report *r, const void *record,
    const struct report_field *f)
{
	const char *point = strchr(f->key, '.');
	struct report_value value = report_get(r, record, f);
	put_key(out, depth, slice_of(point != NULL ? point + 1 : f->key));
	put_value(out, f->kind, &value);
}

static void put_labels(
    struct buf *out, int depth, const struct report *r, const struct report_row *row)
{
	put_key(out, depth, slice_of("labels"));
	buf_char(out, '{');
	for (size_t i = 0; i < r->labels; i++) {
		put_key(out, depth + 1, r->label[i]);
		json_string(out, row->label[i]);
	}
	put_close(out, depth, '}');
}

/* Append RECORD of LIST as element I of an array. */
static void put_record(struct buf *out, int depth, size_t i, const struct report *r,
    enum report_list list, const void *record)
{
	struct report_fields fields = {.list = list};
	buf_str(out, i == 0 ? "\n" : ",\n");
	put_indent(out, depth);
	buf_char(out, '{');
	for (struct report_field f; report_fields_next(&fields, &f);)
		if (report_has(r, f.column))
			put_field(out, depth + 1, r, record, &f);
	if (list == REPORT_FIELDS_PROCESS && r->labels > 0)
		put_labels(out, depth + 1, r, record);
	put_close(out, depth, '}');
}

static void put_array(struct buf *out, const struct report *r, const struct report_array *a)
{
	const struct report_rows *rows = &r->rows[a->scope];
	put_key(out, 1, slice_of(a->key));
	buf_char(out, '[');
	for (size_t i = 0; i < rows->n; i++)
		put_record(out, 2, i, r, a->list, &rows->v[i]);
	if (rows->n > 0)
		put_close(out, 1, ']');
	else
		buf_char(out, ']');
}

/* ---- the run */

/* Append the further members of `limits`: what exceeded them, and the signals sent. */
static void put_limits(struct buf *out, const struct report *r)
{
	put_key(out, 2, slice_of("exceeded"));
	buf_char(out, '[');
	for (size_t i = 0; i < r->exceeded_n; i++)
		put_record(out, 3, i, r, REPORT_FIELDS_EXCEEDED, &r->exceeded[i]);
	if (r->exceeded_n > 0)
		put_close(out, 2, ']');
	else
		buf_char(out, ']');
	put_key(out, 2, slice_of("signals"));
	buf_char(out, '[');
	for (size_t i = 0; i < r->limit_signals; i++) {
		if (i > 0)
			buf_str(out, ", ");
		json_string(out, r->limit_signal[i]);
	}
	buf_char(out, ']');
}

/* Return whether F is a member of the object that the first N bytes of OBJECT name. */
static bool is_member(const struct report_field *f, const char *object, size_t n)
{
	return strncmp(f->key, object, n) == 0 && f->key[n] == '.';
}

/* Append the object that FIRST is a member of, or null if nothing in it is known. FIELDS, which
 * FIRST is from, continues after it. */
static void put_object(struct buf *out, const struct report *r, struct report_fields *fields,
    const struct report_field *first)
{
	const struct report_row *total = report_total(r);
	size_t n = (size_t)(strchr(first->key, '.') - first->key);
	bool limits = is_member(first, "limits", strlen("limits"));
	bool known = limits && r->exceeded_n + r->limit_signals > 0;
	struct report_field f = *first;
	put_key(out, 1, (struct slice){first->key, n});
	size_t start = out->n;
	buf_char(out, '{');
	for (struct report_fields ahead = *fields;; *fields = ahead) {
		known |= report_get(r, total, &f).number.known;
		put_field(out, 2, r, total, &f);
		if (!report_fields_next(&ahead, &f) || !is_member(&f, first->key, n))
			break;
	}
	if (limits)
		put_limits(out, r);
	put_close(out, 1, '}');
	if (!known) {
		out->n = start;
		buf_str(out, "null");
	}
}

void report_json(const struct report *r, const struct report_style *style, struct buf *out)
{
	struct report_fields fields = {.list = REPORT_FIELDS_RUN};
	buf_char(out, '{');
	for (struct report_field f; report_fields_next(&fields, &f);) {
		if (strchr(f.key, '.') != NULL)
			put_object(out, r, &fields, &f);
		else
			put_field(out, 1, r, report_total(r), &f);
	}
	for (const struct report_array *a = report_arrays; a->key != NULL; a++)
		if (!a->optional || style->timeline)
			put_array(out, r, a);
	buf_str(out, "\n}\n");
}
