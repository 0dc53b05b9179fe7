/* SPDX-License-Identifier: MIT */
/*
 * JSON that can be put into a page of HTML.
 */
#ifndef VIEW_JSON_H
#define VIEW_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "report/report.h"

/* Append TEXT, any bytes, as a string. Control characters are made visible (base/utf8.h). The
 * characters that have a meaning in HTML or in JavaScript are escaped. */
void view_json_text(struct buf *out, struct slice text);

/* Append the same, cut to WIDTH columns. */
void view_json_short(struct buf *out, struct slice text, size_t width);

/* Append a number, or null if it is not known. */
void view_json_number(struct buf *out, struct report_number n);

/* An array of numbers, each as the difference to the one before; N times no difference, three or
 * more, are [N]. */
struct view_json_series {
	struct buf *out;
	int64_t last;
	size_t same; /* differences of 0 that are not written yet */
	size_t n;
};

struct view_json_series view_json_begin(struct buf *out);
void view_json_add(struct view_json_series *s, int64_t value);
void view_json_end(struct view_json_series *s);

/* Append N numbers as such an array. */
void view_json_numbers(struct buf *out, const uint64_t *value, size_t n);

#endif
