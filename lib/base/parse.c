/* Numbers from outside: bounded, and saying what they were. */
#include "base/parse.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#define TIME_MAX_US (INT64_MAX >> 8) /* the year 3111: 256 times as much fits too */
#define NS_PER_MS 1000000LL
#define NS_PER_S 1000000000LL
#define SAFE_DIGITS 19 /* that many always fit into 64 bits */

static const char invalid_number[] = "invalid number";
static const char out_of_range[] = "out of range";

static int is_digit(char c)
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
	const char *why = parse_u64(s, n, INT_MAX, &v);
	if (why == out_of_range)
		return "process ID out of range";
	if (why != NULL || v == 0)
		return "invalid process ID";
	*pid = (pid_t)v;
	return NULL;
}

/* Digits, a point, digits: in units of 10^-DECIMALS; what is finer is cut off.
 * *END is where it ended; nothing is read at S + N or beyond. */
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
	const char *why = whole == 0 ? NULL : parse_u64(s, whole, max, &v);
	if (why != NULL)
		return why;
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
	const char *why = parse_fixed(s, n, 6, TIME_MAX_US, &v, &end);
	if (why != NULL)
		return why;
	if (end != s + n)
		return invalid_number;
	*us = (int64_t)v;
	return NULL;
}

static int64_t hertz_ns(uint64_t micro)
{
	return micro == 0 ? INT64_MAX : (int64_t)((uint64_t)NS_PER_S * 1000000 / micro);
}

/* A number with a unit, in nanoseconds; BARE is what a bare number counts. */
static const char *parse_span(const char *s, int64_t bare, int hertz, int64_t *ns)
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
	const char *why = parse_fixed(s, strlen(s), 6, INT64_MAX, &micro, &end);
	if (why != NULL)
		return why;
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

/* As coreutils has it: K and KiB are 1024, kB is 1000. */
const char *parse_unit(const char *s, uint64_t *bytes)
{
	static const char letters[] = "KMGTP";
	uint64_t unit = 1;
	const char *at = *s == '\0' ? NULL : strchr(letters, toupper((unsigned char)*s));
	if (at == NULL && (*s == '\0' || strcasecmp(s, "B") == 0)) {
		*bytes = 1;
		return NULL;
	}
	int decimal = at != NULL && strcasecmp(s + 1, "B") == 0;
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
	const char *why = parse_fixed(s, strlen(s), 6, INT64_MAX, &micro, &end);
	if (why == invalid_number || (why == NULL && parse_unit(end, &unit) != NULL))
		return "invalid size (examples: 512M, 1.5GiB, 200MB, 4096)";
	if (why != NULL || micro / 1000000 >= (uint64_t)INT64_MAX / unit)
		return out_of_range;
	/* The fraction by parts of the unit: their product fits. */
	uint64_t fraction = micro % 1000000;
	*bytes = micro / 1000000 * unit + unit / 1000000 * fraction +
		 unit % 1000000 * fraction / 1000000;
	return NULL;
}

static const char *bounded(
    const char *why, int64_t ns, int64_t least, int64_t most, const char *range, int64_t *result)
{
	if (why != NULL && why != out_of_range)
		return why;
	if (why != NULL || ns < least || ns > most)
		return range;
	*result = ns;
	return NULL;
}

static const char *bounded_interval(const char *why, int64_t v, int64_t *ns)
{
	return bounded(
	    why, v, NS_PER_MS / 10, 86400 * NS_PER_S, "interval must be from 0.1 ms to 1 day", ns);
}

const char *parse_interval(const char *s, int64_t *ns)
{
	int64_t v = 0;
	const char *why = parse_span(s, NS_PER_MS, 1, &v);
	return bounded_interval(why, v, ns);
}

const char *parse_hertz(const char *s, int64_t *ns)
{
	uint64_t micro = 0;
	const char *end = s;
	const char *why = parse_fixed(s, strlen(s), 6, INT64_MAX, &micro, &end);
	if (why == NULL && *end != '\0' && strcasecmp(end, "hz") != 0)
		why = invalid_number;
	return bounded_interval(why, hertz_ns(micro), ns);
}

const char *parse_duration(const char *s, int64_t *ns)
{
	int64_t v = 0;
	const char *why = parse_span(s, NS_PER_S, 0, &v);
	return bounded(why, v, 1, 10000LL * 86400 * NS_PER_S,
	    "duration must be above 0 and at most 10000 days", ns);
}
