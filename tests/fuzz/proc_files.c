/* SPDX-License-Identifier: MIT */
/*
 * Read the files of /proc/PID. The input holds them as parts: `@status` and so on. The library's
 * sources are included here, with functions that open these parts.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

static struct slice input;

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

static int fake_open(const char *path, int flags)
{
	struct slice part;
	(void)flags;
	errno = ENOENT;
	return fuzz_part(input, last_part(path), &part) ? fuzz_file(part) : -1;
}

static ssize_t fake_readlink(const char *path, char *text, size_t size)
{
	struct slice part;
	if (!fuzz_part(input, last_part(path), &part))
		return -1;
	size = part.n < size ? part.n : size;
	memcpy(text, part.p, size);
	return (ssize_t)size;
}

#define open fake_open
#define readlink fake_readlink
#include "../../lib/os/linux/kernel.c"
#undef readlink
#undef open

#include "base/slice.h"
#include "os/linux/procfs.h"
#include "os/process.h"
#include "os/process_detail.h"
#include "sample/sample_row.h"

/* Format the row of P with all columns. */
static void put_row(const struct process *p)
{
	struct sample_columns columns = {0};
	struct sample_row row = {0};
	struct process_detail d = {0};
	struct buf out = {0};
	sample_columns_default(&columns);
	for (unsigned i = 0; i < METRIC_LABEL; i++)
		MUST(sample_columns_add(&columns, metrics_table[i].column) == NULL);
	process_detail_read(&d, p, columns.details);
	sample_columns_header(&columns, &out);
	sample_row_format(&row, &columns, p, &d, "1.000000");
	buf_put(&out, row.text.p, row.text.n);
	MUST(memchr(memchr(out.p, '\n', out.n) + 1, '\n', out.n) == out.p + out.n - 1);
	fuzz_check_tsv(&out);
	fuzz_check_visible(&out, "\t");
	process_detail_free(&d);
	buf_free(&row.text);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct process p;
	struct procfs_stat st;
	int64_t us;
	uid_t uid;
	input = (struct slice){(const char *)data, size};
	(void)procfs_stat(1, &st);
	(void)procfs_start_us(1, &us);
	for (int keep = PROCESS_KEEP_NONE; keep <= PROCESS_KEEP_ALL; keep++) {
		if (process_open(&p, 1, keep) != 0)
			continue;
		MUST(strlen(p.comm) < sizeof p.comm);
		if (process_read_memory(&p) >= 0)
			MUST(p.hwm_kib >= p.rss_kib);
		(void)process_read_status(&p);
		process_read_pss(&p);
		(void)process_owner(&p, &uid);
		put_row(&p);
		process_close(&p);
	}
	return 0;
}
