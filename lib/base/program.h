/*
 * The name of the running program, for messages, and where programs are.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>

#include "base/buf.h"

/* Set the name to the last part of ARGV0. Without a call, or if ARGV0 is NULL or empty, it is
 * "mempipe". */
void program_set_name(const char *argv0);

const char *program_name(void);

/* Append the path of the program NAME, with symbolic links resolved and a NUL at its end. A name
 * with a slash is the path, any other is searched for in PATH. Return false, with nothing appended,
 * if there is no such program. */
bool program_find(const char *name, struct buf *path);

/* The same for the running program. */
bool program_path(struct buf *path);

#endif
