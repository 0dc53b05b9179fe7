/* SPDX-License-Identifier: MIT */
/* When to take the next tick, and which signs of movement to wait for. */
#include "sample/schedule.h"

#include <errno.h>

#include "os/free_memory.h"
#include "os/process_clock.h"

/* The events are copied at each creation of a process, so they are closed after this many. With
 * fewer, a tree that starts a process now and then would pay OPEN_COST_NS for each thread each time
 * that it rests; with more, a tree that starts many would pay for the copies. */
#define CREATIONS_MOST 4

/* Opening the events of a thread costs about this much. */
#define OPEN_COST_NS 20000

/* Check for signs this often, so that what is held for 20 ms is found. A wake costs more
 * than a check. */
#define POLL_GAP_NS 16000000LL

/* The CPU time is checked in trees of at most this many processes: it takes less time than the
 * wake. Growth of some MiB takes so much CPU time. */
#define CLOCKS_MOST 32
#define CLOCK_STEP_NS FAULT_EVENTS_CLOCK_NS

/* Without process events, search for new processes this many times between two ticks, but not more
 * often than every 20 ms. */
#define SEARCHES_PER_GAP 5
#define SEARCH_GAP_LEAST_NS 20000000LL

void schedule_init(struct schedule *s, enum schedule_choice choice, int64_t interval_ns, bool grid,
    double cpu_share)
{
	enum budget_mode mode = choice == SCHEDULE_FIXED ? BUDGET_FIXED : BUDGET_ADAPTIVE;
	*s = (struct schedule){.events = {.signal_fd = -1, .clock_fd = -1}};
	budget_init(&s->budget, mode, interval_ns, grid, cpu_share);
	if (choice == SCHEDULE_AUTO && fault_events_init(&s->events) != 0)
		s->events.error = errno;
}

/* ---- events */

static void close_events(struct schedule *s)
{
	fault_events_unwatch(&s->events);
	s->open = s->armed = false;
}

void schedule_watch(struct schedule *s, pid_t pid)
{
	bool first = s->events.level == FAULT_EVENTS_REFUSED;
	if (s->events.signal_fd < 0 || s->refused || (!first && !s->open))
		return;
	s->open = true;
	if (fault_events_watch(&s->events, pid) != 0 && errno != ESRCH && errno != ENOENT) {
		s->refused = errno != ENOSPC;
		close_events(s);
	}
	bool events = !s->refused && s->events.level != FAULT_EVENTS_REFUSED;
	s->budget.mode = events ? BUDGET_EVENTS : BUDGET_ADAPTIVE;
}

bool schedule_wants_events(const struct schedule *s, uint64_t threads)
{
	const struct budget *b = &s->budget;
	if (!b->resting || s->events.signal_fd < 0 || s->refused || s->armed)
		return false;
	if (s->open)
		return true;
	return threads <= s->events.max &&
	       (int64_t)threads * OPEN_COST_NS <= budget_left_ns(b, b->last_ns);
}

void schedule_open_events(struct schedule *s)
{
	s->creations = 0;
	s->open = true;
}

void schedule_arm_events(struct schedule *s)
{
	if (s->open) {
		s->armed = true;
		fault_events_arm(&s->events, true);
		fault_events_arm_clock(&s->events, true);
	}
}

/* Set up the events after a tick. */
static void update_events(struct schedule *s, size_t created)
{
	s->creations += created;
	if (s->budget.resting && s->armed) {
		schedule_arm_events(s);
	} else if (s->open && s->creations > CREATIONS_MOST) {
		close_events(s);
	} else {
		s->armed = false;
		fault_events_arm_clock(&s->events, false);
		fault_events_arm(&s->events, false);
	}
}

int schedule_fault_fd(const struct schedule *s)
{
	return s->events.armed ? s->events.signal_fd : -1;
}

int schedule_clock_fd(const struct schedule *s)
{
	return s->events.clock_armed ? s->events.clock_fd : -1;
}

void schedule_take_faults(struct schedule *s)
{
	bool any = fault_events_take(&s->events);
	/* Some may be left from before they were disarmed. */
	if (!any || !s->events.armed)
		return;
	fault_events_arm(&s->events, false);
	budget_note(&s->budget, BUDGET_STRONG);
}

void schedule_take_clock(struct schedule *s)
{
	fault_events_arm_clock(&s->events, false);
	fault_events_take_clock(&s->events);
	budget_note(&s->budget, BUDGET_WEAK);
}

/* ---- when */

bool schedule_is_resting(const struct schedule *s)
{
	return s->budget.resting && s->budget.mode != BUDGET_FIXED;
}

static bool has_clock(const struct schedule *s)
{
	return s->open && s->events.level == FAULT_EVENTS_ALL;
}

int64_t schedule_poll_ns(const struct schedule *s, bool process_events)
{
	if (!schedule_is_resting(s))
		return INT64_MAX;
	if (!has_clock(s))
		return s->poll_ns + POLL_GAP_NS;
	if (process_events)
		return INT64_MAX;
	int64_t gap = s->budget.gap_ns / SEARCHES_PER_GAP;
	return s->poll_ns + (gap > SEARCH_GAP_LEAST_NS ? gap : SEARCH_GAP_LEAST_NS);
}

/* Return the CPU time of the tree, or 0 if that is not checked. */
static int64_t clock_of(const struct tree *tree)
{
	int64_t sum = 0;
	for (size_t i = 0; tree->n <= CLOCKS_MOST && i < tree->n; i++)
		sum += process_clock_ns(tree->v[i].process.pid);
	return sum;
}

/* Set what the next check is compared with. */
static void start_checking(struct schedule *s, const struct tree *tree, int64_t now_ns)
{
	s->poll_ns = now_ns;
	if (!schedule_is_resting(s) || has_clock(s))
		return;
	s->clock_ns = clock_of(tree);
	s->free_kib = s->clock_ns == 0 ? free_memory_kib() : 0;
}

void schedule_poll(struct schedule *s, const struct tree *tree, int64_t now_ns)
{
	s->poll_ns = now_ns;
	if (has_clock(s))
		return;
	int64_t clock_ns = clock_of(tree);
	if (clock_ns != 0) {
		if (clock_ns - s->clock_ns >= CLOCK_STEP_NS)
			budget_note(&s->budget, BUDGET_WEAK);
		return;
	}
	uint64_t free_kib = free_memory_kib();
	if (free_kib + budget_step_kib(&s->budget) <= s->free_kib)
		budget_note(&s->budget, BUDGET_WEAK);
	else if (free_kib > s->free_kib)
		s->free_kib = free_kib;
}

int64_t schedule_due_ns(const struct schedule *s)
{
	return budget_due_ns(&s->budget);
}

int64_t schedule_blocked_until_ns(const struct schedule *s)
{
	return budget_affordable_ns(&s->budget);
}

/* ---- ticks */

void schedule_add_tick(struct schedule *s, const struct tree *tree, const struct schedule_tick *t)
{
	size_t left = s->processes > t->exited ? s->processes - t->exited : 0;
	size_t created = t->processes > left ? t->processes - left : 0;
	struct budget_tick b = {
	    .now_ns = t->now_ns,
	    .cost_ns = t->cost_ns,
	    .total_kib = t->total_kib,
	    .marks_kib = t->marks_kib,
	    .moved = t->processes != s->processes || t->exited > 0,
	    .extra = t->extra,
	};
	budget_add_tick(&s->budget, &b);
	s->processes = t->processes;
	update_events(s, created + t->unseen);
	start_checking(s, tree, t->now_ns);
}

void schedule_describe(const struct schedule *s, struct buf *b)
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
}

void schedule_set_described(struct schedule *s)
{
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
