/* SPDX-License-Identifier: MIT */
/*
 * The table of metrics: the columns of a samples stream beyond time, pid, ppid, rss_kib, hwm_kib,
 * vsz_kib and comm.
 *
 * One row of METRICS_TABLE is one metric. The columns of memsample, what mempeak reduces, the
 * columns of peaks and every format of the report follow from it.
 *
 * A column whose name is neither a metric nor reserved is a label: a text, such as `host`, that
 * memsample -L or another program added to the rows.
 */
#ifndef METRICS_H
#define METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "stream/tsv.h"

/*
 * ROW(id, column, kind, reduction, JSON key, help).
 *
 * A new metric takes one row here, and a READER in sample/sample_metrics.c, without which the build
 * fails. Describe it in memsample(1) and mempipe(5), and test it in tests/columns.bats.
 *
 * The order is that of the columns of peaks. Numbers are first, then texts: labels, which are texts
 * too, follow them.
 */
#define METRICS_TABLE(ROW)                                                                         \
	ROW(PSS, "pss_kib", KIB, LARGEST, "pss_kib", "proportional set size, the largest read")    \
	ROW(USS, "uss_kib", KIB, LARGEST, "uss_kib", "memory that no other process maps")          \
	ROW(FOOTPRINT, "footprint_kib", KIB, LARGEST, "peak_footprint_kib",                        \
	    "peak of resident memory, swap and hugetlb pages together")                            \
	ROW(PHYS_FOOTPRINT, "phys_footprint_kib", KIB, LARGEST, "phys_footprint_kib",              \
	    "memory that macOS charges to the process")                                            \
	ROW(SWAP, "swap_kib", KIB, LARGEST, "swap_kib", "memory swapped out")                      \
	ROW(HUGETLB, "hugetlb_kib", KIB, LARGEST, "hugetlb_kib", "hugetlb pages")                  \
	ROW(ANON, "anon_kib", KIB, AT_PEAK, "peak_anon_kib", "resident anonymous memory")          \
	ROW(FILE, "file_kib", KIB, AT_PEAK, "peak_file_kib", "resident pages of files")            \
	ROW(SHMEM, "shmem_kib", KIB, AT_PEAK, "peak_shmem_kib", "resident shared memory")          \
	ROW(SHARED, "shared_kib", KIB, LARGEST, "shared_kib", "resident files and shared memory")  \
	ROW(THREADS, "threads", COUNT, LARGEST, "threads", "threads")                              \
	ROW(REGIONS, "regions", COUNT, LARGEST, "regions", "mapped memory regions")                \
	ROW(CPU, "cpu_ms", MS, LAST_SUM, "cpu_seconds", "CPU time")                                \
	ROW(READ, "read_kib", KIB, LAST_SUM, "read_kib", "data read from storage")                 \
	ROW(WRITE, "write_kib", KIB, LAST_SUM, "write_kib", "data written to storage")             \
	ROW(START, "start", TIME, LAST_TEXT, "started_at", "time at which the process started")    \
	ROW(EXE, "exe", TEXT, LAST_TEXT, "exe", "executable file")                                 \
	ROW(USER, "user", TEXT, LAST_TEXT, "user", "user that the process runs as")                \
	ROW(CMD, "cmd", TEXT, LAST_TEXT, "command_line", "command line")

#define METRICS_FIRST_TEXT METRIC_START
#define METRICS_LABELS 16 /* further labels are ignored */

enum metric {
#define METRICS_ID(id, column, kind, reduction, json, help) METRIC_##id,
	METRICS_TABLE(METRICS_ID)
#undef METRICS_ID
	METRIC_LABEL, /* the first label; the others follow */
	METRICS_MAX = METRIC_LABEL + METRICS_LABELS,
};

enum metrics_kind {
	METRICS_KIB,
	METRICS_COUNT,
	METRICS_MS,   /* milliseconds */
	METRICS_TIME, /* Unix time in seconds, with decimals */
	METRICS_TEXT,
};

/* How the values of many rows become one. */
enum metrics_reduction {
	METRICS_LARGEST,   /* the largest sum over a tick */
	METRICS_AT_PEAK,   /* the sum over the tick with the largest RSS */
	METRICS_LAST_SUM,  /* the last value of each process, summed */
	METRICS_LAST_TEXT, /* the last text of each process; a sum has none */
};

struct metrics_definition {
	const char *column;
	enum metrics_kind kind;
	enum metrics_reduction reduction;
	const char *json; /* key in the objects of processes */
	const char *help; /* a noun, without a period */
};

extern const struct metrics_definition metrics_table[METRIC_LABEL];

/* The bit of METRIC, a metric or a label, in a set of them. */
#define METRICS_BIT(metric) (UINT64_C(1) << (metric))

static inline bool metrics_has(uint64_t set, unsigned metric)
{
	return (set & METRICS_BIT(metric)) != 0;
}

/* The metrics and labels of one row. */
struct metrics_row {
	bool valid;
	uint64_t known;	  /* set: those that are not empty */
	uint64_t nonzero; /* set: the numbers among them that are not 0 */
	uint64_t number[METRICS_FIRST_TEXT];
	struct slice text[METRICS_MAX - METRICS_FIRST_TEXT]; /* fields; use metrics_text() */
};

/* The metrics and labels of a stream. Begins as all zeros. */
struct metrics {
	uint64_t seen; /* set: those in any header so far, and what follows from them */
	struct buf label[METRICS_LABELS];
	size_t labels;

	/* private to metrics.c, but n: where they are in the present header */
	struct metrics_column {
		size_t column;
		unsigned metric;
	} at[METRICS_MAX];
	size_t n;
	struct metrics_row *row; /* by the place of the row in its tick */
	size_t rows;
	struct metrics_row unplaced; /* of a row that has none */
};

/* Find the metrics and labels in the header that T has just read. */
void metrics_header(struct metrics *m, const struct tsv *t);

/* Private to metrics_read. */
const char *metrics_parse(
    struct metrics *m, const struct tsv *t, const struct metrics_row **row);

/*
 * Parse those of the row that T has just read. REPEATED: the row before at its place was parsed
 * too, and only its time differs. Set *ROW to the result, which is valid until the next row at this
 * place. Return NULL, or the reason why one is invalid.
 */
static inline const char *metrics_read(
    struct metrics *m, const struct tsv *t, bool repeated, const struct metrics_row **row)
{
	if (!repeated || t->place >= m->rows || !m->row[t->place].valid)
		return metrics_parse(m, t, row);
	*row = &m->row[t->place];
	return NULL;
}

/* Return the text of METRIC, METRICS_FIRST_TEXT or above, in ROW; an empty one if it is unknown. */
struct slice metrics_text(const struct metrics_row *row, unsigned metric);

/* Return the name of the column of METRIC, which may be a label. */
struct slice metrics_name(const struct metrics *m, unsigned metric);

/* Return whether NAME is COLUMN, or COLUMN without the unit `_kib`. */
bool metrics_is_short(const char *column, struct slice name);

/* Return whether samples or peaks have a column NAME, or NAME with `_kib`. No label may be given
 * this name. */
bool metrics_is_reserved(struct slice name);

/* Return whether the column NAME is a number that a process has only while it exists: its memory
 * and the like, and not what it has used so far. */
bool metrics_is_momentary(struct slice name);

void metrics_free(struct metrics *m);

#endif
