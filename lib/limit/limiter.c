/* Limits on the memory of processes in samples. */
#include "limit/limiter.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/signame.h"
#include "base/status.h"
#include "base/warn.h"

_Static_assert(TARGETS_NO_START == SAMPLES_UNKNOWN, "rows pass their start time to targets");

#define MS_NS 1000000
#define TIMEOUT_MAX_NS 3600000000000 /* one hour; the caller of poll(2) asks again */

void limiter_init(struct limiter *l, const struct limiter_settings *settings)
{
	*l = (struct limiter){.settings = *settings, .kill_ns = LIMITER_NEVER};
	targets_init(&l->targets, settings->sig != 0);
	if (settings->total_kib != 0)
		buf_printf(&l->notes, "#limit_total_kib\t%" PRIu64 "\n", settings->total_kib);
	if (settings->process_kib != 0)
		buf_printf(&l->notes, "#limit_process_kib\t%" PRIu64 "\n", settings->process_kib);
}

/* ---- reports */

/* Print `SUBJECT 612.3 MiB exceeds 512 MiB`, and free SUBJECT. */
static void warn_exceeded(struct buf *subject, uint64_t kib, uint64_t limit_kib)
{
	char held[FORMAT_SIZE], limit[FORMAT_SIZE];
	uint64_t unit = format_distinct_unit((int64_t)kib, (int64_t)limit_kib, 0);
	warn_print("%.*s %s exceeds %s", (int)subject->n, subject->p,
	    format_size_in(held, (int64_t)kib, unit),
	    format_size_in(limit, (int64_t)limit_kib, unit));
	buf_free(subject);
}

/* Begin the `#` line about a limit. */
static void note_exceeded(struct limiter *l, const char *scope, uint64_t kib)
{
	buf_printf(&l->notes, "#limit_exceeded\t%s\t%" PRIu64 "\t%.*s\t", scope, kib,
	    (int)l->time_n, l->time);
}

static void report_process(struct limiter *l, const struct samples_row *r)
{
	struct buf subject = {0};
	note_exceeded(l, "process", r->rss_kib);
	buf_printf(&l->notes, "%ld\t", (long)r->pid);
	buf_put(&l->notes, r->comm.p, r->comm.n);
	buf_char(&l->notes, '\n');
	buf_put(&subject, r->comm.p, r->comm.n);
	buf_printf(&subject, " (%ld)", (long)r->pid);
	warn_exceeded(&subject, r->rss_kib, l->settings.process_kib);
}

void limiter_end_tick(struct limiter *l)
{
	struct buf subject = {0};
	if (!l->total_pending)
		return;
	l->total_pending = false;
	note_exceeded(l, "total", l->total_kib);
	buf_str(&l->notes, "\t\n");
	buf_printf(
	    &subject, "total of %zu process%s", l->processes, l->processes == 1 ? "" : "es");
	warn_exceeded(&subject, l->total_kib, l->settings.total_kib);
}

/* Report the signal. SIGKILL after the grace time may have found no process: that is no event. */
static void report_signal(struct limiter *l)
{
	struct buf name = {0};
	bool is_second = l->sig != l->settings.sig;
	if (!l->sig_pending || (is_second && l->sent == 0))
		return;
	l->sig_pending = false;
	signame_put(&name, l->sig);
	buf_printf(&l->notes, "#limit_signal\t%.*s\n", (int)name.n, name.p);
	warn_print("%.*s sent to %zu process%s", (int)name.n, name.p, l->sent,
	    l->sent == 1 ? "" : "es");
	buf_free(&name);
}

void limiter_report(struct limiter *l)
{
	limiter_end_tick(l);
	report_signal(l);
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

int limiter_timeout_ms(const struct limiter *l)
{
	if (l->kill_ns == LIMITER_NEVER)
		return -1;
	int64_t left_ns = l->kill_ns - clock_mono_ns();
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

void limiter_begin_tick(struct limiter *l, struct slice time)
{
	limiter_end_tick(l);
	targets_begin_tick(&l->targets);
	l->tick++;
	l->time_n = time.n < sizeof l->time ? time.n : sizeof l->time;
	memcpy(l->time, time.p, l->time_n);
	l->total_kib = 0;
	l->processes = 0;
}

void limiter_add(struct limiter *l, const struct samples_row *row)
{
	const struct limiter_settings *s = &l->settings;
	struct target *t = targets_add(&l->targets, row->pid, row->ppid, row->start_us);
	l->total_kib += row->rss_kib;
	l->processes++;
	if (s->process_kib != 0 && row->rss_kib > s->process_kib && !t->exceeded) {
		t->exceeded = true;
		set_status(l, STATUS_PROCESS_EXCEEDED);
		report_process(l, row);
	}
	if (s->total_kib != 0 && l->total_kib > s->total_kib && !l->total_exceeded) {
		l->total_exceeded = l->total_pending = true;
		set_status(l, STATUS_TOTAL_EXCEEDED);
	}
	if (l->sig != 0)
		signal_target(l, t);
	else if (l->status != STATUS_OK && s->sig != 0)
		signal_all(l, s->sig);
}

void limiter_free(struct limiter *l)
{
	targets_free(&l->targets);
	buf_free(&l->notes);
}
