/* SPDX-License-Identifier: MIT */
/* Measuring a command or running processes by a pipeline. */
#include "launch/measure.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/warn.h"
#include "base/output_file.h"
#include "os/cgroup.h"
#include "os/launch.h"
#include "os/oom_kills.h"
#include "os/scope.h"
#include "stream/pid_stream.h"

#define HOLD_MS 2000	/* how long the command waits for the pipeline to continue it */
#define CONTINUE_MS 250 /* how often stopped stages are continued after the command has exited */
#define UNSUPPORTED "measuring is not supported on this system"

struct run {
	const struct measure_options *options;
	struct launch launch;
	struct clock clock;
	struct launch_output output;
	struct cgroup cgroup; /* path "": none */
	struct oom_kills oom_kills;
	pid_t command;
	struct buf lines; /* for the pipeline */
};

/* ---- what the pipeline reads */

/* Write the lines to the pipeline, if it still reads. */
static void send_lines(struct run *r)
{
	struct launch *l = &r->launch;
	if (l->pids_fd >= 0 && !l->pipeline_lost && buf_write(&r->lines, l->pids_fd) != 0)
		l->pipeline_lost = true;
	r->lines.n = 0;
}

static void put_cgroup(struct run *r)
{
	if (r->cgroup.path[0] != '\0')
		pid_stream_put_text(&r->lines, "#cgroup", r->cgroup.path);
}

static void send_end(struct run *r, int64_t end_ns)
{
	uint64_t kills = oom_kills_count(&r->oom_kills);
	if (kills > 0)
		buf_printf(&r->lines, "#oom_kills\t%" PRIu64 "\n", kills);
	pid_stream_put_time(&r->lines, "#end", clock_unix_us(&r->clock, end_ns));
	send_lines(r);
}

static void send_result(struct run *r)
{
	const struct launch *l = &r->launch;
	pid_stream_put_result(
	    &r->lines, &(struct pid_stream_result){l->command_status, l->maxrss_kib,
			   l->command_maxrss_kib, l->maxrss_bound_kib, r->command,
			   l->user_us, l->system_us,
			   (l->exited_ns - l->started_ns) / 1000});
	send_end(r, r->options->wait_all ? clock_mono_ns() : l->exited_ns);
}

/* ---- the start */

static void require_file(const char *file, bool fits, const char *reason)
{
	if (!fits)
		warn_exit(STATUS_LAUNCHER, "%s: %s", file, reason);
}

static int open_output(const char *file)
{
	int fd = output_file_open(file);
	require_file(file, fd >= 0, strerror(errno));
	return fd;
}

static void truncate_output(const char *file, int fd)
{
	require_file(file, fd < 0 || output_file_truncate(fd) == 0, strerror(errno));
}

static void find_cgroup(struct cgroup *g, const char *name)
{
	if (name != NULL && cgroup_find(g, name) != 0)
		warn_exit(STATUS_LAUNCHER, "-c: %s: %s", name,
		    errno == ENOENT ? "control group not found" : strerror(errno));
}

static void make_cgroup(struct cgroup *g, const char *left)
{
	char limited[CGROUP_PATH];
	const char *limit = left != NULL ? scope_lost_limit(left, limited) : NULL;
	if (limit != NULL)
		warn_exit(STATUS_LAUNCHER,
		    "cannot make a control group: %s: a scope of systemd-run would not have its %s",
		    limited, limit);
	if (cgroup_make(g) == 0)
		return;
	const char *reason = errno == ENOTSUP ? "none counts memory here"
			     : errno == EBUSY ? "other processes are in this control group"
					      : strerror(errno);
	warn_exit(STATUS_LAUNCHER, "cannot make a control group: %s%s%s", g->path,
	    g->path[0] != '\0' ? ": " : "", reason);
}

/* Open and find what the options name, before anything is started. Files keep what they hold until
 * all of it is found. Return 0, or -1 with errno set if signals cannot be received. */
static int prepare(struct run *r)
{
	const struct measure_options *o = r->options;
	r->output = (struct launch_output){-1, -1};
	if (o->out != NULL)
		r->output.out = open_output(o->out);
	if (o->err != NULL && o->out != NULL && strcmp(o->err, o->out) == 0)
		r->output.err = r->output.out;
	else if (o->err != NULL)
		r->output.err = open_output(o->err);
	find_cgroup(&r->cgroup, o->cgroup_name);
	truncate_output(o->out, r->output.out);
	truncate_output(o->err, r->output.err);
	r->clock = clock_start();
	int status = launch_prepare(&r->launch);
	if (status != 0 && errno == ENOTSUP)
		warn_exit(STATUS_LAUNCHER, "%s", UNSUPPORTED);
	return status;
}

void measure_check(const struct measure_options *o)
{
	const char *const files[] = {o->out, o->err};
	struct cgroup cgroup = {0};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		const char *reason = files[i] != NULL ? output_file_check(files[i]) : NULL;
		require_file(files[i], reason == NULL, reason);
	}
	find_cgroup(&cgroup, o->cgroup_name);
}

/* Close the PID stream and wait for the pipeline to end. A signal ends the wait. Continue stopped
 * stages: they would never end. */
static void finish_pipeline(struct launch *l)
{
	if (l->pids_fd >= 0)
		close(l->pids_fd);
	l->pids_fd = -1;
	while (l->pipeline > 0) {
		enum launch_event event = launch_wait(l, CONTINUE_MS);
		if (event == LAUNCH_SIGNAL)
			return;
		if (event == LAUNCH_TIMEOUT)
			launch_continue_stages(l);
	}
	if (l->stage_signal != 0)
		warn_print("signal %d (%s) ended a stage of the pipeline: the report is missing or "
			   "partial",
		    l->stage_signal, strsignal(l->stage_signal));
}

static void continue_unmeasured(struct launch *l, const char *why)
{
	warn_print("%s: the command runs unmeasured", why);
	kill(l->command, SIGCONT);
}

/* Wait until the pipeline has continued the command and it was executed. If the pipeline does not,
 * continue it here. Return 0, or an exit status if exec failed. */
static int wait_for_exec(struct launch *l, const char *name)
{
	static const char ended[] = "the sampler ended before the start";
	bool held = !l->pipeline_lost;
	if (!held)
		continue_unmeasured(l, ended);
	while (l->command > 0 && l->exec_fd >= 0) {
		enum launch_event event = launch_wait(l, held ? HOLD_MS : -1);
		if (!held || event == LAUNCH_EXEC || event == LAUNCH_EXITED ||
		    event == LAUNCH_ORPHAN)
			continue;
		bool late = event == LAUNCH_TIMEOUT;
		continue_unmeasured(l, late ? "no sampler came within 2 s" : ended);
		held = false;
	}
	if (l->exec_errno == 0)
		return 0;
	launch_abandon(l);
	warn_print("%s: %s", name, strerror(l->exec_errno));
	return l->exec_errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}

static void wait_for_end(struct run *r)
{
	struct launch *l = &r->launch;
	while (l->command > 0)
		(void)launch_wait(l, -1);
	while (r->options->wait_all && launch_orphans(l) > 0)
		if (launch_wait(l, -1) == LAUNCH_SIGNAL)
			break;
}

/* The command cannot be measured because WHAT failed. Unless a control group was made for the
 * command, execute it in this process. Otherwise return an exit status. */
static int run_instead(struct run *r, char **argv, const char *what)
{
	bool own_cgroup = r->options->own_cgroup;
	const char *outcome = own_cgroup ? "" : ": the command runs unmeasured";
	warn_print("%s: %s%s", what, strerror(errno), outcome);
	if (!own_cgroup && launch_instead(&r->launch, argv, &r->output) != 0)
		warn_print("%s: %s", argv[0], strerror(errno));
	launch_abandon(&r->launch);
	return STATUS_LAUNCHER;
}

/* Start the command, which is stopped then. Return 0, or an exit status after a message. */
static int start_command(struct run *r, char **argv)
{
	struct launch *l = &r->launch;
	if (launch_held(l, argv, &r->output) != 0)
		return run_instead(r, argv, "cannot start a process");
	if (!r->options->own_cgroup || cgroup_enter(&r->cgroup, l->command) == 0)
		return 0;
	warn_print("%s: %s", r->cgroup.path, strerror(errno));
	kill(l->command, SIGKILL);
	launch_abandon(l);
	while (l->command > 0)
		(void)launch_wait(l, -1);
	return STATUS_LAUNCHER;
}

/* Start the pipeline and, unless ARGV is NULL, the command. Return 0, or an exit status after a
 * message. */
static int start(struct run *r, char **argv)
{
	struct launch *l = &r->launch;
	if (launch_pipeline(l, r->options->pipeline) != 0) {
		warn_print("/bin/sh: %s", strerror(errno));
		l->pipeline_lost = true;
		if (argv == NULL)
			return STATUS_LAUNCHER;
	}
	int status = argv != NULL ? start_command(r, argv) : 0;
	if (status != 0)
		return status;
	/* If it fails, readers of the command's output wait for this process too. */
	(void)launch_detach(l);
	return 0;
}

/* Return 0 after the command has exited, or an exit status if it was not executed. */
static int measure(struct run *r, char **argv)
{
	struct launch *l = &r->launch;
	oom_kills_start(&r->oom_kills, r->options->own_cgroup ? &r->cgroup : NULL);
	int status = start(r, argv);
	if (status != 0)
		return status;
	r->command = l->command;
	pid_stream_put_command(&r->lines, argv);
	put_cgroup(r);
	buf_printf(&r->lines, "#reaper\t%ld\n%ld\n", (long)getpid(), (long)l->command);
	send_lines(r);
	status = wait_for_exec(l, argv[0]);
	if (status != 0)
		return status;
	pid_stream_put_time(&r->lines, "#started", clock_unix_us(&r->clock, l->started_ns));
	send_lines(r);
	bool lost = l->pipeline_lost;
	wait_for_end(r);
	send_result(r);
	/* Stages that all succeed may end as early as they were asked to (memsample -d). */
	if (l->pipeline_lost && !lost && l->pipeline_status != 0)
		warn_print("the measuring ended before the command did");
	return 0;
}

static void free_run(struct run *r)
{
	buf_free(&r->lines);
	launch_free(&r->launch);
}

int measure_command(const struct measure_options *o, char **argv)
{
	struct run r = {.options = o};
	struct launch *l = &r.launch;
	if (prepare(&r) != 0)
		return run_instead(&r, argv, "signals");
	if (o->own_cgroup)
		make_cgroup(&r.cgroup, o->left_cgroup);
	int status = measure(&r, argv);
	finish_pipeline(l);
	if (o->own_cgroup && cgroup_remove(&r.cgroup) != 0)
		warn_print("%s: %s", r.cgroup.path, strerror(errno));
	free_run(&r);
	if (l->limit_status != 0)
		return l->limit_status;
	if (status != 0)
		return status;
	launch_exit_like(l->command_status);
}

int measure_processes(const struct measure_options *o, char **pids)
{
	struct run r = {.options = o};
	struct launch *l = &r.launch;
	if (prepare(&r) != 0)
		warn_exit(STATUS_LAUNCHER, "signals: %s", strerror(errno));
	oom_kills_start(&r.oom_kills, NULL);
	if (start(&r, NULL) != 0)
		return STATUS_LAUNCHER;
	buf_printf(&r.lines, "#launcher\t%ld\n", (long)getpid());
	put_cgroup(&r);
	for (; *pids != NULL; pids++)
		buf_printf(&r.lines, "%s\n", *pids);
	buf_str(&r.lines, "#all_given\n");
	send_lines(&r);
	while (l->pipeline > 0 && !l->pipeline_lost) {
		if (launch_wait(l, -1) != LAUNCH_SIGNAL)
			continue;
		send_end(&r, clock_mono_ns());
		break;
	}
	finish_pipeline(l);
	free_run(&r);
	return l->limit_status != 0 ? l->limit_status : l->pipeline_status;
}
