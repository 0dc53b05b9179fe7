/*
 * The files of /proc/PID, and all that is made of them: the input holds them as
 * parts, `@status` and so on. The library's sources are taken in here with other
 * ways to open a file.
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

static FILE *fake_fopen(const char *path, const char *mode)
{
	int fd = fake_open(path, O_RDONLY);
	(void)mode;
	return fd >= 0 ? fdopen(fd, "r") : NULL;
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
#define fopen fake_fopen
#define readlink fake_readlink
#include "../../lib/procfile.c"
#undef readlink
#undef fopen
#undef open

#include "../../lib/columns.h"
#include "../../lib/detail.h"
#include "../../lib/proc.h"

/* The row of a samples stream that it all becomes. */
static void put_row(const struct proc *p)
{
	static const char all[] = COLUMNS_ALL;
	struct columns c = {0};
	struct detail d = {0};
	struct buf out = {0};
	const char *bad;
	MUST(columns_parse(&c, all, &bad) == NULL);
	detail_read(&d, p, c.details);
	columns_header(&c, &out);
	(void)columns_row(&c, &out, p, &d, "1.000000");
	MUST(memchr(memchr(out.p, '\n', out.n) + 1, '\n', out.n) == out.p + out.n - 1);
	fuzz_check_tsv(&out);
	fuzz_check_visible(&out, "\t");
	detail_free(&d);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proc p;
	struct procfile_stat st;
	int64_t us;
	uid_t uid;
	input = (struct slice){(const char *)data, size};
	(void)procfile_stat(1, &st);
	(void)procfile_start_us(1, &us);
	for (int keep = 0; keep < 2; keep++) {
		if (proc_open(&p, 1, keep) != 0)
			continue;
		MUST(strlen(p.comm) < sizeof p.comm);
		if (proc_memory(&p) >= 0)
			MUST(p.hwm_kib >= p.rss_kib);
		(void)proc_status(&p);
		proc_pss(&p);
		(void)proc_owner(&p, &uid);
		put_row(&p);
		proc_close(&p);
	}
	return 0;
}
