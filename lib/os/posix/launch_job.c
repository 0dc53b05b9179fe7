/* SPDX-License-Identifier: MIT */
/* Job control for the launched command. */
#include "os/posix/launch_job.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int launch_waitid(idtype_t type, pid_t pid, siginfo_t *info, int options)
{
	int status;
	do
		status = waitid(type, (id_t)pid, info, options);
	while (status != 0 && errno == EINTR);
	return status;
}

/*
 * Return the command's process group if it has one of its own and that is in the foreground, as in
 * an interactive shell. Then *TTY is a descriptor of the terminal, for the caller to close.
 * Otherwise return 0 and set *TTY to -1.
 */
static pid_t foreground_of_command(const struct launch *l, int *tty)
{
	pid_t group = getpgid(l->command);
	*tty = group > 0 && group != getpgrp() ? open("/dev/tty", O_RDWR | O_CLOEXEC) : -1;
	if (*tty >= 0 && tcgetpgrp(*tty) == group)
		return group;
	if (*tty >= 0)
		close(*tty);
	*tty = -1;
	return 0;
}

/* SIG is not SIGSTOP: the kernel ignores the others where no shell is left to continue this
 * process. */
void launch_stop(int sig)
{
	struct sigaction standard = {.sa_handler = SIG_DFL}, found;
	sigset_t one;
	sigemptyset(&one);
	sigaddset(&one, sig);
	sigaction(sig, &standard, &found);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	sigprocmask(SIG_BLOCK, &one, NULL);
	sigaction(sig, &found, NULL);
}

/*
 * Stop this process as SIG stopped the command, so that the shell sees its job stopped. When the
 * shell continues the job, give the terminal back to the command's group and continue it: SIGCONT
 * may not have reached it yet.
 */
static void stop_like_command(struct launch *l, int sig)
{
	int tty;
	pid_t group = foreground_of_command(l, &tty);
	launch_stop(sig == SIGSTOP ? SIGTSTP : sig);
	l->stop_requested = false;
	if (tty >= 0) {
		if (tcgetpgrp(tty) == getpgrp())
			(void)tcsetpgrp(tty, group);
		close(tty);
	}
	if (l->command > 0)
		kill(group > 0 ? -group : l->command, SIGCONT);
}

/*
 * Return true if the command's stop by SIG is a stop of the job. A program that is asked to stop
 * may stop itself by SIGSTOP, as top(1) does, and so does a shell in the foreground on `suspend`.
 * Any other SIGSTOP comes from a process that will continue the command alone.
 */
static bool is_stop_of_job(const struct launch *l, int sig)
{
	int tty;
	if (sig != SIGSTOP || l->stop_requested)
		return true;
	pid_t group = foreground_of_command(l, &tty);
	if (tty >= 0)
		close(tty);
	return group > 0;
}

/* Before exec, the command is stopped by launch_held(). A stop that is not of the job stays unread:
 * it may become one when a stop is requested. */
void launch_follow_stop(struct launch *l)
{
	siginfo_t info = {0};
	if (l->command > 0 && l->exec_fd < 0 &&
	    launch_waitid(P_PID, l->command, &info, WNOHANG | WSTOPPED | WNOWAIT) == 0 &&
	    info.si_pid != 0 && is_stop_of_job(l, info.si_status)) {
		int sig = info.si_status;
		(void)launch_waitid(P_PID, l->command, &info, WNOHANG | WSTOPPED);
		stop_like_command(l, sig);
	}
}
