/* SPDX-License-Identifier: MIT */
/* Let memleak judge samples. */
#include "base/slice.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const table[] = {"-a", "-l", "0.001", NULL};
	static const char *const text[] = {"-a", "-f", "text", "-l", "1ms", "-p", "100", NULL};
	struct slice in = {(const char *)data, size};
	struct buf out = {0};
	(void)fuzz_run(memleak_main, table, in, &out);
	fuzz_check_tsv(&out);
	(void)fuzz_run(memleak_main, text, in, &out);
	fuzz_check_visible(&out, "");
	buf_free(&out);
	return 0;
}
