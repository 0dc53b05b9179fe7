/* SPDX-License-Identifier: MIT */
/* The further metrics of the reports for people. */
#include "report/report_metrics.h"

#include <inttypes.h>

#include "base/format.h"

/* The metrics that have lines of their own, or, as the start of a process, another place. */
#define SHOWN                                                                                      \
	(METRICS_BIT(METRIC_PSS) | METRICS_BIT(METRIC_USS) | METRICS_BIT(METRIC_FOOTPRINT) |       \
	    METRICS_BIT(METRIC_PHYS_FOOTPRINT) |                                                   \
	    METRICS_BIT(METRIC_SWAP) | METRICS_BIT(METRIC_HUGETLB) | METRICS_BIT(METRIC_ANON) |    \
	    METRICS_BIT(METRIC_FILE) | METRICS_BIT(METRIC_SHMEM) | METRICS_BIT(METRIC_START))

bool report_metrics_has(const struct report_row *row, unsigned metric)
{
	return row->metric[metric].number.known && !metrics_has(SHOWN, metric);
}

void report_metrics_put(struct buf *out, const struct report_style *style,
    const struct report_row *row, unsigned metric)
{
	const struct report_value *v = &row->metric[metric];
	char text[FORMAT_SIZE];
	switch (metrics_table[metric].kind) {
	case METRICS_KIB:
		buf_str(out, format_size_in(text, v->number.value, style->unit));
		break;
	case METRICS_MS:
		format_duration(out, v->number.value);
		break;
	case METRICS_TEXT:
		buf_put(out, v->text.p, v->text.n);
		break;
	default:
		buf_printf(out, "%" PRId64, v->number.value);
	}
}

const struct report_row *report_metrics_alone(const struct report *r)
{
	const struct report_rows *processes = &r->rows[REPORT_PROCESS];
	bool alone = report_count(r, REPORT_PROCESS) == 1 && processes->n == 1;
	return alone ? &processes->v[0] : NULL;
}
