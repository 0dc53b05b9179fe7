/* SPDX-License-Identifier: MIT */
/* Reading the metrics from a process. Each row of METRICS_TABLE has its READER here. */
#include "sample/sample_metrics.h"

#include <stdbool.h>
#include <string.h>

#include "base/minmax.h"
#include "stream/escape.h"

typedef const struct process *process;
typedef const struct process_detail *detail;

/* Begin the function that appends the metric ID of process P. DETAILS is the set of details in D
 * that it needs. */
#define READER(id, details)                                                                        \
	enum { DETAILS_##id = (details) };                                                           \
	static void put_##id(struct buf *b, process p, detail d)

void sample_put_text(struct buf *b, const char *text, size_t n)
{
	if (n > 0 && *text == '#') {
		buf_str(b, "\\x23");
		text++;
		n--;
	}
	escape_field(b, text, n);
}

READER(PSS, 0)
{
	(void)d;
	if (p->pss_known)
		buf_u64(b, p->pss_kib);
}

READER(USS, 0)
{
	(void)d;
	if (p->pss_known)
		buf_u64(b, p->uss_kib);
}

/* Return whether the memory of P was read, and the system reports all of WHAT. */
static bool has(process p, unsigned what)
{
	return p->memory_known && (p->has & what) == what;
}

READER(SWAP, 0)
{
	(void)d;
	if (has(p, PROCESS_HAS_SWAP))
		buf_u64(b, p->swap_kib);
}

READER(HUGETLB, 0)
{
	(void)d;
	if (has(p, PROCESS_HAS_HUGETLB))
		buf_u64(b, p->hugetlb_kib);
}

READER(FOOTPRINT, 0)
{
	(void)d;
	if (has(p, PROCESS_HAS_FOOTPRINT))
		buf_u64(b, p->footprint_kib);
	else if (has(p, PROCESS_HAS_SWAP))
		buf_u64(b, p->rss_kib + p->swap_kib + p->hugetlb_kib);
}

READER(PHYS_FOOTPRINT, 0)
{
	(void)d;
	if (has(p, PROCESS_HAS_FOOTPRINT))
		buf_u64(b, p->footprint_kib);
}

/* The parts of the RSS add up to it, although shmem_kib can be from a later moment. */
READER(ANON, 0)
{
	(void)d;
	if (has(p, PROCESS_HAS_SHARED))
		buf_u64(b, p->rss_kib - min_u64(p->shared_kib, p->rss_kib));
}

READER(FILE, 0)
{
	(void)d;
	uint64_t shared_kib = min_u64(p->shared_kib, p->rss_kib);
	if (has(p, PROCESS_HAS_SHARED))
		buf_u64(b, shared_kib - min_u64(p->shmem_kib, shared_kib));
}

READER(SHMEM, 0)
{
	(void)d;
	if (has(p, PROCESS_HAS_SHARED))
		buf_u64(b, min_u64(p->shmem_kib, min_u64(p->shared_kib, p->rss_kib)));
}

READER(SHARED, 0)
{
	(void)d;
	if (has(p, PROCESS_HAS_SHARED))
		buf_u64(b, p->shared_kib);
}

READER(THREADS, 0)
{
	(void)d;
	buf_u64(b, p->threads);
}

READER(REGIONS, PROCESS_DETAIL_REGIONS)
{
	(void)p;
	buf_u64(b, d->regions);
}

READER(CPU, PROCESS_DETAIL_CPU)
{
	(void)p;
	buf_u64(b, d->cpu_ms);
}

READER(READ, PROCESS_DETAIL_IO)
{
	(void)p;
	buf_u64(b, d->read_kib);
}

READER(WRITE, PROCESS_DETAIL_IO)
{
	(void)p;
	buf_u64(b, d->write_kib);
}

/* The kernel keeps hundredths of a second. */
READER(START, PROCESS_DETAIL_START)
{
	(void)p;
	uint64_t hundredths = ((uint64_t)d->start_us + 5000) / 10000;
	buf_u64(b, hundredths / 100);
	buf_char(b, '.');
	buf_digits(b, hundredths % 100, 2);
}

READER(EXE, PROCESS_DETAIL_EXE)
{
	(void)p;
	sample_put_text(b, d->exe.p, d->exe.n);
}

READER(USER, PROCESS_DETAIL_USER)
{
	(void)p;
	sample_put_text(b, d->user, strlen(d->user));
}

/* A process without a command line, such as a kernel thread, shows its name in brackets. */
READER(CMD, PROCESS_DETAIL_CMD)
{
	if (d->cmd.n > 0) {
		sample_put_text(b, d->cmd.p, d->cmd.n);
		return;
	}
	buf_char(b, '[');
	escape_field(b, p->comm, strlen(p->comm));
	buf_char(b, ']');
}

#define ENTRY(id, column, kind, reduction, json, help) [METRIC_##id] = {DETAILS_##id, put_##id},
const struct sample_metric sample_metrics[METRIC_LABEL] = {METRICS_TABLE(ENTRY)};
