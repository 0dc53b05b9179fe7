/* SPDX-License-Identifier: MIT */
/*
 * The requests of this folder to the kernel about processes: /proc, and the calls that take a PID.
 *
 * tests/worlds has other functions of these names, of a simulated kernel.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define KERNEL_NAME_MAX 80 /* bytes of a name below /proc and its NUL */

/* Open the file NAME of /proc for reading. Return a descriptor, or -1 with errno set. */
int kernel_open(const char *name);

/* Read from FD at OFFSET. Return the number of bytes, at most SIZE, or -1 with errno set: ESRCH if
 * the process that the file belongs to has exited. */
ssize_t kernel_read(int fd, char *text, size_t size, off_t offset);

/* Copy the target of the link NAME of /proc to TEXT. Return its length, at most SIZE, or -1 with
 * errno set. */
ssize_t kernel_link(const char *name, char *text, size_t size);

/* Return whether /proc has NAME. */
bool kernel_has(const char *name);

/* The folders of /proc whose entries have numbers as names: processes, threads, descriptors. */
struct kernel_folder;

/* Open the folder NAME of /proc; "" is /proc itself. Return NULL with errno set if that fails. */
struct kernel_folder *kernel_folder_open(const char *name);

/* Return the next number, or 0: with errno 0 at the end, or if the process that the folder belongs
 * to has exited. */
pid_t kernel_folder_next(struct kernel_folder *f);

void kernel_folder_close(struct kernel_folder *f);

/* Return 0 if the threads A and B use the same memory, 1 or 2 if not, or -1 with errno set. */
int kernel_compare_memory(pid_t a, pid_t b);

/* Return a descriptor that is bound to the process PID (a pidfd) and is readable once it has exited,
 * or -1 with errno set. */
int kernel_handle_open(pid_t pid);

/* Send SIG to the process of HANDLE. Return 0, or -1 with errno set. */
int kernel_handle_signal(int handle, int sig);

#endif
