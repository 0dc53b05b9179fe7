/* SPDX-License-Identifier: MIT */
/* Sampling: the loop, and one tick. */
#include "sample/sampler.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/minmax.h"
#include "base/status.h"
#include "base/warn.h"
#include "os/os_poll.h"
#include "os/scheduling.h"
#include "sample/sampler_internal.h"

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* Catch the signals that end the sampling, except those that are ignored: in a pipeline that must
 * outlive a Ctrl-C, SIGINT is. Block them, and set *WAITING to the mask that lets them in. */
static void catch_signals(sigset_t *waiting)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	sigset_t block;
	sigemptyset(&block);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		struct sigaction old, new = {.sa_handler = on_signal};
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &new, NULL);
		sigaddset(&block, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &block, waiting);
}

/* ---- one tick */

static void add_up(struct sampler *s, struct tree_process *m)
{
	bool row_had_pss = m->process.pss_known;
	s->total_kib += m->process.rss_kib;
	s->marks_kib += m->process.hwm_kib;
	s->outside_kib += m->process.swap_kib + m->process.hugetlb_kib;
	if (m->not_inherited)
		schedule_watch(&s->schedule, m->process.pid);
	/* Executing a program nearly always changes the memory. A refresh finds the rest. */
	m->row.outdated = m->changed || row_had_pss || (m->refreshed && s->o->columns.details != 0);
	m->process.pss_known = false;
}

static void add_up_all(struct sampler *s)
{
	s->total_kib = s->marks_kib = s->outside_kib = 0;
	for (size_t i = 0; i < s->tree.n; i++)
		if (s->tree.v[i].sampled)
			add_up(s, &s->tree.v[i]);
	for (size_t i = 0; i < s->tree.unread_n; i++) {
		add_up(s, &s->tree.unread[i]);
		s->tree.unread[i].row.outdated = true;
	}
}

/* Return the CPU time used since the last call: by a tick, and by what caused it. */
static int64_t cpu_used(struct sampler *s)
{
	int64_t now = clock_cpu_ns(), before = s->cpu_ns;
	s->cpu_ns = now;
	return before == 0 ? 0 : now - before;
}

static void add_to_schedule(struct sampler *s, int64_t now_ns)
{
	struct schedule_tick t = {
	    .now_ns = now_ns,
	    .cost_ns = cpu_used(s),
	    .total_kib = s->total_kib,
	    .marks_kib = s->marks_kib + s->outside_kib,
	    .processes = s->tree.n,
	    .exited = s->tree.exits,
	    .unseen = s->bound.unseen,
	    .extra = s->for_pss,
	};
	if (s->for_pss)
		pss_schedule_spend(&s->pss, now_ns, t.cost_ns);
	schedule_add_tick(&s->schedule, &s->tree, &t);
}

/* Take a tick, and write it at once. */
static void tick(struct sampler *s, unsigned flags)
{
	int64_t now_ns = clock_mono_ns();
	sampler_set_time(s, now_ns);
	schedule_take_faults(&s->schedule);
	(void)sampler_update_tree(s, now_ns);
	bound_begin_tick(&s->bound, &s->tree, now_ns);
	(void)tree_read(&s->tree, now_ns, flags);
	add_up_all(s);
	sampler_update_pss(s, now_ns);
	if (s->ticks == 0)
		s->first_ns = now_ns;
	sampler_put_header(s);
	sampler_put_marks(s);
	sampler_put_bound(s, now_ns);
	s->ticks++;
	add_to_schedule(s, now_ns);
	sampler_put_schedule(s);
	group_memory_update(&s->group);
	sampler_read_pss(s, now_ns);
	sampler_put_times(s);
	sampler_put_rows(s);
	tree_end_tick(&s->tree);
	sampler_write_tick(s);
	sampler_rest(s);
}

/* ---- the loop */

static bool has_processes(const struct sampler *s)
{
	return s->begun && s->tree.n > 0;
}

/* Return when the duration is over; INT64_MAX: never. */
static int64_t end_ns(const struct sampler *s)
{
	if (s->ticks == 0 || s->o->duration_ns == 0)
		return INT64_MAX;
	return s->first_ns + s->o->duration_ns;
}

static bool is_over(const struct sampler *s)
{
	if (stopped || s->failed || s->ended || (s->complete && s->tree.n == 0))
		return true;
	if (s->o->ticks != 0 && s->ticks >= s->o->ticks)
		return true;
	return clock_mono_ns() >= end_ns(s);
}

/* Return until when to wait: for the next tick, the end, a check for signs of movement, or the time
 * at which the budget allows a tick again, which signs are for. */
static int64_t wait_until_ns(const struct sampler *s, int64_t now_ns, bool blocked)
{
	int64_t until = has_processes(s) ? schedule_due_ns(&s->schedule) : INT64_MAX;
	until = min_i64(until, end_ns(s));
	if (has_processes(s))
		until = min_i64(until, sampler_pss_due_ns(s));
	if (blocked)
		return min_i64(until, schedule_blocked_until_ns(&s->schedule));
	return has_processes(s) ? min_i64(until, sampler_rest_until_ns(s, now_ns)) : until;
}

/* Set FDS to what to wait for. Without processes, that is the input only. */
static void set_descriptors(
    const struct sampler *s, struct pollfd fds[4], int64_t now_ns, bool blocked)
{
	bool watch = has_processes(s) && !blocked;
	fds[0] = (struct pollfd){.fd = s->reading ? STDIN_FILENO : -1, .events = POLLIN};
	fds[1] =
	    (struct pollfd){.fd = watch ? schedule_fault_fd(&s->schedule) : -1, .events = POLLIN};
	fds[2] =
	    (struct pollfd){.fd = watch ? schedule_clock_fd(&s->schedule) : -1, .events = POLLIN};
	fds[3] = (struct pollfd){.fd = watch ? sampler_rest_fd(s, now_ns) : -1, .events = POLLIN};
}

/* Wait for input, an event, a signal, or until something is due. Return whether there are process
 * events. */
static bool wait_for_something(struct sampler *s, const sigset_t *waiting)
{
	int64_t now_ns = clock_mono_ns();
	bool blocked = schedule_blocked_until_ns(&s->schedule) > now_ns;
	int64_t until = wait_until_ns(s, now_ns, blocked), left = until - now_ns;
	struct timespec rest = {0};
	struct pollfd fds[4];
	if (left > 0 && until < INT64_MAX)
		rest = (struct timespec){
		    .tv_sec = left / 1000000000, .tv_nsec = (long)(left % 1000000000)};
	set_descriptors(s, fds, now_ns, blocked);
	int ready = os_poll(fds, 4, until < INT64_MAX ? &rest : NULL, waiting);
	if (ready < 0 && errno != EINTR) {
		/* Without poll(2), the end of the input is not seen. */
		warn_print("waiting: %s", strerror(errno));
		s->status = STATUS_ERROR;
		s->failed = true;
	}
	if (ready <= 0)
		return false;
	if (fds[0].revents != 0)
		sampler_read_input(s);
	if (fds[1].revents != 0)
		schedule_take_faults(&s->schedule);
	if (fds[2].revents != 0)
		schedule_take_clock(&s->schedule);
	return fds[3].revents != 0;
}

/* Return whether to take a tick: by the schedule, or because there are new processes and the budget
 * allows it. */
static bool is_scheduled(struct sampler *s, int64_t now_ns, bool process_events)
{
	if (now_ns >= schedule_due_ns(&s->schedule))
		return true;
	if (now_ns < schedule_blocked_until_ns(&s->schedule))
		return false;
	return sampler_rest_check(s, now_ns, process_events) ||
	       now_ns >= schedule_due_ns(&s->schedule);
}

/* The same, or because PSS needs a tick. */
static bool is_due(struct sampler *s, bool process_events)
{
	int64_t now_ns = clock_mono_ns();
	bool scheduled = is_scheduled(s, now_ns, process_events);
	s->for_pss = !scheduled && now_ns >= sampler_pss_due_ns(s);
	return scheduled || s->for_pss;
}

static void sample(struct sampler *s, const sigset_t *waiting)
{
	while (!is_over(s)) {
		bool process_events = wait_for_something(s, waiting);
		if (has_processes(s) && !is_over(s) && is_due(s, process_events))
			tick(s, 0);
	}
	bool timed_out = !stopped && !s->failed && !s->ended && clock_mono_ns() >= end_ns(s);
	/* A last tick has every mark. */
	s->for_pss = false;
	if (s->o->ticks == 0 && s->tree.n > 0)
		tick(s, TREE_ALL_MARKS);
	sampler_put_last_exits(s);
	sampler_put_missed(s);
	if (timed_out && s->tree.n > 0)
		buf_str(&s->out, "#stopped\tduration\n");
	if (s->o->ticks == 0 && s->tree.n > 0)
		buf_printf(&s->out, "#running\t%zu\n", s->tree.n);
	group_memory_write(&s->group, &s->out);
	sampler_write_end(s);
}

int sampler_run(const struct sampler_options *o, const pid_t *pids, size_t n)
{
	struct sampler s = {
	    .o = o,
	    .in = {.fd = STDIN_FILENO},
	    .log = {.name = o->log},
	    .joining = {.names = o->names, .names_n = o->names_n},
	    .attached = true,
	};
	sigset_t waiting;
	/* With a number of ticks, the interval is what separates them. */
	enum schedule_choice choice = o->ticks > 0 ? SCHEDULE_FIXED : o->schedule;
	/* This blocks the signals of events, so they stay blocked while waiting, too. */
	schedule_init(&s.schedule, choice, o->interval_ns, o->grid, o->cpu_share);
	catch_signals(&waiting);
	scheduling_prefer_short_turns();
	s.clock = clock_start();
	s.begun_ns = clock_mono_ns();
	tree_init(&s.tree, o->descendants);
	bound_init(&s.bound);
	sampler_pss_init(&s);
	s.reading = n == 0;
	for (size_t i = 0; i < n; i++)
		(void)sampler_add(&s, pids[i]);
	s.complete = s.begun = n > 0;
	sample(&s, &waiting);
	tree_free(&s.tree);
	joining_free(&s.joining);
	pidmap_free(&s.ancestors);
	bound_free(&s.bound);
	process_detail_free(&s.detail);
	schedule_free(&s.schedule);
	lines_free(&s.in);
	buf_free(&s.out);
	return s.status;
}
