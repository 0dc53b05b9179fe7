/* Reading the files of /proc/PID. */
#define _GNU_SOURCE
#include "procfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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

/* The line stands behind one on every interrupt, which can be long. */
static int read_boot_s(int64_t *s)
{
	FILE *f = fopen("/proc/stat", "re");
	char *line = NULL;
	size_t cap = 0;
	int found = 0;
	if (f == NULL)
		return -1;
	while (!found && getline(&line, &cap, f) > 0)
		found = sscanf(line, "btime %" SCNd64, s) == 1;
	free(line);
	fclose(f);
	return found ? 0 : -1;
}

int procfile_start_us(pid_t pid, int64_t *us)
{
	struct procfile_stat st;
	int64_t boot_s;
	uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	if (procfile_stat(pid, &st) != 0 || read_boot_s(&boot_s) != 0)
		return -1;
	uint64_t centis = st.start_ticks / hz * 100 + st.start_ticks % hz * 100 / hz;
	*us = boot_s * 1000000 + (int64_t)centis * 10000;
	return 0;
}
