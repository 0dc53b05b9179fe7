/* SPDX-License-Identifier: MIT */
/*
 * The path of the running program. (Private to paths.c.)
 */
#ifndef PATHS_SYSTEM_H
#define PATHS_SYSTEM_H

#include <stddef.h>

/* Store the path of the running program in PATH. Return 0, or -1 with errno set. */
int paths_system_program(char *path, size_t size);

#endif
