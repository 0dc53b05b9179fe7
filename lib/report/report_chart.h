/* SPDX-License-Identifier: MIT */
/*
 * The RSS over time, as a chart of characters in the report for people.
 */
#ifndef REPORT_CHART_H
#define REPORT_CHART_H

#include <stdbool.h>

#include "report/report_page.h"

#define REPORT_CHART_HEIGHT 6 /* lines, without the axis and the blank line before the chart */

/* Return whether to draw a chart: the style asks for it in any case, or if the RSS over time has a
 * shape. It has one if there were several ticks, and after the start the RSS was not nearly always
 * the same. */
bool report_chart_wanted(const struct report_page *p);

/* Append a chart of HEIGHT lines and its axis, from the start of the run to its end. */
void report_chart(struct report_page *p, int height);

#endif
