/* Reading the files of /proc/PID. */
#define _GNU_SOURCE
#include "procfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int procfile_open(pid_t pid, const char *name)
{
	char path[80];
	snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

long procfile_read(int fd, char *text, size_t size)
{
	ssize_t n;
	do
		n = pread(fd, text, size - 1, 0);
	while (n < 0 && errno == EINTR);
	text[n < 0 ? 0 : n] = '\0';
	return n;
}

long procfile_get(pid_t pid, const char *name, char *text, size_t size)
{
	int fd = procfile_open(pid, name);
	if (fd < 0)
		return -1;
	long n = procfile_read(fd, text, size);
	close(fd);
	return n;
}

int procfile_stat(pid_t pid, struct procfile_stat *st)
{
	char text[1024];
	if (procfile_get(pid, "stat", text, sizeof text) <= 0)
		return -1;
	/* 12 (a name, with any) of ( these) S 1 …: what follows the last `)`. */
	const char *p = strrchr(text, ')');
	long ppid;
	if (p == NULL || sscanf(p,
			     ") %*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u"
			     " %*d %*d %*d %*d %*d %*d %" SCNu64,
			     &ppid, &st->start_ticks) != 2)
		return -1;
	st->ppid = (pid_t)ppid;
	return 0;
}
