/* Compare runs with a baseline: two peaks files, with a line of `=` between them. */
#include <stdio.h>
#include <unistd.h>

#include "base/slice.h"
#include "fuzz.h"

static void compare(int base, struct slice now, const char *format)
{
	char path[32];
	struct buf out = {0};
	snprintf(path, sizeof path, "/dev/fd/%d", base);
	const char *const args[] = {"-g", "-f", format, path, "-", NULL};
	const char *const alone[] = {"-f", format, "-", NULL};
	(void)fuzz_run(memdiff_main, args, now, &out);
	*format == 't' && format[1] == 's' ? fuzz_check_tsv(&out) : fuzz_check_visible(&out, "");
	(void)fuzz_run(memdiff_main, alone, now, &out);
	*format == 't' && format[1] == 's' ? fuzz_check_tsv(&out) : fuzz_check_visible(&out, "");
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice now,
	    base = fuzz_split((struct slice){(const char *)data, size}, "\n=\n", &now);
	int fd = fuzz_file((struct slice){base.p, now.n > 0 ? base.n + 1 : base.n});
	compare(fd, now, "tsv");
	compare(fd, now, "text");
	close(fd);
	return 0;
}
