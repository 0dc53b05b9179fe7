/* SPDX-License-Identifier: MIT */
/*
 * The files of one process, for the other files of this folder.
 */
#ifndef PROCESS_FILE_H
#define PROCESS_FILE_H

#include <stddef.h>

#include "os/process.h"

#define PROCESS_FILE_MAX 64 /* bytes of a name below /proc/PID */

/*
 * Return the name below /proc/PID of NAME, a file about the memory of P: NAME itself, or in a
 * process whose main thread has exited, that of another thread, written to PATH.
 */
const char *process_file(const struct process *p, const char *name, char *path, size_t size);

/* Return the thread whose files are read. */
pid_t process_task(const struct process *p);

#endif
