/*
 * The columns of a samples stream: which there are, and a process's row.
 */
#ifndef SAMPLE_ROW_H
#define SAMPLE_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "os/process.h"
#include "os/process_detail.h"

#define SAMPLE_ROW_MAX 24
#define SAMPLE_ROW_LABELS 16
#define SAMPLE_ROW_DEFAULT "time,pid,ppid,rss,hwm,vsz,comm"
#define SAMPLE_ROW_ALL                                                                                \
	"time pid ppid rss hwm vsz pss uss swap shared regions threads cpu_ms read write start "   \
	"exe user cmd comm"

struct sample_row {
	size_t n;
	unsigned char which[SAMPLE_ROW_MAX];
	unsigned details; /* what they need, as a set of PROCESS_DETAIL_ */
	int pss;	  /* PSS or USS is among them */
	size_t labels;
	const char *label[SAMPLE_ROW_LABELS]; /* key=value, the caller's */
};

/* LIST is names with commas or blanks between, as for ps -o; the unit may be
 * left out. Labels stay. NULL, or the reason in words, with the rest of the list from the
 * bad name on in *BAD. */
const char *sample_row_parse(struct sample_row *c, const char *list, const char **bad);

/* PSS and USS too, unless they are there. */
void sample_row_add_pss(struct sample_row *c);

/* A last column KEY with VALUE in every row, of TEXT, which is KEY=VALUE and stays the
 * caller's. NULL, or the reason in words. */
const char *sample_row_label(struct sample_row *c, const char *text);

/* The header line, newline included. */
void sample_row_header(const struct sample_row *c, struct buf *b);

/*
 * Appends P's row, newline included, with D, the details that the columns need. TIME
 * is the text of the time column; the return value is where in B it stands, or -1
 * if there is no such column.
 */
long sample_row_row(const struct sample_row *c, struct buf *b, const struct process *p,
    const struct process_detail *d, const char *time);

#endif
