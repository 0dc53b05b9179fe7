/* Any of the streams as CSV. */
#include "csv.h"

#include <string.h>

static size_t count_fields(struct slice line)
{
	size_t n = 1;
	for (size_t i = 0; i < line.n; i++)
		n += line.p[i] == '\t';
	return n;
}

static void put_field(struct buf *out, const char *p, size_t n)
{
	struct buf text = {0};
	buf_visible(&text, p, n);
	int quoted = memchr(p, '"', n) != NULL || memchr(p, ',', n) != NULL;
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
		put_field(out, p, (size_t)(tab - p));
		buf_str(out, tab < end ? "," : "\r\n");
		p = tab + 1;
	}
	return NULL;
}

void csv_free(struct csv *c)
{
	buf_free(&c->header);
}
