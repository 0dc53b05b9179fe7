/* SPDX-License-Identifier: MIT */
/*
 * The files of control groups, for the files cgroup*.c and scope.c.
 *
 * Functions that return int return 0, or -1 with errno set.
 */
#ifndef CGROUP_FILES_H
#define CGROUP_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "os/cgroup.h"

/* Store A/B in PATH, of CGROUP_PATH bytes. */
int cgroup_join(char *path, const char *a, const char *b);

/* Open FILE in DIR with FLAGS. Return a descriptor, or -1 with errno set. */
int cgroup_open(const char *dir, const char *file, int flags);

/* Read the beginning of FILE in DIR and end it by a NUL. */
int cgroup_read(const char *dir, const char *file, char *text, size_t size);

/* Return true if WORD is one of the words of TEXT, which are separated by the characters in
 * SEPARATORS. */
bool cgroup_has_word(const char *text, const char *word, const char *separators);

#endif
