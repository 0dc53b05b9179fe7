/* SPDX-License-Identifier: MIT */
/* Limits on the memory of processes in samples. */
#include "limit/limiter.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/minmax.h"
#include "base/status.h"
#include "base/warn.h"
#include "limit/limiter_report.h"
#include "peak/peak_query.h"
#include "peak/peak_samples.h"

_Static_assert(TARGETS_NO_START == SAMPLES_UNKNOWN, "rows pass their start time to targets");

#define MS_NS 1000000
#define TIMEOUT_MAX_NS 3600000000000 /* one hour; the caller of poll(2) asks again */
#define GROUP_NS 50000000	     /* how often a control group is read between two ticks */
#define PROCESSES 100		     /* whose peaks are kept after they have exited */

void limiter_init(struct limiter *l, const struct limiter_settings *settings)
{
	*l = (struct limiter){.settings = *settings, .kill_ns = LIMITER_NEVER};
	const struct peak_options options = {.metrics = &l->no_metrics, .processes = PROCESSES};
	l->peak = peak_new(&options);
	targets_init(&l->targets, settings->sig != 0);
	limiter_report_settings(l);
}

/* ---- signals */

static void signal_target(struct limiter *l, struct target *t)
{
	if (t->last_signal == l->sig)
		return;
	int sent = targets_signal(&l->targets, t, l->sig);
	if (sent < 0)
		warn_print("%ld: %s", (long)t->pid, strerror(errno));
	if (sent != 0)
		t->last_signal = l->sig;
	l->sent += sent > 0;
}

/* Send SIG to all targets. Later targets get it when they are added. */
static void signal_all(struct limiter *l, int sig)
{
	l->sig = sig;
	l->sent = 0;
	l->sig_pending = true;
	l->kill_ns = sig == SIGKILL ? LIMITER_NEVER : clock_mono_ns() + l->settings.grace_ns;
	for (size_t i = 0; i < l->targets.n; i++)
		signal_target(l, &l->targets.v[i]);
}

/* Return when something is due without input, or LIMITER_NEVER. */
static int64_t due_ns(const struct limiter *l)
{
	int64_t due = l->kill_ns;
	if (l->unconfirmed)
		due = min_i64(due, l->sharing.next_ns);
	if (l->group.found && !l->total_exceeded)
		due = min_i64(due, clock_mono_ns() + GROUP_NS);
	return due;
}

int limiter_timeout_ms(const struct limiter *l)
{
	int64_t due = due_ns(l);
	if (due == LIMITER_NEVER)
		return -1;
	int64_t left_ns = due - clock_mono_ns();
	if (left_ns <= 0)
		return 0;
	left_ns = left_ns < TIMEOUT_MAX_NS ? left_ns : TIMEOUT_MAX_NS;
	return (int)((left_ns + MS_NS - 1) / MS_NS);
}

bool limiter_kill(struct limiter *l)
{
	if (l->kill_ns == LIMITER_NEVER || clock_mono_ns() < l->kill_ns)
		return false;
	signal_all(l, SIGKILL);
	return true;
}

bool limiter_wait(struct limiter *l)
{
	return l->kill_ns != LIMITER_NEVER && targets_wait(&l->targets, limiter_timeout_ms(l)) > 0;
}

/* ---- samples */

/* Set the status. The first limit exceeded decides; within one tick, the total limit. */
static void set_status(struct limiter *l, int status)
{
	if (l->status == STATUS_OK)
		l->status_tick = l->tick;
	if (l->status == STATUS_OK ||
	    (status == STATUS_TOTAL_EXCEEDED && l->status_tick == l->tick))
		l->status = status;
}

static bool counts_pages_twice(const struct limiter *l)
{
	return l->settings.metric == LIMITER_RSS ||
	       (l->settings.metric == LIMITER_FOOTPRINT && !l->charged);
}

/* Return whether a signal may be sent because the total exceeds its limit: one process alone, or
 * the tree with shared memory counted once. */
static bool may_signal(struct limiter *l, size_t processes)
{
	const struct limiter_settings *s = &l->settings;
	if (!counts_pages_twice(l) || processes == 1 || l->largest_kib > s->total_kib)
		return true;
	return sharing_confirms(
	    &l->sharing, &l->targets, s->total_kib, s->metric == LIMITER_FOOTPRINT);
}

/* Act if the total, KIB of so many PROCESSES, exceeds its limit. */
static void check_total(struct limiter *l, uint64_t kib, size_t processes)
{
	const struct limiter_settings *s = &l->settings;
	if (s->total_kib == 0 || kib <= s->total_kib || l->total_exceeded)
		return;
	if (s->sig != 0 && !may_signal(l, processes)) {
		l->unconfirmed = true;
		if (!l->total_shared && !l->finished)
			limiter_report_shared(l, kib, processes);
		l->total_shared = true;
		return;
	}
	l->total_exceeded = true;
	set_status(l, STATUS_TOTAL_EXCEEDED);
	if (s->sig != 0 && l->sig == 0 && !l->finished)
		signal_all(l, s->sig);
	limiter_report_total(l, kib, processes);
}

/* Samples have PSS in some ticks only. If a signal is to be sent, and the RSS allows for it, read it
 * here. */
static void check_pss(struct limiter *l)
{
	const struct limiter_settings *s = &l->settings;
	if (s->metric != LIMITER_PSS || s->sig == 0 || s->total_kib == 0 ||
	    l->total_exceeded || l->rss_kib <= s->total_kib)
		return;
	if (sharing_confirms(&l->sharing, &l->targets, s->total_kib, false))
		check_total(l, l->sharing.kib, l->processes);
	else
		l->unconfirmed = true;
}

/* Check the rows so far, or the control group. */
static void check_tick(struct limiter *l)
{
	l->unconfirmed = false;
	if (l->settings.metric == LIMITER_CGROUP)
		check_total(l, limit_group_now_kib(&l->group), 0);
	else
		check_total(l, l->total_kib, l->processes);
	check_pss(l);
}

/* Check the peak of the tree if it has risen: marks can prove more than a tick has. */
static void check_peak(struct limiter *l)
{
	struct peak_held held = peak_query_total(l->peak);
	if (!counts_pages_twice(l) || held.kib <= l->checked_kib)
		return;
	l->checked_kib = held.kib;
	check_total(l, held.kib, held.procs);
}

void limiter_report(struct limiter *l)
{
	if (!l->finished)
		check_tick(l);
	limiter_report_signal(l);
}

void limiter_meta(struct limiter *l, struct slice line)
{
	peak_meta(l->peak, line);
	if (l->settings.metric == LIMITER_CGROUP)
		limit_group_meta(&l->group, line);
}

const char *limiter_begin_stream(struct limiter *l, const struct samples *s)
{
	check_tick(l);
	peak_begin_stream(l->peak);
	check_peak(l);
	if (l->settings.metric == LIMITER_PSS && !samples_has_pss(s))
		return "missing column pss_kib, which memsample -P adds";
	if (l->settings.metric == LIMITER_CGROUP && !l->group.found)
		return "missing #cgroup line, or the control group cannot be read";
	return NULL;
}

void limiter_begin_tick(struct limiter *l, const struct samples *s)
{
	check_tick(l);
	peak_begin_tick(l->peak, s->time_us);
	check_peak(l);
	targets_begin_tick(&l->targets);
	l->tick++;
	l->time_n = s->time.n < sizeof l->time ? s->time.n : sizeof l->time;
	memcpy(l->time, s->time.p, l->time_n);
	l->total_kib = l->largest_kib = l->rss_kib = 0;
	l->processes = 0;
}

/* Return what ROW holds by the metric. */
static uint64_t held_kib(
    const struct limiter *l, const struct samples_row *row, const struct limiter_extras *extras)
{
	switch (l->settings.metric) {
	case LIMITER_FOOTPRINT:
		return extras->charged ? extras->charged_kib
				       : row->rss_kib + row->swap_kib + extras->hugetlb_kib;
	case LIMITER_PSS:
		return row->pss_kib;
	case LIMITER_CGROUP:
		return 0;
	case LIMITER_RSS:
		break;
	}
	return row->rss_kib;
}

/* Add ROW to the peaks. Return what they prove of its process. */
static uint64_t add_to_peak(struct limiter *l, const struct samples_row *row)
{
	const struct peak_sample sample = peak_samples_row(row);
	peak_add(l->peak, &sample);
	return counts_pages_twice(l) ? peak_query_process(l->peak, row->pid) : 0;
}

static void check_process(struct limiter *l, const struct samples_row *row, struct target *t,
    uint64_t kib)
{
	const struct limiter_settings *s = &l->settings;
	if (s->process_kib == 0 || kib <= s->process_kib || t->exceeded)
		return;
	t->exceeded = l->process_exceeded = true;
	set_status(l, STATUS_PROCESS_EXCEEDED);
	if (s->sig != 0 && l->sig == 0)
		signal_all(l, s->sig);
	limiter_report_process(l, kib, row->pid, row->comm);
}

void limiter_add(
    struct limiter *l, const struct samples_row *row, const struct limiter_extras *extras)
{
	l->charged = l->charged || extras->charged;
	struct target *t = targets_add(&l->targets, row->pid, row->ppid, row->start_us);
	uint64_t proven_kib = add_to_peak(l, row);
	t->kib = held_kib(l, row, extras);
	l->total_kib += t->kib;
	l->rss_kib += row->rss_kib;
	l->processes++;
	proven_kib = max_u64(proven_kib, t->kib);
	l->largest_kib = max_u64(l->largest_kib, proven_kib);
	if (l->sig != 0)
		signal_target(l, t);
	check_process(l, row, t, proven_kib);
}

/* Check the largest peak of a process, which may be known only now. */
static void finish_process(struct limiter *l)
{
	struct peak_held total = peak_query_total(l->peak);
	struct peak_held process = peak_query_largest(l->peak);
	uint64_t limit_kib = l->settings.process_kib;
	if (total.procs == 1 && total.kib > process.kib)
		process = (struct peak_held){.kib = total.kib}; /* it is not known which one */
	if (limit_kib == 0 || process.kib <= limit_kib || l->process_exceeded ||
	    !counts_pages_twice(l))
		return;
	set_status(l, STATUS_PROCESS_EXCEEDED);
	limiter_report_process(l, process.kib, process.pid, process.name);
}

void limiter_finish(struct limiter *l)
{
	check_tick(l);
	peak_begin_stream(l->peak);
	check_peak(l);
	l->finished = true;
	l->unconfirmed = false;
	l->time_n = 0; /* it is not known when */
	peak_query_end(l->peak);
	check_peak(l);
	finish_process(l);
	if (l->settings.metric == LIMITER_CGROUP)
		check_total(l, limit_group_peak_kib(&l->group), 0);
}

void limiter_free(struct limiter *l)
{
	targets_free(&l->targets);
	peak_free(l->peak);
	buf_free(&l->notes);
}
