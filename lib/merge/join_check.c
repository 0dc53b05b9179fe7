/* SPDX-License-Identifier: MIT */
/* Join streams of samples: do they belong together? */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/minmax.h"
#include "base/status.h"
#include "base/warn.h"
#include "merge/join_internal.h"

#define GAP_US 10000000			    /* without any stream */
#define ALIKE_US 2000000		    /* streams of equal length */
#define TIME_MAX INT64_C(36000000000000000) /* in the year 3110 */

int64_t join_check_start(const struct join_stream *s)
{
	int64_t us = s->first_us;
	if (s->started_us != JOIN_UNKNOWN)
		us = min_i64(us, s->started_us);
	return us + s->shift_us;
}

int64_t join_check_end(const struct join_stream *s)
{
	return max_i64(s->last_us, s->end_us) + s->shift_us;
}

/* ---- the same stream twice */

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_hash(const void *a, const void *b)
{
	const struct join_stream *const *x = a, *const *y = b;
	return compare((*x)->hash, (*y)->hash);
}

static int by_file(const void *a, const void *b)
{
	const struct join_stream *const *x = a, *const *y = b;
	int order = compare((*x)->inode, (*y)->inode);
	return order != 0 ? order : compare((uint64_t)(*x)->device, (uint64_t)(*y)->device);
}

static int by_start(const void *a, const void *b)
{
	const struct join_stream *const *x = a, *const *y = b;
	int64_t first = join_check_start(*x), second = join_check_start(*y);
	return first < second ? -1 : first > second;
}

/* Return whether A was given before B. */
static bool is_before(
    const struct join *j, const struct join_stream *a, const struct join_stream *b)
{
	size_t i = 0;
	while (j->stream[i] != a && j->stream[i] != b)
		i++;
	return j->stream[i] == a;
}

/* Return whether two streams in SORTED are the same by ORDER. Print a message if so. */
static bool has_same(
    const struct join *j, struct join_stream **sorted, int (*order)(const void *, const void *))
{
	qsort(sorted, j->streams, sizeof(void *), order);
	for (size_t i = 1; i < j->streams; i++) {
		if (order(&sorted[i - 1], &sorted[i]) != 0 ||
		    (order == by_file && sorted[i]->inode == 0))
			continue;
		bool turn = is_before(j, sorted[i], sorted[i - 1]);
		warn_print("%s: the same stream as %s", sorted[turn ? i - 1 : i]->name,
		    sorted[turn ? i : i - 1]->name);
		return true;
	}
	return false;
}

/* ---- times */

/* Shift all streams so that they begin with the first. */
static void shift_starts(struct join *j)
{
	int64_t first_us = INT64_MAX;
	for (size_t i = 0; i < j->streams; i++)
		first_us = min_i64(first_us, join_check_start(j->stream[i]));
	for (size_t i = 0; i < j->streams; i++)
		j->stream[i]->shift_us += first_us - join_check_start(j->stream[i]);
}

/* Return whether the times with the offsets are valid. Print a message if not. */
static bool has_valid_times(const struct join *j)
{
	for (size_t i = 0; i < j->streams; i++) {
		const struct join_stream *s = j->stream[i];
		if (join_check_start(s) >= 0 && join_check_end(s) <= TIME_MAX)
			continue;
		warn_print("-o: %s: a time with this offset is out of range", s->name);
		return false;
	}
	return true;
}

/* Return whether no stream runs for a while between two others. Print a message if so. */
static bool has_gap(const struct join *j, struct join_stream **sorted)
{
	const struct join_stream *last = NULL; /* the one that ends last so far */
	qsort(sorted, j->streams, sizeof(void *), by_start);
	for (size_t i = 0; i < j->streams; i++) {
		const struct join_stream *s = sorted[i];
		if (last != NULL && join_check_start(s) - join_check_end(last) > GAP_US) {
			warn_print("%s: begins %.1f s after %s, the last before it, has ended; use "
				   "-o if a clock is wrong, -s if both began together, or -g",
			    s->name, (double)(join_check_start(s) - join_check_end(last)) / 1e6,
			    last->name);
			return true;
		}
		if (last == NULL || join_check_end(s) > join_check_end(last))
			last = s;
	}
	return false;
}

/* ---- clocks of hosts */

/* When the streams of a host begin and end. */
struct span {
	const struct join_stream *stream; /* the first to begin */
	int64_t start_us, end_us;
	bool ended; /* that they do is known */
};

static int by_host(const void *a, const void *b)
{
	const struct join_stream *const *x = a, *const *y = b;
	struct slice first = join_host(*x), second = join_host(*y);
	if (first.n != second.n || first.n == 0)
		return compare(first.n, second.n);
	return memcmp(first.p, second.p, first.n);
}

static int by_span_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	return x->start_us < y->start_us ? -1 : x->start_us > y->start_us;
}

static void extend_span(struct span *span, const struct join_stream *s)
{
	int64_t start_us = join_check_start(s);
	if (span->stream == NULL || start_us < span->start_us) {
		span->stream = s;
		span->start_us = start_us;
	}
	span->end_us = max_i64(span->end_us, join_check_end(s));
	span->ended &= !s->has_gap;
}

/* Store the spans of the hosts that are known, by their starts. Return their number. */
static size_t find_spans(const struct join *j, struct join_stream **sorted, struct span *span)
{
	size_t n = 0;
	qsort(sorted, j->streams, sizeof(void *), by_host);
	for (size_t i = 0; i < j->streams; i++) {
		if (join_host(sorted[i]).n == 0)
			continue;
		if (n == 0 || by_host(&sorted[i - 1], &sorted[i]) != 0)
			span[n++] = (struct span){.ended = true};
		extend_span(&span[n - 1], sorted[i]);
	}
	qsort(span, n, sizeof *span, by_span_start);
	return n;
}

/* Return whether one host begins and ends as much later than another, after a message. */
static bool has_wrong_clock(const struct join *j, struct join_stream **sorted)
{
	struct span *span = alloc_resize(NULL, j->streams, sizeof *span);
	size_t n = find_spans(j, sorted, span);
	bool wrong = false;
	for (size_t i = 1; i < n && !wrong; i++) {
		const struct span *a = &span[i - 1], *b = &span[i];
		int64_t later_us = b->start_us - a->start_us;
		int64_t difference_us = b->end_us - a->end_us - later_us;
		wrong = later_us > GAP_US && a->ended && b->ended && difference_us > -ALIKE_US &&
			difference_us < ALIKE_US;
		if (wrong)
			warn_print("%s: begins and ends %.1f s after %s, of another host; use -o "
				   "if a clock is wrong, -s if both began together, or -g",
			    b->stream->name, (double)later_us / 1e6, a->stream->name);
	}
	free(span);
	return wrong;
}

/* ---- the whole */

/* Set the start and the end of the whole. */
static void set_times(struct join *j)
{
	j->started_us = j->end_us = JOIN_UNKNOWN;
	for (size_t i = 0; i < j->streams; i++) {
		const struct join_stream *s = j->stream[i];
		if (s->started_us != JOIN_UNKNOWN) {
			int64_t us = s->started_us + s->shift_us;
			j->started_us =
			    j->started_us == JOIN_UNKNOWN ? us : min_i64(j->started_us, us);
		}
		if (s->end_us != JOIN_UNKNOWN)
			j->end_us = max_i64(j->end_us, s->end_us + s->shift_us);
	}
}

static bool has_file(const struct join *j, struct slice file)
{
	for (size_t i = 0; i < j->streams; i++)
		if (slice_is(file, j->stream[i]->file))
			return true;
	return false;
}

int join_check(struct join *j)
{
	for (size_t i = 0; i < j->options.offsets; i++) {
		struct slice file = j->options.offset[i].file;
		if (has_file(j, file))
			continue;
		warn_print("-o: %.*s: not one of the files", (int)file.n, file.p);
		return STATUS_ERROR;
	}
	if (j->options.same_start)
		shift_starts(j);
	struct join_stream **sorted = alloc_resize(NULL, j->streams, sizeof(void *));
	memcpy(sorted, j->stream, j->streams * sizeof(void *));
	bool invalid = has_same(j, sorted, by_file) || has_same(j, sorted, by_hash) ||
		       !has_valid_times(j) ||
		       (!j->options.gaps && (has_gap(j, sorted) || has_wrong_clock(j, sorted)));
	free(sorted);
	set_times(j);
	return invalid ? STATUS_ERROR : STATUS_OK;
}
