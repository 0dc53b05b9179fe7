/* SPDX-License-Identifier: MIT */
/* From samples to the data of a picture: reading. */
#include "plot/plot.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/parse.h"
#include "plot/plot_internal.h"
#include "stream/escape.h"

struct plot *plot_new(const struct plot_options *options)
{
	struct plot *p = alloc_resize(NULL, 1, sizeof *p);
	*p = (struct plot){.options = *options, .started_us = PLOT_UNKNOWN};
	p->peak = peak_new(&(struct peak_options){
	    .metrics = &p->metrics,
	    .processes = PLOT_PROCESSES_MAX,
	    .spans = PLOT_SPANS,
	});
	report_init(&p->report);
	holdings_init(&p->holdings,
	    options->scope == PLOT_PROCESSES ? HOLDINGS_BY_PROCESS : HOLDINGS_BY_NAME, PLOT_SPANS);
	return p;
}

static void take_meta(struct plot *p, struct slice line)
{
	struct slice value;
	peak_meta(p->peak, line);
	if (tsv_is_meta(line, "#command", &value) && p->command.n == 0)
		escape_decode(&p->command, value.p, value.n);
	else if (tsv_is_meta(line, "#started", &value) && p->started_us == PLOT_UNKNOWN)
		(void)parse_time_us(value.p, value.n, &p->started_us);
	else if (tsv_is_meta(line, "#limit_total_kib", &value))
		(void)parse_u64(value.p, value.n, UINT64_MAX >> 20, &p->limit_kib);
}

static void take_row(struct plot *p, const struct samples_row *r)
{
	const struct peak_sample sample = peak_samples_row(r);
	peak_add(p->peak, &sample);
	if (r->rss_known)
		holdings_row(&p->holdings, (uint32_t)r->pid, r->comm, r->rss_kib);
	holdings_swap(&p->holdings, r->swap_kib);
	p->has_swap |= r->swap_kib > 0;
}

void plot_take(struct plot *p, const struct samples *s, enum samples_event event)
{
	switch (event) {
	case SAMPLES_META:
		take_meta(p, s->tsv.line);
		break;
	case SAMPLES_HEADER:
		peak_begin_stream(p->peak);
		p->has_marks |= samples_has_bounds(s);
		break;
	case SAMPLES_TICK:
		peak_begin_tick(p->peak, s->time_us);
		holdings_tick(&p->holdings, s->time_us);
		break;
	case SAMPLES_ROW:
		take_row(p, &s->row);
		break;
	default:
		break;
	}
}

bool plot_write(struct plot *p, struct buf *out)
{
	struct buf peaks = {0};
	holdings_end(&p->holdings);
	if (peak_write(p->peak, &peaks) == 0)
		report_read_text(&p->report, (struct slice){peaks.p, peaks.n});
	buf_free(&peaks);
	if (report_total(&p->report) == NULL || p->report.rows[REPORT_SPAN].n == 0)
		return false;
	plot_data(p, out);
	return true;
}

void plot_free(struct plot *p)
{
	peak_free(p->peak);
	report_free(&p->report);
	holdings_free(&p->holdings);
	metrics_free(&p->metrics);
	buf_free(&p->command);
	free(p);
}
