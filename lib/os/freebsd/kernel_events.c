/* SPDX-License-Identifier: MIT */
/* Events of processes: kqueue(2). */
#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/event.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "os/freebsd/kernel.h"

#define BATCH 64

int kernel_queue(void)
{
	int queue = kqueue();
	if (queue >= 0 && queue <= STDERR_FILENO)
		return fd_above(queue, STDERR_FILENO);
	if (queue >= 0)
		(void)fcntl(queue, F_SETFD, FD_CLOEXEC);
	return queue;
}

static int watch(int queue, pid_t pid, unsigned what)
{
	struct kevent e;
	EV_SET(&e, pid, EVFILT_PROC, EV_ADD, what, 0, NULL);
	return kevent(queue, &e, 1, NULL, 0, NULL);
}

/* With NOTE_TRACK, the kernel adds what the process creates, and reports it by NOTE_CHILD in an
 * event of its own. */
int kernel_queue_watch(int queue, pid_t pid)
{
	return watch(queue, pid, NOTE_EXIT | NOTE_EXEC | NOTE_TRACK);
}

int kernel_exit_queue(pid_t pid)
{
	int queue = kernel_queue();
	if (queue < 0 || watch(queue, pid, NOTE_EXIT) == 0)
		return queue;
	int error = errno;
	close(queue);
	errno = error;
	return -1;
}

int kernel_queue_take(int queue, struct kernel_event *v, int n)
{
	const struct timespec now = {0, 0};
	struct kevent e[BATCH];
	int got;
	do
		got = kevent(queue, NULL, 0, e, n < BATCH ? n : BATCH, &now);
	while (got < 0 && errno == EINTR);
	for (int i = 0; i < got; i++)
		v[i] = (struct kernel_event){
		    .pid = (pid_t)e[i].ident,
		    .ppid = (pid_t)e[i].data,
		    .created = (e[i].fflags & NOTE_CHILD) != 0,
		    .executed = (e[i].fflags & NOTE_EXEC) != 0,
		    .exited = (e[i].fflags & NOTE_EXIT) != 0,
		    .lost = (e[i].fflags & NOTE_TRACKERR) != 0,
		};
	return got;
}
