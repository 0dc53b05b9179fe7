/* SPDX-License-Identifier: MIT */
/* The RSS of the total over time as CSV. */
#include "report/timeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/format.h"
#include "base/parse.h"
#include "base/slice.h"
#include "stream/stage.h"
#include "stream/tsv.h"

/* samples.h does not fit: the rows of peaks have no PID where they are not of one process. */
enum { TIME, RSS, SCOPE, PROCS, FIRST };

#define REQUIRED 2

static const char *const columns[] = {
    [TIME] = "time",
    [RSS] = "rss_kib",
    [SCOPE] = "scope", /* only in peaks, as the following */
    [PROCS] = "procs",
    [FIRST] = "first",
    NULL,
};

struct timeline {
	struct buf out;
	size_t records;
	const char *name; /* of the input */
	struct stage_faults faults;

	int64_t start_us;
	bool started;	      /* start_us is known */
	bool start_announced; /* ... from a `#` line, since the last row */

	/* the tick, or span, that is not written yet */
	bool pending;
	int64_t time_us;
	uint64_t rss_kib, procs; /* procs 0: unknown */
	bool rss_known;
};

static void set_start(struct timeline *l, int64_t us)
{
	if (!l->started)
		l->start_us = us;
	l->started = true;
}

/* Append the pending record, if there is one. The first is after the header. */
static void put_record(struct timeline *l)
{
	if (!l->pending)
		return;
	l->pending = false;
	if (l->records++ == 0)
		buf_str(&l->out, "timestamp,elapsed_seconds,total_rss_kib,total_rss_mib,"
				 "process_count\r\n");
	set_start(l, l->time_us);
	(void)format_date(&l->out, l->time_us);
	buf_char(&l->out, ',');
	buf_time(&l->out, l->time_us - l->start_us);
	buf_char(&l->out, ',');
	if (l->rss_known)
		buf_printf(&l->out, "%" PRIu64 ",%.2f", l->rss_kib, (double)l->rss_kib / 1024);
	else
		buf_char(&l->out, ',');
	buf_char(&l->out, ',');
	if (l->procs > 0)
		buf_u64(&l->out, l->procs);
	buf_str(&l->out, "\r\n");
}

static void take_meta(struct timeline *l, struct slice line)
{
	struct slice value;
	int64_t us = 0;
	if (!tsv_is_meta(line, "#started", &value) || parse_time_us(value.p, value.n, &us) != NULL)
		return;
	put_record(l); /* of the previous run */
	l->start_us = us;
	l->started = l->start_announced = true;
}

static void take_header(struct timeline *l)
{
	put_record(l);
	l->started = l->start_announced; /* a header begins another run */
}

static const char *parse_kib(struct slice field, uint64_t *kib)
{
	*kib = 0;
	return field.n == 0 ? NULL : parse_u64(field.p, field.n, UINT64_MAX >> 20, kib);
}

static const char *take_span(struct timeline *l, const struct tsv *t)
{
	struct slice rss = tsv_field(t, RSS), procs = tsv_field(t, PROCS);
	struct slice time = tsv_field(t, TIME);
	const char *reason = parse_time_us(time.p, time.n, &l->time_us);
	if (reason == NULL)
		reason = parse_kib(rss, &l->rss_kib);
	l->procs = 0;
	if (reason == NULL && procs.n > 0)
		reason = parse_u64(procs.p, procs.n, UINT32_MAX, &l->procs);
	l->rss_known = rss.n > 0;
	l->pending = reason == NULL;
	put_record(l);
	return reason;
}

/* Take a row of peaks: the spans are the records, and the total has the time of the first tick. */
static const char *take_peak(struct timeline *l, const struct tsv *t)
{
	struct slice scope = tsv_field(t, SCOPE), first = tsv_field(t, FIRST);
	int64_t us = 0;
	if (slice_is(scope, "span"))
		return take_span(l, t);
	if (!slice_is(scope, "total") || first.n == 0)
		return NULL;
	const char *reason = parse_time_us(first.p, first.n, &us);
	if (reason == NULL)
		set_start(l, us);
	return reason;
}

static const char *take_sample(struct timeline *l, const struct tsv *t)
{
	struct slice rss = tsv_field(t, RSS), time = tsv_field(t, TIME);
	uint64_t kib = 0;
	int64_t us = 0;
	const char *reason = parse_time_us(time.p, time.n, &us);
	if (reason == NULL)
		reason = parse_kib(rss, &kib);
	if (reason != NULL)
		return reason;
	if (!l->pending || us != l->time_us) {
		put_record(l);
		l->pending = true;
		l->time_us = us;
		l->rss_kib = l->procs = 0;
		l->rss_known = false;
	}
	l->rss_kib += kib;
	l->rss_known |= rss.n > 0;
	l->procs++;
	return NULL;
}

static const char *take_row(struct timeline *l, const struct tsv *t)
{
	l->start_announced = false;
	return tsv_has(t, SCOPE) ? take_peak(l, t) : take_sample(l, t);
}

/* Take what T has read last, which is of this KIND. Return whether there may be more. */
static bool take(struct timeline *l, const struct tsv *t, enum tsv_kind kind)
{
	const char *reason = kind == TSV_BAD || kind == TSV_ERROR ? t->reason : NULL;
	if (kind == TSV_META)
		take_meta(l, t->line);
	else if (kind == TSV_HEADER)
		take_header(l);
	else if (kind == TSV_ROW)
		reason = take_row(l, t);
	if (reason != NULL)
		stage_fault(&l->faults, l->name, t->in.number, reason);
	return kind != TSV_END && kind != TSV_ERROR;
}

/* Read and print until the end, or until no more can be read. */
static void convert(struct timeline *l, struct tsv *t, struct output *to)
{
	enum tsv_kind kind = TSV_END;
	while (!t->in.eof && !to->failed) {
		if (lines_fill(&t->in) < 0 && errno != EINTR) {
			stage_fault(&l->faults, l->name, 0, strerror(errno));
			return;
		}
		while (take(l, t, kind = tsv_buffered(t)))
			;
		output_write(to, &l->out);
		if (kind == TSV_ERROR)
			return;
	}
	(void)take(l, t, tsv_rest(t));
}

int timeline_csv(const struct stage_input *input, struct output *to)
{
	struct timeline l = {.name = input->name};
	struct tsv t;
	tsv_init(&t, input->fd, columns, REQUIRED);
	t.in.text = input->text;
	convert(&l, &t, to);
	put_record(&l);
	if (!to->failed && l.faults.n == 0 && l.records == 0)
		stage_fault(&l.faults, l.name, 0, "no samples, and no peaks with spans");
	output_write(to, &l.out);
	tsv_free(&t);
	buf_free(&l.out);
	return stage_faults_end(&l.faults);
}
