/* Any of the streams as CSV. */
#include "stream/csv.h"

#include <string.h>

#include "base/slice.h"
#include "base/utf8.h"

static size_t count_fields(struct slice line)
{
	size_t n = 1;
	for (size_t i = 0; i < line.n; i++)
		n += line.p[i] == '\t';
	return n;
}

/* Digits, maybe with a sign and a point. */
static int is_number(struct slice s)
{
	size_t i = s.n > 0 && s.p[0] == '-', digits = 0;
	for (; i < s.n; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9')
			digits++;
		else if (s.p[i] != '.')
			return 0;
	}
	return digits > 0;
}

static int is_computed(struct slice s)
{
	return s.n > 0 && s.p[0] != '\0' && strchr("=+-@'", s.p[0]) != NULL && !is_number(s);
}

void csv_text(struct buf *out, struct slice field)
{
	struct buf text = {0};
	if (is_computed(field))
		buf_char(&text, '\'');
	utf8_visible(&text, field.p, field.n);
	int quoted = field.n > 0 && (memchr(field.p, '"', field.n) != NULL ||
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

const char *csv_line(struct csv *c, struct slice line, struct buf *out)
{
	if (line.n == 0 || line.p[0] == '#')
		return NULL;
	if (c->columns == 0) {
		buf_put(&c->header, line.p, line.n);
		c->columns = count_fields(line);
	} else if (line.n == c->header.n && memcmp(line.p, c->header.p, line.n) == 0) {
		return NULL;
	}
	if (count_fields(line) != c->columns)
		return "another number of fields than the header";
	const char *end = line.p + line.n;
	for (const char *p = line.p; p <= end;) {
		const char *tab = memchr(p, '\t', (size_t)(end - p));
		if (tab == NULL)
			tab = end;
		csv_text(out, (struct slice){p, (size_t)(tab - p)});
		buf_str(out, tab < end ? "," : "\r\n");
		p = tab + 1;
	}
	return NULL;
}

void csv_free(struct csv *c)
{
	buf_free(&c->header);
}
