/* SPDX-License-Identifier: MIT */
/* Questions about the peaks so far. */
#include "peak/peak_query.h"

#include "peak/peak_internal.h"

struct peak_held peak_query_total(const struct peak *k)
{
	const struct peak_row *t = &k->total;
	struct peak_held held = {0};
	if (t->known)
		held = (struct peak_held){.kib = t->rss_kib, .procs = t->procs};
	return held;
}

uint64_t peak_query_process(const struct peak *k, pid_t pid)
{
	uint32_t i = pidmap_get(&k->live, pid);
	return i != PIDMAP_NONE && k->process[i].row.known ? k->process[i].row.rss_kib : 0;
}

struct peak_held peak_query_largest(const struct peak *k)
{
	struct peak_held held = {0};
	for (size_t i = 0; i < k->processes; i++) {
		const struct peak_process *p = &k->process[i];
		if (!p->row.known || p->row.rss_kib <= held.kib)
			continue;
		const struct intern_entry *name = &k->names.v[p->name];
		held = (struct peak_held){
		    p->row.rss_kib, 1, p->pid, {name->text, name->len}};
	}
	return held;
}

void peak_query_end(struct peak *k)
{
	peak_close(k);
}
