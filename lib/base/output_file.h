/*
 * The files that the command's output is written to.
 */
#ifndef OUTPUT_FILES_H
#define OUTPUT_FILES_H

/* Return NULL if FILE can be written, or the reason why not. Create and change nothing. */
const char *output_files_check(const char *file);

/* Open FILE for writing, and create it if there is none, but keep what it holds until
 * output_files_truncate. Return a descriptor above standard error, or -1 with errno set. */
int output_files_open(const char *file);

/* Truncate FD if it is a regular file. Return 0, or -1 with errno set. */
int output_files_truncate(int fd);

#endif
