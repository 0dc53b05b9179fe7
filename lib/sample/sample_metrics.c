/* SPDX-License-Identifier: MIT */
/* Reading the metrics from a process. A new metric is one function here, and one row in
 * stream/metrics.h. */
#include "sample/sample_metrics.h"

#include <stdbool.h>
#include <string.h>

#include "base/minmax.h"
#include "stream/escape.h"

typedef const struct process *process;
typedef const struct process_detail *detail;

void sample_put_text(struct buf *b, const char *text, size_t n)
{
	if (n > 0 && *text == '#') {
		buf_str(b, "\\x23");
		text++;
		n--;
	}
	escape_field(b, text, n);
}

static void put_pss(struct buf *b, process p, detail d)
{
	(void)d;
	if (p->pss_known)
		buf_u64(b, p->pss_kib);
}

static void put_uss(struct buf *b, process p, detail d)
{
	(void)d;
	if (p->pss_known)
		buf_u64(b, p->uss_kib);
}

/* Return whether the memory of P was read, and the system reports all of WHAT. */
static bool knows(process p, unsigned what)
{
	return p->memory_known && (p->knows & what) == what;
}

static void put_swap(struct buf *b, process p, detail d)
{
	(void)d;
	if (knows(p, PROCESS_KNOWS_SWAP))
		buf_u64(b, p->swap_kib);
}

static void put_hugetlb(struct buf *b, process p, detail d)
{
	(void)d;
	if (knows(p, PROCESS_KNOWS_HUGETLB))
		buf_u64(b, p->hugetlb_kib);
}

static void put_footprint(struct buf *b, process p, detail d)
{
	(void)d;
	if (knows(p, PROCESS_KNOWS_FOOTPRINT))
		buf_u64(b, p->footprint_kib);
	else if (knows(p, PROCESS_KNOWS_SWAP))
		buf_u64(b, p->rss_kib + p->swap_kib + p->hugetlb_kib);
}

static void put_phys_footprint(struct buf *b, process p, detail d)
{
	(void)d;
	if (knows(p, PROCESS_KNOWS_FOOTPRINT))
		buf_u64(b, p->footprint_kib);
}

/* The parts of the RSS add up to it, although shmem_kib can be from a later moment. */
static void put_anon(struct buf *b, process p, detail d)
{
	(void)d;
	if (knows(p, PROCESS_KNOWS_SHARED))
		buf_u64(b, p->rss_kib - min_u64(p->shared_kib, p->rss_kib));
}

static void put_file(struct buf *b, process p, detail d)
{
	(void)d;
	uint64_t shared_kib = min_u64(p->shared_kib, p->rss_kib);
	if (knows(p, PROCESS_KNOWS_SHARED))
		buf_u64(b, shared_kib - min_u64(p->shmem_kib, shared_kib));
}

static void put_shmem(struct buf *b, process p, detail d)
{
	(void)d;
	if (knows(p, PROCESS_KNOWS_SHARED))
		buf_u64(b, min_u64(p->shmem_kib, min_u64(p->shared_kib, p->rss_kib)));
}

static void put_shared(struct buf *b, process p, detail d)
{
	(void)d;
	if (knows(p, PROCESS_KNOWS_SHARED))
		buf_u64(b, p->shared_kib);
}

static void put_threads(struct buf *b, process p, detail d)
{
	(void)d;
	buf_u64(b, p->threads);
}

static void put_regions(struct buf *b, process p, detail d)
{
	(void)p;
	buf_u64(b, d->regions);
}

static void put_cpu(struct buf *b, process p, detail d)
{
	(void)p;
	buf_u64(b, d->cpu_ms);
}

static void put_read(struct buf *b, process p, detail d)
{
	(void)p;
	buf_u64(b, d->read_kib);
}

static void put_write(struct buf *b, process p, detail d)
{
	(void)p;
	buf_u64(b, d->write_kib);
}

/* The kernel keeps hundredths of a second. */
static void put_start(struct buf *b, process p, detail d)
{
	(void)p;
	uint64_t hundredths = ((uint64_t)d->start_us + 5000) / 10000;
	buf_u64(b, hundredths / 100);
	buf_char(b, '.');
	buf_digits(b, hundredths % 100, 2);
}

static void put_exe(struct buf *b, process p, detail d)
{
	(void)p;
	sample_put_text(b, d->exe.p, d->exe.n);
}

static void put_user(struct buf *b, process p, detail d)
{
	(void)p;
	sample_put_text(b, d->user, strlen(d->user));
}

/* A process without a command line, such as a kernel thread, shows its name in brackets. */
static void put_cmd(struct buf *b, process p, detail d)
{
	if (d->cmd.n > 0) {
		sample_put_text(b, d->cmd.p, d->cmd.n);
		return;
	}
	buf_char(b, '[');
	escape_field(b, p->comm, strlen(p->comm));
	buf_char(b, ']');
}

const struct sample_metric sample_metrics[METRIC_LABEL] = {
    [METRIC_PSS] = {0, put_pss},
    [METRIC_USS] = {0, put_uss},
    [METRIC_FOOTPRINT] = {0, put_footprint},
    [METRIC_PHYS_FOOTPRINT] = {0, put_phys_footprint},
    [METRIC_SWAP] = {0, put_swap},
    [METRIC_HUGETLB] = {0, put_hugetlb},
    [METRIC_ANON] = {0, put_anon},
    [METRIC_FILE] = {0, put_file},
    [METRIC_SHMEM] = {0, put_shmem},
    [METRIC_SHARED] = {0, put_shared},
    [METRIC_THREADS] = {0, put_threads},
    [METRIC_REGIONS] = {PROCESS_DETAIL_REGIONS, put_regions},
    [METRIC_CPU] = {PROCESS_DETAIL_CPU, put_cpu},
    [METRIC_READ] = {PROCESS_DETAIL_IO, put_read},
    [METRIC_WRITE] = {PROCESS_DETAIL_IO, put_write},
    [METRIC_START] = {PROCESS_DETAIL_START, put_start},
    [METRIC_EXE] = {PROCESS_DETAIL_EXE, put_exe},
    [METRIC_USER] = {PROCESS_DETAIL_USER, put_user},
    [METRIC_CMD] = {PROCESS_DETAIL_CMD, put_cmd},
};
