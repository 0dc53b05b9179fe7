/* Who descends from whom, and whether anybody was born. */
#define _GNU_SOURCE
#include "os/processes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/pidmap.h"
#include "os/linux/procfs.h"

#define PIDS (4L << 20) /* are the most that a kernel can be told to have */

void process_list_add(struct process_list *l, pid_t pid, pid_t ppid)
{
	l->v = alloc_grow(l->v, &l->cap, l->n + 1, sizeof *l->v);
	l->v[l->n++] = (struct process_id){pid, ppid};
}

void process_list_free(struct process_list *l)
{
	free(l->v);
	*l = (struct process_list){0};
}

pid_t processes_parent(pid_t pid)
{
	struct procfs_stat st;
	return procfs_stat(pid, &st) == 0 ? st.ppid : -1;
}

/* The children of one thread; PATH is its `children` file. A list can be
 * longer than any buffer: what a read cuts off is put before the next. */
static int children_of_thread(struct process_list *l, const char *path, pid_t pid)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ESRCH ? 0 : -1;
	char text[4096];
	ssize_t n;
	long number = 0;
	while ((n = read(fd, text, sizeof text)) > 0 || (n < 0 && errno == EINTR)) {
		for (ssize_t i = 0; i < n; i++) {
			if (isdigit((unsigned char)text[i])) {
				number = number * 10 + (text[i] - '0');
			} else if (number > 0) {
				process_list_add(l, (pid_t)number, pid);
				number = 0;
			}
		}
	}
	int failed = n < 0 && errno != ESRCH;
	close(fd);
	return failed ? -1 : 0;
}

/* The next entry that is a number; NULL at the end, with errno 0, or when it
 * can't be read. What a folder of a process was read from may have ended. */
static struct dirent *next_number(DIR *d)
{
	struct dirent *e;
	do {
		errno = 0;
		e = readdir(d);
	} while (e != NULL && !isdigit((unsigned char)*e->d_name));
	if (e == NULL && (errno == ENOENT || errno == ESRCH))
		errno = 0;
	return e;
}

int processes_children(struct process_list *l, pid_t pid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
	DIR *d = opendir(path);
	if (d == NULL)
		return errno == ENOENT ? 0 : -1;
	int refused = 0;
	for (struct dirent *e; (e = next_number(d)) != NULL;) {
		snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid,
		    strtol(e->d_name, NULL, 10));
		/* A thread that ended meanwhile has no list either. */
		if (children_of_thread(l, path, pid) != 0 &&
		    faccessat(dirfd(d), e->d_name, F_OK, 0) == 0)
			refused = 1;
	}
	refused |= errno != 0;
	closedir(d);
	return refused ? -1 : 0;
}

int processes_all(struct process_list *l, const struct pidmap *known)
{
	DIR *d = opendir("/proc");
	if (d == NULL)
		return -1;
	int why = 0;
	for (struct dirent *e; (e = next_number(d)) != NULL;) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
		if (known != NULL && pidmap_get(known, pid) != PIDMAP_NONE)
			continue;
		pid_t ppid = processes_parent(pid);
		if (ppid >= 0)
			process_list_add(l, pid, ppid);
		else if (!procfs_gone())
			why = errno;
	}
	why = errno != 0 ? errno : why;
	closedir(d);
	errno = why;
	return why != 0 ? -1 : 0;
}

pid_t processes_last_pid(void)
{
	char text[32];
	int fd = open("/proc/sys/kernel/pid_max", O_RDONLY | O_CLOEXEC);
	long n = fd >= 0 ? procfs_read(fd, text, sizeof text) : -1;
	long end = n > 0 ? strtol(text, NULL, 10) : 0;
	if (fd >= 0)
		close(fd);
	return (pid_t)(end > 1 && end < PIDS ? end : PIDS) - 1;
}

int processes_news(struct process_news *k)
{
	if (k->fd < 0)
		k->fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	if (k->fd < 0)
		return -1;
	char text[128];
	ssize_t n = pread(k->fd, text, sizeof text - 1, 0);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	/* 0.20 0.18 0.12 1/80 11206 */
	long newest, tasks;
	/* What is below our own PID at first is of another namespace, or nothing at all;
	 * later, the numbers have come round. */
	if (sscanf(text, "%*s %*s %*s %*d/%ld %ld", &tasks, &newest) != 2 ||
	    newest < (k->newest > 0 ? 1 : getpid())) {
		errno = EINVAL;
		return -1;
	}
	k->newest = (pid_t)newest;
	k->tasks = tasks;
	return 0;
}

int processes_lists_are_cheaper(size_t members, long tasks)
{
	/* A process costs about 25 us by its lists (a folder, a file for each
	 * thread) and about 11 us in a scan (a name, and its stat). */
	return members * 2 < (size_t)tasks;
}
