/* SPDX-License-Identifier: MIT */
/*
 * The open descriptors of this process, where a folder lists them. (Private to the folders of
 * systems.)
 */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include <stddef.h>

/* Store the descriptors that FOLDER lists in *FDS, which the caller frees. Return their number, or 0
 * if FOLDER cannot be read: it is missing, or too many files are open. */
size_t descriptors_in(const char *folder, int **fds);

#endif
