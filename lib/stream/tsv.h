/* SPDX-License-Identifier: MIT */
/*
 * Reading a stream of TSV: `#` lines, a header that names the columns, rows.
 *
 * Columns are found by name. Other columns are ignored. A header may be repeated.
 */
#ifndef TSV_H
#define TSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "stream/lines.h"

#define TSV_WANTED 64

struct tsv {
	struct lines in;
	const char *const *names; /* of the columns to read, ended by NULL */
	size_t required;	  /* so many of them, from the first, must exist */
	struct slice line;	  /* the `#` line, header or row that was read last */
	const char *reason;	  /* of TSV_BAD or TSV_ERROR */
	struct buf *copy;	  /* each line that is read is appended to it, if not NULL */

	bool remember; /* find repeated rows, see below */

	size_t columns; /* in the header; 0: none read yet */

	/* of TSV_ROW */
	const char *row; /* the bytes from here to the end of each field can be read */
	size_t place;	 /* of the row in its tick; TSV_NO_PLACE: it is not remembered */
	bool repeated;	 /* the previous row at this place is the same but for the first field */
	bool continued;	 /* the first field is that of the row before */

	/* private to tsv.c */
	size_t at[TSV_WANTED];	/* the column of each name; COLUMNS if there is none */
	struct slice *field;	/* of the present row ... */
	struct slice *unplaced; /* ... if it is not remembered */
	struct tsv_place *places;
	size_t places_n, places_cap, next_place;
	struct buf tick; /* the first field of the previous row, and the tab after it */
	char text[64];	 /* for REASON */
};

/*
 * Rows with the same first field, the time, are a tick. Most processes do not change between two
 * ticks, and rows keep their order. So a row is compared with the one that had its place in the
 * previous tick: if only the time differs, it need not be split and read again.
 */
struct tsv_place {
	struct buf text;     /* the last row at this place, as long as it is short */
	size_t first_n;	     /* length of its first field and the tab */
	struct slice *field; /* in TEXT */
	bool valid;	     /* it has as many fields as the header */
};

#define TSV_PLACES 16384 /* the rows of a tick beyond these are not remembered */
#define TSV_NO_PLACE SIZE_MAX

enum tsv_kind {
	TSV_END,
	TSV_META, /* a `#` line */
	TSV_HEADER,
	TSV_ROW,
	TSV_BAD,   /* an invalid row, for REASON */
	TSV_ERROR, /* no more can be read, for REASON */
};

void tsv_init(struct tsv *t, int fd, const char *const *names, size_t required);

/* Return the kind of the next line. Block until there is one. */
enum tsv_kind tsv_next(struct tsv *t);

/* Return the kind of LINE, which is not empty. It must remain valid while its fields are used. This
 * is for callers that read the lines themselves. */
enum tsv_kind tsv_line(struct tsv *t, struct slice line);

/* The same as tsv_next for callers that poll and call lines_fill. tsv_buffered returns TSV_END if
 * no complete line has arrived. At the end, tsv_rest returns the kind of the text after the last
 * newline. */
enum tsv_kind tsv_buffered(struct tsv *t);
enum tsv_kind tsv_rest(struct tsv *t);

/* Return the field of the last row in the column names[I]; empty if there is no such column. It is
 * valid until the next line is read. */
static inline struct slice tsv_field(const struct tsv *t, size_t i)
{
	return t->field[t->at[i]];
}

/* Return field I of the last header or row. */
struct slice tsv_column(const struct tsv *t, size_t i);

/* Return whether the header has the column names[I]. */
bool tsv_has(const struct tsv *t, size_t i);

/* Return whether the column names[I] is the first one. */
static inline bool tsv_is_first(const struct tsv *t, size_t i)
{
	return t->at[i] == 0;
}

/* Return whether LINE is `KEY<tab>VALUE`, and set *VALUE, which may be empty. KEY
 * includes the `#`. */
bool tsv_is_meta(struct slice line, const char *key, struct slice *value);

/* Remove the first field of *REST, up to a tab or the end, and return it. */
struct slice tsv_take_field(struct slice *rest);

void tsv_free(struct tsv *t);

#endif
