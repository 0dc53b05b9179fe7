/* SPDX-License-Identifier: MIT */
/*
 * Executing a program that is searched for in PATH.
 */
#ifndef EXECUTE_H
#define EXECUTE_H

/* Execute ARGV as execvp(3) does. A file that is no program and has no interpreter is run by
 * /bin/sh, also where the libc leaves that out. Return only if that fails, with errno set. */
void execute(char **argv);

#endif
