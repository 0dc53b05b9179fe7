/*
 * Any of the streams as CSV (RFC 4180), line by line.
 *
 * A text that a spreadsheet would compute, and one that begins with ', gets a '
 * in front: whoever takes one off again has what was there. Numbers have none.
 */
#ifndef CSV_H
#define CSV_H

#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"
#include "stream/lines.h"

/* Starts as all zeros; csv_free gives the memory back. */
struct csv {
	struct buf header; /* as first read */
	size_t columns;
};

/*
 * Appends LINE as a record; `#` lines and a repeated header are left out. NULL,
 * or what is wrong with it; then nothing was appended. Fields keep the escapes
 * of the streams, so that a record is always one line.
 */
const char *csv_line(struct csv *c, struct slice line, struct buf *out);

/* Appends one field, as it stands in a stream. */
void csv_text(struct buf *out, struct slice field);

void csv_free(struct csv *c);

#endif
