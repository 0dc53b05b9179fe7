/* SPDX-License-Identifier: MIT */
/* Events for page faults and CPU time: perf_event_open(2), and signalfd(2) for the signals. */
#define _GNU_SOURCE
#include "os/fault_events.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "os/linux/kernel.h"

#define FAULT_SIGNAL (SIGRTMIN + 1)
#define CLOCK_SIGNAL (SIGRTMIN + 2)
#define OTHER_USER "processes of another user" /* a reason */

/* Each task has two descriptors, and half of all may be used. */
#define DESCRIPTORS_PER_TASK 4

/* Block SIGNAL and, if it is not 0, OTHER. Return a descriptor for them, or -1 with errno set. */
static int open_signals(int signal, int other)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, signal);
	if (other != 0)
		sigaddset(&set, other);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	/* If one of the standard descriptors is closed, signalfd(2) returns its number. */
	return fd < 0 ? fd : fd_above(fd, STDERR_FILENO);
}

int fault_events_init(struct fault_events *f)
{
	size_t max = fd_limit() / DESCRIPTORS_PER_TASK;
	*f = (struct fault_events){.signal_fd = -1, .clock_fd = -1};
	f->max = max < FAULT_EVENTS_TASKS ? max : FAULT_EVENTS_TASKS;
	/* SIGIO replaces any of the signals when the queue is full. */
	f->signal_fd = open_signals(FAULT_SIGNAL, SIGIO);
	if (f->signal_fd >= 0)
		f->clock_fd = open_signals(CLOCK_SIGNAL, 0);
	return f->signal_fd < 0 ? -1 : 0;
}

static int open_event(struct perf_event_attr *attr, pid_t task, int signal)
{
	long fd = syscall(SYS_perf_event_open, attr, task, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fcntl((int)fd, F_SETOWN, getpid()) != 0 || fcntl((int)fd, F_SETSIG, signal) != 0 ||
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
	    .sample_period = FAULT_EVENTS_PERIOD,
	    .disabled = 1,
	    .inherit = 1,
	    .wakeup_events = 1,
	    .exclude_hv = 1,
	    .exclude_kernel = level == FAULT_EVENTS_USER,
	};
}

static struct perf_event_attr clock_attributes(void)
{
	struct perf_event_attr attr = attributes(FAULT_EVENTS_ALL);
	attr.config = PERF_COUNT_SW_TASK_CLOCK;
	attr.sample_period = FAULT_EVENTS_CLOCK_NS;
	return attr;
}

/* Return whether events for our own processes are allowed, so that those refused belong to another
 * user. */
static bool is_allowed_for_ours(void)
{
	struct perf_event_attr attr = attributes(FAULT_EVENTS_USER);
	int fd = open_event(&attr, getpid(), FAULT_SIGNAL);
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
	if (strcmp(reason, FAULT_EVENTS_UNSUPPORTED) == 0)
		return ""; /* by another system */
	if (strcmp(reason, OTHER_USER) == 0)
		return "setcap cap_perfmon+ep memsample";
	return "sysctl kernel.perf_event_paranoid=2\nsetcap cap_perfmon+ep memsample";
}

/* Watch TASK, including its faults in system calls if the kernel allows that. */
static int watch_task(struct fault_events *f, pid_t task)
{
	struct perf_event_attr attr = attributes(f->level), clock = clock_attributes();
	if (f->n >= f->max) {
		errno = ENOSPC;
		return -1;
	}
	int fd = open_event(&attr, task, FAULT_SIGNAL);
	if (fd < 0 && (errno == EACCES || errno == EPERM) && f->level == FAULT_EVENTS_REFUSED) {
		attr.exclude_kernel = 1;
		fd = open_event(&attr, task, FAULT_SIGNAL);
	}
	if (fd < 0)
		return -1;
	f->level = attr.exclude_kernel ? FAULT_EVENTS_USER : FAULT_EVENTS_ALL;
	f->task = alloc_grow(f->task, &f->cap, f->n + 1, sizeof *f->task);
	struct fault_events_task *t = &f->task[f->n++];
	*t = (struct fault_events_task){fd, -1};
	if (f->level == FAULT_EVENTS_ALL && f->clock_fd >= 0)
		t->clock_fd = open_event(&clock, task, CLOCK_SIGNAL);
	if (f->armed)
		(void)ioctl(t->fault_fd, PERF_EVENT_IOC_ENABLE, 0);
	if (f->clock_armed && t->clock_fd >= 0)
		(void)ioctl(t->clock_fd, PERF_EVENT_IOC_ENABLE, 0);
	return 0;
}

int fault_events_watch(struct fault_events *f, pid_t pid)
{
	char path[KERNEL_NAME_MAX];
	int why = 0;
	if (f->signal_fd < 0) {
		errno = f->error;
		return -1;
	}
	snprintf(path, sizeof path, "%ld/task", (long)pid);
	struct kernel_folder *d = kernel_folder_open(path);
	if (d == NULL)
		return -1;
	for (pid_t task; (task = kernel_folder_next(d)) > 0;)
		if (watch_task(f, task) != 0 && errno != ESRCH)
			why = errno;
	kernel_folder_close(d);
	if (why == 0)
		return 0;
	errno = f->error = why;
	return -1;
}

void fault_events_unwatch(struct fault_events *f)
{
	for (size_t i = 0; i < f->n; i++) {
		close(f->task[i].fault_fd);
		if (f->task[i].clock_fd >= 0)
			close(f->task[i].clock_fd);
	}
	f->n = 0;
	f->armed = f->clock_armed = false;
}

/* The type of a request is unsigned long in glibc and int in musl: a constant has both. */
static void enable(int fd, bool on)
{
	(void)(on ? ioctl(fd, PERF_EVENT_IOC_ENABLE, 0) : ioctl(fd, PERF_EVENT_IOC_DISABLE, 0));
}

void fault_events_arm(struct fault_events *f, bool on)
{
	if (f->armed == on)
		return;
	f->armed = on;
	for (size_t i = 0; i < f->n; i++)
		enable(f->task[i].fault_fd, on);
}

void fault_events_arm_clock(struct fault_events *f, bool on)
{
	if (f->clock_armed == on || f->level != FAULT_EVENTS_ALL || f->clock_fd < 0)
		return;
	f->clock_armed = on;
	for (size_t i = 0; i < f->n; i++)
		if (f->task[i].clock_fd >= 0)
			enable(f->task[i].clock_fd, on);
}

/* Read all signals of FD. Return whether there were any. */
static bool take(int fd)
{
	struct signalfd_siginfo si[32];
	bool any = false;
	while (fd >= 0 && read(fd, si, sizeof si) > 0)
		any = true;
	return any;
}

bool fault_events_take(struct fault_events *f)
{
	return take(f->signal_fd);
}

void fault_events_take_clock(struct fault_events *f)
{
	(void)take(f->clock_fd);
}

void fault_events_free(struct fault_events *f)
{
	fault_events_unwatch(f);
	free(f->task);
	if (f->signal_fd >= 0)
		close(f->signal_fd);
	if (f->clock_fd >= 0)
		close(f->clock_fd);
	*f = (struct fault_events){.signal_fd = -1, .clock_fd = -1};
}
