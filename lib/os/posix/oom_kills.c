/* SPDX-License-Identifier: MIT */
/* Counting the processes that the out-of-memory killer ends during a run. */
#include "os/oom_kills.h"

#define UNKNOWN UINT64_MAX

static int count(const struct oom_kills *o, uint64_t *n)
{
	return cgroup_oom_kills(o->group.path[0] != '\0' ? &o->group : NULL, n);
}

void oom_kills_start(struct oom_kills *o, const struct cgroup *own)
{
	*o = (struct oom_kills){.before = UNKNOWN};
	if (own != NULL)
		o->group = *own;
	else if (cgroup_own(&o->group) != 0)
		o->group.path[0] = '\0';
	if (count(o, &o->before) == 0)
		return;
	/* The root group has no count. */
	o->group.path[0] = '\0';
	if (own != NULL || count(o, &o->before) != 0)
		o->before = UNKNOWN;
}

uint64_t oom_kills_count(const struct oom_kills *o)
{
	uint64_t now;
	return o->before != UNKNOWN && count(o, &now) == 0 && now > o->before ? now - o->before : 0;
}
