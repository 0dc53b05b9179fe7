/* SPDX-License-Identifier: MIT */
/* Control groups: not supported. */
#include "os/cgroup.h"

#include <errno.h>

static int unsupported(void)
{
	errno = ENOTSUP;
	return -1;
}

int cgroup_find(struct cgroup *g, const char *name)
{
	(void)name;
	*g = (struct cgroup){0};
	return unsupported();
}

int cgroup_own(struct cgroup *g)
{
	*g = (struct cgroup){0};
	return unsupported();
}

int cgroup_members(const struct cgroup *g, struct process_list *l)
{
	(void)g, (void)l;
	return unsupported();
}

int cgroup_make(struct cgroup *g)
{
	*g = (struct cgroup){0};
	return unsupported();
}

int cgroup_check(struct cgroup *g)
{
	*g = (struct cgroup){0};
	return unsupported();
}

int cgroup_enter(const struct cgroup *g, pid_t pid)
{
	(void)g, (void)pid;
	return unsupported();
}

int cgroup_remove(const struct cgroup *g)
{
	(void)g;
	return unsupported();
}

int cgroup_peak(const struct cgroup *g, uint64_t *kib)
{
	(void)g, (void)kib;
	return unsupported();
}

int cgroup_current(const struct cgroup *g, uint64_t *kib)
{
	(void)g, (void)kib;
	return unsupported();
}

int cgroup_memory(const struct cgroup *g, struct cgroup_memory *m)
{
	(void)g, (void)m;
	return unsupported();
}

int cgroup_oom_kills(const struct cgroup *g, uint64_t *n)
{
	(void)g, (void)n;
	return unsupported();
}
