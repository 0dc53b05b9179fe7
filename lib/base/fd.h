/* SPDX-License-Identifier: MIT */
/*
 * Descriptors: their numbers and their limit.
 */
#ifndef FD_H
#define FD_H

#include <stddef.h>

/* Replace FD by a descriptor that is greater than LEAST and is closed on exec. Return it, or -1
 * with errno set. FD is closed in both cases. */
int fd_above(int fd, int least);

/* Raise the limit on open descriptors as far as allowed. Return it, less a few for general use. */
size_t fd_limit(void);

#endif
