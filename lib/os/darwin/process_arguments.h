/* SPDX-License-Identifier: MIT */
/*
 * The arguments of a process, for the other files of this folder.
 */
#ifndef PROCESS_ARGUMENTS_H
#define PROCESS_ARGUMENTS_H

#include <stddef.h>
#include <sys/types.h>

/* Copy the arguments of PID to TEXT, with a NUL after each. Return their length, at most SIZE, or -1
 * with errno set. */
long process_arguments(pid_t pid, char *text, size_t size);

#endif
