/* SPDX-License-Identifier: MIT */
/* How uneven groups are. */
#include "report/report_uneven.h"

bool report_uneven(const struct report *r, struct report_uneven *u)
{
	const struct report_rows *groups = &r->rows[REPORT_GROUP];
	double sum = 0;
	*u = (struct report_uneven){0};
	if (r->group_by.n == 0)
		return false;
	for (size_t i = 0; i < groups->n; i++) {
		const struct report_row *row = &groups->v[i];
		if (!row->rss_kib.known)
			continue;
		sum += (double)row->rss_kib.value;
		u->groups++;
		if (u->largest == NULL || row->rss_kib.value > u->largest->rss_kib.value)
			u->largest = row;
	}
	if (u->groups < 2 || sum <= 0)
		return false;
	u->ratio = (double)u->largest->rss_kib.value * (double)u->groups / sum;
	return true;
}
