/* SPDX-License-Identifier: MIT */
/* The streams as CSV. */
#include "stream/csv.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/utf8.h"
#include "stream/lines.h"

static size_t count_fields(struct slice line)
{
	size_t n = 1;
	for (size_t i = 0; i < line.n; i++)
		n += line.p[i] == '\t';
	return n;
}

/* Return whether S is digits with an optional sign and points. */
static bool is_number(struct slice s)
{
	size_t i = s.n > 0 && s.p[0] == '-', digits = 0;
	for (; i < s.n; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9')
			digits++;
		else if (s.p[i] != '.')
			return false;
	}
	return digits > 0;
}

/* Return whether a spreadsheet would evaluate S, or an apostrophe in it is ambiguous. */
static bool needs_apostrophe(struct slice s)
{
	return s.n > 0 && s.p[0] != '\0' && strchr("=+-@'", s.p[0]) != NULL && !is_number(s);
}

void csv_text(struct buf *out, struct slice field)
{
	struct buf text = {0};
	if (needs_apostrophe(field))
		buf_char(&text, '\'');
	utf8_visible(&text, field.p, field.n);
	bool quoted = field.n > 0 && (memchr(field.p, '"', field.n) != NULL ||
					 memchr(field.p, ',', field.n) != NULL);
	if (quoted)
		buf_char(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			buf_char(out, '"');
		buf_char(out, text.p[i]);
	}
	if (quoted)
		buf_char(out, '"');
	buf_free(&text);
}

/* ---- a whole stream */

struct csv {
	const char *name;
	struct buf header; /* the first one */
	size_t columns;	   /* 0: no header yet */
	struct stage_faults faults;
	struct buf out;
};

static void put_record(struct csv *c, struct slice line)
{
	const char *end = line.p + line.n;
	for (const char *p = line.p; p <= end;) {
		const char *tab = memchr(p, '\t', (size_t)(end - p));
		if (tab == NULL)
			tab = end;
		csv_text(&c->out, (struct slice){p, (size_t)(tab - p)});
		buf_str(&c->out, tab < end ? "," : "\r\n");
		p = tab + 1;
	}
}

static void convert_line(struct csv *c, const struct lines *in, struct slice line)
{
	if (line.n == 0 || line.p[0] == '#')
		return;
	if (c->columns == 0) {
		buf_put(&c->header, line.p, line.n);
		c->columns = count_fields(line);
	} else if (slice_equal(line, (struct slice){c->header.p, c->header.n})) {
		return;
	}
	if (count_fields(line) == c->columns)
		put_record(c, line);
	else
		stage_fault(&c->faults, c->name, in->number, "not as many fields as the header");
}

int csv_convert(const struct stage_input *input, struct output *to)
{
	struct lines in = {.fd = input->fd, .text = input->text};
	struct csv c = {.name = input->name};
	struct slice line;
	while (!in.eof && !to->failed) {
		if (lines_fill(&in) < 0 && errno != EINTR) {
			stage_fault(&c.faults, c.name, 0, strerror(errno));
			break;
		}
		while (lines_next(&in, &line))
			convert_line(&c, &in, line);
		output_write(to, &c.out);
	}
	if (!to->failed && lines_rest(&in, &line))
		stage_fault(&c.faults, c.name, in.number, "incomplete line");
	if (!to->failed && c.columns == 0 && c.faults.n == 0)
		stage_fault(&c.faults, c.name, 0, "missing header");
	lines_free(&in);
	buf_free(&c.header);
	buf_free(&c.out);
	return stage_faults_end(&c.faults);
}
