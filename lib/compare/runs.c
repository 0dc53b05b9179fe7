/* SPDX-License-Identifier: MIT */
/* The runs of a peaks file. */
#include "compare/runs.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/slice.h"
#include "base/square_root.h"

static bool is_empty(const struct runs *r)
{
	return report_total(&r->v[r->n - 1]) == NULL;
}

/* Begin a run. Return NULL, or the reason why the previous run is invalid. */
static const char *begin_run(struct runs *r)
{
	const char *reason = r->n > 0 && is_empty(r) ? "the previous run has no peaks" : NULL;
	r->v = alloc_grow(r->v, &r->cap, r->n + 1, sizeof *r->v);
	report_init(&r->v[r->n++]);
	r->headed = false;
	return reason;
}

/* A run begins with its `#` lines. So one that follows rows begins the next run, and so does a
 * second command. */
static const char *take_meta(struct runs *r, struct slice line)
{
	const char *reason = NULL;
	struct slice value;
	if (r->n == 0 || r->headed ||
	    (r->v[r->n - 1].command.n > 0 && tsv_is_meta(line, "#command", &value)))
		reason = begin_run(r);
	report_meta(&r->v[r->n - 1], line);
	return reason;
}

static const char *take_header(struct runs *r, const struct tsv *t)
{
	const char *reason = r->n == 0 || r->headed ? begin_run(r) : NULL;
	report_header(&r->v[r->n - 1], t);
	r->headed = true;
	return reason;
}

static const char *take_row(struct runs *r, const struct tsv *t)
{
	struct report *run = &r->v[r->n - 1];
	size_t totals = run->rows[REPORT_TOTAL].n;
	const char *reason = report_row(run, t);
	if (reason != NULL || run->rows[REPORT_TOTAL].n == totals)
		return reason;
	if (totals > 0)
		return "a second total in one run";
	return report_total(run)->rss_kib.known ? NULL : "missing peak";
}

/* `#` lines alone are a run only if they name a command. */
static const char *take_end(struct runs *r)
{
	if (r->n > 1 && !r->headed && r->v[r->n - 1].command.n == 0) {
		report_free(&r->v[--r->n]);
		r->headed = true;
	}
	if (r->n == 0 || (r->n == 1 && is_empty(r)))
		return "no peaks";
	return is_empty(r) ? "the last run has no peaks" : NULL;
}

const char *runs_take(struct runs *r, const struct tsv *t, enum tsv_kind kind)
{
	switch (kind) {
	case TSV_META:
		return take_meta(r, t->line);
	case TSV_HEADER:
		return take_header(r, t);
	case TSV_ROW:
		return take_row(r, t);
	case TSV_END:
		return take_end(r);
	default:
		return t->reason;
	}
}

void runs_add(struct runs *r, const struct report *report)
{
	r->v = alloc_grow(r->v, &r->cap, r->n + 1, sizeof *r->v);
	r->v[r->n++] = *report;
	r->headed = true;
}

void runs_free(struct runs *r)
{
	for (size_t i = 0; i < r->n; i++)
		report_free(&r->v[i]);
	free(r->v);
	*r = (struct runs){0};
}

/* ---- statistics */

/* Compare two numbers for qsort. */
static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Return four times the quartile Q (1 to 3) of the sorted V, interpolated between two values. */
static int64_t four_quartiles(const int64_t *v, size_t n, size_t q)
{
	size_t at = (n - 1) * q, i = at / 4;
	int64_t rest = (int64_t)(at % 4);
	return v[i] * 4 + (rest > 0 ? (v[i + 1] - v[i]) * rest : 0);
}

static double mean_of(const int64_t *v, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += (double)v[i];
	return sum / (double)n;
}

static double deviation_of(const int64_t *v, size_t n, double mean)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += ((double)v[i] - mean) * ((double)v[i] - mean);
	return n > 1 && sum > 0 ? square_root(sum / (double)(n - 1)) : 0;
}

struct runs_statistics runs_statistics(int64_t *v, size_t n)
{
	struct runs_statistics s = {.n = n, .noise = -1};
	if (n == 0)
		return s;
	qsort(v, n, sizeof *v, by_value);
	s.median = four_quartiles(v, n, 2) / 4;
	s.min = v[0];
	s.max = v[n - 1];
	s.mean = mean_of(v, n);
	s.deviation = deviation_of(v, n, s.mean);
	if (n > 1) {
		int64_t range = s.max - s.min;
		s.noise = (four_quartiles(v, n, 3) - four_quartiles(v, n, 1)) / 2;
		s.noise = s.noise < range ? s.noise : range;
	}
	return s;
}
