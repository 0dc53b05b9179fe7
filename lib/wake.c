/* When to read the tree. */
#include "wake.h"

#include <errno.h>
#include <string.h>

#define LEAST_FAULTS 8		 /* of a process: the first steps behind a fork */
#define LOOKS 5			 /* for the newly born, between two readings at rest; */
#define LOOK_LEAST_NS 20000000LL /* waking up costs more than to look */

void wake_init(struct wake *w, enum wake_choice choice, int64_t interval_ns, double budget)
{
	*w = (struct wake){.faults = {.signal_fd = -1}};
	pace_init(&w->pace, choice == WAKE_FIXED ? PACE_FIXED : PACE_ADAPTIVE, interval_ns, budget);
	if (choice == WAKE_AUTO && faults_init(&w->faults) != 0)
		w->faults.error = errno;
}

void wake_watch(struct wake *w, pid_t pid)
{
	if (w->faults.signal_fd < 0 || w->partial)
		return;
	if (faults_watch(&w->faults, pid) != 0 && errno != ESRCH && errno != ENOENT)
		w->partial = 1;
	w->pace.mode = w->partial || w->faults.level == FAULTS_REFUSED ? PACE_ADAPTIVE : PACE_WOKEN;
}

int wake_fd(const struct wake *w)
{
	return w->faults.signal_fd;
}

int64_t wake_deaf_until_ns(const struct wake *w)
{
	return pace_affordable_ns(&w->pace);
}

int64_t wake_look_ns(const struct wake *w, int64_t now_ns)
{
	if (w->pace.mode != PACE_WOKEN)
		return INT64_MAX;
	int64_t gap = w->pace.gap_ns / LOOKS;
	return now_ns + (gap > LOOK_LEAST_NS ? gap : LOOK_LEAST_NS);
}

/* A period is so many base pages. */
void wake_take(struct wake *w)
{
	struct faults_news news;
	faults_take(&w->faults, &news);
	pace_grown(&w->pace, news.periods * FAULTS_PERIOD_KIB);
	if (news.lost)
		pace_grown(&w->pace, pace_step_kib(&w->pace));
	w->periods += news.periods;
}

int64_t wake_due_ns(const struct wake *w)
{
	return pace_due_ns(&w->pace);
}

/* Of those PIDs that came and went, how many were of ours at the most: others, and
 * threads, take no faults of our tree. */
static size_t missed_of_ours(struct wake *w, size_t missed)
{
	if (missed == 0)
		return 0;
	uint64_t before = w->counted;
	w->counted = faults_count(&w->faults);
	uint64_t most = (w->counted - before) / LEAST_FAULTS;
	return missed < most ? missed : (size_t)most;
}

uint64_t wake_read(struct wake *w, const struct wake_reading *r)
{
	int moved = r->members != w->members || r->ended > 0 || r->marks_kib != w->marks_kib;
	uint64_t unseen = 0;
	size_t gone = r->ended;
	if (w->pace.mode == PACE_WOKEN)
		gone += missed_of_ours(w, r->missed);
	if (w->pace.mode == PACE_WOKEN && gone > 0)
		unseen = (w->periods + gone) * FAULTS_PERIOD_KIB;
	pace_read(&w->pace, r->now_ns, r->cost_ns, r->total_kib, moved);
	w->marks_kib = r->marks_kib;
	w->members = r->members;
	w->periods = 0;
	return unseen;
}

void wake_describe(struct wake *w, struct buf *b)
{
	static const char *const modes[] = {
	    [PACE_FIXED] = "fixed",
	    [PACE_ADAPTIVE] = "adaptive",
	    [PACE_WOKEN] = "faults",
	};
	buf_printf(b, "#wake\t%s%s\n", modes[w->pace.mode],
	    w->pace.mode == PACE_WOKEN && w->faults.level == FAULTS_USER ? "-user" : "");
	w->described = w->pace.mode;
	if (w->pace.mode != PACE_WOKEN && (w->faults.error == EACCES || w->faults.error == EPERM))
		buf_printf(b, "#wake_refused\t%s\n",
		    faults_of_others_refused(&w->faults) ? "processes of another user"
							 : strerror(w->faults.error));
}

int wake_changed(const struct wake *w)
{
	return w->described != w->pace.mode;
}

void wake_free(struct wake *w)
{
	faults_free(&w->faults);
}
