/* SPDX-License-Identifier: MIT */
/* Watching a tree that rests: events, new processes, and other signs that memory moves. */
#include <errno.h>
#include <string.h>

#include "base/status.h"
#include "base/warn.h"
#include "sample/sampler_internal.h"

/* Events of processes that are not of the tree are taken less and less often, down to this gap, or
 * to the longer one if page-fault events are armed: a new process takes some. */
#define QUIET_LEAST_NS 1000000LL
#define QUIET_MOST_NS 16000000LL
#define QUIET_ARMED_NS 128000000LL

bool sampler_update_tree(struct sampler *s, int64_t now_ns)
{
	size_t before = s->tree.n, exits = s->tree.exits;
	if (tree_update(&s->tree, now_ns) < 0 && s->status != STATUS_ERROR) {
		warn_print("%s: %s: processes may be missing", processes_source(), strerror(errno));
		s->status = STATUS_ERROR;
	}
	bool group = s->attached && s->group.group.path[0] != '\0';
	joining_update(&s->joining, &s->tree, group ? &s->group.group : NULL, now_ns,
	    clock_unix_us(&s->clock, now_ns));
	return s->tree.n > before || s->tree.exits > exits;
}

/* Open the events of all processes that memory is measured of, if that is to be done now. */
static void arm_events(struct sampler *s)
{
	uint64_t threads = 0;
	for (size_t i = 0; i < s->tree.n; i++)
		threads += s->tree.v[i].process.threads;
	if (!schedule_wants_events(&s->schedule, threads))
		return;
	if (s->schedule.open) {
		schedule_arm_events(&s->schedule);
		return;
	}
	schedule_open_events(&s->schedule);
	for (size_t i = 0; i < s->tree.n; i++)
		schedule_watch(&s->schedule, s->tree.v[i].process.pid);
	schedule_arm_events(&s->schedule);
}

void sampler_rest(struct sampler *s)
{
	if (s->tree.n == 0)
		budget_pause(&s->schedule.budget);
	else if (schedule_is_resting(&s->schedule))
		arm_events(s);
}

int sampler_rest_fd(const struct sampler *s, int64_t now_ns)
{
	bool wait = schedule_is_resting(&s->schedule) && now_ns >= s->quiet_until_ns;
	return wait ? tree_fd(&s->tree) : -1;
}

int64_t sampler_rest_until_ns(const struct sampler *s, int64_t now_ns)
{
	int64_t until = schedule_poll_ns(&s->schedule, tree_fd(&s->tree) >= 0);
	bool quiet = schedule_is_resting(&s->schedule) && tree_fd(&s->tree) >= 0 &&
		     now_ns < s->quiet_until_ns;
	return quiet && s->quiet_until_ns < until ? s->quiet_until_ns : until;
}

/* Take the process events. If none is of the tree, leave the next ones for some time: the longer,
 * the more follow each other. */
static bool take_process_events(struct sampler *s, int64_t now_ns)
{
	if (sampler_update_tree(s, now_ns)) {
		s->quiet_ns = 0;
		return true;
	}
	int64_t most = s->schedule.armed ? QUIET_ARMED_NS : QUIET_MOST_NS;
	bool again = now_ns - s->quiet_until_ns < most;
	int64_t gap = again ? s->quiet_ns * 2 : 0;
	gap = gap < QUIET_LEAST_NS ? QUIET_LEAST_NS : gap;
	s->quiet_ns = gap > most ? most : gap;
	s->quiet_until_ns = now_ns + s->quiet_ns;
	return false;
}

bool sampler_rest_check(struct sampler *s, int64_t now_ns, bool process_events)
{
	bool found = process_events && take_process_events(s, now_ns);
	if (now_ns < schedule_poll_ns(&s->schedule, tree_fd(&s->tree) >= 0))
		return found;
	schedule_poll(&s->schedule, &s->tree, now_ns);
	return (tree_fd(&s->tree) < 0 && sampler_update_tree(s, now_ns)) || found;
}
