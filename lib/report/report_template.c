/* SPDX-License-Identifier: MIT */
/*
 * A report as a text with fields: `{peak_rss:MiB}`.
 *
 * A field is a key of JSON. Without its _kib or _seconds, the value is written for people. The
 * text of a value is inserted after the template has been parsed, so a field in it is not
 * expanded.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/format.h"
#include "base/parse.h"
#include "base/utf8.h"
#include "report/report.h"
#include "report/report_fields.h"

/* A field, or a piece of text: then field.key is NULL. */
struct report_part {
	struct report_field field;
	enum { AS_IN_JSON, FOR_PEOPLE, IN_UNIT } form;
	uint64_t unit;	 /* in bytes, or microseconds */
	size_t start, n; /* the piece of report_template.text */
};

static struct report_part *add_part(struct report_template *t, struct report_part part)
{
	t->part = alloc_resize(t->part, t->n + 1, sizeof *t->part);
	t->part[t->n] = part;
	return &t->part[t->n++];
}

static void add_char(struct report_template *t, char c)
{
	if (t->n == 0 || t->part[t->n - 1].field.key != NULL)
		add_part(t, (struct report_part){.start = t->text.n});
	buf_char(&t->text, c);
	t->part[t->n - 1].n++;
}

/* Return a message: the N bytes at S, then REASON. */
static const char *invalid(struct report_template *t, const char *s, size_t n, const char *reason)
{
	t->text.n = 0;
	buf_put(&t->text, s, n);
	buf_str(&t->text, ": ");
	buf_str(&t->text, reason);
	buf_char(&t->text, '\0');
	return t->text.p;
}

/* Return the end of the key of F that is left out where the value is written for people. */
static const char *unit_suffix(const struct report_field *f)
{
	return f->kind == REPORT_KIB ? "_kib" : f->kind == REPORT_SECONDS ? "_seconds" : "";
}

static const char *no_field(struct report_template *t, const char *s, size_t n)
{
	struct report_fields fields = {.list = REPORT_FIELDS_RUN};
	struct buf reason = {0};
	buf_str(&reason, "field not found; the fields are");
	for (struct report_field f; report_fields_next(&fields, &f);)
		buf_printf(&reason, " %.*s", (int)(strlen(f.key) - strlen(unit_suffix(&f))), f.key);
	buf_char(&reason, '\0');
	const char *message = invalid(t, s, n, reason.p);
	buf_free(&reason);
	return message;
}

/* Parse the name of the unit of a field. Return NULL, or the reason why it is invalid. */
static const char *parse_part_unit(struct report_part *part, struct slice name)
{
	char text[8] = "";
	if (part->form == AS_IN_JSON)
		return "no unit allowed for this field";
	part->form = IN_UNIT;
	if (part->field.kind == REPORT_SECONDS) {
		part->unit = slice_is(name, "s") ? 1000000 : slice_is(name, "ms") ? 1000 : 0;
		return part->unit == 0 ? "invalid unit: it must be s or ms" : NULL;
	}
	if (name.n > 0 && name.n < sizeof text)
		memcpy(text, name.p, name.n);
	return text[0] == '\0' || parse_unit(text, &part->unit) != NULL
		   ? "invalid unit: it must be B, KiB, MiB, GiB, kB, MB, GB or the like"
		   : NULL;
}

/* Return the present key of KEY, which can be an earlier one. */
static struct slice present_key(struct slice key)
{
	static const char *const renamed[][2] = {
	    {"pss.peak_pss", "pss.pss"},
	    {"pss.at_peak_pss", "pss.pss"},
	    {"pss.peak_uss", "pss.uss"},
	    {"pss.peak_pss_kib", "pss.pss_kib"},
	    {"pss.at_peak_pss_kib", "pss.pss_kib"},
	    {"pss.peak_uss_kib", "pss.uss_kib"},
	};
	for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++)
		if (slice_is(key, renamed[i][0]))
			return slice_of(renamed[i][1]);
	return key;
}

/* Set *PART to the field with KEY, with or without the unit. Return false if there is none. */
static bool find_field(struct slice key, struct report_part *part)
{
	key = present_key(key);
	struct report_fields fields = {.list = REPORT_FIELDS_RUN};
	while (report_fields_next(&fields, &part->field)) {
		const char *name = part->field.key;
		size_t whole = strlen(name), stem = whole - strlen(unit_suffix(&part->field));
		part->form = stem < whole ? FOR_PEOPLE : AS_IN_JSON;
		if (slice_equal(key, (struct slice){name, stem}))
			return true;
		part->form = AS_IN_JSON;
		if (slice_is(key, name))
			return true;
	}
	return false;
}

/* Add the field `KEY` or `KEY:UNIT` of N bytes at S. */
static const char *add_field(struct report_template *t, const char *s, size_t n)
{
	const char *colon = memchr(s, ':', n), *reason = NULL;
	size_t length = colon != NULL ? (size_t)(colon - s) : n;
	struct report_part part = {0};
	if (!find_field((struct slice){s, length}, &part))
		return no_field(t, s, length);
	if (colon != NULL)
		reason = parse_part_unit(&part, (struct slice){colon + 1, n - length - 1});
	add_part(t, part);
	return reason != NULL ? invalid(t, s, n, reason) : NULL;
}

static const char *add_escape(struct report_template *t, char c)
{
	static const char letters[] = "nt\\\"", bytes[] = "\n\t\\\"";
	const char *at = c == '\0' ? NULL : strchr(letters, c);
	if (at == NULL) {
		char text[] = {'\\', c};
		return invalid(t, text, c == '\0' ? 1 : 2,
		    "invalid escape; the escapes are \\n \\t \\\\ \\\"");
	}
	add_char(t, bytes[at - letters]);
	return NULL;
}

const char *report_template_parse(struct report_template *t, const char *text)
{
	const char *reason = NULL;
	for (const char *p = text; reason == NULL && *p != '\0'; p++) {
		if (*p == '\\') {
			reason = add_escape(t, p[1]);
			p++;
		} else if ((*p == '{' || *p == '}') && p[1] == *p) {
			add_char(t, *p++);
		} else if (*p == '}') {
			reason = invalid(t, p, 1, "no { before it (write }} for a brace)");
		} else if (*p == '{') {
			size_t n = strcspn(p + 1, "{}");
			if (p[n + 1] != '}')
				return invalid(t, p, n + 1, "no } after it (write {{ for a brace)");
			reason = add_field(t, p + 1, n);
			p += n + 1;
		} else {
			add_char(t, *p);
		}
	}
	return reason;
}

void report_template_free(struct report_template *t)
{
	free(t->part);
	buf_free(&t->text);
}

static void put_number(struct buf *out, const struct report_part *part, int64_t value,
    const struct report_style *style)
{
	char text[FORMAT_SIZE];
	bool size = part->field.kind == REPORT_KIB;
	if (part->form == IN_UNIT && size)
		buf_str(out, format_number_in(text, value, part->unit));
	else if (part->form == IN_UNIT && part->unit == 1000)
		buf_printf(out, "%" PRId64, value / 1000);
	else if (part->form == FOR_PEOPLE && size)
		buf_str(out, format_size_in(text, value, style->unit));
	else if (part->form == FOR_PEOPLE)
		format_duration(out, value);
	else if (part->field.kind == REPORT_SECONDS || part->field.kind == REPORT_DECIMAL)
		buf_time(out, value);
	else
		buf_printf(out, "%" PRId64, value);
}

static void put_field(const struct report *r, const struct report_part *part,
    const struct report_style *style, struct buf *out)
{
	struct report_value v = report_get(r, report_total(r), &part->field);
	size_t start = out->n;
	if (v.number.known) {
		switch (part->field.kind) {
		case REPORT_TEXT:
		case REPORT_NAME:
			utf8_visible(out, v.text.p, v.text.n);
			break;
		case REPORT_DATE:
			(void)format_date(out, v.number.value);
			break;
		case REPORT_FLAG:
			buf_str(out, v.number.value ? "true" : "false");
			break;
		default:
			put_number(out, part, v.number.value, style);
		}
	}
	if (out->n == start)
		buf_char(out, '-');
}

void report_template(const struct report *r, const struct report_style *style, struct buf *out)
{
	const struct report_template *t = style->template;
	for (size_t i = 0; i < t->n; i++) {
		const struct report_part *part = &t->part[i];
		if (part->field.key != NULL)
			put_field(r, part, style, out);
		else
			buf_put(out, t->text.p + part->start, part->n);
	}
}
