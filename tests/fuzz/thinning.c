/* SPDX-License-Identifier: MIT */
/* Thin samples with memthin, and show them with memview. */
#include "base/slice.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const few[] = {"-n", "10", NULL}, *const trace[] = {"-f", "trace", NULL};
	struct slice in = {(const char *)data, size};
	struct buf out = {0}, again = {0};
	(void)fuzz_run(memthin_main, few, in, &out);
	MUST(fuzz_run(memthin_main, few, (struct slice){out.p, out.n}, &again) != 2 || out.n == 0);
	(void)fuzz_run(memview_main, trace, in, &out);
	if (out.n > 0)
		fuzz_check_json(&out);
	buf_free(&out);
	buf_free(&again);
	return 0;
}
