/* SPDX-License-Identifier: MIT */
/*
 * How uneven the groups of joined streams are, in the report for people.
 */
#ifndef REPORT_TEXT_JOINED_H
#define REPORT_TEXT_JOINED_H

#include "report/report_page.h"

/* Append a line about the largest group if streams were joined and processes are grouped by a
 * column, such as the rank. */
void report_text_joined(struct report_page *p);

#endif
