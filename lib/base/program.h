/* SPDX-License-Identifier: MIT */
/*
 * The name of the running program, for messages.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

/* Set the name to the last part of ARGV0. Without a call, or if ARGV0 is NULL or empty, it is
 * "mempipe". */
void program_set_name(const char *argv0);

const char *program_name(void);

#endif
