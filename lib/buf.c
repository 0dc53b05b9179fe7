/* Bytes to be written. */
#include "buf.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"

char *buf_room(struct buf *b, size_t more)
{
	if (b->cap - b->n < more) {
		size_t cap = b->cap < 64 ? 64 : b->cap;
		while (cap - b->n < more)
			cap *= 2;
		b->p = err_realloc(b->p, cap, 1);
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

/* The smallest code point of each length: what is below it is overlong. */
static const uint32_t utf8_least[] = {0, 0, 0x80, 0x800, 0x10000};

size_t buf_utf8(const char *s, size_t n)
{
	if (n == 0)
		return 0;
	const unsigned char *u = (const unsigned char *)s;
	if (u[0] < 0x80)
		return u[0] >= 0x20 && u[0] != 0x7f;
	size_t len = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
	if (u[0] < 0xc2 || u[0] > 0xf4 || len > n)
		return 0;
	uint32_t code = u[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (u[i] & 0x3f);
	}
	if (code < utf8_least[len] || code < 0xa0 || code > 0x10ffff)
		return 0; /* below U+00A0 are terminal controls too */
	if (code >= 0xd800 && code <= 0xdfff)
		return 0;
	return len;
}

static void put_hex(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";
	buf_str(b, "\\x");
	buf_char(b, hex[c >> 4]);
	buf_char(b, hex[c & 15]);
}

static void escape(struct buf *b, const char *s, size_t n, int backslash)
{
	for (size_t i = 0; i < n;) {
		unsigned char c = (unsigned char)s[i];
		size_t len = buf_utf8(s + i, n - i);
		if (len > 0 && !(backslash && c == '\\')) {
			buf_put(b, s + i, len);
			i += len;
			continue;
		}
		if (c == '\\')
			buf_str(b, "\\\\");
		else if (c == '\t' || c == '\n')
			buf_str(b, c == '\t' ? "\\t" : "\\n");
		else
			put_hex(b, c);
		i++;
	}
}

void buf_field(struct buf *b, const char *s, size_t n)
{
	escape(b, s, n, 1);
}

void buf_visible(struct buf *b, const char *s, size_t n)
{
	escape(b, s, n, 0);
}

void buf_ascii(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x80)
			buf_visible(b, s + i, 1);
		else
			put_hex(b, (unsigned char)s[i]);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

void buf_unescape(struct buf *b, const char *field, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (field[i] != '\\' || i + 1 == n) {
			buf_char(b, field[i]);
			continue;
		}
		char c = field[++i];
		if (c == 't' || c == 'n' || c == '\\') {
			buf_char(b, c == 't' ? '\t' : c == 'n' ? '\n' : '\\');
		} else if (c == 'x' && i + 2 < n && hex_digit(field[i + 1]) >= 0 &&
			   hex_digit(field[i + 2]) >= 0) {
			buf_char(b, (char)(hex_digit(field[i + 1]) << 4 | hex_digit(field[i + 2])));
			i += 2;
		} else { /* not one of ours: as it stands */
			buf_char(b, '\\');
			buf_char(b, c);
		}
	}
}

/* After a failed write: whether to try again. A descriptor that somebody else
 * made non-blocking (a shared terminal) is waited for. */
static int again(int fd)
{
	if (errno == EAGAIN) {
		struct pollfd p = {.fd = fd, .events = POLLOUT};
		(void)poll(&p, 1, -1);
		return 1;
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
	int left = done < b->n;
	b->n = 0;
	return left ? -1 : 0;
}

void buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}
