/* SPDX-License-Identifier: MIT */
/* Lines of a stream as they arrive. */
#include "stream/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

#define CHUNK (64u << 10)

/* Return 0, or -1 with errno set if a line is too long. */
static int make_room(struct lines *l)
{
	size_t chunk = l->chunk != 0 ? l->chunk : CHUNK;
	if (l->start > 0) {
		memmove(l->p, l->p + l->start, l->end - l->start);
		l->end -= l->start;
		l->start = 0;
	}
	if (l->cap - l->end >= chunk / 4)
		return 0;
	if (l->cap >= LINES_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	l->cap = l->cap == 0 ? chunk : l->cap * 2;
	l->p = alloc_resize(l->p, l->cap, 1);
	return 0;
}

/* Read up to SIZE bytes of the text. Return their number. */
static ssize_t read_text(struct slice *text, char *to, size_t size)
{
	size_t n = text->n < size ? text->n : size;
	memcpy(to, text->p, n);
	text->p += n;
	text->n -= n;
	return (ssize_t)n;
}

long lines_fill(struct lines *l)
{
	if (make_room(l) != 0)
		return -1;
	ssize_t n = l->text.p != NULL ? read_text(&l->text, l->p + l->end, l->cap - l->end)
				      : read(l->fd, l->p + l->end, l->cap - l->end);
	if (n > 0)
		l->end += (size_t)n;
	if (n == 0)
		l->eof = 1;
	return n;
}

int lines_next(struct lines *l, struct slice *line)
{
	size_t left = l->end - l->start - l->seen;
	char *newline = left == 0 ? NULL : memchr(l->p + l->start + l->seen, '\n', left);
	if (newline == NULL) {
		l->seen += left;
		return 0;
	}
	line->p = l->p + l->start;
	line->n = (size_t)(newline - line->p);
	l->start += line->n + 1;
	l->seen = 0;
	l->number++;
	return 1;
}

int lines_rest(struct lines *l, struct slice *line)
{
	if (l->end == l->start)
		return 0;
	line->p = l->p + l->start;
	line->n = l->end - l->start;
	l->start = l->end;
	l->seen = 0;
	l->number++;
	return 1;
}

void lines_drop(struct lines *l)
{
	l->start = l->end = l->seen = 0;
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

int lines_first_field(struct slice line, struct slice *field)
{
	size_t from = 0;
	while (from < line.n && is_blank(line.p[from]))
		from++;
	size_t to = from;
	while (to < line.n && !is_blank(line.p[to]))
		to++;
	*field = (struct slice){line.p + from, to - from};
	return to > from;
}

void lines_free(struct lines *l)
{
	free(l->p);
	l->p = NULL;
}
