/*
 * The columns of a samples stream: which there are, and a process's row.
 */
#ifndef COLUMNS_H
#define COLUMNS_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "detail.h"
#include "proc.h"

#define COLUMNS_MAX 24
#define COLUMNS_LABELS 16
#define COLUMNS_DEFAULT "time,pid,ppid,rss,hwm,vsz,comm"
#define COLUMNS_ALL                                                                                \
	"time pid ppid rss hwm vsz pss uss swap shared regions threads cpu_ms read write start "   \
	"exe user cmd comm"

struct columns {
	size_t n;
	unsigned char which[COLUMNS_MAX];
	unsigned details; /* what they need, as a set of DETAIL_ */
	int pss;	  /* PSS or USS is among them */
	size_t labels;
	const char *label[COLUMNS_LABELS]; /* key=value, the caller's */
};

/* LIST is names with commas or blanks between, as for ps -o; the unit may be
 * left out. Labels stay. NULL, or the reason in words, with the rest of the list from the
 * bad name on in *BAD. */
const char *columns_parse(struct columns *c, const char *list, const char **bad);

/* PSS and USS too, unless they are there. */
void columns_add_pss(struct columns *c);

/* A last column KEY with VALUE in every row, of TEXT, which is KEY=VALUE and stays the
 * caller's. NULL, or the reason in words. */
const char *columns_label(struct columns *c, const char *text);

/* The header line, newline included. */
void columns_header(const struct columns *c, struct buf *b);

/*
 * Appends P's row, newline included, with D, the details that the columns need. TIME
 * is the text of the time column; the return value is where in B it stands, or -1
 * if there is no such column.
 */
long columns_row(const struct columns *c, struct buf *b, const struct proc *p,
    const struct detail *d, const char *time);

#endif
