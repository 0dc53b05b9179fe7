/* SPDX-License-Identifier: MIT */
/*
 * Read mounts and files of control groups. The input holds them as parts: `@mountinfo` and so on.
 * The library's source is included here, with functions that open these parts.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

static struct slice input;

static int fake_open(const char *path, int flags)
{
	struct slice part;
	const char *slash = strrchr(path, '/');
	(void)flags;
	errno = ENOENT;
	return fuzz_part(input, slash != NULL ? slash + 1 : path, &part) ? fuzz_file(part) : -1;
}

static FILE *fake_fopen(const char *path, const char *mode)
{
	int fd = fake_open(path, O_RDONLY);
	(void)mode;
	return fd >= 0 ? fdopen(fd, "r") : NULL;
}

static int fake_access(const char *path, int mode)
{
	int fd = fake_open(path, mode);
	return fd >= 0 ? close(fd) : -1;
}

#define open fake_open
#define fopen fake_fopen
#define access fake_access
#include "../../lib/os/linux/cgroup.c"
#include "../../lib/os/linux/cgroup_make.c"
#undef access
#undef fopen
#undef open

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cgroup own, found;
	struct cgroup_memory m;
	struct process_list l = {0};
	uint64_t n;
	input = (struct slice){(const char *)data, size};
	if (cgroup_own(&own) == 0) {
		MUST(strlen(own.path) < sizeof own.path);
		(void)cgroup_peak(&own, &n);
		(void)cgroup_memory(&own, &m);
		(void)cgroup_oom_kills(&own, &n);
		(void)add_members(own.path, &l);
		for (size_t i = 0; i < l.n; i++)
			MUST(l.v[i].pid > 0);
		(void)cgroup_check(&own);
	}
	(void)cgroup_find(&found, "a/b");
	(void)cgroup_oom_kills(NULL, &n);
	process_list_free(&l);
	return 0;
}
