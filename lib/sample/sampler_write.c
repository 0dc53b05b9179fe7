/* SPDX-License-Identifier: MIT */
/* Writing the header and the rows. */
#include <inttypes.h>
#include <string.h>

#include "base/job.h"
#include "base/minmax.h"
#include "base/warn.h"
#include "sample/sampler_internal.h"
#include "stream/escape.h"
#include "stream/stage.h"

/* Ticks are missed on a busy machine, too. A message is printed if more than this part is. */
#define MISSED_PART 100

void sampler_set_time(struct sampler *s, int64_t now_ns)
{
	struct buf text = {0};
	buf_time(&text, clock_unix_us(&s->clock, now_ns));
	s->reformat =
	    text.n != s->time_length || (s->o->columns.details & PROCESS_DETAIL_CHANGING) != 0;
	s->time_length = text.n;
	memcpy(s->time, text.p, text.n);
	s->time[text.n] = '\0';
	buf_free(&text);
}

/* Return whether the stream has lines about its ticks. */
static bool describes_ticks(const struct sampler *s)
{
	return s->o->header && s->o->ticks != 1;
}

/* Put where in a job the processes run, so that samples of several hosts or ranks can be joined. */
static void put_job(struct buf *b)
{
	const char *rank = job_rank();
	struct buf host = {0};
	job_put_host(&host);
	buf_str(b, "#host\t");
	escape_field(b, host.p, host.n);
	buf_char(b, '\n');
	buf_free(&host);
	if (rank != NULL)
		buf_printf(b, "#rank\t%s\n", rank);
}

/* Put the lines before the header. */
static void put_description(const struct sampler *s, struct buf *b)
{
	buf_printf(b, "#interval_ms\t%.10g\n", (double)s->o->interval_ns / 1e6);
	schedule_describe(&s->schedule, b);
	if (s->tree.events.error != 0)
		buf_printf(b, "#process_events_refused\t%s\n", strerror(s->tree.events.error));
	if (process_bound_refusal() == NULL)
		buf_printf(b, "#mark_error_kib\t%" PRIu64 "\n", process_mark_error_kib());
	else
		buf_printf(b, "#bound_refused\t%s\n", process_bound_refusal());
	put_job(b);
}

/* Put the header and the lines before it, unless there is to be none. */
static void put_header(const struct sampler *s, struct buf *b)
{
	if (describes_ticks(s))
		put_description(s, b);
	if (s->o->header)
		sample_columns_header(&s->o->columns, b);
}

static enum log_file_state open_log(struct sampler *s)
{
	struct buf header = {0};
	sample_columns_header(&s->o->columns, &header);
	enum log_file_state state = log_file_open(&s->log, (struct slice){header.p, header.n - 1});
	buf_free(&header);
	return state;
}

void sampler_put_header(struct sampler *s)
{
	s->header_at = s->out.n;
	if (s->ticks > 0)
		return;
	if (s->o->log == NULL)
		put_header(s, &s->out);
	schedule_set_described(&s->schedule);
}

void sampler_put_schedule(struct sampler *s)
{
	if (!describes_ticks(s) || !schedule_has_changed(&s->schedule))
		return;
	schedule_describe(&s->schedule, &s->out);
	schedule_set_described(&s->schedule);
}

/* Append a tick to the log, with the header if the log needs one. */
static void write_to_log(struct sampler *s)
{
	struct buf lines = {0};
	do {
		enum log_file_state state = open_log(s);
		buf_put(&lines, s->out.p, s->header_at);
		if (state == LOG_FILE_NEW || (state == LOG_FILE_CONTINUED && s->o->ticks != 1))
			put_header(s, &lines);
		buf_put(&lines, s->out.p + s->header_at, s->out.n - s->header_at);
	} while (!log_file_write(&s->log, &lines));
	buf_free(&lines);
	s->out.n = 0;
}

void sampler_write_tick(struct sampler *s)
{
	if (s->o->log != NULL)
		write_to_log(s);
	else
		stage_write(&s->out);
}

void sampler_write_end(struct sampler *s)
{
	if (s->o->log == NULL)
		stage_write(&s->out);
	else if (s->ticks > 0) /* without a tick, there is no log */
		(void)log_file_write(&s->log, &s->out);
}

void sampler_put_missed(struct sampler *s)
{
	const struct budget *b = &s->schedule.budget;
	if (b->grid_missed == 0)
		return;
	if (describes_ticks(s))
		buf_printf(&s->out, "#missed_ticks\t%" PRIu64 "\n", b->grid_missed);
	if (b->grid_missed * MISSED_PART > b->grid_points)
		warn_print("interval of %.10g ms: %" PRIu64 " of %" PRIu64
			   " ticks were missed: choose a longer interval",
		    (double)b->interval_ns / 1e6, b->grid_missed, b->grid_points);
}

void sampler_put_bound(struct sampler *s, int64_t now_ns)
{
	uint64_t kib = bound_of_tick(&s->bound, &s->tree, s->tick_ns, now_ns);
	/* Before the first tick, a command was held, and its own peak is known at its end. */
	bool first = s->o->held && s->tree.n + s->bound.exited + s->bound.unseen > 1;
	bool put = (s->ticks > 0 || first) && describes_ticks(s) && process_bound_refusal() == NULL;
	if (put)
		buf_printf(&s->out, "#bound_kib\t%" PRIu64 "\t%zu\n", kib,
		    s->bound.exited + s->bound.unseen);
	if (put && s->bound.with_pss)
		buf_printf(&s->out, "#pss_bound_kib\t%" PRIu64 "\n",
		    min_u64(s->bound.pss_kib + s->sharing.spread_kib, kib));
	s->tick_ns = now_ns;
}

static void put_mark(struct sampler *s, const struct tree_process *m)
{
	if (m->mark_predates && s->ticks > 0)
		buf_printf(&s->out, "#mark_since\t%ld\t0\n", (long)m->process.pid);
	if (m->mark_unsure_ns == 0)
		return;
	buf_printf(&s->out, "#mark_since\t%ld\t", (long)m->process.pid);
	buf_time(&s->out, clock_unix_us(&s->clock, m->mark_unsure_ns));
	buf_char(&s->out, '\n');
}

void sampler_put_marks(struct sampler *s)
{
	for (size_t i = 0; i < s->tree.n; i++)
		if (s->tree.v[i].sampled)
			put_mark(s, &s->tree.v[i]);
	for (size_t i = 0; i < s->tree.unread_n; i++)
		put_mark(s, &s->tree.unread[i]);
}

static void put_time(struct sampler *s, const char *key, pid_t pid, int64_t us)
{
	buf_printf(&s->out, "%s\t%ld\t", key, (long)pid);
	buf_time(&s->out, us);
	buf_char(&s->out, '\n');
}

/* Put when M was created, unless that was before the sampling began. The system keeps it to a
 * hundredth of a second where it does not report it. */
static void put_created(struct sampler *s, const struct tree_process *m)
{
	if (m->row.text.n > 0)
		return; /* it has had a row */
	int64_t us = clock_unix_us(&s->clock, m->created_ns);
	if (m->created_ns == 0) {
		process_detail_read(&s->detail, &m->process, PROCESS_DETAIL_START);
		if ((s->detail.known & PROCESS_DETAIL_START) == 0)
			return;
		us = s->detail.start_us;
	}
	us = min_i64(us, clock_unix_us(&s->clock, s->tick_ns));
	if (us >= clock_unix_us(&s->clock, s->begun_ns))
		put_time(s, "#created", m->process.pid, us);
}

static void put_exited(struct sampler *s, const struct tree_exit *e)
{
	int64_t ns = e->exited_ns != 0 ? e->exited_ns : s->tick_ns;
	if (e->bound.known)
		put_time(s, "#exited", e->pid, clock_unix_us(&s->clock, ns));
}

void sampler_put_times(struct sampler *s)
{
	if (!describes_ticks(s))
		return;
	for (size_t i = 0; i < s->tree.exits; i++)
		put_exited(s, &s->tree.exit[i]);
	for (size_t i = 0; i < s->tree.n; i++)
		if (s->tree.v[i].sampled)
			put_created(s, &s->tree.v[i]);
	for (size_t i = 0; i < s->tree.unread_n; i++)
		put_created(s, &s->tree.unread[i]);
}

void sampler_put_last_exits(struct sampler *s)
{
	for (size_t i = 0; i < s->tree.leavings && describes_ticks(s); i++)
		put_exited(s, &s->tree.leaving[i]);
}

/* A row in which only the time differs from the tick before is not formatted again. */
static void put_row(struct sampler *s, struct tree_process *m)
{
	const struct sample_columns *columns = &s->o->columns;
	if (m->row.outdated || s->reformat) {
		if (columns->details != 0)
			process_detail_read(&s->detail, &m->process, columns->details);
		sample_row_format(&m->row, columns, &m->process, &s->detail, s->time);
	} else {
		sample_row_set_time(&m->row, s->time, s->time_length);
	}
	buf_put(&s->out, m->row.text.p, m->row.text.n);
}

void sampler_put_rows(struct sampler *s)
{
	for (size_t i = 0; i < s->tree.n; i++)
		if (s->tree.v[i].sampled)
			put_row(s, &s->tree.v[i]);
	for (size_t i = 0; i < s->tree.unread_n; i++)
		put_row(s, &s->tree.unread[i]);
}
