/* SPDX-License-Identifier: MIT */
/* Launching a command under observation: its signals, and the exits of all children. */
#include "os/launch.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/minmax.h"
#include "base/status.h"
#include "os/os_poll.h"
#include "os/posix/launch_job.h"
#include "os/posix/launch_signals.h"
#include "os/posix/launch_system.h"

/* The command can grow by this much between its stop and its exec. */
#define GROWTH_BEFORE_EXEC_KIB 256

/* How often to check whether stages still run whose exits are not reported to this process. */
#define LOST_STAGES_NS 20000000

/* ---- signals */

/*
 * Return true if the signal must be passed on. A terminal sends its signals to the whole foreground
 * group, which includes the command. A process that signals this process means the command. When a
 * terminal is closed, the kernel signals the leader of the session alone. A signal that the command
 * itself sent, as by kill(0, ...), reached it already.
 */
static bool is_for_command(const struct launch *l, const struct launch_signal *s)
{
	if (s->number == SIGPIPE && s->sender == getpid())
		return false; /* from a write to the pipeline */
	if (s->sent)
		return s->sender != l->command;
	return (s->number == SIGHUP || s->number == SIGCONT) && getsid(0) == getpid();
}

static enum launch_event take_signal(struct launch *l, const struct launch_signal *s)
{
	int sig = s->number;
	if (l->command > 0) {
		if (sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU)
			l->stop_requested = true;
		if (sig == SIGCONT)
			l->stop_requested = false;
		if (is_for_command(l, s))
			launch_system_pass_on(l->command, s);
		return LAUNCH_TIMEOUT; /* if the command stops by it, reap() follows */
	}
	if (sig == SIGTSTP)
		launch_stop(sig);
	return sig == SIGINT || sig == SIGTERM || sig == SIGQUIT || sig == SIGHUP ? LAUNCH_SIGNAL
										  : LAUNCH_TIMEOUT;
}

/* Discard the signals that arrived while the command ran: they were meant for it. launch_wait()
 * finds children that have exited without SIGCHLD. */
static void discard_signals(struct launch *l)
{
	struct launch_signal s;
	while (launch_signals_take(l, &s))
		;
}

/* ---- exits */

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

static enum launch_event command_exited(struct launch *l, int status, const struct launch_usage *u)
{
	discard_signals(l);
	if (l->exec_fd >= 0)
		read_exec_result(l);
	l->exited_ns = clock_mono_ns();
	l->user_us = u->user_us;
	l->system_us = u->system_us;
	l->command_status = status;
	l->command = 0;
	return LAUNCH_EXITED;
}

/* Return whether stages run that the shell has left to another process than this one. */
static bool has_lost_stages(const struct launch *l)
{
	return !l->adopts && l->pipeline > 0 && kill(-l->pipeline, 0) == 0;
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

/* Note the largest RSS of PID and of the children it waited for. The memory of this program between
 * fork and exec is not the command's. */
static void add_maxrss(struct launch *l, pid_t pid, const struct launch_usage *u)
{
	int64_t kib = u->maxrss_kib;
	if (pid == l->command && is_before_exec(l, kib)) {
		l->maxrss_bound_kib = u->exact ? kib : 0;
		return;
	}
	if (pid == l->command)
		l->command_maxrss_kib = u->own_maxrss_kib;
	if (kib > l->maxrss_kib)
		l->maxrss_kib = kib;
}

/* Reap the child PID: the command, a stage, or an orphan of the tree. */
static enum launch_event child_exited(struct launch *l, pid_t pid)
{
	struct launch_usage u;
	int status;
	bool stage = l->pipeline > 0 && (pid == l->pipeline || launch_system_group(pid) == l->pipeline);
	if (launch_system_reap(pid, &status, &u) != 0)
		return LAUNCH_TIMEOUT;
	if (stage)
		return stage_exited(l, status);
	if (!is_earlier(l, pid))
		add_maxrss(l, pid, &u);
	return pid == l->command ? command_exited(l, status, &u) : LAUNCH_ORPHAN;
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
	if (event == LAUNCH_TIMEOUT && status != 0 && errno == ECHILD && l->pipeline > 0 &&
	    !has_lost_stages(l)) {
		/* Without children there is no stage, even if kill(2) reported otherwise. */
		l->pipeline = 0;
		return LAUNCH_PIPELINE;
	}
	if (event == LAUNCH_TIMEOUT)
		launch_follow_stop(l);
	return event;
}

/* Store what is left of the time until UNTIL_NS in LEFT. Return LEFT, or NULL if that is INT64_MAX:
 * there is no limit. */
static const struct timespec *time_left(struct timespec *left, int64_t until_ns)
{
	if (until_ns == INT64_MAX)
		return NULL;
	int64_t ns = max_i64(until_ns - clock_mono_ns(), 0);
	*left = (struct timespec){
	    .tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
	return left;
}

enum launch_event launch_wait(struct launch *l, int timeout_ms)
{
	int64_t until_ns =
	    timeout_ms < 0 ? INT64_MAX : clock_mono_ns() + timeout_ms * INT64_C(1000000);
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
		struct timespec left;
		int64_t wake_ns = until_ns;
		if (has_lost_stages(l))
			wake_ns = min_i64(until_ns, clock_mono_ns() + LOST_STAGES_NS);
		int ready = os_poll(fds, 3, time_left(&left, wake_ns), launch_signals_mask());
		if (ready == 0 && clock_mono_ns() >= until_ns)
			return LAUNCH_TIMEOUT;
		if (ready > 0 && fds[0].revents != 0) {
			read_exec_result(l);
			return LAUNCH_EXEC;
		}
		if (ready > 0 && fds[2].revents != 0) {
			l->pipeline_lost = true;
			return LAUNCH_LOST;
		}
		struct launch_signal s;
		if (launch_signals_take(l, &s))
			event = take_signal(l, &s);
		if (event != LAUNCH_TIMEOUT)
			return event;
	}
}

/* ---- what still runs */

/* Return true if the child PID may be a stage. If its process group is unknown, assume so: stages
 * exit by themselves. */
static bool may_be_stage(const struct launch *l, pid_t pid)
{
	pid_t group = l->pipeline == 0 ? 0 : launch_system_group(pid);
	return l->pipeline > 0 && (pid == l->pipeline || group == l->pipeline || group < 0);
}

int launch_orphans(const struct launch *l)
{
	struct process_list children = {0};
	int n = 0;
	if (processes_unavailable() != NULL)
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

/* One by one: SIGCONT to the whole group would undo the stop of a tracer that attaches at this
 * moment. */
void launch_continue_stages(const struct launch *l)
{
	struct process_list all = {0};
	(void)processes_all(&all, NULL);
	for (size_t i = 0; i < all.n; i++) {
		pid_t pid = all.v[i].pid;
		if (getpgid(pid) == l->pipeline && launch_system_is_stopped(pid))
			kill(pid, SIGCONT);
	}
	process_list_free(&all);
}
