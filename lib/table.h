/*
 * Reading a stream of TSV: `#` lines, a header that names the columns, rows.
 *
 * Columns are found by name; others are passed over; a header may come again.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

#include "lines.h"

#define TABLE_WANTED 32

struct table {
	struct lines in;
	const char *const *names; /* columns of interest, ended by NULL; */
	size_t required;	  /* the first of them must be there */
	struct slice line;	  /* the `#` line, header or row last read */
	const char *why;	  /* what is wrong, in words */

	size_t columns; /* in the header; 0: none read yet */

	/* table.c's own */
	size_t at[TABLE_WANTED]; /* which column each name is; columns: none */
	struct slice *field;
	char text[64]; /* of why */
};

enum table_kind {
	TABLE_END,
	TABLE_META, /* a `#` line */
	TABLE_HEADER,
	TABLE_ROW,
	TABLE_BAD,   /* a row to be left out, for the reason WHY */
	TABLE_ERROR, /* not readable any further, for the reason WHY */
};

void table_init(struct table *t, int fd, const char *const *names, size_t required);
enum table_kind table_next(struct table *t);

/* What LINE is, for who reads the lines himself: one that isn't empty, which
 * stays where it is as long as its fields are used. */
enum table_kind table_line(struct table *t, struct slice line);

/*
 * The same for a reader that polls and calls lines_fill itself: of what has
 * arrived (TABLE_END: that is all for now), and of what follows the last newline
 * once everything has.
 */
enum table_kind table_buffered(struct table *t);
enum table_kind table_rest(struct table *t);

/* The field of the row last read in the column names[I]; empty where there is
 * no such column. Good until the next table_next. */
struct slice table_field(const struct table *t, size_t i);

/* The field in the header's column I, by number; of a header too. */
struct slice table_column(const struct table *t, size_t i);

/* Whether the header has the column names[I]. */
int table_has(const struct table *t, size_t i);

/* Whether LINE is `KEY<tab>VALUE`; KEY with its `#`. VALUE may be empty. */
int table_is_meta(struct slice line, const char *key, struct slice *value);

void table_free(struct table *t);

#endif
