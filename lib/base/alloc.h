/* SPDX-License-Identifier: MIT */
/*
 * Memory for arrays. The caller frees it with free(3).
 *
 * When there is no memory left, both functions print `program: out of memory` and exit with
 * STATUS_ERROR.
 */
#ifndef ALLOC_H
#define ALLOC_H

#include <stddef.h>

#include "base/status.h"

/* Resize V to hold N objects of SIZE bytes. V may be NULL. New objects are not initialized. */
void *alloc_resize(void *v, size_t n, size_t size);

/* Return V with room for at least N objects of SIZE bytes. *CAP is how many fit; it at least
 * doubles when V grows. */
void *alloc_grow(void *v, size_t *cap, size_t n, size_t size);

#endif
