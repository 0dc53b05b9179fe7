/* SPDX-License-Identifier: MIT */
/* From the events of a stream of samples to peaks. */
#include "peak/peak_samples.h"

static void take_meta(struct peak_samples *p, struct slice line)
{
	peak_meta(p->peak, line);
	if (samples_is_of_tick(line))
		return;
	buf_put(&p->meta, line.p, line.n);
	buf_char(&p->meta, '\n');
}

struct peak_sample peak_samples_row(const struct samples_row *row)
{
	return (struct peak_sample){
	    .pid = row->pid,
	    .ppid = row->ppid,
	    .rss_kib = row->rss_kib,
	    .hwm_kib = row->hwm_kib,
	    .vsz_kib = row->vsz_kib,
	    .rss_known = row->rss_known,
	    .name = row->comm,
	    .group = row->comm,
	};
}

/* A tick begins with its first valid row. */
static bool take_row(struct peak_samples *p, struct samples *s)
{
	const struct samples_row *row = &s->row;
	const struct metrics_row *metrics = NULL;
	const char *reason = NULL;
	if (p->metrics.n > 0)
		reason = metrics_read(&p->metrics, &s->tsv, s->repeated, &metrics);
	if (reason != NULL) {
		samples_fault(s, reason);
		return false;
	}
	struct peak_sample sample = peak_samples_row(row);
	sample.excluded = p->filter != NULL && !name_filter_passes(p->filter, row->comm);
	if (p->by_extra)
		sample.group = samples_extra(s, 0);
	sample.repeated = s->repeated;
	sample.metrics = metrics;
	if (p->tick_pending)
		peak_begin_tick(p->peak, s->time_us);
	p->tick_pending = false;
	peak_add(p->peak, &sample);
	return true;
}

bool peak_samples_take(struct peak_samples *p, struct samples *s, enum samples_event event)
{
	switch (event) {
	case SAMPLES_META:
		take_meta(p, s->tsv.line);
		break;
	case SAMPLES_HEADER:
		peak_begin_stream(p->peak);
		metrics_header(&p->metrics, &s->tsv);
		break;
	case SAMPLES_TICK:
		p->tick_pending = true;
		break;
	case SAMPLES_ROW:
		return take_row(p, s);
	default:
		break;
	}
	return true;
}

void peak_samples_free(struct peak_samples *p)
{
	if (p->peak != NULL)
		peak_free(p->peak);
	metrics_free(&p->metrics);
	buf_free(&p->meta);
}
