/* SPDX-License-Identifier: MIT */
/* A bounded number of windows of time. */
#include "base/windows.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define FIRST_WIDTH_US 100

static void *item_at(const struct windows *w, size_t i)
{
	return (char *)w->item + i * w->kind->size;
}

/* Return the number of the window that ITEM falls into. */
static int64_t window_of(const struct windows *w, const void *item)
{
	int64_t time_us = *(const int64_t *)item;
	return time_us > w->start_us ? (time_us - w->start_us) / w->width_us : 0;
}

void windows_widen(struct windows *w)
{
	size_t n = 0;
	w->width_us *= 2;
	for (size_t i = 0; i < w->n; i++) {
		const void *item = item_at(w, i);
		if (n > 0 && window_of(w, item_at(w, n - 1)) == window_of(w, item))
			w->kind->merge(item_at(w, n - 1), item);
		else
			memmove(item_at(w, n++), item, w->kind->size);
	}
	w->n = n;
}

static bool has_room(const struct windows *w, const void *item)
{
	return w->kind->sparse ? w->n < w->max : window_of(w, item) < (int64_t)w->max;
}

static void insert(struct windows *w, size_t i, const void *item)
{
	w->item = alloc_grow(w->item, &w->cap, w->n + 1, w->kind->size);
	memmove(item_at(w, i + 1), item_at(w, i), (w->n - i) * w->kind->size);
	memcpy(item_at(w, i), item, w->kind->size);
	w->n++;
}

void windows_add(struct windows *w, const void *item)
{
	if (w->n == 0) {
		w->start_us = *(const int64_t *)item;
		w->width_us = FIRST_WIDTH_US;
	}
	while (!has_room(w, item))
		windows_widen(w);
	int64_t window = window_of(w, item);
	size_t i = w->n; /* after the items of this window and of earlier ones */
	while (i > 0 && window_of(w, item_at(w, i - 1)) > window)
		i--;
	if (i > 0 && window_of(w, item_at(w, i - 1)) == window)
		w->kind->merge(item_at(w, i - 1), item);
	else
		insert(w, i, item);
}

void windows_free(struct windows *w)
{
	free(w->item);
	w->item = NULL;
	w->n = w->cap = 0;
}
