/*
 * Descriptors in their place.
 */
#ifndef FD_H
#define FD_H

/* Closes FD, for one that is greater than LEAST and is closed on exec. It, or -1
 * with errno set. */
int fd_above(int fd, int least);

#endif
