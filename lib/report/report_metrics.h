/* SPDX-License-Identifier: MIT */
/*
 * The further metrics of the reports for people, text and Markdown: the columns that were asked
 * for, and that no line of the report is about.
 */
#ifndef REPORT_METRICS_H
#define REPORT_METRICS_H

#include <stdbool.h>

#include "base/buf.h"
#include "report/report.h"

/* Return whether METRIC is known in ROW and is a further one. */
bool report_metrics_has(const struct report_row *row, unsigned metric);

/* Append the value of METRIC of ROW with its unit. A text is any bytes. */
void report_metrics_put(struct buf *out, const struct report_style *style,
    const struct report_row *row, unsigned metric);

/* Return the process whose texts are those of the run: the only one there was. NULL: there were
 * more. */
const struct report_row *report_metrics_alone(const struct report *r);

#endif
