/* Events for page faults: perf_event_open(2), and signalfd(2) for the signals. */
#define _GNU_SOURCE
#include "os/fault_events.h"

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

#include "base/alloc.h"
#include "base/fd.h"

#define SIGNAL (SIGRTMIN + 1)
#define OTHER_USER "processes of another user" /* a reason */

int fault_events_init(struct fault_events *f)
{
	sigset_t set;
	*f = (struct fault_events){.signal_fd = -1};
	sigemptyset(&set);
	sigaddset(&set, SIGNAL);
	sigaddset(&set, SIGIO); /* replaces SIGNAL when the queue is full */
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	/* If one of the standard descriptors is closed, signalfd(2) returns its number. */
	f->signal_fd = fd < 0 ? fd : fd_above(fd, STDERR_FILENO);
	f->max = fd_limit() / 2 < FAULT_EVENTS_TASKS ? fd_limit() / 2 : FAULT_EVENTS_TASKS;
	return f->signal_fd < 0 ? -1 : 0;
}

static void keep(struct fault_events *f, int fd)
{
	f->fd = alloc_grow(f->fd, &f->cap, f->n + 1, sizeof *f->fd);
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

static struct perf_event_attr attributes(enum fault_events_level level)
{
	return (struct perf_event_attr){
	    .type = PERF_TYPE_SOFTWARE,
	    .size = sizeof(struct perf_event_attr),
	    .config = PERF_COUNT_SW_PAGE_FAULTS,
	    .sample_period =
		FAULT_EVENTS_PERIOD_KIB * UINT64_C(1024) / (uint64_t)sysconf(_SC_PAGESIZE),
	    .inherit = 1,
	    .wakeup_events = 1,
	    .exclude_hv = 1,
	    .exclude_kernel = level == FAULT_EVENTS_USER,
	};
}

/* Return whether events for our own processes are allowed, so that those refused belong to another
 * user. */
static bool is_allowed_for_ours(void)
{
	struct perf_event_attr attr = attributes(FAULT_EVENTS_USER);
	int fd = open_event(&attr, getpid());
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

const char *fault_events_refusal(const struct fault_events *f)
{
	if (f->error != EACCES && f->error != EPERM)
		return NULL;
	return is_allowed_for_ours() ? OTHER_USER : strerror(f->error);
}

const char *fault_events_advice(const char *reason)
{
	if (strcmp(reason, OTHER_USER) == 0)
		return "setcap cap_perfmon+ep memsample";
	return "sysctl kernel.perf_event_paranoid=2\nsetcap cap_perfmon+ep memsample";
}

/* Watch TASK, including its faults in system calls if the kernel allows that. */
static int watch_task(struct fault_events *f, pid_t task)
{
	struct perf_event_attr attr = attributes(f->level);
	if (f->n >= f->max) {
		errno = ENOSPC;
		return -1;
	}
	int fd = open_event(&attr, task);
	if (fd < 0 && (errno == EACCES || errno == EPERM) && f->level == FAULT_EVENTS_REFUSED) {
		attr.exclude_kernel = 1;
		fd = open_event(&attr, task);
	}
	if (fd < 0)
		return -1;
	f->level = attr.exclude_kernel ? FAULT_EVENTS_USER : FAULT_EVENTS_ALL;
	keep(f, fd);
	return 0;
}

int fault_events_watch(struct fault_events *f, pid_t pid)
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

void fault_events_take(struct fault_events *f, struct fault_events_pending *pending)
{
	struct signalfd_siginfo si[32];
	*pending = (struct fault_events_pending){0};
	if (f->signal_fd < 0)
		return;
	for (ssize_t n; (n = read(f->signal_fd, si, sizeof si)) > 0;) {
		for (size_t i = 0; i < (size_t)n / sizeof *si; i++) {
			if ((int)si[i].ssi_signo == SIGNAL)
				pending->periods++;
			else
				pending->overflow = true;
		}
	}
}

/* read(2) returns the sum of an event and of all that were inherited from it, also by tasks that
 * have exited. */
uint64_t fault_events_count(const struct fault_events *f)
{
	uint64_t sum = 0, count;
	for (size_t i = 0; i < f->n; i++)
		if (read(f->fd[i], &count, sizeof count) == (ssize_t)sizeof count)
			sum += count;
	return sum;
}

void fault_events_free(struct fault_events *f)
{
	for (size_t i = 0; i < f->n; i++)
		close(f->fd[i]);
	free(f->fd);
	if (f->signal_fd >= 0)
		close(f->signal_fd);
	*f = (struct fault_events){.signal_fd = -1};
}
