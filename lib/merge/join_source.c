/* SPDX-License-Identifier: MIT */
/* Join streams of samples: the first reading of a stream. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/minmax.h"
#include "base/parse.h"
#include "base/warn.h"
#include "merge/join_internal.h"
#include "stream/stage.h"
#include "stream/tsv.h"

#define COPY_PART 65536

static const char *const place_lines[JOIN_PLACES] = {
    [JOIN_HOST] = "#host",
    [JOIN_RANK] = "#rank",
};

/* ---- opening */

/* Return a file without a name that holds what is left of FD, or -1 with errno set. */
static int copy_input(int fd)
{
	const char *folder = getenv("TMPDIR");
	struct buf b = {0};
	buf_printf(&b, "%s/memjoin.XXXXXX", folder != NULL && *folder != '\0' ? folder : "/tmp");
	buf_char(&b, '\0');
	int to = mkstemp(b.p);
	if (to >= 0)
		unlink(b.p);
	ssize_t n = to >= 0 ? 1 : -1;
	while (n > 0 || (n < 0 && errno == EINTR && to >= 0)) {
		b.n = 0;
		n = read(fd, buf_room(&b, COPY_PART), COPY_PART);
		if (n > 0) {
			b.n = (size_t)n;
			n = buf_write(&b, to) == 0 ? n : -1;
		}
	}
	int error = errno;
	buf_free(&b);
	if (n < 0 && to >= 0)
		close(to);
	errno = error;
	return n < 0 ? -1 : to;
}

/* Make the input one that can be read twice. Return 0, or -1 with errno set. */
static int make_rewindable(struct join_stream *s)
{
	struct stat st;
	s->start = lseek(s->fd, 0, SEEK_CUR);
	if (s->start >= 0) {
		if (fstat(s->fd, &st) == 0 && S_ISREG(st.st_mode)) {
			s->device = st.st_dev;
			s->inode = st.st_ino;
		}
		return 0;
	}
	int copy = copy_input(s->fd);
	if (s->fd != STDIN_FILENO)
		close(s->fd);
	s->fd = copy;
	s->start = 0;
	return copy < 0 || lseek(copy, 0, SEEK_SET) != 0 ? -1 : 0;
}

/* Return 0, or -1 after a message. */
static int open_stream(struct join *j, struct join_stream *s)
{
	s->fd = stage_open(s->file, &s->name);
	if (s->fd < 0)
		return -1;
	if (s->fd == STDIN_FILENO && j->used_input) {
		warn_print("%s: given twice", s->name);
		return -1;
	}
	j->used_input |= s->fd == STDIN_FILENO;
	if (make_rewindable(s) == 0)
		return 0;
	warn_print("%s: cannot be copied to a temporary file: %s", s->name, strerror(errno));
	return -1;
}

/* ---- reading */

/* The state of the first reading. */
struct reading {
	struct join *join;
	struct join_stream *stream;
	struct samples samples;
	bool in_tick, has_header;
	uint64_t rss_kib; /* of the present tick */
	int64_t time_us;
};

static void hash(struct join_stream *s, struct slice line)
{
	for (size_t i = 0; i < line.n; i++)
		s->hash = (s->hash ^ (unsigned char)line.p[i]) * UINT64_C(1099511628211);
	s->hash = (s->hash ^ '\n') * UINT64_C(1099511628211);
}

static void take_meta(struct reading *r, struct slice line)
{
	struct join_stream *s = r->stream;
	struct slice value;
	if (tsv_is_meta(line, "#bound_kib", &value))
		return; /* most lines are */
	join_run_take(&r->join->run, line);
	for (size_t i = 0; i < JOIN_PLACES; i++)
		if (tsv_is_meta(line, place_lines[i], &value) && s->place[i].n == 0) {
			struct slice field = tsv_take_field(&value);
			buf_put(&s->place[i], field.p, field.n);
		}
	if (tsv_is_meta(line, "#started", &value)) {
		(void)parse_time_us(value.p, value.n, &s->started_us);
	} else if (tsv_is_meta(line, "#joined", &value)) {
		s->joined = true;
	} else if (tsv_is_meta(line, "#end", &value)) {
		(void)parse_time_us(value.p, value.n, &s->end_us);
	} else if (tsv_is_meta(line, "#mark_error_kib", &value)) {
		(void)parse_u64(value.p, value.n, UINT32_MAX, &s->mark_error_kib);
	} else if (tsv_is_meta(line, "#running", &value) || tsv_is_meta(line, "#stopped", &value) ||
		   (tsv_is_meta(line, "#exited", &value) && s->started_us == JOIN_UNKNOWN)) {
		s->stopped = true; /* unless another tick follows */
	}
}

/* Add the columns of the header to those of the output. */
static void take_header(struct reading *r)
{
	static const char *const first[] = {"time", "pid", "ppid", "rss_kib", "hwm_kib"};
	const struct tsv *t = &r->samples.tsv;
	r->has_header = true;
	for (size_t i = 0; i < t->columns; i++) {
		struct slice name = tsv_column(t, i);
		bool is_first = false;
		for (size_t k = 0; k < sizeof first / sizeof *first; k++)
			is_first |= slice_is(name, first[k]) != 0;
		if (!is_first)
			(void)intern_number(&r->join->columns, name);
	}
}

static void end_tick(struct reading *r)
{
	struct join_stream *s = r->stream;
	if (!r->in_tick)
		return;
	r->in_tick = false;
	s->ticks++;
	s->last_us = r->time_us;
	if (s->ticks == 1)
		s->first_us = r->time_us;
	if (s->ticks == 1 || r->rss_kib > s->peak_kib) {
		s->peak_kib = r->rss_kib;
		s->peak_tick = s->ticks;
	}
}

/* Return NULL, or the reason why the tick is invalid. */
static const char *begin_tick(struct reading *r)
{
	end_tick(r);
	if (r->stream->ticks > 0 && r->samples.time_us < r->stream->last_us)
		return "the time is before that of the line above";
	r->in_tick = true;
	r->rss_kib = 0;
	r->time_us = r->samples.time_us;
	r->stream->stopped = false;
	return NULL;
}

/* Take a row of the first tick. A column with the host counts more than `#host`, but a joined
 * stream is of several hosts. */
static void take_first(struct reading *r)
{
	struct join_stream *s = r->stream;
	struct slice host = samples_extra(&r->samples, 0);
	hash(s, r->samples.tsv.line);
	if (host.n == 0 || s->joined)
		return;
	s->place[JOIN_HOST].n = 0;
	buf_put(&s->place[JOIN_HOST], host.p, host.n);
}

/* Take EVENT. Return false at the end, or if the stream is invalid. */
static bool take(struct reading *r, enum samples_event event)
{
	struct samples *s = &r->samples;
	const char *reason = NULL;
	if (event == SAMPLES_META)
		take_meta(r, s->tsv.line);
	else if (event == SAMPLES_HEADER && r->has_header)
		reason = "a second header: a stream of several runs cannot be joined";
	else if (event == SAMPLES_HEADER)
		take_header(r);
	else if (event == SAMPLES_TICK)
		reason = begin_tick(r);
	else if (event == SAMPLES_ROW)
		r->rss_kib += s->row.rss_kib;
	if (event == SAMPLES_ROW && r->stream->ticks == 0)
		take_first(r);
	if (reason != NULL)
		samples_fault(s, reason);
	return event != SAMPLES_END && event != SAMPLES_BAD && reason == NULL;
}

/* Return whether the input ends in the middle of a line, which is no error but a gap. */
static bool is_cut(const struct samples *s, enum samples_event event)
{
	return event == SAMPLES_BAD && s->tsv.in.eof && s->read_errno == 0 && s->tsv.columns > 0 &&
	       s->tsv.reason != NULL && strcmp(s->tsv.reason, "incomplete line") == 0;
}

static int read_stream(struct reading *r)
{
	struct join_stream *s = r->stream;
	enum samples_event event;
	static const char *const extra[] = {"host", NULL};
	samples_init(&r->samples, s->fd, s->name, JOIN_COLUMNS, extra);
	do
		event = samples_next(&r->samples);
	while (take(r, event));
	bool cut = is_cut(&r->samples, event);
	s->lines = r->samples.tsv.in.number - cut;
	if (r->samples.faults.n > 0 && !cut)
		return STATUS_ERROR;
	if (!cut)
		end_tick(r);
	s->has_gap = cut || (s->end_us == JOIN_UNKNOWN && !s->stopped);
	if (s->ticks > 0)
		return STATUS_OK;
	warn_print("%s: no samples", s->name);
	return STATUS_NO;
}

int join_source_read(struct join *j, struct join_stream *s)
{
	struct reading r = {.join = j, .stream = s};
	s->hash = UINT64_C(14695981039346656037);
	if (open_stream(j, s) != 0)
		return STATUS_ERROR;
	int status = read_stream(&r);
	samples_free(&r.samples);
	return status;
}

void join_source_add_places(struct join *j)
{
	for (size_t i = 0; i < JOIN_PLACES; i++) {
		size_t known = 0;
		while (known < j->streams && j->stream[known]->place[i].n == 0)
			known++;
		if (known < j->streams)
			j->place[i] = intern_number(&j->columns, slice_of(place_lines[i] + 1));
	}
}
