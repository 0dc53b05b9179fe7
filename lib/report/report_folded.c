/* SPDX-License-Identifier: MIT */
/*
 * The processes at the peak as folded stacks, which tools for flame graphs read: for each process
 * the names from the root down to it, and the bytes that it held.
 *
 *	make;sh;cc;cc1 78438400
 */
#include <inttypes.h>

#include "base/pidmap.h"
#include "base/utf8.h"
#include "report/report.h"

#define DEPTH_MAX 64 /* of ancestors; PIDs that are used again could form a circle */

/* Return whether P existed at US. */
static bool existed(const struct report_row *p, struct report_number us)
{
	return p->first_us.value <= us.value && us.value <= p->last_us.value;
}

/* Set PARENTS to the index of the process that had each PID at the peak, or at another time. */
static void find_parents(const struct report *r, struct pidmap *parents)
{
	const struct report_rows *processes = &r->rows[REPORT_PROCESS];
	for (size_t i = 0; i < processes->n; i++) {
		const struct report_row *p = &processes->v[i];
		pid_t pid = (pid_t)p->pid.value;
		if (p->pid.known && pid > 0 &&
		    (existed(p, report_total(r)->time_us) ||
			pidmap_get(parents, pid) == PIDMAP_NONE))
			pidmap_set(parents, pid, (uint32_t)i);
	}
}

/* Append NAME without the character that separates names. */
static void put_name(struct buf *out, struct slice name)
{
	size_t start = out->n;
	utf8_visible(out, name.n > 0 ? name.p : "-", name.n > 0 ? name.n : 1);
	for (size_t i = start; i < out->n; i++)
		if (out->p[i] == ';')
			out->p[i] = ':';
}

static void put_bytes(struct buf *out, struct report_number kib)
{
	buf_printf(out, "%" PRId64 "\n", kib.value * 1024);
}

static void put_stack(const struct report_rows *processes, const struct pidmap *parents,
    const struct report_row *process, struct buf *out)
{
	const struct report_row *stack[DEPTH_MAX];
	size_t n = 0;
	for (const struct report_row *p = process; n < DEPTH_MAX;) {
		stack[n++] = p;
		uint32_t i = p->ppid.known && p->ppid.value > 0
				 ? pidmap_get(parents, (pid_t)p->ppid.value)
				 : PIDMAP_NONE;
		if (i == PIDMAP_NONE || &processes->v[i] == p)
			break;
		p = &processes->v[i];
	}
	while (n > 0) {
		put_name(out, stack[--n]->name);
		buf_char(out, n > 0 ? ';' : ' ');
	}
	put_bytes(out, process->at_peak_kib);
}

void report_folded(const struct report *r, const struct report_style *style, struct buf *out)
{
	const struct report_rows *processes = &r->rows[REPORT_PROCESS];
	struct pidmap parents = {0};
	size_t start = out->n;
	(void)style;
	find_parents(r, &parents);
	for (size_t i = 0; i < processes->n; i++)
		if (processes->v[i].at_peak_kib.value > 0)
			put_stack(processes, &parents, &processes->v[i], out);
	pidmap_free(&parents);
	if (out->n > start)
		return;
	put_name(out, report_total(r)->name); /* no process is listed */
	buf_char(out, ' ');
	put_bytes(out, report_total(r)->rss_kib);
}
