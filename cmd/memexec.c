/* SPDX-License-Identifier: MIT */
/* Run a command under observation by a pipeline. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/job.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/program.h"
#include "base/status.h"
#include "base/warn.h"
#include "launch/measure.h"
#include "os/execute.h"
#include "os/processes.h"
#include "os/scope.h"
#include "os/shell.h"

enum { SILENT = OPTIONS_LONG, TO, RESUME, FILL };
#define RESUME_OPTION "--resume"

static const struct options_row rows[] = {
    {'A', "wait-all", NULL, "wait for the processes that outlive the command too"},
    {'c', "cgroup", "cgroup", "report this control group to the pipeline"},
    {'E', "stderr", "file", "write the command's standard error to file"},
    {FILL, "fill", "text", "print text with the host for {host} and the rank for {rank}"},
    {'g', "own-cgroup", NULL, "run the command in a new control group"},
    {'O', "stdout", "file", "write the command's standard output to file"},
    {'p', "pids", NULL, "measure the running processes pid ..."},
    {RESUME, "resume", "fd", "continue what -g has started through systemd-run"},
    {'s', "script", "script", "run a shell script, then the words it passes to become"},
    {SILENT, "silent", NULL, "discard the command's output"},
    {TO, "to", "pipeline", "write the process IDs to this pipeline"},
    {0, NULL, NULL, NULL},
};

static const struct options_table table = {
    "run a command under observation by a pipeline",
    {"=--to pipeline [-Ag] [-E file] [-O file] [--silent] [--] command [argument ...]",
	"=--to pipeline [-c cgroup] -p pid ...", "=-s script [argument ...]", "=--fill text",
	"=--resume fd"},
    rows,
    STATUS_LAUNCHER,
    true,
};

struct settings {
	const char *script;
	const char *resume, *fill;
	struct measure_options measure;
	bool attach;
};

/* ---- options and operands */

/* Store one option. Return false if it is -s or --resume: what follows are arguments of another
 * program. */
static bool take_option(struct settings *s, const struct options *o, int key)
{
	struct measure_options *m = &s->measure;
	switch (key) {
	case 'A':
		m->wait_all = true;
		break;
	case 'c':
		m->cgroup_name = o->argument;
		break;
	case 'E':
		m->err = o->argument;
		break;
	case 'g':
		m->own_cgroup = true;
		break;
	case 'O':
		m->out = o->argument;
		break;
	case 'p':
		s->attach = true;
		break;
	case 's':
		s->script = o->argument;
		break;
	case FILL:
		s->fill = o->argument;
		break;
	case RESUME:
		s->resume = o->argument;
		break;
	case SILENT:
		m->out = m->err = "/dev/null";
		break;
	case TO:
		m->pipeline = o->argument;
		break;
	}
	return key != 's' && key != RESUME;
}

static void require(bool condition, const char *message)
{
	if (!condition)
		warn_exit(STATUS_LAUNCHER, "%s", message);
}

static void parse_options(struct settings *s, struct options *o, char **argv)
{
	const struct measure_options *m = &s->measure;
	*s = (struct settings){0};
	for (int key; (key = options_next(o)) != OPTIONS_END && take_option(s, o, key);)
		;
	argv += o->operands;
	if (s->resume != NULL || s->fill != NULL) {
		require(m->pipeline == NULL && !s->attach && *argv == NULL,
		    "--resume and --fill: no other option or operand allowed");
		return;
	}
	if (s->script != NULL) {
		const char *reason = shell_check_script(s->script);
		if (reason != NULL)
			warn_exit(STATUS_LAUNCHER, "%s: %s", s->script, reason);
		require(m->pipeline == NULL && !s->attach, "-s: not allowed with --to or -p");
		return;
	}
	if (m->pipeline == NULL || *argv == NULL) {
		const char *operand = s->attach ? "process ID" : "command";
		warn_print("missing %s", m->pipeline == NULL ? "--to" : operand);
		options_usage(o);
	}
	require(s->attach || m->cgroup_name == NULL, "-c: not allowed without -p");
	require(!s->attach || !m->wait_all, "-A: not allowed with -p");
	require(!m->wait_all || processes_have_reapers(), "-A: not supported on this system");
	require(!s->attach || !m->own_cgroup, "-g: not allowed with -p");
	require(!s->attach || (m->out == NULL && m->err == NULL),
	    "-O, -E and --silent: not allowed with -p");
	for (int i = 0; s->attach && argv[i] != NULL; i++) {
		pid_t pid;
		const char *reason = parse_pid(argv[i], strlen(argv[i]), &pid);
		if (reason != NULL)
			warn_exit(STATUS_LAUNCHER, "%s: %s", argv[i], reason);
	}
}

/* ---- scripts */

/* Run the script. Exit with its status if it does not call become. */
static void run_script(struct shell *shell, const char *script, char **args)
{
	program_set_name(script);
	if (shell_script(shell, script, args) != 0)
		warn_exit(STATUS_LAUNCHER, "/bin/sh: %s", strerror(errno));
	if (WIFSIGNALED(shell->status) && WTERMSIG(shell->status) == SIGPIPE)
		exit(128 + SIGPIPE); /* the reader of --help has exited */
	if (WIFSIGNALED(shell->status))
		warn_exit(STATUS_LAUNCHER, "/bin/sh: %s", strsignal(WTERMSIG(shell->status)));
	/* A shell that fails by itself exits with 2, which is not a status of the command. */
	int status = WEXITSTATUS(shell->status);
	if (status != 0 || shell->argc == 0)
		exit(status == 2 ? STATUS_LAUNCHER : status);
}

/* Parse the words that the script passed to become, or execute them if they are not a memexec
 * command. */
static void become(struct settings *s, struct options *o, const struct shell *shell)
{
	const char *script = s->script, *program = shell->argv[0];
	if (strcmp(program, "memexec") != 0) {
		execute(shell->argv);
		warn_exit(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE, "%s: %s",
		    program, strerror(errno));
	}
	*o = options_start(&table, shell->argc, shell->argv);
	program_set_name(script);
	parse_options(s, o, shell->argv);
	require(s->script == NULL, "-s: not allowed in a script");
	require(s->resume == NULL, "--resume: not allowed in a script");
}

/* Print TEXT with the host and the rank filled in. */
static int print_filled(const char *text)
{
	struct buf b = {0};
	const char *reason = job_fill(&b, text);
	if (reason != NULL)
		warn_exit(STATUS_LAUNCHER, "%s: %s", text, reason);
	buf_char(&b, '\n');
	if (buf_write(&b, STDOUT_FILENO) != 0)
		warn_exit(STATUS_LAUNCHER, "standard output: %s", strerror(errno));
	buf_free(&b);
	return STATUS_OK;
}

/* ---- control groups */

/* Parse the arguments that this program had before it was restarted. */
static void resume(struct settings *s, struct options *o, struct scope_start *start)
{
	const char *fd = s->resume;
	if (scope_resume(start, fd) != 0)
		warn_exit(STATUS_LAUNCHER, RESUME_OPTION ": %s: %s", fd, strerror(errno));
	*o = options_start(&table, start->argc, start->argv);
	program_set_name(start->name);
	parse_options(s, o, start->argv);
	require(s->script == NULL && s->resume == NULL && s->fill == NULL,
	    RESUME_OPTION ": invalid arguments");
	s->measure.left_cgroup = start->group;
}

/* Restart this program where it can make a control group, unless it can here or was restarted. */
static void find_place(const struct settings *s, char **argv)
{
	if (!s->measure.own_cgroup || s->measure.left_cgroup != NULL)
		return;
	measure_check(&s->measure);
	scope_restart(RESUME_OPTION, argv);
}

int main(int argc, char **argv)
{
	struct settings s;
	struct shell shell = {0};
	static struct scope_start start; /* its arguments are used to the end */
	struct options o = options_start(&table, argc, argv);
	parse_options(&s, &o, argv);
	if (s.script != NULL && !o.check) {
		run_script(&shell, s.script, argv + o.operands);
		become(&s, &o, &shell);
		argv = shell.argv;
	}
	if (s.resume != NULL && !o.check) {
		resume(&s, &o, &start);
		argv = start.argv;
	}
	if (s.fill != NULL && !o.check)
		return print_filled(s.fill);
	if (o.check) {
		measure_check(&s.measure);
		return STATUS_OK;
	}
	find_place(&s, argv);
	argv += o.operands;
	int status =
	    s.attach ? measure_processes(&s.measure, argv) : measure_command(&s.measure, argv);
	shell_free(&shell);
	return status;
}
