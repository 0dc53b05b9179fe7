/* SPDX-License-Identifier: MIT */
/*
 * Join streams of samples: when do hosts with several streams have their peaks?
 *
 * The peak of the whole and those of the streams are found while joining. That of a host is the
 * largest sum of some of the streams, and can be at any moment. So all streams are read once more
 * before, if there are several hosts and one of them has several streams.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/minmax.h"
#include "merge/join_internal.h"

struct host {
	size_t streams;
	uint64_t rss_kib, peak_kib;
	int64_t peak_us;
	bool changed; /* at the present moment */
};

struct hosts {
	struct intern names;
	struct host *v;
	uint32_t *changed; /* the numbers of those that have */
	size_t changed_n;
};

/* ---- reading */

/* Read the next tick of S, and set s->event. */
static void read_tick(struct join_stream *s)
{
	enum samples_event event;
	if (!s->begun || s->number == s->ticks) {
		s->event = JOIN_END;
		s->event_us = max_i64(join_check_end(s), s->event_us);
		return;
	}
	s->number++;
	s->event = JOIN_TICK;
	s->event_us = s->samples.time_us + s->shift_us;
	s->next_kib = 0;
	while ((event = join_stream_next(s)) == SAMPLES_ROW || event == SAMPLES_META)
		if (event == SAMPLES_ROW)
			s->next_kib += s->samples.row.rss_kib;
	s->begun = event == SAMPLES_TICK;
}

static void begin(struct join *j, struct join_stream *s)
{
	enum samples_event event = SAMPLES_END;
	bool open = join_stream_open(j, s, 0);
	while (open && (event = join_stream_next(s)) != SAMPLES_END && event != SAMPLES_TICK)
		;
	s->begun = event == SAMPLES_TICK;
	read_tick(s);
	join_heap_add(j, s);
}

static void end(struct join_stream *s)
{
	samples_free(&s->samples);
	s->open = s->begun = false;
	s->number = 0;
	s->event_us = 0;
}

/* ---- moments */

static void take_event(struct hosts *h, struct join_stream *s)
{
	struct host *host = &h->v[s->host];
	uint64_t kib = s->event == JOIN_TICK ? s->next_kib : 0;
	host->rss_kib += kib - s->held_kib;
	s->held_kib = kib;
	if (!host->changed)
		h->changed[h->changed_n++] = s->host;
	host->changed = true;
	if (s->event == JOIN_TICK)
		read_tick(s);
	else
		s->event = JOIN_OVER;
}

static void take_moment(struct join *j, struct hosts *h)
{
	int64_t us = j->heap[0]->event_us;
	bool ends = j->heap[0]->event == JOIN_END;
	for (struct join_stream *s; (s = join_heap_at(j, us, ends)) != NULL;) {
		take_event(h, s);
		join_heap_reorder(j);
	}
	while (h->changed_n > 0) {
		struct host *host = &h->v[h->changed[--h->changed_n]];
		host->changed = false;
		if (host->rss_kib > host->peak_kib) {
			host->peak_kib = host->rss_kib;
			host->peak_us = us;
		}
	}
}

/* ---- hosts */

/* Number the hosts of the streams. A stream of an unknown host is a host of its own. Return whether
 * there are several, and one of them has several streams. */
static bool find_hosts(struct join *j, struct hosts *h)
{
	size_t several = 0;
	const char *column = j->options.column;
	if (column != NULL && strcmp(column, "host") == 0)
		return false; /* each file is a host */
	h->v = alloc_resize(NULL, j->streams, sizeof *h->v);
	h->changed = alloc_resize(NULL, j->streams, sizeof *h->changed);
	memset(h->v, 0, j->streams * sizeof *h->v);
	for (size_t i = 0; i < j->streams; i++) {
		struct join_stream *s = j->stream[i];
		struct slice name = join_host(s);
		if (name.n == 0)
			name = slice_of(s->file);
		s->host = intern_number(&h->names, name);
		several += ++h->v[s->host].streams == 2;
	}
	return several > 0 && h->names.n > 1;
}

static int by_time(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

/* Keep the times of the peaks of hosts with several streams. */
static void keep_times(struct join *j, const struct hosts *h)
{
	j->host_peak_us = alloc_resize(NULL, h->names.n, sizeof *j->host_peak_us);
	for (size_t i = 0; i < h->names.n; i++)
		if (h->v[i].streams > 1 && h->v[i].peak_kib > 0)
			j->host_peak_us[j->host_peaks++] = h->v[i].peak_us;
	qsort(j->host_peak_us, j->host_peaks, sizeof *j->host_peak_us, by_time);
}

void join_peaks_find(struct join *j)
{
	struct hosts h = {0};
	if (find_hosts(j, &h)) {
		join_heap_clear(j);
		for (size_t i = 0; i < j->streams; i++)
			begin(j, j->stream[i]);
		join_heap_make(j);
		while (j->heap_n > 0)
			take_moment(j, &h);
		for (size_t i = 0; i < j->streams; i++)
			end(j->stream[i]);
		keep_times(j, &h);
	}
	intern_free(&h.names);
	free(h.v);
	free(h.changed);
}

bool join_peaks_at(struct join *j, int64_t us)
{
	bool found = false;
	for (; j->host_peaks_past < j->host_peaks && j->host_peak_us[j->host_peaks_past] <= us;
	     j->host_peaks_past++)
		found |= j->host_peak_us[j->host_peaks_past] == us;
	return found;
}
