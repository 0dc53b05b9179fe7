/* When to read the tree. */
#include "sample/schedule.h"

#include <errno.h>
#include <string.h>

#define LEAST_FAULTS 8		 /* of a process: the first steps behind a fork */
#define LOOKS 5			 /* for the newly born, between two readings at rest; */
#define LOOK_LEAST_NS 20000000LL /* waking up costs more than to look */

void schedule_init(struct schedule *w, enum schedule_choice choice, int64_t interval_ns, double budget)
{
	*w = (struct schedule){.faults = {.signal_fd = -1}};
	budget_init(&w->pace, choice == SCHEDULE_FIXED ? BUDGET_FIXED : BUDGET_ADAPTIVE, interval_ns, budget);
	if (choice == SCHEDULE_AUTO && fault_events_init(&w->faults) != 0)
		w->faults.error = errno;
}

void schedule_watch(struct schedule *w, pid_t pid)
{
	if (w->faults.signal_fd < 0 || w->partial)
		return;
	if (fault_events_watch(&w->faults, pid) != 0 && errno != ESRCH && errno != ENOENT)
		w->partial = 1;
	w->pace.mode = w->partial || w->faults.level == FAULT_EVENTS_REFUSED ? BUDGET_ADAPTIVE : BUDGET_WOKEN;
}

int schedule_fd(const struct schedule *w)
{
	return w->faults.signal_fd;
}

int64_t schedule_deaf_until_ns(const struct schedule *w)
{
	return budget_affordable_ns(&w->pace);
}

int64_t schedule_look_ns(const struct schedule *w, int64_t now_ns)
{
	if (w->pace.mode != BUDGET_WOKEN)
		return INT64_MAX;
	int64_t gap = w->pace.gap_ns / LOOKS;
	return now_ns + (gap > LOOK_LEAST_NS ? gap : LOOK_LEAST_NS);
}

/* A period is so many base pages. */
void schedule_take(struct schedule *w)
{
	struct fault_news news;
	fault_events_take(&w->faults, &news);
	budget_grown(&w->pace, news.periods * FAULT_EVENTS_PERIOD_KIB);
	if (news.lost)
		budget_grown(&w->pace, budget_step_kib(&w->pace));
	w->periods += news.periods;
}

int64_t schedule_due_ns(const struct schedule *w)
{
	return budget_due_ns(&w->pace);
}

/* Of those PIDs that came and went, how many were of ours at the most: others, and
 * threads, take no faults of our tree. */
static size_t missed_of_ours(struct schedule *w, size_t missed)
{
	if (missed == 0)
		return 0;
	uint64_t before = w->counted;
	w->counted = fault_events_count(&w->faults);
	uint64_t most = (w->counted - before) / LEAST_FAULTS;
	return missed < most ? missed : (size_t)most;
}

uint64_t schedule_read(struct schedule *w, const struct schedule_reading *r)
{
	int moved = r->members != w->members || r->ended > 0 || r->marks_kib != w->marks_kib;
	uint64_t unseen = 0;
	size_t gone = r->ended;
	if (w->pace.mode == BUDGET_WOKEN)
		gone += missed_of_ours(w, r->missed);
	if (w->pace.mode == BUDGET_WOKEN && gone > 0)
		unseen = (w->periods + gone) * FAULT_EVENTS_PERIOD_KIB;
	budget_read(&w->pace, r->now_ns, r->cost_ns, r->total_kib, moved);
	w->marks_kib = r->marks_kib;
	w->members = r->members;
	w->periods = 0;
	return unseen;
}

void schedule_describe(struct schedule *w, struct buf *b)
{
	static const char *const modes[] = {
	    [BUDGET_FIXED] = "fixed",
	    [BUDGET_ADAPTIVE] = "adaptive",
	    [BUDGET_WOKEN] = "events",
	};
	buf_printf(b, "#schedule\t%s%s\n", modes[w->pace.mode],
	    w->pace.mode == BUDGET_WOKEN && w->faults.level == FAULT_EVENTS_USER ? "-user" : "");
	w->described = w->pace.mode;
	if (w->pace.mode != BUDGET_WOKEN && (w->faults.error == EACCES || w->faults.error == EPERM))
		buf_printf(b, "#events_refused\t%s\n",
		    fault_events_of_others_refused(&w->faults) ? "processes of another user"
							 : strerror(w->faults.error));
}

int schedule_changed(const struct schedule *w)
{
	return w->described != w->pace.mode;
}

void schedule_free(struct schedule *w)
{
	fault_events_free(&w->faults);
}
