/* SPDX-License-Identifier: MIT */
/* Processes that belong to the tree although no process of the tree has created them. */
#include "sample/joining.h"

#include "base/clock.h"
#include "base/minmax.h"
#include "os/process_signal.h"
#include "sample/select.h"

/* Search at most so often, and use at most this part of the time for it. */
#define GAP_NS 20000000LL
#define COST_PART 50

/* A new process may execute the program that gives it its name only after some time. */
#define YOUNG_NS 1000000000LL

/* The system keeps start times to a hundredth of a second. */
#define START_ERROR_US 20000

/* Add PID. If it started before the first search, its high-water mark includes earlier time. */
static void join(struct joining *j, struct tree *t, pid_t pid)
{
	int64_t us;
	if (process_signal_started(pid, &us) == 0)
		(void)tree_join(t, pid, us + START_ERROR_US < j->begun_us);
}

static void join_all(struct joining *j, struct tree *t, const struct process_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (!tree_has(t, l->v[i].pid))
			join(j, t, l->v[i].pid);
}

static void search_group(struct joining *j, struct tree *t, const struct cgroup *group)
{
	struct process_list members = {0};
	if (cgroup_members(group, &members) == 0)
		join_all(j, t, &members);
	process_list_free(&members);
}

static void search_names(struct joining *j, struct tree *t)
{
	struct process_list found = {0};
	for (size_t i = 0; i < j->names_n; i++)
		(void)select_named(&found, j->names[i]);
	join_all(j, t, &found);
	process_list_free(&found);
}

static void join_if_named(struct joining *j, struct tree *t, pid_t pid)
{
	for (size_t i = 0; i < j->names_n; i++) {
		if (!select_is_named(pid, j->names[i]))
			continue;
		join(j, t, pid);
		return;
	}
}

static void take_executions(struct joining *j, struct tree *t)
{
	for (size_t i = 0; i < t->executed.n; i++)
		if (!tree_has(t, t->executed.v[i].pid))
			join_if_named(j, t, t->executed.v[i].pid);
	t->executed.n = 0;
}

/* Search the PIDs that were given out lately, or all processes if these are fewer. */
static void search_young(struct joining *j, struct tree *t, int64_t now_ns)
{
	struct process_creations *c = &j->creations;
	process_creations_update(c);
	bool range = c->known && !c->restarted && c->last >= j->young && j->young > 0;
	if (range && (size_t)(c->last - j->young) <= c->tasks) {
		for (pid_t pid = j->young; pid < c->last; pid++)
			if (!tree_has(t, pid + 1))
				join_if_named(j, t, pid + 1);
	} else {
		search_names(j, t);
	}
	if (range && now_ns - j->younger_ns < YOUNG_NS)
		return;
	j->young = range ? j->younger : c->last;
	j->younger = c->last;
	j->younger_ns = now_ns;
}

void joining_update(struct joining *j, struct tree *t, const struct cgroup *group, int64_t now_ns,
    int64_t now_us)
{
	if ((group == NULL && j->names_n == 0) || now_ns < j->due_ns)
		return;
	if (j->begun_us == 0) {
		j->begun_us = now_us;
		t->note_executions = j->names_n > 0;
		process_creations_start(&j->creations);
	}
	int64_t cost_ns = clock_cpu_ns();
	if (group != NULL)
		search_group(j, t, group);
	if (j->names_n > 0) {
		take_executions(j, t);
		search_young(j, t, now_ns);
	}
	cost_ns = clock_cpu_ns() - cost_ns;
	j->due_ns = now_ns + max_i64(GAP_NS, cost_ns * COST_PART);
}

void joining_free(struct joining *j)
{
	if (j->begun_us != 0)
		process_creations_end(&j->creations);
}
