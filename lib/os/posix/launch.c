/* SPDX-License-Identifier: MIT */
/* Launching a command under observation: starting it and its pipeline. */
#include "os/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "os/environment.h"
#include "os/execute.h"
#include "os/posix/launch_job.h"
#include "os/posix/launch_signals.h"
#include "os/posix/launch_system.h"
#include "os/posix/signal_discard.h"
#include "os/scheduling.h"

/* Open /dev/null on each closed standard descriptor until exec, so that nothing opened here becomes
 * the command's input or output. */
static int hold_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_CLOEXEC) < 0)
			return -1;
	return 0;
}

/* dup2(2) may fail with EBUSY during another thread's open(2) and with EINTR under a tracer; retry
 * both. */
static int put_fd(int fd, int as)
{
	while (dup2(fd, as) < 0)
		if (errno != EINTR && errno != EBUSY)
			return -1;
	return 0;
}

/* Move the timers into L. They are for the command, and a child does not inherit them. */
static void take_timers(struct launch *l)
{
	const struct itimerval none = {0};
	(void)setitimer(ITIMER_REAL, &none, &l->timers[ITIMER_REAL]);
	(void)setitimer(ITIMER_VIRTUAL, &none, &l->timers[ITIMER_VIRTUAL]);
	(void)setitimer(ITIMER_PROF, &none, &l->timers[ITIMER_PROF]);
}

int launch_prepare(struct launch *l)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t all;
	memset(&all, 0xff, sizeof all); /* musl's sigfillset(3) leaves out the signals 32 to 34 */
	*l = (struct launch){.pids_fd = -1, .exec_fd = -1, .signal_fd = -1, .signal_write_fd = -1};
	if (hold_standard_fds() != 0)
		return -1;
	take_timers(l);
	launch_system_note(l);
	/* While SIGCHLD is ignored, the kernel reaps children and their statuses are lost. */
	if (sigprocmask(SIG_SETMASK, &all, &l->mask) != 0 ||
	    sigaction(SIGCHLD, &standard, &l->child_action) != 0 || launch_signals_open(l) != 0)
		return -1;
	(void)processes_children(&l->earlier, getpid()); /* as `exec` in a shell leaves them */
	int adopts = launch_system_adopt();
	l->adopts = adopts > 0;
	return adopts < 0 ? -1 : 0;
}

static void restore_actions(const struct launch *l)
{
	launch_signals_restore();
	sigaction(SIGCHLD, &l->child_action, NULL);
}

static void restore_mask(const struct launch *l)
{
	sigprocmask(SIG_SETMASK, &l->mask, NULL);
}

/* Restore what exec(3) preserves and a child does not inherit. */
static void restore_process(const struct launch *l)
{
	launch_system_restore(l);
	(void)setitimer(ITIMER_REAL, &l->timers[ITIMER_REAL], NULL);
	(void)setitimer(ITIMER_VIRTUAL, &l->timers[ITIMER_VIRTUAL], NULL);
	(void)setitimer(ITIMER_PROF, &l->timers[ITIMER_PROF], NULL);
}

static void close_unless_own(const struct launch *l, int fd)
{
	if (fd > STDERR_FILENO && fd != l->pids_fd && fd != l->exec_fd && fd != l->signal_fd &&
	    fd != l->signal_write_fd)
		close(fd);
}

/* Return whether TEXT names FD, as /dev/fd/N or another path that ends so. */
static bool is_named(int fd, const char *text)
{
	static const char before[] = "/fd/";
	while ((text = strstr(text, before)) != NULL) {
		char *end;
		text += sizeof before - 1;
		if (strtol(text, &end, 10) == fd && end > text)
			return true;
	}
	return false;
}

/* Close the descriptors that this process was started with, except the standard ones and those that
 * TEXT names. */
static void close_inherited(const struct launch *l, const char *text)
{
	int *fds;
	size_t n = launch_system_descriptors(&fds), end = n > 0 ? n : FD_SETSIZE;
	for (size_t i = 0; i < end; i++) {
		int fd = n > 0 ? fds[i] : (int)i;
		if (!is_named(fd, text))
			close_unless_own(l, fd);
	}
	free(fds);
}

/* The child. Close READY once the process has a session, and so a group, of its own. The kernel can
 * schedule sessions as groups (sched_autogroup_enabled): the pipeline then does not wait for all
 * busy processes of the command. */
static _Noreturn void run_pipeline(const struct launch *l, int pids, int ready, const char *text)
{
	/* SIGTTOU: the pipeline may write to the terminal from the background. */
	static const int ignored[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTTOU};
	const struct sigaction ignore = {.sa_handler = SIG_IGN}, standard = {.sa_handler = SIG_DFL};
	struct environment e;
	setsid();
	scheduling_prefer_session();
	close(ready);
	if (put_fd(pids, STDIN_FILENO) != 0)
		_exit(127);
	close_inherited(l, text);
	restore_actions(l);
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		sigaction(ignored[i], &ignore, NULL);
	sigaction(SIGPIPE, &standard, NULL);
	restore_mask(l);
	environment_for_shell(&e);
	execle("/bin/sh", "sh", "-c", text, (char *)NULL, e.v);
	_exit(127);
}

/* Close both ends. Return -1 with errno as it was. */
static int close_pipe(const int fds[2])
{
	int error = errno;
	close(fds[0]);
	close(fds[1]);
	errno = error;
	return -1;
}

/* Make a pipe that exec closes. There is no other thread that could execute a program meanwhile.
 * Return 0, or -1 with errno set. */
static int make_pipe(int fds[2])
{
	if (pipe(fds) != 0)
		return -1;
	if (fcntl(fds[0], F_SETFD, FD_CLOEXEC) != 0 || fcntl(fds[1], F_SETFD, FD_CLOEXEC) != 0)
		return close_pipe(fds);
	return 0;
}

int launch_pipeline(struct launch *l, const char *text)
{
	int fds[2], ready[2];
	char none;
	if (make_pipe(fds) != 0)
		return -1;
	if (make_pipe(ready) != 0)
		return close_pipe(fds);
	l->pipeline = fork();
	if (l->pipeline == 0)
		run_pipeline(l, fds[0], ready[1], text);
	close(ready[1]);
	if (l->pipeline > 0)
		while (read(ready[0], &none, 1) < 0 && errno == EINTR)
			; /* its group must exist */
	close(ready[0]);
	if (l->pipeline < 0) {
		l->pipeline = 0;
		return close_pipe(fds);
	}
	close(fds[0]);
	l->pids_fd = fds[1];
	return 0;
}

static int take_output(const struct launch_output *output)
{
	if (output->out >= 0 && put_fd(output->out, STDOUT_FILENO) != 0)
		return -1;
	return output->err >= 0 ? put_fd(output->err, STDERR_FILENO) : 0;
}

/* Stop until SIGCONT arrives. If PARENT is killed, the kernel sends it. */
static void hold(pid_t parent)
{
	launch_system_set_death_signal(SIGCONT);
	if (getppid() == parent)
		raise(SIGSTOP);
	launch_system_set_death_signal(0);
}

/* The child. Execute ARGV, or write an error number to RESULT_FD. */
static _Noreturn void run_command(const struct launch *l, pid_t parent, int result_fd, char **argv,
    const struct launch_output *output)
{
	const char *slash = strrchr(argv[0], '/');
	/* The name that exec will set. Until then the first samples would show this program's name.
	 */
	launch_system_set_name(slash != NULL ? slash + 1 : argv[0]);
	if (take_output(output) == 0) {
		hold(parent);
		signal_discard(SIGCONT); /* the command would find it pending if it is blocked */
		restore_actions(l);
		restore_mask(l);
		restore_process(l);
		execute(argv);
	}
	int error = errno;
	(void)!write(result_fd, &error, sizeof error);
	_exit(127);
}

int launch_held(struct launch *l, char **argv, const struct launch_output *output)
{
	int fds[2];
	pid_t self = getpid();
	if (make_pipe(fds) != 0)
		return -1;
	l->command = fork();
	if (l->command == 0)
		run_command(l, self, fds[1], argv, output);
	close(fds[1]);
	if (l->command < 0) {
		l->command = 0;
		close(fds[0]);
		return -1;
	}
	l->exec_fd = fds[0];
	l->started_ns = clock_mono_ns();
	siginfo_t info;
	/* It stops here, or was killed; launch_wait() reports the latter. */
	int status = launch_waitid(P_PID, l->command, &info, WSTOPPED | WEXITED | WNOWAIT);
	if (status == 0)
		l->held_kib = launch_system_mark_kib(l->command);
	return status;
}

int launch_instead(struct launch *l, char **argv, const struct launch_output *output)
{
	launch_abandon(l);
	while (l->pipeline > 0)
		(void)launch_wait(l, -1);
	if (take_output(output) != 0)
		return -1;
	restore_actions(l);
	restore_mask(l);
	restore_process(l);
	execute(argv);
	return -1;
}

int launch_detach(const struct launch *l)
{
	close_inherited(l, "");
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int status = put_fd(fd, STDIN_FILENO) == 0 ? put_fd(fd, STDOUT_FILENO) : -1;
	if (fd > STDERR_FILENO)
		close(fd);
	return status;
}

void launch_abandon(struct launch *l)
{
	l->abandoned = true;
	if (l->pipeline > 0)
		kill(-l->pipeline, SIGKILL);
}

void launch_free(struct launch *l)
{
	process_list_free(&l->earlier);
}

void launch_exit_like(int status)
{
	if (!WIFSIGNALED(status))
		_exit(WEXITSTATUS(status));
	const struct sigaction standard = {.sa_handler = SIG_DFL};
	const struct rlimit none = {0, 0};
	sigset_t one;
	int sig = WTERMSIG(status);
	/* The command has dumped its core already. */
	launch_system_prevent_core();
	setrlimit(RLIMIT_CORE, &none);
	sigaction(sig, &standard, NULL);
	sigemptyset(&one);
	sigaddset(&one, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	_exit(128 + sig);
}
