/* SPDX-License-Identifier: MIT */
/*
 * The limits in the report for people.
 */
#ifndef REPORT_TEXT_LIMITS_H
#define REPORT_TEXT_LIMITS_H

#include "report/report_page.h"

/* Append a line for each limit that was exceeded, and one if memory ran out. */
void report_text_limits(struct report_page *p);

#endif
