/* SPDX-License-Identifier: MIT */
/*
 * Gaps: times in which there were no ticks, though there were others around. The ticks on both
 * sides of a gap are not joined.
 */
#ifndef PLOT_GAPS_H
#define PLOT_GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/report.h"

/* Return the time from which on the distance of two ticks is a gap: several times the median
 * distance of SPANS. */
int64_t plot_gaps_least_us(const struct report_rows *spans);

/* Return whether span I and the next one are joined. LEAST_US is the least gap. */
bool plot_gaps_joined(const struct report_rows *spans, int64_t least_us, size_t i);

#endif
