/* SPDX-License-Identifier: MIT */
/* Join streams of samples: the streams, by the time of their next events. */
#include "base/alloc.h"
#include "merge/join_internal.h"

/* A stream ends after what happens at the same time, since its last tick is held then. */
static bool precedes(const struct join_stream *a, const struct join_stream *b)
{
	if (a->event_us != b->event_us)
		return a->event_us < b->event_us;
	return a->event < b->event;
}

static void sift_down(struct join *j, size_t i)
{
	struct join_stream *s = j->heap[i];
	for (size_t child; (child = 2 * i + 1) < j->heap_n; i = child) {
		if (child + 1 < j->heap_n && precedes(j->heap[child + 1], j->heap[child]))
			child++;
		if (!precedes(j->heap[child], s))
			break;
		j->heap[i] = j->heap[child];
	}
	j->heap[i] = s;
}

void join_heap_clear(struct join *j)
{
	j->heap = alloc_resize(j->heap, j->streams, sizeof(void *));
	j->heap_n = 0;
}

void join_heap_add(struct join *j, struct join_stream *s)
{
	j->heap[j->heap_n++] = s;
}

void join_heap_make(struct join *j)
{
	for (size_t i = j->heap_n; i-- > 0;)
		sift_down(j, i);
}

void join_heap_reorder(struct join *j)
{
	if (j->heap[0]->event == JOIN_OVER)
		j->heap[0] = j->heap[--j->heap_n];
	if (j->heap_n > 0)
		sift_down(j, 0);
}

struct join_stream *join_heap_at(const struct join *j, int64_t us, bool ends)
{
	struct join_stream *s = j->heap_n > 0 ? j->heap[0] : NULL;
	return s != NULL && s->event_us == us && (s->event == JOIN_END) == ends ? s : NULL;
}
