/* SPDX-License-Identifier: MIT */
/* How uneven the groups of joined streams are, in the report for people. */
#include "report/report_text_joined.h"

#include <inttypes.h>

#include "report/report_uneven.h"

void report_text_joined(struct report_page *p)
{
	const struct report *r = p->r;
	struct report_uneven u;
	if (!r->joined.known || !report_uneven(r, &u))
		return;
	report_page_figure(p, "largest", u.largest->rss_kib);
	report_page_note(p);
	report_page_name(p, r->group_by);
	buf_char(&p->line, REPORT_PAGE_BLANK);
	report_page_name(p, u.largest->name);
	buf_printf(&p->line, ", %.2f times the mean of %zu", u.ratio, u.groups);
	report_page_end(p, p->note);
}
