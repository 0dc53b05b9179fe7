/* SPDX-License-Identifier: MIT */
/* Values in the form that people read. */
#include "base/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/utf8.h"

/* ---- sizes */

/* The decimals keep a process of a few MiB visible in the larger units. */
static const struct {
	const char *name;
	uint64_t bytes;
	int decimals;
} units[] = {
    {"B", 1, 0},
    {"kB", 1000, 0},
    {"KiB", 1 << 10, 0},
    {"MB", 1000000, 1},
    {"MiB", 1 << 20, 1},
    {"GB", 1000000000, 3},
    {"GiB", 1 << 30, 3},
    {"TB", 1000000000000, 6},
    {"TiB", (uint64_t)1 << 40, 6},
    {"PB", 1000000000000000, 9},
    {"PiB", (uint64_t)1 << 50, 9},
};

static size_t find_unit(uint64_t unit)
{
	size_t i = sizeof units / sizeof *units - 1;
	while (i > 0 && units[i].bytes != unit)
		i--;
	return i;
}

const char *format_unit_name(uint64_t unit)
{
	return units[find_unit(unit)].name;
}

const char *format_size(char text[FORMAT_SIZE], uint64_t kib)
{
	static const char *const names[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	static const int decimals[] = {0, 1, 2, 2, 2, 2};
	double value = (double)kib;
	int i = 0;
	for (; value >= 1023.95 && i < 5; i++)
		value /= 1024;
	snprintf(text, FORMAT_SIZE, "%.*f %s", decimals[i], value, names[i]);
	return text;
}

const char *format_number_in(char text[FORMAT_SIZE], int64_t kib, uint64_t unit)
{
	if (unit == 1)
		snprintf(text, FORMAT_SIZE, "%" PRId64, kib * 1024);
	else
		snprintf(text, FORMAT_SIZE, "%.*f", units[find_unit(unit)].decimals,
		    (double)kib * 1024 / (double)unit);
	return text;
}

const char *format_size_in(char text[FORMAT_SIZE], int64_t kib, uint64_t unit)
{
	if (unit == 0)
		return format_size(text, (uint64_t)kib);
	format_number_in(text, kib, unit);
	size_t n = strlen(text);
	snprintf(text + n, FORMAT_SIZE - n, " %s", format_unit_name(unit));
	return text;
}

uint64_t format_distinct_unit(int64_t a_kib, int64_t b_kib, uint64_t unit)
{
	char a[FORMAT_SIZE], b[FORMAT_SIZE];
	format_size_in(a, a_kib, unit);
	format_size_in(b, b_kib, unit);
	return strcmp(a, b) == 0 ? 1024 : unit;
}

/* ---- durations and dates */

void format_duration(struct buf *out, int64_t us)
{
	if (us < 0 && us > -5000) /* less than half of the last decimal: not "-0.00 s" */
		us = 0;
	int64_t s = us / 1000000;
	if (us < 0)
		buf_str(out, "?");
	else if (s < 100)
		buf_printf(out, "%.2f s", (double)us / 1e6);
	else if (s < 3600)
		buf_printf(out, "%" PRId64 " min %02" PRId64 " s", s / 60, s % 60);
	else
		buf_printf(out, "%" PRId64 " h %02" PRId64 " min", s / 3600, s / 60 % 60);
}

int format_date(struct buf *out, int64_t us)
{
	char text[64];
	time_t s = (time_t)(us / 1000000);
	struct tm tm;
	if (gmtime_r(&s, &tm) == NULL || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return -1;
	buf_printf(out, "%s.%06" PRId64 "Z", text, us % 1000000);
	return 0;
}

/* ---- names */

/* Return the columns that a character of LENGTH bytes may take. No character of less than three
 * bytes is wide. */
static size_t columns_of(size_t length)
{
	return length >= 3 ? 2 : 1;
}

size_t format_columns(struct slice visible)
{
	size_t columns = 0;
	for (size_t i = 0; i < visible.n;) {
		size_t length = utf8_length(visible.p + i, visible.n - i);
		columns += columns_of(length);
		i += length > 0 ? length : 1;
	}
	return columns;
}

size_t format_name(struct buf *out, struct slice name, size_t width, bool utf8)
{
	const char *dots = utf8 ? "\xe2\x80\xa6" : "...";
	size_t dots_columns = utf8 ? 1 : 3;
	size_t columns = 0, cut = 0, cut_columns = 0, i = 0;
	struct buf text = {0};
	utf8_visible(&text, name.p, name.n);
	while (i < text.n && columns <= width) {
		size_t length = utf8_length(text.p + i, text.n - i);
		if (columns + dots_columns <= width) {
			cut = i;
			cut_columns = columns;
		}
		i += length > 0 ? length : 1;
		columns += columns_of(length);
	}
	buf_put(out, text.p, columns > width ? cut : text.n);
	if (columns > width && dots_columns <= width) {
		buf_str(out, dots);
		columns = cut_columns + dots_columns;
	} else if (columns > width) {
		columns = 0;
	}
	buf_free(&text);
	return columns;
}
