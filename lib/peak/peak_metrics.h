/*
 * What the further columns of samples come to: for peak.c and peak_write.c.
 */
#ifndef PEAK_METRICS_H
#define PEAK_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "stream/metrics.h"

/* Of the whole, a group or a process. */
struct peak_tally {
	uint64_t tick;		       /* which the next four are of */
	uint64_t rss_kib, pss_rss_kib; /* sums: of all, and of those whose PSS was read */
	uint32_t now_known;
	uint64_t now[METRICS_FIRST_TEXT]; /* sums */
	uint32_t known;			 /* of the numbers that follow */
	uint64_t number[METRICS_FIRST_TEXT]; /* the largest sum, or the last value */
	uint64_t at_peak_kib;		 /* PSS at its reading with the largest total */
	uint64_t generation;		 /* which such reading that was */
	int at_peak_known;
};

struct peak_metrics {
	struct peak_tally total;

	/* by index; there may be fewer */
	struct peak_tally *group, *process;
	struct peak_texts {
		struct buf *v; /* by column */
		size_t n;
	} * text;
	size_t groups, processes, texts;

	uint64_t pss_reads;  /* ticks with PSS */
	uint64_t at_rss_kib; /* what the total held at the largest of them */
	uint64_t generation; /* counts up with it */
};

struct peak;
struct peak_sample;

/* Adds up what goes along with S, of PROCESS and GROUP, in the present tick. */
void peak_metrics_add(struct peak *k, uint32_t process, uint32_t group, const struct peak_sample *s);

/* The tick has ended. */
void peak_metrics_tick(struct peak *k);

/* PROCESS is forgotten, but for what was seen last of it. */
void peak_metrics_forget(struct peak *k, uint32_t process);

/* PROCESS is to be TO, which nobody is any more. */
void peak_metrics_move(struct peak *k, uint32_t process, uint32_t to);

/* The end: what was seen last of each process adds up to that of all. */
void peak_metrics_close(struct peak *k);

/* A tab and a name for each column; a tab and a field of a row for each. TALLY
 * and TEXTS may be NULL: nothing is known. */
void peak_metrics_header(const struct peak *k, struct buf *out);
void peak_metrics_put(const struct peak *k, struct buf *out, const struct peak_tally *tally,
    const struct peak_texts *texts);

void peak_metrics_free(struct peak_metrics *e);

#endif
