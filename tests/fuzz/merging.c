/* SPDX-License-Identifier: MIT */
/* Join two streams of samples with memjoin, and reduce the result with mempeak. */
#include "base/slice.h"
#include "fuzz.h"

#include <stdio.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const none[] = {NULL};
	struct slice rest, first = fuzz_split((struct slice){(const char *)data, size}, "@", &rest);
	int a = fuzz_file(first), b = fuzz_file(rest);
	char a_name[32], b_name[32];
	struct buf out = {0}, peaks = {0};
	snprintf(a_name, sizeof a_name, "/dev/fd/%d", a);
	snprintf(b_name, sizeof b_name, "/dev/fd/%d", b);
	const char *const args[] = {"-g", "-c", "source", a_name, b_name, NULL};
	const char *const one[] = {a_name, NULL};
	if (fuzz_run(memjoin_main, args, first, &out) == 0) {
		fuzz_check_tsv(&out);
		(void)fuzz_run(mempeak_main, none, (struct slice){out.p, out.n}, &peaks);
	}
	(void)fuzz_run(memjoin_main, one, first, &out);
	close(a);
	close(b);
	buf_free(&out);
	buf_free(&peaks);
	return 0;
}
