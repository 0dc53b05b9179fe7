/* SPDX-License-Identifier: MIT */
/* Paths that depend on the system, where it has no links to what a process has open. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "os/paths.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/parse.h"
#include "os/posix/paths_system.h"

int paths_own_folder(char *path, size_t size)
{
	char program[PATH_MAX], resolved[PATH_MAX];
	if (paths_system_program(program, sizeof program) != 0 ||
	    realpath(program, resolved) == NULL)
		return -1;
	char *slash = strrchr(resolved, '/');
	size_t n =
	    slash != resolved ? (size_t)(slash - resolved) : 1; /* the root keeps its slash */
	if (n >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(path, resolved, n);
	path[n] = '\0';
	return 0;
}

const char *paths_working_directory(void)
{
	return NULL;
}

int paths_descriptor(const char *file)
{
	static const char folder[] = "/dev/fd/";
	size_t n = sizeof folder - 1;
	uint64_t fd;
	if (strcmp(file, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(file, "/dev/stderr") == 0)
		return STDERR_FILENO;
	if (strncmp(file, folder, n) == 0 &&
	    parse_u64(file + n, strlen(file + n), INT32_MAX, &fd) == NULL)
		return (int)fd;
	return -1;
}

/* No path leads to an open directory. */
int paths_open_without_colon(const char *directory, char *path, size_t size)
{
	(void)directory, (void)path, (void)size;
	errno = ENOTSUP;
	return -1;
}
