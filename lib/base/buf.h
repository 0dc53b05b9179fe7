/*
 * Bytes to be written: a buffer that grows, and what a stream's fields need.
 *
 * Starts as all zeros; buf_free gives the memory back. Out of memory ends the
 * program (see err.h).
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

/* Makes room for MORE bytes behind the N in use and returns where they go. */
char *buf_room(struct buf *b, size_t more);
void buf_put(struct buf *b, const void *bytes, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_u64(struct buf *b, uint64_t value);
/* VALUE with at least WIDTH digits, zeros in front. */
void buf_digits(struct buf *b, uint64_t value, int width);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Microseconds as seconds with six decimals, the form of times in streams. */
void buf_time(struct buf *b, int64_t us);

/* Writes all of it to FD and empties it. 0, or -1 with errno set. */
int buf_write(struct buf *b, int fd);

void buf_free(struct buf *b);

#endif
