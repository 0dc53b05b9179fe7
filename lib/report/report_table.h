/* SPDX-License-Identifier: MIT */
/*
 * The tables of groups and of processes in the report for people.
 */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include <stddef.h>

#include "report/report.h"
#include "report/report_page.h"

/* Return what the short report lists: groups, or processes if they are one group that was not asked
 * for. Return REPORT_SCOPES if there is only one process. */
enum report_scope report_table_choose(const struct report *r);

/* Return the lines that a table of at most ROWS rows takes, with the blank line before it. */
size_t report_table_lines(const struct report *r, enum report_scope scope, size_t rows);

/* Append the table of the largest groups or processes, at most ROWS of them. */
void report_table(struct report_page *p, enum report_scope scope, size_t rows);

#endif
