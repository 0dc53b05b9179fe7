/* SPDX-License-Identifier: MIT */
/* Reading a samples stream. */
#include "stream/samples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parse.h"

enum { TIME, PID, RSS, PPID, HWM, VSZ, PSS, SWAP, START, COMM, EXTRA };

#define REQUIRED 3

static const char *const standard[] = {
    [TIME] = "time",
    [PID] = "pid",
    [RSS] = "rss_kib", /* up to here required */
    [PPID] = "ppid",
    [HWM] = "hwm_kib",
    [VSZ] = "vsz_kib",
    [PSS] = "pss_kib",
    [SWAP] = "swap_kib",
    [START] = "start",
    [COMM] = "comm",
};

void samples_init(
    struct samples *s, int fd, const char *name, unsigned wanted, const char *const *extra)
{
	*s = (struct samples){.name = name, .wanted = wanted};
	memcpy(s->columns, standard, sizeof standard);
	for (size_t i = 0; extra != NULL && extra[i] != NULL && i < SAMPLES_EXTRA; i++)
		s->columns[EXTRA + i] = extra[i];
	tsv_init(&s->tsv, fd, s->columns, REQUIRED);
	s->tsv.remember = true;
}

void samples_fault(struct samples *s, const char *reason)
{
	stage_fault(&s->faults, s->name, s->tsv.in.number, reason);
}

void samples_fail(struct samples *s, const char *reason)
{
	samples_fault(s, reason);
	samples_stop(s);
}

void samples_stop(struct samples *s)
{
	s->ended = true;
	s->row_pending = false;
}

void samples_fill(struct samples *s)
{
	if (lines_fill(&s->tsv.in) >= 0 || errno == EINTR || errno == EAGAIN)
		return;
	s->read_errno = errno;
	stage_fault(&s->faults, s->name, 0, strerror(s->read_errno));
	s->tsv.in.eof = 1;
}

/* ---- a row */

/* Parse the number in field F, up to MAX, into *NUMBER, or 0 if it is empty. Return NULL, or the
 * reason why it is invalid. */
static inline const char *parse_number(
    const struct samples *s, struct slice f, uint64_t max, uint64_t *number)
{
	*number = 0;
	return f.n == 0 ? NULL : parse_u64_in(s->tsv.row, f.p, f.n, max, number);
}

static inline const char *parse_kib(const struct samples *s, size_t i, uint64_t *kib)
{
	return parse_number(s, tsv_field(&s->tsv, i), UINT64_MAX >> 20, kib);
}

static inline const char *parse_row_pid(const struct samples *s, pid_t *pid)
{
	struct slice f = tsv_field(&s->tsv, PID);
	uint64_t number = 0;
	if (parse_number(s, f, INT32_MAX, &number) != NULL || number == 0)
		return parse_pid(f.p, f.n, pid); /* the reason */
	*pid = (pid_t)number;
	return NULL;
}

static inline const char *parse_ppid(const struct samples *s, pid_t *ppid)
{
	uint64_t number = 0;
	const char *reason = parse_number(s, tsv_field(&s->tsv, PPID), INT32_MAX, &number);
	*ppid = (pid_t)number;
	return reason;
}

static const char *parse_start(const struct samples *s, int64_t *us)
{
	struct slice f = tsv_field(&s->tsv, START);
	*us = SAMPLES_UNKNOWN;
	return f.n == 0 ? NULL : parse_time_us(f.p, f.n, us);
}

/* Parse the KiB in column I if the program wants it, BIT. */
static inline const char *parse_wanted(
    const struct samples *s, unsigned bit, size_t i, uint64_t *kib)
{
	return (s->wanted & bit) != 0 ? parse_kib(s, i, kib) : NULL;
}

static const char *parse_row(struct samples *s)
{
	struct samples_row *r = &s->row;
	const char *reason = parse_row_pid(s, &r->pid);
	if (reason == NULL)
		reason = parse_kib(s, RSS, &r->rss_kib);
	if (reason == NULL && (s->wanted & SAMPLES_PPID) != 0)
		reason = parse_ppid(s, &r->ppid);
	if (reason == NULL)
		reason = parse_wanted(s, SAMPLES_HWM, HWM, &r->hwm_kib);
	if (reason == NULL)
		reason = parse_wanted(s, SAMPLES_VSZ, VSZ, &r->vsz_kib);
	if (reason == NULL)
		reason = parse_wanted(s, SAMPLES_PSS, PSS, &r->pss_kib);
	if (reason == NULL)
		reason = parse_wanted(s, SAMPLES_SWAP, SWAP, &r->swap_kib);
	if (reason == NULL && (s->wanted & SAMPLES_START) != 0)
		reason = parse_start(s, &r->start_us);
	r->rss_known = tsv_field(&s->tsv, RSS).n > 0;
	r->pss_known = tsv_field(&s->tsv, PSS).n > 0;
	r->comm = tsv_field(&s->tsv, COMM);
	return reason;
}

/* Keep the row, which is INVALID or not, for its repetitions. */
static void keep_row(struct samples *s, bool invalid)
{
	size_t place = s->tsv.place;
	if (place == TSV_NO_PLACE)
		return;
	s->parsed = alloc_grow(s->parsed, &s->parsed_cap, place + 1, sizeof *s->parsed);
	s->parsed[place] = s->row;
	if (invalid)
		s->parsed[place].pid = 0;
}

/* Parse the row, or take what was parsed of the row that it repeats. */
static const char *read_row(struct samples *s)
{
	s->repeated = s->tsv.repeated && s->time_first && s->parsed[s->tsv.place].pid != 0;
	if (s->repeated) {
		s->row = s->parsed[s->tsv.place];
		return NULL;
	}
	const char *reason = parse_row(s);
	keep_row(s, reason != NULL);
	return reason;
}

/* Take the time of a row. Set *BEGINS to whether it is that of another tick. */
static const char *take_time(struct samples *s, bool *begins)
{
	struct slice f = tsv_field(&s->tsv, TIME);
	int64_t us = 0;
	*begins = false;
	if (s->time_taken && s->time_first && s->tsv.continued)
		return NULL;
	if (f.n == 0)
		return "missing time";
	if (slice_equal(f, s->time))
		return NULL;
	const char *reason = "invalid time";
	if (f.n <= sizeof s->time_text)
		reason = parse_time_us(f.p, f.n, &us);
	if (reason != NULL)
		return reason;
	memcpy(s->time_text, f.p, f.n);
	s->time = (struct slice){s->time_text, f.n};
	s->time_us = us;
	*begins = true;
	return NULL;
}

static enum samples_event take_row(struct samples *s)
{
	bool begins = false;
	const char *reason = read_row(s);
	if (reason == NULL)
		reason = take_time(s, &begins);
	s->time_taken = reason == NULL;
	if (reason != NULL) {
		keep_row(s, true);
		samples_fault(s, reason);
		return SAMPLES_BAD;
	}
	s->row_pending = begins;
	return begins ? SAMPLES_TICK : SAMPLES_ROW;
}

/* ---- events */

static enum samples_event take(struct samples *s, enum tsv_kind kind)
{
	struct slice value;
	switch (kind) {
	case TSV_META:
		s->bound_refused |= tsv_is_meta(s->tsv.line, "#bound_refused", &value);
		return SAMPLES_META;
	case TSV_HEADER:
		/* The next row begins a tick, even at the same time. */
		s->time = (struct slice){s->time_text, 0};
		s->time_first = tsv_is_first(&s->tsv, TIME);
		s->time_taken = false;
		return SAMPLES_HEADER;
	case TSV_ROW:
		return take_row(s);
	case TSV_BAD:
		s->time_taken = false;
		samples_fault(s, s->tsv.reason);
		return SAMPLES_BAD;
	case TSV_ERROR:
		samples_fault(s, s->tsv.reason);
		s->ended = s->tsv.copy == NULL;
		return SAMPLES_BAD;
	case TSV_END:
		break;
	}
	return SAMPLES_NONE;
}

enum samples_event samples_arrived(struct samples *s)
{
	if (s->row_pending) {
		s->row_pending = false;
		return SAMPLES_ROW;
	}
	if (s->ended)
		return SAMPLES_END;
	enum samples_event event = take(s, tsv_buffered(&s->tsv));
	if (event != SAMPLES_NONE || !s->tsv.in.eof)
		return event;
	event = take(s, tsv_rest(&s->tsv));
	s->ended = true;
	return event != SAMPLES_NONE ? event : SAMPLES_END;
}

enum samples_event samples_next(struct samples *s)
{
	for (;;) {
		enum samples_event event = samples_arrived(s);
		if (event != SAMPLES_NONE)
			return event;
		samples_fill(s);
	}
}

struct slice samples_extra(const struct samples *s, size_t i)
{
	return tsv_field(&s->tsv, EXTRA + i);
}

bool samples_has_extra(const struct samples *s, size_t i)
{
	return tsv_has(&s->tsv, EXTRA + i);
}

bool samples_has_comm(const struct samples *s)
{
	return tsv_has(&s->tsv, COMM);
}

bool samples_has_bounds(const struct samples *s)
{
	return tsv_has(&s->tsv, HWM) && !s->bound_refused;
}

bool samples_has_pss(const struct samples *s)
{
	return tsv_has(&s->tsv, PSS);
}

bool samples_is_of_tick(struct slice line)
{
	struct slice value;
	return tsv_is_meta(line, "#bound_kib", &value) ||
	       tsv_is_meta(line, "#pss_bound_kib", &value) ||
	       tsv_is_meta(line, "#shared_kib", &value) ||
	       tsv_is_meta(line, "#mark_since", &value) ||
	       tsv_is_meta(line, "#unseen_kib", &value) || tsv_is_meta(line, "#created", &value) ||
	       tsv_is_meta(line, "#exited", &value);
}

void samples_free(struct samples *s)
{
	tsv_free(&s->tsv);
	free(s->parsed);
	s->parsed = NULL;
}
