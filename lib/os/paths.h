/* SPDX-License-Identifier: MIT */
/*
 * Paths that depend on the system.
 */
#ifndef PATHS_H
#define PATHS_H

#include <stddef.h>

/* Store the folder of the running program in PATH, with symbolic links resolved. Return 0, or -1
 * with errno set. */
int paths_own_folder(char *path, size_t size);

/* Return a path that leads to the working directory even after its removal, or NULL if the system
 * has none. */
const char *paths_working_directory(void);

/* Return the descriptor of this process that FILE is another name of, or -1 if it is none. */
int paths_descriptor(const char *file);

/*
 * Open DIRECTORY and store in PATH a path without a colon, for $PATH, that leads to it. The path
 * works in each process that inherits the descriptor. Return the descriptor, or -1 with errno set.
 */
int paths_open_without_colon(const char *directory, char *path, size_t size);

#endif
