/* SPDX-License-Identifier: MIT */
/* The open descriptors of this process. */
#include "os/posix/descriptors.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/alloc.h"

size_t descriptors_in(const char *folder, int **fds)
{
	DIR *d = opendir(folder);
	size_t n = 0, cap = 0;
	*fds = NULL;
	if (d == NULL)
		return 0;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		int fd = (int)strtol(e->d_name, NULL, 10);
		if (*e->d_name == '.' || fd == dirfd(d))
			continue;
		*fds = alloc_grow(*fds, &cap, n + 1, sizeof **fds);
		(*fds)[n++] = fd;
	}
	closedir(d);
	return n;
}
