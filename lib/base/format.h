/* SPDX-License-Identifier: MIT */
/*
 * Values in the form that people read: sizes, units of memory, durations, dates, names.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

#define FORMAT_SIZE 40 /* bytes for a size with its unit */

/* Write KIB as `412.3 MiB`, in a unit that suits it: at most 11 columns. Return TEXT. */
const char *format_size(char text[FORMAT_SIZE], uint64_t kib);

/* Write KIB in UNIT, a number of bytes as from parse_unit, or in a unit that suits it if UNIT is
 * 0. Return TEXT. */
const char *format_size_in(char text[FORMAT_SIZE], int64_t kib, uint64_t unit);

/* Write the same number without the name of the unit. UNIT is not 0. Return TEXT. */
const char *format_number_in(char text[FORMAT_SIZE], int64_t kib, uint64_t unit);

/* Return the name of UNIT as parse_unit accepts it, such as "MiB". */
const char *format_unit_name(uint64_t unit);

/* Return a unit in which the two sizes are printed differently: UNIT, or KiB if UNIT prints them
 * alike. */
uint64_t format_distinct_unit(int64_t a_kib, int64_t b_kib, uint64_t unit);

/* Append US microseconds as `1.25 s`, `2 min 05 s` or `1 h 02 min`; a negative duration as `?`,
 * unless it rounds to 0. */
void format_duration(struct buf *out, int64_t us);

/* Append the Unix time US as `2026-11-21T05:42:04.377147Z`. Return 0, or -1 if it is not a date;
 * then nothing is appended. */
int format_date(struct buf *out, int64_t us);

/*
 * Append NAME, which may be any bytes, made visible (base/utf8.h) and cut to WIDTH columns. A
 * longer name ends in dots, which are one character if UTF8. Return the number of columns. A
 * character that may be two columns wide counts as two.
 */
size_t format_name(struct buf *out, struct slice name, size_t width, bool utf8);

/* Return the columns that VISIBLE, which is visible text, takes. A character that may be two columns
 * wide counts as two. */
size_t format_columns(struct slice visible);

#endif
