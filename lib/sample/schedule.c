/* When to take the next tick. */
#include "sample/schedule.h"

#include <errno.h>

/* A process takes at least this many faults, even if it exits immediately after fork(2). */
#define FAULTS_PER_PROCESS 8

/* At rest, search for new processes this many times between two ticks, but not more often than every
 * 20 ms: waking up costs more than searching. */
#define UPDATES_PER_GAP 5
#define UPDATE_GAP_LEAST_NS 20000000LL

void schedule_init(
    struct schedule *s, enum schedule_choice choice, int64_t interval_ns, double cpu_share)
{
	enum budget_mode mode = choice == SCHEDULE_FIXED ? BUDGET_FIXED : BUDGET_ADAPTIVE;
	*s = (struct schedule){.events = {.signal_fd = -1}};
	budget_init(&s->budget, mode, interval_ns, cpu_share);
	if (choice == SCHEDULE_AUTO && fault_events_init(&s->events) != 0)
		s->events.error = errno;
}

void schedule_watch(struct schedule *s, pid_t pid)
{
	if (s->events.signal_fd < 0 || s->partial)
		return;
	if (fault_events_watch(&s->events, pid) != 0 && errno != ESRCH && errno != ENOENT)
		s->partial = true;
	bool events = !s->partial && s->events.level != FAULT_EVENTS_REFUSED;
	s->budget.mode = events ? BUDGET_EVENTS : BUDGET_ADAPTIVE;
}

int schedule_fd(const struct schedule *s)
{
	return s->events.signal_fd;
}

void schedule_take_events(struct schedule *s)
{
	struct fault_events_pending pending;
	fault_events_take(&s->events, &pending);
	budget_grow(&s->budget, pending.periods * FAULT_EVENTS_PERIOD_KIB);
	if (pending.overflow)
		budget_grow(&s->budget, budget_step_kib(&s->budget));
	s->event_periods += pending.periods;
}

int64_t schedule_due_ns(const struct schedule *s)
{
	return budget_due_ns(&s->budget);
}

int64_t schedule_blocked_until_ns(const struct schedule *s)
{
	return budget_affordable_ns(&s->budget);
}

int64_t schedule_update_ns(const struct schedule *s, int64_t now_ns)
{
	if (s->budget.mode != BUDGET_EVENTS)
		return INT64_MAX;
	int64_t gap = s->budget.gap_ns / UPDATES_PER_GAP;
	return now_ns + (gap > UPDATE_GAP_LEAST_NS ? gap : UPDATE_GAP_LEAST_NS);
}

/* Return how many of the MISSED PIDs can have been processes of the tree. The events of the tree do
 * not count faults of other processes, and threads take fewer faults. */
static size_t missed_in_tree(struct schedule *s, size_t missed)
{
	if (missed == 0)
		return 0;
	uint64_t before = s->faults;
	s->faults = fault_events_count(&s->events);
	uint64_t most = (s->faults - before) / FAULTS_PER_PROCESS;
	return missed < most ? missed : (size_t)most;
}

/* An exited process can have grown by nearly one period without a signal, and the signals since the
 * last tick can all be from such processes. */
static uint64_t unseen_kib(struct schedule *s, const struct schedule_tick *t)
{
	if (s->budget.mode != BUDGET_EVENTS)
		return 0;
	size_t exited = t->exited + missed_in_tree(s, t->missed);
	return exited > 0 ? (s->event_periods + exited) * FAULT_EVENTS_PERIOD_KIB : 0;
}

uint64_t schedule_add_tick(struct schedule *s, const struct schedule_tick *t)
{
	bool moved = t->processes != s->processes || t->exited > 0 || t->marks_kib != s->marks_kib;
	uint64_t unseen = unseen_kib(s, t);
	budget_add_tick(&s->budget, t->now_ns, t->cost_ns, t->total_kib, moved);
	s->marks_kib = t->marks_kib;
	s->processes = t->processes;
	s->event_periods = 0;
	return unseen;
}

void schedule_describe(struct schedule *s, struct buf *b)
{
	static const char *const modes[] = {
	    [BUDGET_FIXED] = "fixed",
	    [BUDGET_ADAPTIVE] = "adaptive",
	    [BUDGET_EVENTS] = "events",
	};
	bool events = s->budget.mode == BUDGET_EVENTS;
	bool user = events && s->events.level == FAULT_EVENTS_USER;
	const char *refusal = events ? NULL : fault_events_refusal(&s->events);
	buf_printf(b, "#schedule\t%s%s\n", modes[s->budget.mode], user ? "-user" : "");
	if (refusal != NULL)
		buf_printf(b, "#events_refused\t%s\n", refusal);
	s->described = s->budget.mode;
}

bool schedule_has_changed(const struct schedule *s)
{
	return s->described != s->budget.mode;
}

void schedule_free(struct schedule *s)
{
	fault_events_free(&s->events);
}
