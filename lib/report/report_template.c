/*
 * A report in the words of whoever asks for it: `{peak_rss:MiB}` and the like.
 *
 * A field is a key of report_fields, as JSON has it; without its _kib or
 * _seconds, it is written as people read it. What a process calls itself only
 * comes in when all is parsed, so it is never taken for a field.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/format.h"
#include "base/parse.h"
#include "base/slice.h"
#include "base/utf8.h"
#include "report/report.h"

struct report_part {
	const struct report_field *field; /* NULL: text */
	size_t start, n;		  /* of the text */
	enum { AS_IN_JSON, FOR_PEOPLE, IN_UNIT } form;
	uint64_t unit; /* in bytes, or microseconds */
};

static struct report_part *add_part(struct report_template *t, struct report_part part)
{
	t->part = alloc_resize(t->part, t->n + 1, sizeof *t->part);
	t->part[t->n] = part;
	return &t->part[t->n++];
}

static void add_char(struct report_template *t, char c)
{
	if (t->n == 0 || t->part[t->n - 1].field != NULL)
		add_part(t, (struct report_part){.start = t->text.n});
	buf_char(&t->text, c);
	t->part[t->n - 1].n++;
}

/* WHAT is wrong with the N bytes at S. */
static const char *wrong(struct report_template *t, const char *s, size_t n, const char *what)
{
	t->text.n = 0;
	buf_put(&t->text, s, n);
	buf_str(&t->text, ": ");
	buf_str(&t->text, what);
	buf_char(&t->text, '\0');
	return t->text.p;
}

static const char *suffix_of(const struct report_field *f)
{
	return f->kind == REPORT_KIB ? "_kib" : f->kind == REPORT_SECONDS ? "_seconds" : "";
}

static const char *no_field(struct report_template *t, const char *s, size_t n)
{
	struct buf what = {0};
	buf_str(&what, "no such field (there are ");
	for (const struct report_field *f = report_fields; f->key != NULL; f++) {
		if (f != report_fields)
			buf_str(&what, " ");
		buf_put(&what, f->key, strlen(f->key) - strlen(suffix_of(f)));
	}
	buf_str(&what, ")");
	buf_char(&what, '\0');
	const char *why = wrong(t, s, n, what.p);
	buf_free(&what);
	return why;
}

/* The unit that a field is to be written in. */
static const char *parse_in(struct report_part *part, struct slice in)
{
	char text[8] = "";
	if (part->form == AS_IN_JSON)
		return "takes no unit";
	part->form = IN_UNIT;
	if (part->field->kind == REPORT_SECONDS) {
		part->unit = slice_is(in, "s") ? 1000000 : slice_is(in, "ms") ? 1000 : 0;
		return part->unit == 0 ? "not a unit of time (as s or ms)" : NULL;
	}
	if (in.n > 0 && in.n < sizeof text)
		memcpy(text, in.p, in.n);
	return text[0] == '\0' ? "not a unit (as B, KiB, MiB, GiB, kB, MB or GB)"
			       : parse_unit(text, &part->unit);
}

/* `KEY` or `KEY:UNIT`, N bytes. */
static const char *add_field(struct report_template *t, const char *s, size_t n)
{
	const char *colon = memchr(s, ':', n), *why = NULL;
	size_t len = colon != NULL ? (size_t)(colon - s) : n;
	for (const struct report_field *f = report_fields; f->key != NULL; f++) {
		size_t whole = strlen(f->key), stem = whole - strlen(suffix_of(f));
		int exact = slice_is((struct slice){s, len}, f->key);
		if (!exact && (stem == whole || len != stem || memcmp(s, f->key, len) != 0))
			continue;
		struct report_part *part = add_part(
		    t, (struct report_part){.field = f, .form = exact ? AS_IN_JSON : FOR_PEOPLE});
		if (colon != NULL)
			why = parse_in(part, (struct slice){colon + 1, n - len - 1});
		return why != NULL ? wrong(t, s, n, why) : NULL;
	}
	return no_field(t, s, len);
}

static const char *add_escape(struct report_template *t, char c)
{
	static const char letters[] = "nt\\\"", bytes[] = "\n\t\\\"";
	const char *at = c == '\0' ? NULL : strchr(letters, c);
	if (at == NULL) {
		char text[] = {'\\', c};
		return wrong(
		    t, text, c == '\0' ? 1 : 2, "no such escape (there are \\n \\t \\\\ \\\")");
	}
	add_char(t, bytes[at - letters]);
	return NULL;
}

const char *report_template_parse(struct report_template *t, const char *text)
{
	const char *why = NULL;
	for (const char *p = text; why == NULL && *p != '\0'; p++) {
		if (*p == '\\') {
			why = add_escape(t, p[1]);
			p++;
		} else if ((*p == '{' || *p == '}') && p[1] == *p) {
			add_char(t, *p++);
		} else if (*p == '}') {
			why = wrong(t, p, 1, "closes nothing (a brace itself is }})");
		} else if (*p == '{') {
			size_t n = strcspn(p + 1, "{}");
			if (p[n + 1] != '}')
				return wrong(t, p, n + 1, "never closed (a brace itself is {{)");
			why = add_field(t, p + 1, n);
			p += n + 1;
		} else {
			add_char(t, *p);
		}
	}
	return why;
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
	int size = part->field->kind == REPORT_KIB;
	if (part->form == IN_UNIT && size)
		buf_str(out, format_number_in(text, value, part->unit));
	else if (part->form == IN_UNIT && part->unit == 1000)
		buf_printf(out, "%lld", (long long)(value / 1000));
	else if (part->form == FOR_PEOPLE && size)
		buf_str(out, format_size_in(text, value, style->unit));
	else if (part->form == FOR_PEOPLE)
		format_duration(out, value);
	else if (part->field->kind == REPORT_SECONDS)
		buf_time(out, value);
	else
		buf_printf(out, "%lld", (long long)value);
}

static void put_field(const struct report *r, const struct report_part *part,
    const struct report_style *style, struct buf *out)
{
	struct report_value v = report_get(r, part->field);
	size_t start = out->n;
	if (v.number.known) {
		switch (part->field->kind) {
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
		if (part->field != NULL)
			put_field(r, part, style, out);
		else
			buf_put(out, t->text.p + part->start, part->n);
	}
}
