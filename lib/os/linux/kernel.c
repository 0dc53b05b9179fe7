/* SPDX-License-Identifier: MIT */
/* The requests of this folder to the kernel about processes. */
#define _GNU_SOURCE
#include "os/linux/kernel.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *path_of(const char *name, char path[KERNEL_NAME_MAX + sizeof "/proc/"])
{
	snprintf(
	    path, KERNEL_NAME_MAX + sizeof "/proc/", "/proc%s%s", *name != '\0' ? "/" : "", name);
	return path;
}

int kernel_open(const char *name)
{
	char path[KERNEL_NAME_MAX + sizeof "/proc/"];
	return open(path_of(name, path), O_RDONLY | O_CLOEXEC);
}

ssize_t kernel_read(int fd, char *text, size_t size, off_t offset)
{
	ssize_t n;
	do
		n = pread(fd, text, size, offset);
	while (n < 0 && errno == EINTR);
	return n;
}

ssize_t kernel_link(const char *name, char *text, size_t size)
{
	char path[KERNEL_NAME_MAX + sizeof "/proc/"];
	return readlink(path_of(name, path), text, size);
}

bool kernel_has(const char *name)
{
	char path[KERNEL_NAME_MAX + sizeof "/proc/"];
	return access(path_of(name, path), F_OK) == 0;
}

struct kernel_folder *kernel_folder_open(const char *name)
{
	char path[KERNEL_NAME_MAX + sizeof "/proc/"];
	return (struct kernel_folder *)opendir(path_of(name, path));
}

pid_t kernel_folder_next(struct kernel_folder *f)
{
	struct dirent *e;
	do {
		errno = 0;
		e = readdir((DIR *)f);
	} while (e != NULL && !isdigit((unsigned char)*e->d_name));
	if (e != NULL)
		return (pid_t)strtol(e->d_name, NULL, 10);
	if (errno == ENOENT || errno == ESRCH)
		errno = 0;
	return 0;
}

void kernel_folder_close(struct kernel_folder *f)
{
	int error = errno;
	closedir((DIR *)f);
	errno = error;
}

int kernel_compare_memory(pid_t a, pid_t b)
{
	return (int)syscall(SYS_kcmp, a, b, KCMP_VM, 0, 0);
}

/* Linux 5.3. Headers of an older system do not have the number. */
int kernel_handle_open(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	errno = ENOSYS;
	return -1;
#endif
}

/* Linux 5.1. */
int kernel_handle_signal(int handle, int sig)
{
#ifdef SYS_pidfd_send_signal
	return (int)syscall(SYS_pidfd_send_signal, handle, sig, NULL, 0);
#else
	(void)handle, (void)sig;
	errno = ENOSYS;
	return -1;
#endif
}
