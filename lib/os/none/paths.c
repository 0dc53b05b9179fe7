/* SPDX-License-Identifier: MIT */
/* Paths that depend on the system: none. */
#include "os/paths.h"

#include <errno.h>

int paths_own_folder(char *path, size_t size)
{
	(void)path, (void)size;
	errno = ENOTSUP;
	return -1;
}

const char *paths_working_directory(void)
{
	return NULL;
}

int paths_descriptor(const char *file)
{
	(void)file;
	return -1;
}

int paths_open_without_colon(const char *directory, char *path, size_t size)
{
	(void)directory, (void)path, (void)size;
	errno = ENOTSUP;
	return -1;
}
