/*
 * Reading a stream of TSV: `#` lines, a header that names the columns, rows.
 *
 * Columns are found by name; others are passed over; a header may come again.
 */
#ifndef TSV_H
#define TSV_H

#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"
#include "stream/lines.h"

#define TSV_WANTED 32

struct tsv {
	struct lines in;
	const char *const *names; /* columns of interest, ended by NULL; */
	size_t required;	  /* the first of them must be there */
	struct slice line;	  /* the `#` line, header or row last read */
	const char *why;	  /* what is wrong, in words */
	struct buf *copy;	  /* each line read is appended to it; NULL: none */

	size_t columns; /* in the header; 0: none read yet */

	/* table.c's own */
	size_t at[TSV_WANTED]; /* which column each name is; columns: none */
	struct slice *field;
	char text[64]; /* of why */
};

enum tsv_kind {
	TSV_END,
	TSV_META, /* a `#` line */
	TSV_HEADER,
	TSV_ROW,
	TSV_BAD,   /* a row to be left out, for the reason WHY */
	TSV_ERROR, /* not readable any further, for the reason WHY */
};

void tsv_init(struct tsv *t, int fd, const char *const *names, size_t required);
enum tsv_kind tsv_next(struct tsv *t);

/* What LINE is, for who reads the lines himself: one that isn't empty, which
 * stays where it is as long as its fields are used. */
enum tsv_kind tsv_line(struct tsv *t, struct slice line);

/*
 * The same for a reader that polls and calls lines_fill itself: of what has
 * arrived (TSV_END: that is all for now), and of what follows the last newline
 * once everything has.
 */
enum tsv_kind tsv_buffered(struct tsv *t);
enum tsv_kind tsv_rest(struct tsv *t);

/* The field of the row last read in the column names[I]; empty where there is
 * no such column. Good until the next tsv_next. */
static inline struct slice tsv_field(const struct tsv *t, size_t i)
{
	return t->field[t->at[i]];
}

/* The field in the header's column I, by number; of a header too. */
struct slice tsv_column(const struct tsv *t, size_t i);

/* Whether the header has the column names[I]. */
int tsv_has(const struct tsv *t, size_t i);

/* Whether LINE is `KEY<tab>VALUE`; KEY with its `#`. VALUE may be empty. */
int tsv_is_meta(struct slice line, const char *key, struct slice *value);

void tsv_free(struct tsv *t);

#endif
