/* Writing the header and the rows. */
#include <inttypes.h>
#include <string.h>

#include "sample/sampler_internal.h"

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

void sampler_put_header(struct sampler *s)
{
	if (!s->o->header)
		return;
	if (s->o->ticks != 1) {
		buf_printf(&s->out, "#interval_ms\t%.10g\n", (double)s->o->interval_ns / 1e6);
		schedule_describe(&s->schedule, &s->out);
		buf_printf(&s->out, "#mark_error_kib\t%" PRIu64 "\n", process_mark_error_kib());
	}
	sample_columns_header(&s->o->columns, &s->out);
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
