/*
 * Descriptors: in their place, how many, and waiting for them.
 */
#ifndef FD_H
#define FD_H

#include <stddef.h>


/* Closes FD, for one that is greater than LEAST and is closed on exec. It, or -1
 * with errno set. */
int fd_above(int fd, int least);

/* How many may be open at one time, but for a few that everybody needs: the limit
 * is raised as far as it goes. */
size_t fd_limit(void);

#endif
