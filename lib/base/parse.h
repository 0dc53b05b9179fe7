/* SPDX-License-Identifier: MIT */
/*
 * Numbers in options and streams.
 *
 * Each function sets its result and returns NULL, or returns the reason why the text is invalid and
 * leaves the result unchanged. The reason is a rule for a message, `program: object: reason`.
 */
#ifndef PARSE_H
#define PARSE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/word.h"

/* Parse N digits, up to MAX. */
const char *parse_u64(const char *s, size_t n, uint64_t max, uint64_t *value);

/* The same for text in a buffer that can be read from BUFFER on: up to eight digits are read at
 * once. */
static inline const char *parse_u64_in(
    const char *buffer, const char *s, size_t n, uint64_t max, uint64_t *value)
{
	uint64_t v = 0;
	if (n - 1 >= WORD_SIZE || s + n - buffer < WORD_SIZE ||
	    !word_decimal(word_load(s + n - WORD_SIZE), n, &v) || v > max)
		return parse_u64(s, n, max, value);
	*value = v;
	return NULL;
}

/* Parse a process ID, from 1 to the largest pid_t. */
const char *parse_pid(const char *s, size_t n, pid_t *pid);

/* Parse seconds with up to six decimals, the form of times in streams. The largest is in the year
 * 3111, so that 256 times as much fits too. */
const char *parse_time_us(const char *s, size_t n, int64_t *us);

/* Parse a date as format_date writes it, `2026-11-21T05:42:04.377147Z`, from 1970 on, as Unix
 * time. */
const char *parse_date_us(const char *s, size_t n, int64_t *us);

/* Parse `250`, `100ms`, `1.5s`, `2m` or `10hz`, from 0.1 ms to 1 day. A number without a unit is
 * milliseconds. */
const char *parse_interval(const char *s, int64_t *ns);

/* Parse a rate per second, `10`, `0.5` or `10hz`, as an interval. */
const char *parse_hertz(const char *s, int64_t *ns);

/* Parse `10`, `1.5s`, `500ms`, `2m`, `1h` or `1d`, above 0 and up to 10,000 days. A number without
 * a unit is seconds, as for sleep(1) and timeout(1). */
const char *parse_duration(const char *s, int64_t *ns);

/* Parse a unit of memory: B or an empty text, K or KiB (1024), kB (1000), and so on to P. Case does
 * not matter. */
const char *parse_unit(const char *s, uint64_t *bytes);

/* Parse a size with its unit: 512M, 1.5GiB, 200MB. A number without a unit is bytes. */
const char *parse_size(const char *s, uint64_t *bytes);

#endif
