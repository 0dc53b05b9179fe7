/* SPDX-License-Identifier: MIT */
/* Paths that depend on the system, from /proc. */
#define _GNU_SOURCE /* O_PATH */
#include "os/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/parse.h"

#define LEAST_FD 10 /* scripts use those below */

int paths_own_folder(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size);
	if (n < 0)
		return -1;
	if ((size_t)n == size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	path[n] = '\0';
	char *slash = strrchr(path, '/');
	if (slash == NULL) {
		errno = ENOENT;
		return -1;
	}
	slash[slash == path] = '\0'; /* the root keeps its slash */
	return 0;
}

const char *paths_working_directory(void)
{
	return "/proc/self/cwd";
}

int paths_descriptor(const char *file)
{
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
	if (strcmp(file, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(file, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		size_t n = strlen(folders[i]);
		uint64_t fd;
		if (strncmp(file, folders[i], n) == 0 &&
		    parse_u64(file + n, strlen(file + n), INT32_MAX, &fd) == NULL)
			return (int)fd;
	}
	return -1;
}

int paths_open_without_colon(const char *directory, char *path, size_t size)
{
	int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int high = fcntl(fd, F_DUPFD, LEAST_FD);
	int error = errno;
	close(fd);
	errno = error;
	if (high >= 0)
		(void)snprintf(path, size, "/proc/self/fd/%d", high);
	return high;
}
