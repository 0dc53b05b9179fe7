/* Being woken by page faults. */
#define _GNU_SOURCE
#include "faults.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "err.h"
#include "fd.h"

#define SIGNAL (SIGRTMIN + 1)

int faults_init(struct faults *f)
{
	sigset_t set;
	*f = (struct faults){.signal_fd = -1};
	sigemptyset(&set);
	sigaddset(&set, SIGNAL);
	sigaddset(&set, SIGIO); /* in place of the others when their queue is full */
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	f->signal_fd = fd < 0 ? fd : fd_above(fd, STDERR_FILENO); /* if one of those is closed */
	f->max = fd_limit() / 2 < FAULTS_TASKS ? fd_limit() / 2 : FAULTS_TASKS;
	return f->signal_fd < 0 ? -1 : 0;
}

static void keep(struct faults *f, int fd)
{
	if (f->n == f->cap) {
		f->cap = f->cap == 0 ? 8 : f->cap * 2;
		f->fd = err_realloc(f->fd, f->cap, sizeof *f->fd);
	}
	f->fd[f->n++] = fd;
}

static int open_event(struct perf_event_attr *attr, pid_t task)
{
	long fd = syscall(SYS_perf_event_open, attr, task, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fcntl((int)fd, F_SETOWN, getpid()) != 0 || fcntl((int)fd, F_SETSIG, SIGNAL) != 0 ||
	    fcntl((int)fd, F_SETFL, O_ASYNC | O_NONBLOCK) != 0) {
		int why = errno;
		close((int)fd);
		errno = why;
		return -1;
	}
	return (int)fd;
}

static struct perf_event_attr attributes(enum faults_level level)
{
	return (struct perf_event_attr){
	    .type = PERF_TYPE_SOFTWARE,
	    .size = sizeof(struct perf_event_attr),
	    .config = PERF_COUNT_SW_PAGE_FAULTS,
	    .sample_period = FAULTS_PERIOD_KIB * UINT64_C(1024) / (uint64_t)sysconf(_SC_PAGESIZE),
	    .inherit = 1,
	    .wakeup_events = 1,
	    .exclude_hv = 1,
	    .exclude_kernel = level == FAULTS_USER,
	};
}

int faults_of_others_refused(const struct faults *f)
{
	struct perf_event_attr attr = attributes(FAULTS_USER);
	int fd = f->error == EACCES || f->error == EPERM ? open_event(&attr, getpid()) : -1;
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* With the faults that system calls take, where that is allowed. */
static int watch_task(struct faults *f, pid_t task)
{
	struct perf_event_attr attr = attributes(f->level);
	if (f->n >= f->max) {
		errno = ENOSPC;
		return -1;
	}
	int fd = open_event(&attr, task);
	if (fd < 0 && (errno == EACCES || errno == EPERM) && f->level == FAULTS_REFUSED) {
		attr.exclude_kernel = 1;
		fd = open_event(&attr, task);
	}
	if (fd < 0)
		return -1;
	f->level = attr.exclude_kernel ? FAULTS_USER : FAULTS_ALL;
	keep(f, fd);
	return 0;
}

int faults_watch(struct faults *f, pid_t pid)
{
	char path[64];
	int why = 0;
	if (f->signal_fd < 0) {
		errno = f->error;
		return -1;
	}
	snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
	DIR *d = opendir(path);
	if (d == NULL)
		return -1;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (isdigit((unsigned char)*e->d_name) &&
		    watch_task(f, (pid_t)strtol(e->d_name, NULL, 10)) != 0 && errno != ESRCH)
			why = errno;
	closedir(d);
	if (why == 0)
		return 0;
	errno = f->error = why;
	return -1;
}

void faults_take(struct faults *f, struct faults_news *news)
{
	struct signalfd_siginfo si[32];
	*news = (struct faults_news){0};
	if (f->signal_fd < 0)
		return;
	for (ssize_t n; (n = read(f->signal_fd, si, sizeof si)) > 0;) {
		for (size_t i = 0; i < (size_t)n / sizeof *si; i++) {
			if ((int)si[i].ssi_signo == SIGNAL)
				news->periods++;
			else
				news->lost = 1;
		}
	}
}

/* Reading an event adds up those inherited from it, of tasks that have ended too. */
uint64_t faults_count(const struct faults *f)
{
	uint64_t sum = 0, count;
	for (size_t i = 0; i < f->n; i++)
		if (read(f->fd[i], &count, sizeof count) == (ssize_t)sizeof count)
			sum += count;
	return sum;
}

void faults_free(struct faults *f)
{
	for (size_t i = 0; i < f->n; i++)
		close(f->fd[i]);
	free(f->fd);
	if (f->signal_fd >= 0)
		close(f->signal_fd);
	*f = (struct faults){.signal_fd = -1};
}
