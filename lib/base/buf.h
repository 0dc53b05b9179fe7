/* SPDX-License-Identifier: MIT */
/*
 * Bytes to be written: a buffer that grows.
 *
 * It starts as all zeros. buf_free frees its memory. When there is no memory left, the program
 * exits (base/alloc.h).
 */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
	char *p;
	size_t n; /* bytes in use */
	size_t cap;
};

/* Make room for MORE bytes after the N in use. Return a pointer to that room. */
char *buf_room(struct buf *b, size_t more);

/* Append bytes, a text, a character, a number, or a number with at least WIDTH digits. */
void buf_put(struct buf *b, const void *bytes, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_u64(struct buf *b, uint64_t value);
void buf_digits(struct buf *b, uint64_t value, int width);

/* Append a formatted text, as printf(3). */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Append microseconds as seconds with six decimals, the form of times in streams. */
void buf_time(struct buf *b, int64_t us);

/* Write all bytes to FD and empty the buffer. Return 0, or -1 with errno set. */
int buf_write(struct buf *b, int fd);

void buf_free(struct buf *b);

#endif
