/* SPDX-License-Identifier: MIT */
/*
 * Fields of a stream: text without tabs, newlines or control characters.
 *
 * Valid, printable UTF-8 is written as it is. A tab, a newline and a backslash become \t, \n and
 * \\. Any other control character or invalid byte becomes \xHH.
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stddef.h>

#include "base/buf.h"

/* Append S as a field. */
void escape_field(struct buf *b, const char *s, size_t n);

/* Append FIELD without its escapes. An escape that is not one of the above is copied. */
void escape_decode(struct buf *b, const char *field, size_t n);

#endif
