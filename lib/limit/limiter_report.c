/* SPDX-License-Identifier: MIT */
/* The messages and notes of a limiter. */
#include "limit/limiter_report.h"

#include <inttypes.h>
#include <string.h>

#include "base/format.h"
#include "base/minmax.h"
#include "base/signame.h"
#include "base/warn.h"

/* By metric: its name, and what precedes the subject of a message. */
static const char *const metric_names[] = {"rss", "footprint", "pss", "cgroup"};
static const char *const metric_labels[] = {"", "footprint of ", "PSS of ", ""};

const char *limiter_parse_metric(const char *name, enum limiter_metric *metric)
{
	for (size_t i = 0; i < sizeof metric_names / sizeof *metric_names; i++)
		if (strcmp(name, metric_names[i]) == 0) {
			*metric = (enum limiter_metric)i;
			return NULL;
		}
	return "metric must be rss, footprint, pss or cgroup";
}

void limiter_report_settings(struct limiter *l)
{
	const struct limiter_settings *settings = &l->settings;
	if (settings->metric != LIMITER_RSS)
		buf_printf(&l->notes, "#limit_metric\t%s\n", metric_names[settings->metric]);
	if (settings->total_kib != 0)
		buf_printf(&l->notes, "#limit_total_kib\t%" PRIu64 "\n", settings->total_kib);
	if (settings->process_kib != 0)
		buf_printf(&l->notes, "#limit_process_kib\t%" PRIu64 "\n", settings->process_kib);
}

/* Append ` 612.3 MiB exceeds 512 MiB`. */
static void put_exceeds(struct buf *b, uint64_t kib, uint64_t limit_kib)
{
	char held[FORMAT_SIZE], limit[FORMAT_SIZE];
	uint64_t unit = format_distinct_unit((int64_t)kib, (int64_t)limit_kib, 0);
	buf_printf(b, " %s exceeds %s", format_size_in(held, (int64_t)kib, unit),
	    format_size_in(limit, (int64_t)limit_kib, unit));
}

/* Print `SUBJECT 612.3 MiB exceeds 512 MiB`, and free SUBJECT. */
static void warn_exceeded(struct buf *subject, uint64_t kib, uint64_t limit_kib)
{
	put_exceeds(subject, kib, limit_kib);
	warn_print("%.*s", (int)subject->n, subject->p);
	buf_free(subject);
}

/* Begin the `#` line about a limit. */
static void note_exceeded(struct limiter *l, const char *scope, uint64_t kib)
{
	buf_printf(&l->notes, "#limit_exceeded\t%s\t%" PRIu64 "\t%.*s\t", scope, kib,
	    (int)l->time_n, l->time);
}

void limiter_report_process(struct limiter *l, uint64_t kib, pid_t pid, struct slice comm)
{
	struct buf subject = {0};
	note_exceeded(l, "process", kib);
	if (pid != 0)
		buf_printf(&l->notes, "%ld", (long)pid);
	buf_char(&l->notes, '\t');
	buf_put(&l->notes, comm.p, comm.n);
	buf_char(&l->notes, '\n');
	buf_str(&subject, metric_labels[l->settings.metric]);
	buf_put(&subject, comm.p, comm.n);
	if (pid != 0)
		buf_printf(&subject, " (%ld)", (long)pid);
	else
		buf_str(&subject, "a process");
	warn_exceeded(&subject, kib, l->settings.process_kib);
}

/* Append what a total of N processes is called in messages. */
static void put_total(const struct limiter *l, struct buf *subject, size_t n)
{
	if (l->settings.metric == LIMITER_CGROUP)
		buf_str(subject, "control group");
	else
		buf_printf(subject, "total %s%zu process%s",
		    l->settings.metric == LIMITER_RSS ? "of " : metric_labels[l->settings.metric],
		    n, n == 1 ? "" : "es");
}

void limiter_report_total(struct limiter *l, uint64_t kib, size_t processes)
{
	struct buf subject = {0};
	note_exceeded(l, "total", kib);
	buf_str(&l->notes, "\t\n");
	put_total(l, &subject, processes);
	warn_exceeded(&subject, kib, l->settings.total_kib);
}

void limiter_report_shared(struct limiter *l, uint64_t kib, size_t processes)
{
	char once[FORMAT_SIZE];
	uint64_t once_kib = max_u64(l->sharing.kib, l->largest_kib);
	struct buf subject = {0};
	put_total(l, &subject, processes);
	put_exceeds(&subject, kib, l->settings.total_kib);
	warn_print("%.*s, but is %s %s with shared memory counted once: no signal sent",
	    (int)subject.n, subject.p, l->sharing.complete ? "about" : "at least",
	    format_size(once, once_kib));
	buf_free(&subject);
}

/* Report the signal. SIGKILL after the grace time may have found no process: that is no event. */
void limiter_report_signal(struct limiter *l)
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
