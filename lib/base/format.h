/*
 * Values as people read them: sizes, spans of time, dates, names.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "stream/lines.h"

#define FORMAT_SIZE 32 /* bytes for format_size */

/* KIB as `412.3 MiB`, eleven columns at the most; returns TEXT. */
const char *format_size(char text[FORMAT_SIZE], uint64_t kib);

/* Microseconds as `1.25 s`, `2 min 05 s` or `1 h 02 min`. */
void format_duration(struct buf *out, int64_t us);

/* Unix time as `2026-11-21T05:42:04.377147Z`. 0, or -1 if it is no date; then
 * nothing was appended. */
int format_date(struct buf *out, int64_t us);

/*
 * NAME, any bytes, made safe to be seen and cut to WIDTH columns, with dots at
 * the end if it was longer; returns the columns it takes. A character that may
 * be two columns wide counts as two. UTF8: the dots may be one character.
 */
size_t format_name(struct buf *out, struct slice name, size_t width, int utf8);

#endif
