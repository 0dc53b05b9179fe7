/* SPDX-License-Identifier: MIT */
/* The arguments of a process. */
#include "os/darwin/process_arguments.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "os/darwin/kernel.h"

/* Return the first argument in the N bytes TEXT, after the number and the file. */
static const char *first(const char *text, size_t n)
{
	const char *end = text + n, *p = memchr(text + sizeof(int), '\0', n - sizeof(int));
	while (p != NULL && p < end && *p == '\0')
		p++;
	return p != NULL ? p : end;
}

/* Return the end of the first COUNT arguments from P on, before END. */
static const char *last(const char *p, const char *end, int count)
{
	for (; count > 0 && p < end; count--) {
		const char *nul = memchr(p, '\0', (size_t)(end - p));
		p = nul != NULL ? nul + 1 : end;
	}
	return p;
}

long process_arguments(pid_t pid, char *text, size_t size)
{
	struct buf b = {0};
	size_t most = size + sizeof(int) + 2 * PATH_MAX; /* before the first argument */
	char *all = buf_room(&b, most);
	long n = kernel_arguments(pid, all, most);
	int count;
	if (n >= (long)sizeof count) {
		memcpy(&count, all, sizeof count);
		const char *from = first(all, (size_t)n), *to = last(from, all + n, count);
		n = to - from < (long)size ? to - from : (long)size;
		memcpy(text, from, (size_t)n);
	} else if (n >= 0) {
		errno = ESRCH;
		n = -1;
	}
	int error = errno;
	buf_free(&b);
	errno = error;
	return n;
}
