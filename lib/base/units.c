/* Units of memory. */
#include "base/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"

/* A process of a few MiB is still to be told from none in the larger ones. */
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

static size_t find(uint64_t unit)
{
	size_t i = sizeof units / sizeof *units - 1;
	while (i > 0 && units[i].bytes != unit)
		i--;
	return i;
}

const char *units_name(uint64_t unit)
{
	return units[find(unit)].name;
}

const char *units_number(char text[UNITS_SIZE], int64_t kib, uint64_t unit)
{
	if (unit == 1)
		snprintf(text, UNITS_SIZE, "%" PRId64, kib * 1024);
	else
		snprintf(text, UNITS_SIZE, "%.*f", units[find(unit)].decimals,
		    (double)kib * 1024 / (double)unit);
	return text;
}

const char *units_size(char text[UNITS_SIZE], int64_t kib, uint64_t unit)
{
	if (unit == 0)
		return format_size(text, (uint64_t)kib);
	units_number(text, kib, unit);
	size_t n = 0;
	while (text[n] != '\0')
		n++;
	snprintf(text + n, UNITS_SIZE - n, " %s", units_name(unit));
	return text;
}

uint64_t units_apart(int64_t a_kib, int64_t b_kib, uint64_t unit)
{
	char a[UNITS_SIZE], b[UNITS_SIZE];
	units_size(a, a_kib, unit);
	units_size(b, b_kib, unit);
	return strcmp(a, b) == 0 ? 1024 : unit;
}
