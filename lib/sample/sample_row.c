/* SPDX-License-Identifier: MIT */
/* One row of a samples stream. */
#include "sample/sample_row.h"

#include <string.h>

#include "sample/sample_metrics.h"

/* Append a standard column. An unknown value is left empty. */
static void put_standard(struct buf *b, enum sample_column column, const struct process *p)
{
	switch (column) {
	case SAMPLE_PID:
		buf_u64(b, (uint64_t)p->pid);
		break;
	case SAMPLE_PPID:
		buf_u64(b, (uint64_t)p->ppid);
		break;
	case SAMPLE_RSS:
		if (p->memory_known)
			buf_u64(b, p->rss_kib);
		break;
	case SAMPLE_HWM:
		if (p->memory_known)
			buf_u64(b, p->hwm_kib);
		break;
	case SAMPLE_VSZ:
		if (p->memory_known)
			buf_u64(b, p->vsz_kib);
		break;
	case SAMPLE_COMM:
		sample_put_text(b, p->comm, strlen(p->comm));
		break;
	default:
		break;
	}
}

static void put_metric(
    struct buf *b, unsigned metric, const struct process *p, const struct process_detail *d)
{
	const struct sample_metric *m = &sample_metrics[metric];
	if ((m->details & d->known) == m->details)
		m->put(b, p, d);
}

void sample_row_format(struct sample_row *r, const struct sample_columns *c,
    const struct process *p, const struct process_detail *d, const char *time)
{
	struct buf *b = &r->text;
	b->n = 0;
	r->time_at = -1;
	for (size_t i = 0; i < c->n; i++) {
		unsigned column = c->v[i];
		if (column == SAMPLE_TIME) {
			r->time_at = (long)b->n;
			buf_str(b, time);
		} else if (column < SAMPLE_METRIC) {
			put_standard(b, column, p);
		} else {
			put_metric(b, column - SAMPLE_METRIC, p, d);
		}
		buf_char(b, '\t');
	}
	for (size_t i = 0; i < c->labels; i++) {
		const char *value = sample_columns_label_value(c->label[i]);
		sample_put_text(b, value, strlen(value));
		buf_char(b, '\t');
	}
	b->p[b->n - 1] = '\n';
}

void sample_row_set_time(struct sample_row *r, const char *time, size_t n)
{
	if (r->time_at >= 0)
		memcpy(r->text.p + r->time_at, time, n);
}
