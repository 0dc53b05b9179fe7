/* SPDX-License-Identifier: MIT */
/* Launching a command under observation: its signals, and the exits of all children. */
#define _GNU_SOURCE
#include "os/launch.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/status.h"
#include "os/linux/procfs.h"
#include "os/posix/launch_job.h"

/* The command can grow by this much between its stop and its exec. */
#define GROWTH_BEFORE_EXEC_KIB 256

/* ---- signals */

/*
 * Return true if the signal must be passed on. A terminal sends its signals to the whole foreground
 * group, which includes the command. A process that signals this process means the command. When a
 * terminal is closed, the kernel signals the leader of the session alone. A signal that the command
 * itself sent, as by kill(0, ...), reached it already.
 */
static bool is_for_command(const struct launch *l, const struct signalfd_siginfo *si)
{
	if (si->ssi_signo == SIGPIPE && si->ssi_pid == (uint32_t)getpid())
		return false; /* from a write to the pipeline */
	if (si->ssi_code <= 0)
		return si->ssi_pid != (uint32_t)l->command;
	return (si->ssi_signo == SIGHUP || si->ssi_signo == SIGCONT) && getsid(0) == getpid();
}

/* Send the signal to PID; a queued one with its value and its sender, to which the command may
 * reply. */
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
			l->stop_requested = true;
		if (sig == SIGCONT)
			l->stop_requested = false;
		if (is_for_command(l, si))
			pass_on(l->command, si);
		return LAUNCH_TIMEOUT; /* if the command stops by it, reap() follows */
	}
	if (sig == SIGTSTP)
		launch_stop(sig);
	return sig == SIGINT || sig == SIGTERM || sig == SIGQUIT || sig == SIGHUP ? LAUNCH_SIGNAL
										  : LAUNCH_TIMEOUT;
}

/* Discard the signals that arrived while the command ran: they were meant for it. launch_wait()
 * finds children that have exited without SIGCHLD. */
static void discard_signals(const struct launch *l)
{
	struct signalfd_siginfo si;
	while (read(l->signal_fd, &si, sizeof si) == (ssize_t)sizeof si)
		;
}

/* ---- exits */

static int64_t to_us(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

/* The pipe holds an error number, or is at its end because exec closed the other side. */
static void read_exec_result(struct launch *l)
{
	int error = 0;
	if (read(l->exec_fd, &error, sizeof error) == (ssize_t)sizeof error)
		l->exec_errno = error;
	else
		l->started_ns = clock_mono_ns();
	close(l->exec_fd);
	l->exec_fd = -1;
}

static enum launch_event command_exited(struct launch *l, int status, const struct rusage *ru)
{
	discard_signals(l);
	if (l->exec_fd >= 0)
		read_exec_result(l);
	l->exited_ns = clock_mono_ns();
	l->user_us = to_us(ru->ru_utime);
	l->system_us = to_us(ru->ru_stime);
	l->command_status = status;
	l->command = 0;
	return LAUNCH_EXITED;
}

/* A stage is the shell of the pipeline, or a child that this shell left to this process. */
static enum launch_event stage_exited(struct launch *l, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (code == STATUS_TOTAL_EXCEEDED || code == STATUS_PROCESS_EXCEEDED)
		l->limit_status = code;
	else if (code > l->pipeline_status)
		l->pipeline_status = code;
	/* A shell reports a signal as such a status too. SIGPIPE: the reader of the report has
	 * closed it. */
	if (code > 128 && code != 128 + SIGPIPE && !l->abandoned)
		l->stage_signal = code - 128;
	if (kill(-l->pipeline, 0) == 0 || errno != ESRCH)
		return LAUNCH_TIMEOUT; /* the group is not empty */
	l->pipeline = 0;
	return LAUNCH_PIPELINE;
}

static bool is_earlier(const struct launch *l, pid_t pid)
{
	for (size_t i = 0; i < l->earlier.n; i++)
		if (l->earlier.v[i].pid == pid)
			return true;
	return false;
}

/* Return whether the zombie PID has waited for no child. Then wait4(2) returns its own RSS. */
static bool waited_for_none(pid_t pid)
{
	struct procfs_stat st;
	return procfs_stat(pid, &st) == 0 && st.children_faults == 0;
}

/* Return whether this program can have held KIB between fork and exec. With AddressSanitizer it is
 * larger than most commands, so that all their peaks would be unknown. */
static bool is_before_exec(const struct launch *l, int64_t kib)
{
#ifdef __SANITIZE_ADDRESS__
	(void)l, (void)kib;
	return false;
#else
	return kib <= l->held_kib + GROWTH_BEFORE_EXEC_KIB;
#endif
}

/* Note that wait4(2) returned KIB for PID. OWN: it is the command, and has waited for
 * no child. The memory of this program between fork and exec is not the command's. */
static void add_maxrss(struct launch *l, pid_t pid, int64_t kib, bool own)
{
	if (pid == l->command && is_before_exec(l, kib)) {
		l->maxrss_bound_kib = kib;
		return;
	}
	if (own)
		l->command_maxrss_kib = kib;
	if (kib > l->maxrss_kib)
		l->maxrss_kib = kib;
}

/* Reap the child PID: the command, a stage, or an orphan of the tree. */
static enum launch_event child_exited(struct launch *l, pid_t pid)
{
	struct rusage ru;
	int status;
	bool stage = l->pipeline > 0 && (pid == l->pipeline || getpgid(pid) == l->pipeline);
	bool own = pid == l->command && waited_for_none(pid);
	if (wait4(pid, &status, 0, &ru) != pid)
		return LAUNCH_TIMEOUT;
	if (stage)
		return stage_exited(l, status);
	if (!is_earlier(l, pid))
		add_maxrss(l, pid, ru.ru_maxrss, own);
	return pid == l->command ? command_exited(l, status, &ru) : LAUNCH_ORPHAN;
}

/* Reap children until one of them makes an event. Then follow a stop of the command. */
static enum launch_event reap(struct launch *l)
{
	enum launch_event event = LAUNCH_TIMEOUT;
	siginfo_t info = {0};
	int status;
	while (event == LAUNCH_TIMEOUT &&
	       (status = launch_waitid(P_ALL, 0, &info, WNOHANG | WEXITED | WNOWAIT)) == 0 &&
	       info.si_pid != 0) {
		event = child_exited(l, info.si_pid);
		info.si_pid = 0;
	}
	if (event == LAUNCH_TIMEOUT && status != 0 && errno == ECHILD && l->pipeline > 0) {
		l->pipeline =
		    0; /* without children there is no stage, even if kill(2) reported otherwise */
		return LAUNCH_PIPELINE;
	}
	if (event == LAUNCH_TIMEOUT)
		launch_follow_stop(l);
	return event;
}

/* Return what is left of TIMEOUT_MS since START_NS; -1 (no limit) stays. */
static int left_ms(int64_t start_ns, int timeout_ms)
{
	int64_t passed_ms = timeout_ms < 0 ? 0 : (clock_mono_ns() - start_ns) / 1000000;
	return timeout_ms < 0 ? -1 : passed_ms < timeout_ms ? timeout_ms - (int)passed_ms : 0;
}

enum launch_event launch_wait(struct launch *l, int timeout_ms)
{
	int64_t start_ns = clock_mono_ns();
	for (;;) {
		/* One SIGCHLD can mean several children. */
		enum launch_event event = reap(l);
		if (event != LAUNCH_TIMEOUT)
			return event;
		struct pollfd fds[] = {
		    {.fd = l->exec_fd, .events = POLLIN},
		    {.fd = l->signal_fd, .events = POLLIN},
		    {.fd = l->pipeline_lost ? -1 : l->pids_fd},
		};
		if (poll(fds, 3, left_ms(start_ns, timeout_ms)) == 0)
			return LAUNCH_TIMEOUT;
		if (fds[0].revents != 0) {
			read_exec_result(l);
			return LAUNCH_EXEC;
		}
		if (fds[2].revents != 0) {
			l->pipeline_lost = true;
			return LAUNCH_LOST;
		}
		struct signalfd_siginfo si;
		if (read(l->signal_fd, &si, sizeof si) == (ssize_t)sizeof si)
			event = take_signal(l, &si);
		if (event != LAUNCH_TIMEOUT)
			return event;
	}
}

/* ---- what still runs */

/* Return true if the child PID may be a stage. If its process group is unknown, assume so: stages
 * exit by themselves. */
static bool may_be_stage(const struct launch *l, pid_t pid)
{
	pid_t group = l->pipeline == 0 ? 0 : getpgid(pid);
	return l->pipeline > 0 && (pid == l->pipeline || group == l->pipeline || group < 0);
}

int launch_orphans(const struct launch *l)
{
	struct process_list children = {0};
	int n = 0;
	if (!procfs_is_ours()) /* it has no PIDs, or PIDs of another namespace */
		return 0;
	if (processes_children(&children, getpid()) != 0)
		(void)processes_all(&children, NULL);
	for (size_t i = 0; i < children.n; i++) {
		const struct process_id *child = &children.v[i];
		n += child->ppid == getpid() && !is_earlier(l, child->pid) &&
		     !may_be_stage(l, child->pid);
	}
	process_list_free(&children);
	return n;
}

/* Return true if a signal has stopped PID; a process that a tracer has stopped has another state.
 */
static bool is_stopped(pid_t pid)
{
	char text[4096];
	const char *state =
	    procfs_get(pid, "status", text, sizeof text) > 0 ? procfs_value(text, "State:") : NULL;
	return state != NULL && *state == 'T';
}

/* One by one: SIGCONT to the whole group would undo the stop of a tracer that attaches at this
 * moment. */
void launch_continue_stages(const struct launch *l)
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
