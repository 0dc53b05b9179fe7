/* SPDX-License-Identifier: MIT */
/* Compare runs with a baseline: two peaks files, with a line of `=` between them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/slice.h"
#include "fuzz.h"

static void check(const char *format, const struct buf *out)
{
	if (strcmp(format, "tsv") == 0)
		fuzz_check_tsv(out);
	else if (strcmp(format, "csv") == 0)
		fuzz_check_csv(out);
	else if (strcmp(format, "markdown") == 0)
		fuzz_check_markdown(out);
	else if (strcmp(format, "text") == 0)
		fuzz_check_visible(out, "");
	else if (out->n > 0)
		fuzz_check_json(out);
}

static void summarize(struct slice now, const char *format)
{
	struct buf out = {0};
	const char *const args[] = {"-f", format, "-", NULL};
	(void)fuzz_run(memdiff_main, args, now, &out);
	check(format, &out);
	buf_free(&out);
}

static void compare(int base, struct slice now, const char *format)
{
	char path[32];
	struct buf out = {0};
	snprintf(path, sizeof path, "/dev/fd/%d", base);
	const char *const args[] = {"-g", "-f", format, path, "-", NULL};
	(void)fuzz_run(memdiff_main, args, now, &out);
	check(format, &out);
	buf_free(&out);
	summarize(now, format);
}

/* The JSON of valid runs is read as the same runs. */
static void reread(struct slice now)
{
	struct buf first = {0}, second = {0};
	const char *const args[] = {"-f", "json", "-", NULL};
	if (fuzz_run(memdiff_main, args, now, &first) == 0) {
		struct slice json = {first.p, first.n};
		MUST(fuzz_run(memdiff_main, args, json, &second) == 0);
	}
	buf_free(&first);
	buf_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice now,
	    base = fuzz_split((struct slice){(const char *)data, size}, "\n=\n", &now);
	int fd = fuzz_file((struct slice){base.p, now.n > 0 ? base.n + 1 : base.n});
	compare(fd, now, "tsv");
	compare(fd, now, "text");
	compare(fd, now, "csv");
	compare(fd, now, "markdown");
	summarize(now, "json");
	summarize(now, "hyperfine");
	summarize(now, "bmf");
	summarize(now, "benchmark");
	reread(now);
	close(fd);
	return 0;
}
