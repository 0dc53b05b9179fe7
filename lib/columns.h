/*
 * The columns of a samples stream: which there are, and a process's row.
 */
#ifndef COLUMNS_H
#define COLUMNS_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "proc.h"

#define COLUMNS_MAX 16
#define COLUMNS_DEFAULT "time,pid,ppid,rss,hwm,vsz,comm"
#define COLUMNS_ALL "time pid ppid rss hwm vsz swap shared threads comm"

struct columns {
	size_t n;
	unsigned char which[COLUMNS_MAX];
};

/* LIST is names with commas or blanks between, as for ps -o; the unit may be
 * left out. NULL, or the reason in words, with the rest of the list from the bad name on
 * in *BAD. */
const char *columns_parse(struct columns *c, const char *list, const char **bad);

/* The header line, newline included. */
void columns_header(const struct columns *c, struct buf *b);

/*
 * Appends P's row, newline included. TIME is the text of the time column; the
 * return value is where in B it stands, or -1 if there is no such column.
 */
long columns_row(const struct columns *c, struct buf *b, const struct proc *p, const char *time);

#endif
