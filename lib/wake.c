/* When to read the tree. */
#include "wake.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define HUGE_KIB 2048	    /* what one fault can bring */
#define SINGLE_LEAST_KIB 16 /* what a sign of few faults means at the least */

static uint64_t period_kib(void)
{
	return FAULTS_PERIOD * ((uint64_t)sysconf(_SC_PAGESIZE) / 1024);
}

void wake_init(struct wake *w, enum wake_choice choice, int64_t interval_ns, double budget)
{
	*w = (struct wake){.single_kib = HUGE_KIB, .faults = {.signal_fd = -1}};
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

/* A period is so many base pages. Single signs count for what they last turned
 * out to be, while they come alone. */
void wake_take(struct wake *w)
{
	struct faults_news news;
	faults_take(&w->faults, &news);
	pace_grown(&w->pace, news.periods * period_kib());
	if (news.periods == 0)
		pace_grown(&w->pace, news.single * w->single_kib);
	if (news.lost)
		pace_grown(&w->pace, pace_step_kib(&w->pace));
	w->news.periods += news.periods;
	w->news.single += news.single;
	w->news.lost |= news.lost;
}

int64_t wake_due_ns(const struct wake *w)
{
	return pace_due_ns(&w->pace);
}

static void learn_single(struct wake *w, uint64_t grown_kib)
{
	if (w->news.single == 0 || w->news.periods > 0)
		return;
	if (grown_kib >= HUGE_KIB / 2)
		w->single_kib = HUGE_KIB;
	else if (w->single_kib > SINGLE_LEAST_KIB)
		w->single_kib /= 2;
}

uint64_t wake_read(struct wake *w, const struct wake_reading *r)
{
	uint64_t grown = r->total_kib > w->total_kib ? r->total_kib - w->total_kib : 0;
	int moved = r->members != w->members || r->gone > 0 || r->marks_kib != w->marks_kib;
	uint64_t unseen = 0;
	learn_single(w, grown);
	if (w->pace.mode == PACE_WOKEN && r->gone > 0)
		unseen = (w->news.periods + r->gone) * period_kib();
	pace_read(&w->pace, r->now_ns, r->cost_ns, r->total_kib, moved);
	w->total_kib = r->total_kib;
	w->marks_kib = r->marks_kib;
	w->members = r->members;
	w->news = (struct faults_news){0};
	return unseen;
}

void wake_describe(const struct wake *w, struct buf *b)
{
	static const char *const modes[] = {
	    [PACE_FIXED] = "fixed",
	    [PACE_ADAPTIVE] = "adaptive",
	    [PACE_WOKEN] = "faults",
	};
	buf_printf(b, "#wake\t%s%s\n", modes[w->pace.mode],
	    w->pace.mode == PACE_WOKEN && w->faults.level == FAULTS_USER ? "-user" : "");
	if (w->faults.error != 0 && w->pace.mode != PACE_WOKEN)
		buf_printf(b, "#wake_refused\t%s\n", strerror(w->faults.error));
}

void wake_free(struct wake *w)
{
	faults_free(&w->faults);
}
