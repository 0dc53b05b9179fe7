/* SPDX-License-Identifier: MIT */
/*
 * The metrics in the report for people: the parts of the RSS, the footprint, and columns that were
 * asked for.
 */
#ifndef REPORT_TEXT_METRICS_H
#define REPORT_TEXT_METRICS_H

#include "report/report_page.h"

/* Append a line with the parts of the peak of the RSS, if they are known. */
void report_text_parts(struct report_page *p);

/* Append a line with the footprint: what macOS charges, or RSS with swap and hugetlb pages, if there
 * were any or the report is verbose. */
void report_text_footprint(struct report_page *p);

/* Append the further metrics of the total, and of the only process: in one line, or in a line for
 * each if the report is verbose. */
void report_text_metrics(struct report_page *p);

/* Append one line with all further metrics of ROW, a process, if it has any. */
void report_text_process_metrics(struct report_page *p, const struct report_row *row);

#endif
