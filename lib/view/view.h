/* SPDX-License-Identifier: MIT */
/*
 * From samples to a page that shows a run, or to a trace.
 *
 * The figures are those of lib/peak. The memory over time is that of thinned samples (lib/merge),
 * so the size of the output is bounded, and no peak is lost.
 */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "peak/peak_samples.h"
#include "stream/samples.h"

/* The columns to read, for samples_init. */
#define VIEW_COLUMNS PEAK_SAMPLES_COLUMNS

#define VIEW_PLACE "@DATA@" /* in the page: where the data are put */

struct view;

struct view *view_new(void);
void view_free(struct view *v);

/* Add the event that was read from S. */
void view_take(struct view *v, struct samples *s, enum samples_event event);

/* In place of samples and view_end: take a report in JSON that has a timeline, which must remain
 * valid. Return NULL, or the reason why it cannot be shown. */
const char *view_report(struct view *v, struct slice json);

/* End the input. Return whether there was a sample. */
bool view_end(struct view *v);

/* After view_end: append PAGE, which has VIEW_PLACE once, with the data. */
void view_html(const struct view *v, struct slice page, struct buf *out);

/* After view_end: append the events of a Chrome trace, one JSON document. */
void view_trace(const struct view *v, struct buf *out);

#endif
