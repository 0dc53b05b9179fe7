/* SPDX-License-Identifier: MIT */
/*
 * Results for services that follow figures from commit to commit: Bencher, and the action
 * github-action-benchmark. A result is one run, or several runs of one command.
 */
#ifndef REPORT_RESULTS_H
#define REPORT_RESULTS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"
#include "report/report.h"

struct report_result {
	struct slice name; /* any bytes */
	size_t runs;
	int64_t kib;		 /* the peak, or the median of the peaks */
	int64_t lowest_kib;	 /* the smallest peak, which was reached */
	int64_t highest_kib;	 /* the largest bound, or the largest peak */
	struct report_number us; /* the duration, or its median */
};

/* Append N results in Bencher Metric Format, in bytes. */
void report_results_bmf(const struct report_result *v, size_t n, struct buf *out);

/* Append N results as customSmallerIsBetter of github-action-benchmark, in MiB. */
void report_results_benchmark(const struct report_result *v, size_t n, struct buf *out);

#endif
