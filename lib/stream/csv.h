/* SPDX-License-Identifier: MIT */
/*
 * The streams as CSV (RFC 4180).
 *
 * A text that a spreadsheet would evaluate, and one that begins with an apostrophe, gets an
 * apostrophe in front. A reader that removes one restores each text. Numbers have none.
 */
#ifndef CSV_H
#define CSV_H

#include "base/buf.h"
#include "base/slice.h"
#include "stream/output.h"
#include "stream/stage.h"

/* Append FIELD, as it is in a stream. Its escapes remain, so that a record is one line. */
void csv_text(struct buf *out, struct slice field);

/* Read any stream with a header and write it to TO as CSV, without `#` lines and repeated headers.
 * Report invalid lines and skip them. Return the exit status. */
int csv_convert(const struct stage_input *input, struct output *to);

#endif
