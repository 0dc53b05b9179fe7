/* SPDX-License-Identifier: MIT */
/*
 * The figures of the report for people: the peaks and what else was measured of the total, one on
 * each line.
 */
#ifndef REPORT_TEXT_FIGURES_H
#define REPORT_TEXT_FIGURES_H

#include "report/report_page.h"

void report_text_figures(struct report_page *p);

#endif
