/* SPDX-License-Identifier: MIT */
/* Copy samples with memlive and memlimit, and print them with memtree. */
#include <string.h>

#include "base/slice.h"
#include "fuzz.h"

/* memlimit copies its input and adds only lines of its own. */
static void check_passed(struct slice in, const struct buf *out)
{
	static const char own[] = "#limit_";
	const char *p = in.p, *q = out->p, *end = in.p + in.n;
	for (const char *next; q < out->p + out->n; q = next) {
		next = memchr(q, '\n', (size_t)(out->p + out->n - q));
		next = next != NULL ? next + 1 : out->p + out->n;
		if (p + (next - q) <= end && memcmp(p, q, (size_t)(next - q)) == 0)
			p += next - q;
		else
			MUST(strncmp(q, own, sizeof own - 1) == 0);
	}
	MUST(p == end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const none[] = {NULL}, *const watch[] = {"-w", NULL};
	static const char *const limits[] = {"-t", "2M", "-m", "1M", NULL};
	struct slice in = {(const char *)data, size};
	struct buf out = {0};
	(void)fuzz_run(memlive_main, none, in, &out);
	MUST(out.n == size && (size == 0 || memcmp(out.p, data, size) == 0));
	(void)fuzz_run(memlimit_main, limits, in, &out);
	check_passed(in, &out);
	(void)fuzz_run(memtree_main, none, in, &out);
	fuzz_check_visible(&out, "");
	(void)fuzz_run(memtree_main, watch, in, &out);
	fuzz_check_visible(&out, "");
	buf_free(&out);
	return 0;
}
