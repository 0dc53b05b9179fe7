/* Starting a command held still, and standing in for it. */
#define _GNU_SOURCE
#include "os/launch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/status.h"
#include "os/linux/procfs.h"
#include "os/environment.h"

/* Descriptors that were closed are held by /dev/null until exec: what is opened
 * here must not become anybody's standard input or output. */
static int hold_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_CLOEXEC) < 0)
			return -1;
	return 0;
}

/* What another thread's open stands in the way of, or a tracer, does in the end. */
static int put_fd(int fd, int as)
{
	while (dup2(fd, as) < 0)
		if (errno != EINTR && errno != EBUSY)
			return -1;
	return 0;
}

/* No signal interrupts it; a tracer may. */
static int wait_for(idtype_t type, pid_t pid, siginfo_t *info, int options)
{
	int status;
	do
		status = waitid(type, (id_t)pid, info, options);
	while (status != 0 && errno == EINTR);
	return status;
}

/* An alarm that was set is the command's; a fork would not hand it on. */
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
	*l = (struct launch){.pids_fd = -1, .exec_fd = -1, .signal_fd = -1};
	if (hold_standard_fds() != 0)
		return -1;
	sigfillset(&all);
	/* Ignored, SIGCHLD would have children reaped before they are waited for. */
	if (sigprocmask(SIG_SETMASK, &all, &l->mask) != 0 ||
	    sigaction(SIGCHLD, &standard, &l->child_action) != 0)
		return -1;
	l->signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (l->signal_fd < 0)
		return -1;
	take_timers(l);
	(void)prctl(PR_GET_PDEATHSIG, &l->death_signal, 0, 0, 0);
	(void)prctl(PR_GET_CHILD_SUBREAPER, &l->subreaper, 0, 0, 0);
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

void launch_again(struct launch *l)
{
	l->strangers.n = 0;
	(void)processes_children(&l->strangers, getpid()); /* as a shell's exec leaves them */
	l->pipeline_status = l->lost = l->started = l->exec_errno = 0;
	l->stage_signal = l->abandoned = 0;
	l->maxrss_kib = 0;
}

static void restore_signals(const struct launch *l)
{
	sigaction(SIGCHLD, &l->child_action, NULL);
	sigprocmask(SIG_SETMASK, &l->mask, NULL);
}

/* What exec would have kept and a fork does not hand on. */
static void restore_process(const struct launch *l)
{
	(void)prctl(PR_SET_CHILD_SUBREAPER, l->subreaper, 0, 0, 0);
	(void)prctl(PR_SET_PDEATHSIG, l->death_signal, 0, 0, 0);
	(void)setitimer(ITIMER_REAL, &l->timers[ITIMER_REAL], NULL);
	(void)setitimer(ITIMER_VIRTUAL, &l->timers[ITIMER_VIRTUAL], NULL);
	(void)setitimer(ITIMER_PROF, &l->timers[ITIMER_PROF], NULL);
}

static void ignore(int sig)
{
	struct sigaction sa = {.sa_handler = SIG_IGN};
	sigaction(sig, &sa, NULL);
}

static void close_other(const struct launch *l, int fd)
{
	if (fd > STDERR_FILENO && fd != l->pids_fd && fd != l->exec_fd && fd != l->signal_fd)
		close(fd);
}

/* What the caller had open beside standard error is the command's alone. */
static void close_others(const struct launch *l)
{
	DIR *d = opendir("/proc/self/fd");
	if (d == NULL) { /* no /proc, or not one descriptor to spare */
		for (int fd = 0; fd < FD_SETSIZE; fd++)
			close_other(l, fd);
		return;
	}
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		int fd = (int)strtol(e->d_name, NULL, 10);
		if (fd != dirfd(d))
			close_other(l, fd);
	}
	closedir(d);
}

static _Noreturn void run_pipeline(const struct launch *l, int pids, const char *text)
{
	setpgid(0, 0);
	if (put_fd(pids, STDIN_FILENO) != 0)
		_exit(127);
	close_others(l);
	ignore(SIGINT);
	ignore(SIGQUIT);
	ignore(SIGTERM);
	ignore(SIGHUP);
	ignore(SIGTTOU); /* it may write to the terminal from behind */
	restore_signals(l);
	struct environment e;
	environment_for_shell(&e);
	execle("/bin/sh", "sh", "-c", text, (char *)NULL, e.v);
	_exit(127);
}

int launch_pipeline(struct launch *l, const char *text)
{
	int fds[2];
	if (pipe2(fds, O_CLOEXEC) != 0)
		return -1;
	l->pipeline = fork();
	if (l->pipeline == 0)
		run_pipeline(l, fds[0], text);
	close(fds[0]);
	if (l->pipeline < 0) {
		l->pipeline = 0;
		close(fds[1]);
		return -1;
	}
	setpgid(l->pipeline, l->pipeline); /* whoever comes first */
	l->pids_fd = fds[1];
	return 0;
}

static int take_output(const struct launch_output *output)
{
	if (output->out >= 0 && put_fd(output->out, STDOUT_FILENO) != 0)
		return -1;
	return output->err >= 0 ? put_fd(output->err, STDERR_FILENO) : 0;
}

/* Until somebody lets us go. Should PARENT be killed, the kernel does. */
static void hold(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGCONT, 0, 0, 0);
	if (getppid() == parent)
		raise(SIGSTOP);
	prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
}

/* What let us go is not for the command, which would find it pending if the
 * caller has it blocked. */
static void forget_continue(void)
{
	const struct timespec now = {0, 0};
	sigset_t one;
	sigemptyset(&one);
	sigaddset(&one, SIGCONT);
	(void)sigtimedwait(&one, NULL, &now);
}

static _Noreturn void run_command(const struct launch *l, pid_t parent, int report, char **argv,
    const struct launch_output *output)
{
	const char *slash = strrchr(argv[0], '/');
	/* The name it will have; until then it would show under ours. */
	prctl(PR_SET_NAME, slash != NULL ? slash + 1 : argv[0], 0, 0, 0);
	if (take_output(output) == 0) {
		hold(parent);
		forget_continue();
		restore_signals(l);
		restore_process(l);
		execvp(argv[0], argv);
	}
	int why = errno;
	(void)!write(report, &why, sizeof why);
	_exit(127);
}

int launch_held(struct launch *l, char **argv, const struct launch_output *output)
{
	int fds[2];
	pid_t self = getpid();
	if (pipe2(fds, O_CLOEXEC) != 0)
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
	/* Stopped, or killed already: that is found out in launch_wait. */
	return wait_for(P_PID, l->command, &info, WSTOPPED | WEXITED | WNOWAIT);
}

int launch_instead(struct launch *l, char **argv, const struct launch_output *output)
{
	launch_abandon(l);
	while (l->pipeline > 0)
		(void)launch_wait(l, -1);
	if (take_output(output) != 0)
		return -1;
	restore_signals(l);
	restore_process(l);
	execvp(argv[0], argv);
	return -1;
}

int launch_shell(struct launch *l, const char *text, const char *arg)
{
	l->command = fork();
	if (l->command == 0) {
		if (!l->keep_output)
			(void)put_fd(STDERR_FILENO, STDOUT_FILENO);
		restore_signals(l);
		/* Not execle: ARG can be NULL, and what follows that is the environment. */
		char *const words[] = {"sh", "-c", (char *)text, "sh", (char *)arg, NULL};
		struct environment e;
		environment_for_shell(&e);
		execve("/bin/sh", words, e.v);
		_exit(127);
	}
	if (l->command > 0)
		return 0;
	l->command = 0;
	return -1;
}

int launch_detach(const struct launch *l)
{
	close_others(l);
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int failed =
	    put_fd(fd, STDIN_FILENO) != 0 || (!l->keep_output && put_fd(fd, STDOUT_FILENO) != 0);
	if (fd > STDERR_FILENO)
		close(fd);
	return failed ? -1 : 0;
}

/* Has the command a process group of its own that has the terminal, as that of an
 * interactive shell? TTY is then open on it, or else -1. */
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

/* Not by SIGSTOP: where no shell is left that could continue us, we don't stop. */
static void stop_by(int sig)
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

/* Stops as the command did, so that the shell sees its job stopped. When the
 * shell wakes the job, the command may still look stopped: it is woken first, with
 * the terminal that was its own. */
static void stop_alike(struct launch *l, int sig)
{
	int tty;
	pid_t group = foreground_of_command(l, &tty);
	stop_by(sig == SIGSTOP ? SIGTSTP : sig);
	l->asked_to_stop = 0;
	if (tty >= 0) {
		if (tcgetpgrp(tty) == getpgrp())
			(void)tcsetpgrp(tty, group);
		close(tty);
	}
	if (l->command > 0)
		kill(group > 0 ? -group : l->command, SIGCONT);
}

/* What a terminal sends reaches the whole foreground group, the command too;
 * what a process sends to us was meant for the command. So is what the kernel
 * tells the leader of a session alone: that its terminal is gone. What the command
 * sends itself, as with kill(0, ...), it has already. */
static int is_for_command(const struct launch *l, const struct signalfd_siginfo *si)
{
	if (si->ssi_signo == SIGPIPE && si->ssi_pid == (uint32_t)getpid())
		return 0; /* the pipeline has left */
	if (si->ssi_code <= 0)
		return si->ssi_pid != (uint32_t)l->command;
	return (si->ssi_signo == SIGHUP || si->ssi_signo == SIGCONT) && getsid(0) == getpid();
}

/* A queued one as it came, its sender included: that may wait for an answer. */
static void pass_on(pid_t pid, const struct signalfd_siginfo *si)
{
	int sig = (int)si->ssi_signo;
	siginfo_t info = {.si_signo = sig, .si_code = SI_QUEUE};
	info.si_pid = (pid_t)si->ssi_pid;
	info.si_uid = si->ssi_uid;
	info.si_value.sival_ptr = (void *)(uintptr_t)si->ssi_ptr;
	if (si->ssi_code == SI_QUEUE)
		syscall(SYS_rt_sigqueueinfo, pid, sig, &info);
	else
		kill(pid, sig);
}

static enum launch_event take_signal(struct launch *l, const struct signalfd_siginfo *si)
{
	int sig = (int)si->ssi_signo;
	if (l->command > 0) {
		if (sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU)
			l->asked_to_stop = 1;
		if (sig == SIGCONT)
			l->asked_to_stop = 0;
		if (is_for_command(l, si))
			pass_on(l->command, si);
		return LAUNCH_TIMEOUT; /* if that stops it, so shall we; see reap */
	}
	if (sig == SIGTSTP)
		stop_by(sig);
	return sig == SIGINT || sig == SIGTERM || sig == SIGQUIT || sig == SIGHUP ? LAUNCH_SIGNAL
										  : LAUNCH_TIMEOUT;
}

static int64_t to_us(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

static void read_exec_result(struct launch *l)
{
	int why = 0;
	if (read(l->exec_fd, &why, sizeof why) == (ssize_t)sizeof why)
		l->exec_errno = why;
	else
		l->started_ns = clock_mono_ns();
	l->started = l->exec_errno == 0;
	close(l->exec_fd);
	l->exec_fd = -1;
}

/* What came while the command lived was for it, though we are only told now. */
static void drop_signals(const struct launch *l)
{
	struct signalfd_siginfo si;
	while (read(l->signal_fd, &si, sizeof si) == (ssize_t)sizeof si)
		; /* that of a child too: who called us looks again */
}

static enum launch_event command_ended(struct launch *l, int status, const struct rusage *ru)
{
	drop_signals(l);
	if (l->exec_fd >= 0)
		read_exec_result(l); /* it was as short as that */
	l->ended_ns = clock_mono_ns();
	l->user_us = to_us(ru->ru_utime);
	l->system_us = to_us(ru->ru_stime);
	l->command_status = status;
	l->command = 0;
	return LAUNCH_ENDED;
}

/* The shell of the pipeline, or one of the stages it left to us. */
static enum launch_event stage_ended(struct launch *l, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (code == STATUS_TOTAL_EXCEEDED || code == STATUS_PROCESS_EXCEEDED)
		l->limit_status = code;
	else if (code > l->pipeline_status)
		l->pipeline_status = code;
	/* As a shell tells it too. By SIGPIPE: who reads the report has had enough of
	 * it, or ended too. */
	if (code > 128 && code != 128 + SIGPIPE && !l->abandoned)
		l->stage_signal = code - 128;
	if (kill(-l->pipeline, 0) == 0 || errno != ESRCH)
		return LAUNCH_TIMEOUT; /* others are left */
	l->pipeline = 0;
	return LAUNCH_PIPELINE;
}

static int is_stranger(const struct launch *l, pid_t pid)
{
	for (size_t i = 0; i < l->strangers.n; i++)
		if (l->strangers.v[i].pid == pid)
			return 1;
	return 0;
}

/* One child that ended: the command, a stage, or an orphan of the tree. */
static enum launch_event child_ended(struct launch *l, pid_t pid)
{
	struct rusage ru;
	int status;
	int stage = l->pipeline > 0 && (pid == l->pipeline || getpgid(pid) == l->pipeline);
	if (wait4(pid, &status, 0, &ru) != pid)
		return LAUNCH_TIMEOUT;
	if (stage)
		return stage_ended(l, status);
	if (ru.ru_maxrss > l->maxrss_kib && !is_stranger(l, pid))
		l->maxrss_kib = ru.ru_maxrss;
	return pid == l->command ? command_ended(l, status, &ru) : LAUNCH_ORPHAN;
}

/* Where that can't be told, too: they wait for us. */
static int may_be_stage(const struct launch *l, pid_t pid)
{
	pid_t group = l->pipeline == 0 ? 0 : getpgid(pid);
	return l->pipeline > 0 && (pid == l->pipeline || group == l->pipeline || group < 0);
}

int launch_orphans(const struct launch *l)
{
	struct process_list children = {0};
	int n = 0;
	if (!procfs_is_ours()) /* nobody is known, and those in it are not ours */
		return 0;
	if (processes_children(&children, getpid()) != 0)
		(void)processes_all(&children, NULL);
	for (size_t i = 0; i < children.n; i++) {
		const struct process_id *k = &children.v[i];
		n += k->ppid == getpid() && !is_stranger(l, k->pid) && !may_be_stage(l, k->pid);
	}
	process_list_free(&children);
	return n;
}

/* By SIGSTOP, a command stops itself that is asked to stop, as top(1) does, or that
 * has the terminal, as a shell's `suspend`: the shell that waits must see that.
 * Otherwise it was somebody who will continue the command alone. */
static int is_stop_of_job(const struct launch *l, int sig)
{
	int tty;
	if (sig != SIGSTOP || l->asked_to_stop)
		return 1;
	pid_t group = foreground_of_command(l, &tty);
	if (tty >= 0)
		close(tty);
	return group > 0;
}

/* Before exec, it is us who hold it. What is not followed now may be when we are
 * asked to stop. */
static void follow_stop(struct launch *l)
{
	siginfo_t info = {0};
	if (l->command > 0 && l->exec_fd < 0 &&
	    wait_for(P_PID, l->command, &info, WNOHANG | WSTOPPED | WNOWAIT) == 0 &&
	    info.si_pid != 0 && is_stop_of_job(l, info.si_status)) {
		int sig = info.si_status;
		(void)wait_for(P_PID, l->command, &info, WNOHANG | WSTOPPED);
		stop_alike(l, sig);
	}
}

/* Whatever happened to our children, until something is worth telling. */
static enum launch_event reap(struct launch *l)
{
	enum launch_event event = LAUNCH_TIMEOUT;
	siginfo_t info = {0};
	int status;
	while (event == LAUNCH_TIMEOUT &&
	       (status = wait_for(P_ALL, 0, &info, WNOHANG | WEXITED | WNOWAIT)) == 0 &&
	       info.si_pid != 0) {
		event = child_ended(l, info.si_pid);
		info.si_pid = 0;
	}
	if (event == LAUNCH_TIMEOUT && status != 0 && errno == ECHILD && l->pipeline > 0) {
		l->pipeline = 0; /* whatever its group was said to be */
		return LAUNCH_PIPELINE;
	}
	if (event == LAUNCH_TIMEOUT)
		follow_stop(l);
	return event;
}

/* Of TIMEOUT_MS from START_NS on, what is left; -1 is for ever. */
static int left_ms(int64_t start_ns, int timeout_ms)
{
	int64_t gone_ms = timeout_ms < 0 ? 0 : (clock_mono_ns() - start_ns) / 1000000;
	return timeout_ms < 0 ? -1 : gone_ms < timeout_ms ? timeout_ms - (int)gone_ms : 0;
}

enum launch_event launch_wait(struct launch *l, int timeout_ms)
{
	int64_t start_ns = clock_mono_ns();
	for (;;) {
		/* One signal can stand for several children. */
		enum launch_event event = reap(l);
		if (event != LAUNCH_TIMEOUT)
			return event;
		struct pollfd fds[] = {
		    {.fd = l->exec_fd, .events = POLLIN},
		    {.fd = l->signal_fd, .events = POLLIN},
		    {.fd = l->lost ? -1 : l->pids_fd},
		};
		if (poll(fds, 3, left_ms(start_ns, timeout_ms)) == 0)
			return LAUNCH_TIMEOUT;
		if (fds[0].revents != 0) {
			read_exec_result(l);
			return LAUNCH_EXEC;
		}
		if (fds[2].revents != 0) {
			l->lost = 1;
			return LAUNCH_LOST;
		}
		struct signalfd_siginfo si;
		if (read(l->signal_fd, &si, sizeof si) == (ssize_t)sizeof si)
			event = take_signal(l, &si);
		if (event != LAUNCH_TIMEOUT)
			return event;
	}
}

/* By somebody's signal, that is; what a tracer has stopped is the tracer's. */
static int is_stopped(pid_t pid)
{
	char text[4096];
	const char *state = procfs_get(pid, "status", text, sizeof text) > 0
				? procfs_value(text, "State:")
				: NULL;
	return state != NULL && *state == 'T';
}

/* One by one: SIGCONT would undo the stop of a tracer that comes just now. */
void launch_continue(const struct launch *l)
{
	DIR *d = opendir("/proc");
	if (d == NULL)
		return;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
		if (pid > 0 && getpgid(pid) == l->pipeline && is_stopped(pid))
			kill(pid, SIGCONT);
	}
	closedir(d);
}

void launch_free(struct launch *l)
{
	process_list_free(&l->strangers);
}

void launch_abandon(struct launch *l)
{
	l->abandoned = 1;
	if (l->pipeline > 0)
		kill(-l->pipeline, SIGKILL);
}

void launch_end_alike(int status)
{
	if (WIFSIGNALED(status)) {
		struct sigaction standard = {.sa_handler = SIG_DFL};
		struct rlimit none = {0, 0};
		sigset_t one;
		int sig = WTERMSIG(status);
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* one core is enough */
		setrlimit(RLIMIT_CORE, &none);
		sigaction(sig, &standard, NULL);
		sigemptyset(&one);
		sigaddset(&one, sig);
		raise(sig);
		sigprocmask(SIG_UNBLOCK, &one, NULL);
		_exit(128 + sig);
	}
	_exit(WEXITSTATUS(status));
}
