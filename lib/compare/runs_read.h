/* SPDX-License-Identifier: MIT */
/*
 * Reading the runs of a file: peaks streams, or JSON that memfmt or memdiff wrote.
 */
#ifndef RUNS_READ_H
#define RUNS_READ_H

#include "compare/runs.h"

/* Read all runs of FILE, or of standard input if it is "-". Set *NAME to its name for messages. Any
 * fault is an error: a comparison with a part of a file could pass for the wrong reason. Return the
 * exit status. */
int runs_read(struct runs *r, const char *file, const char **name);

#endif
