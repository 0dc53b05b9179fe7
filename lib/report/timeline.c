/* The course over time as CSV. */
#include "report/timeline.h"

#include <inttypes.h>
#include <string.h>

#include "base/format.h"
#include "base/parse.h"
#include "base/slice.h"
#include "stream/tick.h"

enum { TIME, RSS, SCOPE, PROCS, FIRST };

const char *const timeline_columns[] = {
    [TIME] = "time",
    [RSS] = "rss_kib", /* required */
    [SCOPE] = "scope", /* of peaks */
    [PROCS] = "procs",
    [FIRST] = "first",
    NULL,
};

static void start(struct timeline *l, int64_t us)
{
	if (!l->started)
		l->start_us = us;
	l->started = 1;
}

void timeline_end(struct timeline *l, struct buf *out)
{
	if (!l->ticking)
		return;
	l->ticking = 0;
	l->records++;
	start(l, l->time_us);
	(void)format_date(out, l->time_us);
	buf_char(out, ',');
	buf_time(out, l->time_us - l->start_us);
	buf_char(out, ',');
	if (l->known)
		buf_printf(out, "%" PRIu64 ",%.2f", l->rss_kib, (double)l->rss_kib / 1024);
	else
		buf_char(out, ',');
	buf_char(out, ',');
	if (l->procs > 0)
		buf_u64(out, l->procs);
	buf_str(out, "\r\n");
}

void timeline_meta(struct timeline *l, struct slice line, struct buf *out)
{
	struct slice value;
	int64_t us = 0;
	if (!tsv_is_meta(line, "#started", &value) ||
	    parse_time_us(value.p, value.n, &us) != NULL)
		return;
	timeline_end(l, out); /* of the run before */
	l->start_us = us;
	l->started = l->told = 1;
}

void timeline_header(struct timeline *l, struct buf *out)
{
	if (!l->headed)
		buf_str(out, "timestamp,elapsed_seconds,total_rss_kib,total_rss_mib,"
			     "process_count\r\n");
	l->headed = 1;
	timeline_end(l, out);
	l->started = l->told; /* another run, which may have said when it began */
}

/* Nothing but the rows of spans tells of the course; the total tells when the first
 * of them began. */
static const char *take_peak(struct timeline *l, const struct tsv *t, struct slice scope)
{
	struct slice rss = tsv_field(t, RSS), procs = tsv_field(t, PROCS),
		     time = tsv_field(t, TIME), first = tsv_field(t, FIRST);
	int64_t us = 0;
	const char *why = NULL;
	if (slice_is(scope, "total") && first.n > 0 &&
	    (why = parse_time_us(first.p, first.n, &us)) == NULL)
		start(l, us);
	if (!slice_is(scope, "span"))
		return why;
	why = parse_time_us(time.p, time.n, &l->time_us);
	if (why == NULL)
		why = tick_kib(rss, &l->rss_kib);
	l->procs = 0; /* not known */
	if (why == NULL && procs.n > 0)
		why = parse_u64(procs.p, procs.n, UINT32_MAX, &l->procs);
	l->known = rss.n > 0;
	l->ticking = why == NULL;
	return why;
}

static const char *take_sample(struct timeline *l, const struct tsv *t, struct buf *out)
{
	struct slice rss = tsv_field(t, RSS), time = tsv_field(t, TIME);
	uint64_t kib = 0;
	int64_t us = 0;
	const char *why = parse_time_us(time.p, time.n, &us);
	if (why == NULL)
		why = tick_kib(rss, &kib);
	if (why != NULL)
		return why;
	if (!l->ticking || us != l->time_us) {
		timeline_end(l, out);
		l->ticking = 1;
		l->time_us = us;
		l->rss_kib = l->procs = 0;
		l->known = 0;
	}
	l->rss_kib += kib;
	l->known |= rss.n > 0;
	l->procs++;
	return NULL;
}

const char *timeline_row(struct timeline *l, const struct tsv *t, struct buf *out)
{
	struct slice scope = tsv_field(t, SCOPE);
	l->told = 0;
	if (!tsv_has(t, SCOPE))
		return take_sample(l, t, out);
	const char *why = take_peak(l, t, scope);
	timeline_end(l, out);
	return why;
}
