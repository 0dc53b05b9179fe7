/* SPDX-License-Identifier: MIT */
/*
 * The files that the command's output is written to.
 */
#ifndef OUTPUT_FILE_H
#define OUTPUT_FILE_H

/* Return NULL if FILE can be written, or the reason why not. Create and change nothing. */
const char *output_file_check(const char *file);

/* Open FILE for writing, and create it if there is none, but keep what it holds until
 * output_file_truncate. In a shared folder, such as /tmp, neither open a file of another user nor
 * follow a link of one. Return a descriptor above standard error, or -1 with errno set. */
int output_file_open(const char *file);

/* Truncate FD if it is a regular file. Return 0, or -1 with errno set. */
int output_file_truncate(int fd);

#endif
