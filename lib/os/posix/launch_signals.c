/* SPDX-License-Identifier: MIT */
/* The signals that the launcher receives: handlers that write to a pipe. */
#include "os/posix/launch_signals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SIGNALS 129 /* FreeBSD has signals up to 128; systems refuse those they do not have */

/* Handlers have no argument of ours, and a process has one set of them. */
static struct {
	int write_fd;
	sigset_t none, all;
	struct sigaction found[SIGNALS];
	bool caught[SIGNALS];
} state;

/* A code of Linux is negative if another system call than kill(2) sent the signal. */
static bool is_sent(const siginfo_t *info)
{
	return info->si_code == SI_USER || info->si_code == SI_QUEUE || info->si_code < 0;
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	struct launch_signal s = {.number = sig, .sent = is_sent(info), .sender = info->si_pid};
	int error = errno;
	(void)context;
	if (info->si_code == SI_QUEUE) {
		s.queued = true;
		s.uid = info->si_uid;
		s.value = info->si_value;
	}
	(void)!write(state.write_fd, &s, sizeof s);
	errno = error;
}

static int set_flags(int fd)
{
	return fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ? -1 : fcntl(fd, F_SETFL, O_NONBLOCK);
}

int launch_signals_open(struct launch *l)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
	int fds[2];
	if (pipe(fds) != 0)
		return -1;
	l->signal_fd = fds[0];
	l->signal_write_fd = state.write_fd = fds[1];
	sigemptyset(&state.none);
	memset(&state.all, 0xff, sizeof state.all);
	action.sa_mask = state.all;
	for (int sig = 1; sig < SIGNALS; sig++)
		state.caught[sig] = sigaction(sig, NULL, &state.found[sig]) == 0 &&
				    sigaction(sig, &action, NULL) == 0;
	return set_flags(fds[0]) != 0 ? -1 : set_flags(fds[1]);
}

const sigset_t *launch_signals_mask(void)
{
	return &state.none;
}

/* Let the pending signals in. */
static void deliver(void)
{
	sigset_t mask;
	sigprocmask(SIG_SETMASK, &state.none, &mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static bool take(const struct launch *l, struct launch_signal *s)
{
	return read(l->signal_fd, s, sizeof *s) == (ssize_t)sizeof *s;
}

bool launch_signals_take(struct launch *l, struct launch_signal *s)
{
	if (take(l, s))
		return true;
	deliver();
	return take(l, s);
}

void launch_signals_restore(void)
{
	for (int sig = 1; sig < SIGNALS; sig++)
		if (state.caught[sig])
			sigaction(sig, &state.found[sig], NULL);
}
