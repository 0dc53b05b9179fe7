/* SPDX-License-Identifier: MIT */
/* Reduce samples to peaks, and print those in every format. */
#include <string.h>

#include "base/slice.h"
#include "forms.h"
#include "fuzz.h"

static int reduce(const char *const args[], struct slice in, struct buf *out)
{
	int status = fuzz_run(mempeak_main, args, in, out);
	MUST(status != 1 || strncmp(fuzz_message(), "no samples", 10) == 0);
	fuzz_check_tsv(out);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const plain[] = {"-s", "16", NULL};
	static const char *const further[] = {"-g", "parent", "-X", "^[a-c]", "-s", "2", NULL};
	struct slice in = {(const char *)data, size};
	struct buf out = {0};
	(void)reduce(further, in, &out);
	/* Valid samples give valid peaks, unless a sum overflows. */
	int status = reduce(plain, in, &out);
	forms_check((struct slice){out.p, out.n}, status == 0);
	buf_free(&out);
	return 0;
}
