/* SPDX-License-Identifier: MIT */
/*
 * Warnings about runs that are compared although they differ in more than their peaks.
 */
#ifndef RUNS_CHECK_H
#define RUNS_CHECK_H

#include "compare/commands.h"

/* Print a warning about the first run of each side that ended early, or in another way than the
 * first run of the base: it may not have reached its peak. The names are those of the files. */
void runs_check_ends(const struct commands *c, const char *base, const char *new);

/* Print a warning for each property in which the machines of two sides differ, and about commands
 * that only one side has. */
void runs_check_sides(const struct commands *c, const char *base, const char *new);

#endif
