/* SPDX-License-Identifier: MIT */
/*
 * Text that a terminal or a reader can show safely.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>

#include "base/buf.h"

/* Return the length of the valid, printable UTF-8 character at S (1 to 4 bytes), or 0 if there is
 * none: a control character, an invalid byte, or the end of the N bytes. */
size_t utf8_length(const char *s, size_t n);

/* Append S. Valid, printable UTF-8 is copied; a tab and a newline become \t and \n; any other
 * control character or invalid byte becomes \xHH. */
void utf8_visible(struct buf *b, const char *s, size_t n);

/* The same for a place that shows only ASCII: every other byte becomes \xHH. */
void utf8_ascii(struct buf *b, const char *s, size_t n);

#endif
