/* SPDX-License-Identifier: MIT */
/* The present state of a samples stream, in one sentence. */
#include "live/live_state.h"

#include "base/clock.h"
#include "base/format.h"
#include "base/parse.h"
#include "base/utf8.h"
#include "stream/escape.h"

#define SECOND_US 1000000
#define IN_SECONDS_US 100000000 /* shorter times are written in seconds */

void live_state_end_tick(struct live_state *s)
{
	struct buf name = s->complete.largest_name;
	const struct buf *new_name = &s->arriving.largest_name;
	if (s->arriving.processes == 0)
		return;
	s->complete = s->arriving;
	s->complete.largest_name = name;
	s->complete.largest_name.n = 0;
	buf_put(&s->complete.largest_name, new_name->p, new_name->n);
	if (s->complete.total_kib > s->peak_kib)
		s->peak_kib = s->complete.total_kib;
}

static void clear_arriving(struct live_state *s)
{
	s->arriving.processes = 0;
	s->arriving.total_kib = 0;
}

static void begin_run(struct live_state *s)
{
	clear_arriving(s);
	s->complete.processes = 0;
	s->start_us = 0;
	s->peak_kib = 0;
}

static void take_tick(struct live_state *s, int64_t time_us)
{
	live_state_end_tick(s);
	clear_arriving(s);
	s->last_us = time_us;
	s->last_ns = clock_mono_ns();
	if (s->start_us == 0)
		s->start_us = time_us;
}

static void take_row(struct live_state *s, const struct samples_row *r)
{
	struct live_sums *sums = &s->arriving;
	sums->processes++;
	sums->total_kib += r->rss_kib;
	if (sums->processes > 1 && r->rss_kib <= sums->largest_kib)
		return;
	sums->largest_kib = r->rss_kib;
	sums->largest_pid = r->pid;
	sums->largest_name.n = 0;
	buf_put(&sums->largest_name, r->comm.p, r->comm.n);
}

/* A `#` line follows a complete tick. */
static void take_meta(struct live_state *s, struct slice line)
{
	struct slice value;
	int64_t us = 0;
	live_state_end_tick(s);
	if (!tsv_is_meta(line, "#started", &value) || parse_time_us(value.p, value.n, &us) != NULL)
		return;
	begin_run(s);
	s->start_us = s->last_us = us;
	s->last_ns = clock_mono_ns();
}

void live_state_take(struct live_state *s, const struct samples *in, enum samples_event event)
{
	switch (event) {
	case SAMPLES_META:
		take_meta(s, in->tsv.line);
		break;
	case SAMPLES_HEADER: /* of another run, unless #started came before it */
		live_state_end_tick(s);
		if (s->complete.processes > 0)
			begin_run(s);
		break;
	case SAMPLES_TICK:
		take_tick(s, in->time_us);
		break;
	case SAMPLES_ROW:
		take_row(s, &in->row);
		break;
	default:
		break;
	}
}

static void put_elapsed(struct buf *out, int64_t us)
{
	us -= us % SECOND_US;
	if (us >= 0 && us < IN_SECONDS_US)
		buf_printf(out, "%lld s", (long long)(us / SECOND_US));
	else
		format_duration(out, us);
}

void live_state_text(const struct live_state *s, int64_t now_ns, bool utf8, struct buf *out)
{
	const struct live_sums *sums = &s->complete;
	char now[FORMAT_SIZE], peak[FORMAT_SIZE], largest[FORMAT_SIZE];
	struct buf name = {0};
	if (sums->processes == 0)
		return;
	put_elapsed(out, s->last_us - s->start_us + (now_ns - s->last_ns) / 1000);
	buf_printf(out, ": %s now, %s peak, %zu process%s, largest ",
	    format_size(now, sums->total_kib), format_size(peak, s->peak_kib), sums->processes,
	    sums->processes == 1 ? "" : "es");
	escape_decode(&name, sums->largest_name.p, sums->largest_name.n);
	(utf8 ? utf8_visible : utf8_ascii)(out, name.p, name.n);
	buf_printf(out, " (%ld) %s", (long)sums->largest_pid,
	    format_size(largest, sums->largest_kib));
	buf_free(&name);
}

void live_state_free(struct live_state *s)
{
	buf_free(&s->arriving.largest_name);
	buf_free(&s->complete.largest_name);
}
