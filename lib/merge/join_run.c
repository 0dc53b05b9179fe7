/* SPDX-License-Identifier: MIT */
/* Join streams of samples: lines about the run. */
#include <inttypes.h>

#include "base/minmax.h"
#include "base/parse.h"
#include "merge/join_internal.h"
#include "stream/escape.h"
#include "stream/tsv.h"

#define NUMBER_MAX (UINT64_MAX >> 20)

enum { COMMAND, INTERVAL, SCHEDULE, STOPPED };

static const char *const agreed[] = {
    [COMMAND] = "#command",
    [INTERVAL] = "#interval_ms",
    [SCHEDULE] = "#schedule",
    [STOPPED] = "#stopped",
};

#define AGREED (sizeof agreed / sizeof *agreed)

static void take_agreed(struct join_agreed *a, struct slice line)
{
	if (!a->known)
		buf_put(&a->value, line.p, line.n);
	else if (!slice_equal((struct slice){a->value.p, a->value.n}, line))
		a->differs = true;
	a->known = true;
}

/* The first command that failed counts, or the first one if none did. */
static void take_exit(struct join_run *r, struct slice line, bool failed)
{
	if (r->exit_known && (r->failed || !failed))
		return;
	r->exit.n = 0;
	buf_put(&r->exit, line.p, line.n);
	r->exit_known = true;
	r->failed = failed;
}

/* Take a number. Return whether LINE is KEY with one. */
static bool take_number(struct slice line, const char *key, uint64_t *number)
{
	struct slice value;
	return tsv_is_meta(line, key, &value) &&
	       parse_u64(value.p, value.n, NUMBER_MAX, number) == NULL;
}

static void take_numbers(struct join_run *r, struct slice line)
{
	struct slice value;
	uint64_t n = 0;
	int64_t us = 0;
	if (take_number(line, "#maxrss_kib", &n))
		r->maxrss_kib = max_u64(r->maxrss_kib, n);
	else if (take_number(line, "#mark_error_kib", &n))
		r->mark_error_kib = max_u64(r->mark_error_kib, n);
	else if (take_number(line, "#oom_kills", &n))
		r->oom_kills = max_u64(r->oom_kills, n);
	else if (take_number(line, "#missed_ticks", &n))
		r->missed += n;
	else if (take_number(line, "#running", &n))
		r->running += n;
	else if (tsv_is_meta(line, "#user_seconds", &value) &&
		 parse_time_us(value.p, value.n, &us) == NULL)
		r->user_us += us;
	else if (tsv_is_meta(line, "#system_seconds", &value) &&
		 parse_time_us(value.p, value.n, &us) == NULL)
		r->system_us += us;
	r->running_known |= tsv_is_meta(line, "#running", &value);
	r->cpu_known |= tsv_is_meta(line, "#user_seconds", &value);
}

void join_run_take(struct join_run *r, struct slice line)
{
	struct slice value;
	for (size_t i = 0; i < AGREED; i++)
		if (tsv_is_meta(line, agreed[i], &value))
			take_agreed(&r->agreed[i], line);
	if (tsv_is_meta(line, "#bound_refused", &value) && r->bound_refused.n == 0)
		buf_put(&r->bound_refused, line.p, line.n);
	else if (tsv_is_meta(line, "#signal", &value))
		take_exit(r, line, true);
	else if (tsv_is_meta(line, "#exit_code", &value))
		take_exit(r, line, !slice_is(value, "0"));
	else
		take_numbers(r, line);
}

static void put_line(struct buf *out, const struct buf *line)
{
	buf_put(out, line->p, line->n);
	buf_char(out, '\n');
}

static void put_agreed(const struct join_run *r, size_t i, struct buf *out)
{
	if (r->agreed[i].known && !r->agreed[i].differs)
		put_line(out, &r->agreed[i].value);
}

static void put_number(struct buf *out, const char *key, uint64_t n, bool known)
{
	if (known)
		buf_printf(out, "%s\t%" PRIu64 "\n", key, n);
}

static void put_time(struct buf *out, const char *key, int64_t us)
{
	buf_str(out, key);
	buf_char(out, '\t');
	buf_time(out, us);
	buf_char(out, '\n');
}

void join_run_put_head(const struct join *j, struct buf *out)
{
	const struct join_run *r = &j->run;
	put_number(out, "#joined", j->streams, true);
	put_agreed(r, COMMAND, out);
	if (j->started_us != JOIN_UNKNOWN)
		put_time(out, "#started", j->started_us);
	put_agreed(r, INTERVAL, out);
	put_agreed(r, SCHEDULE, out);
	put_number(out, "#mark_error_kib", r->mark_error_kib, r->mark_error_kib > 0);
	if (r->bound_refused.n > 0)
		put_line(out, &r->bound_refused);
	for (size_t i = 0; i < j->streams; i++) {
		const struct join_stream *s = j->stream[i];
		if (!s->has_gap)
			continue;
		buf_str(out, "#gap\t");
		escape_field(out, s->name, strlen(s->name));
		buf_char(out, '\t');
		buf_time(out, s->last_us + s->shift_us);
		buf_char(out, '\n');
	}
}

void join_run_put_tail(const struct join *j, struct buf *out)
{
	const struct join_run *r = &j->run;
	bool ended = j->end_us != JOIN_UNKNOWN;
	if (r->exit_known)
		put_line(out, &r->exit);
	put_number(out, "#maxrss_kib", r->maxrss_kib, r->maxrss_kib > 0);
	if (r->cpu_known) {
		put_time(out, "#user_seconds", r->user_us);
		put_time(out, "#system_seconds", r->system_us);
	}
	if (ended && j->started_us != JOIN_UNKNOWN)
		put_time(out, "#duration_seconds", j->end_us - j->started_us);
	put_number(out, "#oom_kills", r->oom_kills, r->oom_kills > 0);
	if (ended)
		put_time(out, "#end", j->end_us);
	put_number(out, "#missed_ticks", r->missed, r->missed > 0);
	put_agreed(r, STOPPED, out);
	put_number(out, "#running", r->running, r->running_known);
}

void join_run_free(struct join_run *r)
{
	for (size_t i = 0; i < AGREED; i++)
		buf_free(&r->agreed[i].value);
	buf_free(&r->exit);
	buf_free(&r->bound_refused);
}
