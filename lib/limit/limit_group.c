/* SPDX-License-Identifier: MIT */
/* The memory of a control group, for a limit. */
#include "limit/limit_group.h"

#include "base/buf.h"
#include "base/parse.h"
#include "stream/escape.h"
#include "stream/tsv.h"

static void find_group(struct limit_group *g, struct slice name)
{
	struct buf path = {0};
	escape_decode(&path, name.p, name.n);
	buf_char(&path, '\0');
	*g = (struct limit_group){0};
	g->found = cgroup_find(&g->group, path.p) == 0;
	if (g->found && cgroup_peak(&g->group, &g->before_kib) != 0)
		g->before_kib = 0;
	buf_free(&path);
}

void limit_group_meta(struct limit_group *g, struct slice line)
{
	struct slice value;
	uint64_t kib;
	if (tsv_is_meta(line, "#cgroup", &value))
		find_group(g, value);
	else if (tsv_is_meta(line, "#cgroup_peak_kib", &value) &&
		 parse_u64(value.p, value.n, UINT64_MAX >> 20, &kib) == NULL)
		g->peak_kib = kib;
}

uint64_t limit_group_now_kib(const struct limit_group *g)
{
	uint64_t kib = 0;
	return g->found && cgroup_current(&g->group, &kib) == 0 ? kib : 0;
}

uint64_t limit_group_peak_kib(const struct limit_group *g)
{
	return g->peak_kib > g->before_kib ? g->peak_kib : 0;
}
