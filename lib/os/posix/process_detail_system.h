/* SPDX-License-Identifier: MIT */
/*
 * The details that each system reads in its own way. (Private to process_detail.c.)
 */
#ifndef PROCESS_DETAIL_SYSTEM_H
#define PROCESS_DETAIL_SYSTEM_H

#include <stddef.h>

#include "os/process_detail.h"

/* Read the details WANTED of P except the command line and the user. Return those that could be
 * read. */
unsigned process_detail_system_read(
    struct process_detail *d, const struct process *p, unsigned wanted);

/*
 * Copy the command line of P to TEXT, with a NUL after each argument. Return its length, at most
 * SIZE; 0 for a process of the kernel; or -1 if it is not known.
 */
long process_detail_system_cmd(const struct process *p, char *text, size_t size);

#endif
