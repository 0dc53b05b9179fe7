/* SPDX-License-Identifier: MIT */
/* Numbers in options and streams. */
#include "base/parse.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define TIME_MAX_US (INT64_MAX >> 8) /* in the year 3111; 256 times as much fits too */
#define NS_PER_MS 1000000LL
#define NS_PER_S 1000000000LL
#define SAFE_DIGITS 19 /* a number of so many digits fits into 64 bits */

static const char invalid_number[] = "invalid number";
static const char out_of_range[] = "out of range";

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

const char *parse_u64(const char *s, size_t n, uint64_t max, uint64_t *value)
{
	size_t safe = n < SAFE_DIGITS ? n : SAFE_DIGITS;
	uint64_t v = 0;
	if (n == 0)
		return invalid_number;
	for (size_t i = 0; i < safe; i++) {
		if (!is_digit(s[i]))
			return invalid_number;
		v = v * 10 + (unsigned)(s[i] - '0');
	}
	for (size_t i = safe; i < n; i++) {
		if (!is_digit(s[i]))
			return invalid_number;
		unsigned digit = (unsigned)(s[i] - '0');
		if (v > UINT64_MAX / 10 || v * 10 > UINT64_MAX - digit)
			return out_of_range;
		v = v * 10 + digit;
	}
	if (v > max)
		return out_of_range;
	*value = v;
	return NULL;
}

const char *parse_pid(const char *s, size_t n, pid_t *pid)
{
	uint64_t v = 0;
	const char *reason = parse_u64(s, n, INT_MAX, &v);
	if (reason == out_of_range)
		return "process ID out of range";
	if (reason != NULL || v == 0)
		return "invalid process ID";
	*pid = (pid_t)v;
	return NULL;
}

/* Parse digits, a point, digits, in units of 10^-DECIMALS. Further decimals are ignored. Set *END
 * to the first character after the number, S + N at most. */
static const char *parse_fixed(
    const char *s, size_t n, int decimals, uint64_t max, uint64_t *value, const char **end)
{
	size_t whole = 0;
	while (whole < n && is_digit(s[whole]))
		whole++;
	size_t i = whole < n && s[whole] == '.' ? whole + 1 : whole;
	size_t fraction = i;
	while (i < n && is_digit(s[i]))
		i++;
	if (whole == 0 && i == fraction)
		return invalid_number;
	uint64_t v = 0;
	const char *reason = whole == 0 ? NULL : parse_u64(s, whole, max, &v);
	if (reason != NULL)
		return reason;
	for (int d = 0; d < decimals; d++) {
		unsigned digit =
		    fraction + (size_t)d < i ? (unsigned)(s[fraction + (size_t)d] - '0') : 0;
		if (v > (max - digit) / 10)
			return out_of_range;
		v = v * 10 + digit;
	}
	*value = v;
	*end = s + i;
	return NULL;
}

const char *parse_time_us(const char *s, size_t n, int64_t *us)
{
	uint64_t v = 0;
	const char *end = s;
	const char *reason = parse_fixed(s, n, 6, TIME_MAX_US, &v, &end);
	if (reason != NULL)
		return reason;
	if (end != s + n)
		return invalid_number;
	*us = (int64_t)v;
	return NULL;
}

/* Return the days from 1970-01-01 to the first of March of YEAR. */
static int64_t days_to_march(int64_t year)
{
	return year * 365 + year / 4 - year / 100 + year / 400 - 719468;
}

/* A year is counted from March, so that the leap day is its last one. */
static int64_t days_to(int64_t year, int64_t month, int64_t day)
{
	int64_t m = month < 3 ? month + 9 : month - 3;
	return days_to_march(month < 3 ? year - 1 : year) + (m * 153 + 2) / 5 + day - 1;
}

const char *parse_date_us(const char *s, size_t n, int64_t *us)
{
	static const char *const invalid_date = "invalid date";
	/* where each number is: year, month, day, hour, minute */
	static const struct {
		size_t at, n;
		uint64_t max;
		char after;
	} parts[] = {
	    {0, 4, 9999, '-'}, {5, 2, 12, '-'}, {8, 2, 31, 'T'}, {11, 2, 23, ':'}, {14, 2, 59, ':'}};
	uint64_t v[5] = {0};
	int64_t second_us = 0;
	if (n < sizeof "2026-11-21T05:42:04Z" - 1 || s[n - 1] != 'Z')
		return invalid_date;
	for (size_t i = 0; i < 5; i++)
		if (parse_u64(s + parts[i].at, parts[i].n, parts[i].max, &v[i]) != NULL ||
		    s[parts[i].at + parts[i].n] != parts[i].after)
			return invalid_date;
	if (parse_time_us(s + 17, n - 18, &second_us) != NULL || second_us >= 61000000 ||
	    v[0] < 1970 || v[1] == 0 || v[2] == 0)
		return invalid_date;
	int64_t days = days_to((int64_t)v[0], (int64_t)v[1], (int64_t)v[2]);
	*us = ((days * 24 + (int64_t)v[3]) * 60 + (int64_t)v[4]) * 60000000 + second_us;
	return NULL;
}

/* Return the interval of a rate, given in millionths of a hertz. */
static int64_t hertz_ns(uint64_t micro)
{
	return micro == 0 ? INT64_MAX : (int64_t)((uint64_t)NS_PER_S * 1000000 / micro);
}

/* Parse a number with a unit. BARE is the unit if there is none. HERTZ: a rate is allowed too. */
static const char *parse_span(const char *s, int64_t bare, bool hertz, int64_t *ns)
{
	static const struct {
		const char *unit;
		int64_t ns;
	} units[] = {
	    {"us", 1000},
	    {"ms", NS_PER_MS},
	    {"s", NS_PER_S},
	    {"m", 60 * NS_PER_S},
	    {"h", 3600 * NS_PER_S},
	    {"d", 86400 * NS_PER_S},
	};
	uint64_t micro = 0; /* the number, times 10^6 */
	const char *end = s;
	const char *reason = parse_fixed(s, strlen(s), 6, INT64_MAX, &micro, &end);
	if (reason != NULL)
		return reason;
	int64_t unit = *end == '\0' ? bare : 0;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(end, units[i].unit) == 0)
			unit = units[i].ns;
	if (hertz && strcasecmp(end, "hz") == 0) {
		*ns = hertz_ns(micro);
		return NULL;
	}
	if (unit == 0)
		return hertz ? "invalid interval (examples: 100, 100ms, 1.5s, 2m, 10hz)"
			     : "invalid duration (examples: 10, 1.5s, 500ms, 2m, 1h)";
	if (micro / 1000000 >= (uint64_t)(INT64_MAX / unit))
		return out_of_range;
	*ns = (int64_t)(micro / 1000000) * unit +
	      (int64_t)((micro % 1000000) * (uint64_t)(unit / 1000) / 1000);
	return NULL;
}

/* The units are those of coreutils: K and KiB are 1024, kB is 1000. */
const char *parse_unit(const char *s, uint64_t *bytes)
{
	static const char letters[] = "KMGTP";
	uint64_t unit = 1;
	const char *at = *s == '\0' ? NULL : strchr(letters, toupper((unsigned char)*s));
	if (at == NULL && (*s == '\0' || strcasecmp(s, "B") == 0)) {
		*bytes = 1;
		return NULL;
	}
	bool decimal = at != NULL && strcasecmp(s + 1, "B") == 0;
	if (at == NULL || (!decimal && s[1] != '\0' && strcasecmp(s + 1, "iB") != 0))
		return "invalid unit (examples: B, K, KiB, MiB, GiB, kB, MB, GB)";
	for (const char *l = letters; l <= at; l++)
		unit *= decimal ? 1000 : 1024;
	*bytes = unit;
	return NULL;
}

const char *parse_size(const char *s, uint64_t *bytes)
{
	uint64_t micro = 0, unit = 0;
	const char *end = s;
	const char *reason = parse_fixed(s, strlen(s), 6, INT64_MAX, &micro, &end);
	if (reason == invalid_number || (reason == NULL && parse_unit(end, &unit) != NULL))
		return "invalid size (examples: 512M, 1.5GiB, 200MB, 4096)";
	if (reason != NULL || micro / 1000000 >= (uint64_t)INT64_MAX / unit)
		return out_of_range;
	/* Multiply the fraction by parts of the unit, so that each product fits. */
	uint64_t fraction = micro % 1000000;
	*bytes = micro / 1000000 * unit + unit / 1000000 * fraction +
		 unit % 1000000 * fraction / 1000000;
	return NULL;
}

static const char *bounded(
    const char *reason, int64_t ns, int64_t least, int64_t most, const char *range, int64_t *result)
{
	if (reason != NULL && reason != out_of_range)
		return reason;
	if (reason != NULL || ns < least || ns > most)
		return range;
	*result = ns;
	return NULL;
}

static const char *bounded_interval(
    const char *reason, int64_t v, const char *range, int64_t *ns)
{
	return bounded(reason, v, NS_PER_MS / 10, 86400 * NS_PER_S, range, ns);
}

const char *parse_interval(const char *s, int64_t *ns)
{
	int64_t v = 0;
	const char *reason = parse_span(s, NS_PER_MS, true, &v);
	return bounded_interval(reason, v, "interval must be from 0.1 ms to 1 day", ns);
}

const char *parse_hertz(const char *s, int64_t *ns)
{
	uint64_t micro = 0;
	const char *end = s;
	const char *reason = parse_fixed(s, strlen(s), 6, INT64_MAX, &micro, &end);
	if (reason == NULL && *end != '\0' && strcasecmp(end, "hz") != 0)
		reason = invalid_number;
	return bounded_interval(reason, hertz_ns(micro), "rate must be from 1/86400 to 10000 Hz", ns);
}

const char *parse_duration(const char *s, int64_t *ns)
{
	int64_t v = 0;
	const char *reason = parse_span(s, NS_PER_S, false, &v);
	return bounded(reason, v, 1, 10000LL * 86400 * NS_PER_S,
	    "duration must be above 0 and at most 10000 days", ns);
}
