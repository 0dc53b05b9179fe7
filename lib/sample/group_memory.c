/* SPDX-License-Identifier: MIT */
/* The memory of the control group that the tree runs in. */
#include "sample/group_memory.h"

#include <inttypes.h>
#include <stdbool.h>

#include "stream/escape.h"

#define RISE_PART 64 /* read the parts again when the group has grown by this part */

void group_memory_set(struct group_memory *g, struct slice name)
{
	struct buf path = {0};
	escape_decode(&path, name.p, name.n);
	buf_char(&path, '\0');
	if (cgroup_find(&g->group, path.p) != 0)
		g->group.path[0] = '\0';
	buf_free(&path);
}

static bool exists(const struct group_memory *g)
{
	return g->group.path[0] != '\0';
}

void group_memory_update(struct group_memory *g)
{
	uint64_t now_kib = 0;
	struct cgroup_memory m;
	if (!exists(g) || cgroup_current(&g->group, &now_kib) != 0)
		return;
	if (now_kib > g->largest.current_kib + g->largest.current_kib / RISE_PART &&
	    cgroup_memory(&g->group, &m) == 0)
		g->largest = m;
}

void group_memory_write(const struct group_memory *g, struct buf *b)
{
	const struct cgroup_memory *m = &g->largest;
	uint64_t peak_kib;
	if (exists(g) && cgroup_peak(&g->group, &peak_kib) == 0)
		buf_printf(b, "#cgroup_peak_kib\t%" PRIu64 "\n", peak_kib);
	if (m->current_kib == 0)
		return;
	buf_printf(b, "#cgroup_anon_kib\t%" PRIu64 "\n", m->anon_kib);
	buf_printf(b, "#cgroup_file_kib\t%" PRIu64 "\n", m->file_kib);
	buf_printf(b, "#cgroup_shmem_kib\t%" PRIu64 "\n", m->shmem_kib);
	buf_printf(b, "#cgroup_kernel_kib\t%" PRIu64 "\n", m->kernel_kib);
}
