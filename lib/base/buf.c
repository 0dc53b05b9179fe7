/* SPDX-License-Identifier: MIT */
/* Bytes to be written. */
#include "base/buf.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

char *buf_room(struct buf *b, size_t more)
{
	if (b->cap - b->n < more) {
		size_t cap = b->cap < 64 ? 64 : b->cap;
		while (cap - b->n < more)
			cap *= 2;
		b->p = alloc_resize(b->p, cap, 1);
		b->cap = cap;
	}
	return b->p + b->n;
}

void buf_put(struct buf *b, const void *bytes, size_t n)
{
	if (n == 0)
		return;
	memcpy(buf_room(b, n), bytes, n);
	b->n += n;
}

void buf_str(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void buf_char(struct buf *b, char c)
{
	*buf_room(b, 1) = c;
	b->n++;
}

void buf_digits(struct buf *b, uint64_t value, int width)
{
	char text[24];
	char *end = text + sizeof text, *p = end;
	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0 || end - p < width);
	buf_put(b, p, (size_t)(end - p));
}

void buf_u64(struct buf *b, uint64_t value)
{
	buf_digits(b, value, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n > 0) {
		vsnprintf(buf_room(b, (size_t)n + 1), (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

void buf_time(struct buf *b, int64_t us)
{
	if (us < 0) {
		buf_char(b, '-');
		us = -us;
	}
	buf_u64(b, (uint64_t)us / 1000000);
	buf_char(b, '.');
	buf_digits(b, (uint64_t)us % 1000000, 6);
}

/* Return whether to repeat a failed write. If another program has made the descriptor non-blocking,
 * such as a shared terminal, wait until it can be written. */
static bool again(int fd)
{
	if (errno == EAGAIN) {
		struct pollfd p = {.fd = fd, .events = POLLOUT};
		(void)poll(&p, 1, -1);
		return true;
	}
	return errno == EINTR;
}

int buf_write(struct buf *b, int fd)
{
	size_t done = 0;
	while (done < b->n) {
		ssize_t n = write(fd, b->p + done, b->n - done);
		if (n < 0 && again(fd))
			continue;
		if (n < 0)
			break;
		done += (size_t)n;
	}
	bool complete = done == b->n;
	b->n = 0;
	return complete ? 0 : -1;
}

void buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}
