/* Starts a command held still, tells a pipeline its PID, and ends as it does. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/alloc.h"
#include "base/fd.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/program.h"
#include "base/status.h"
#include "base/warn.h"
#include "os/cgroup.h"
#include "os/launch.h"
#include "os/shell.h"
#include "stream/escape.h"

#define HOLD_MS 2000	  /* nobody is kept waiting longer */
#define CONTINUE_MS 250	  /* how often stopped stages are woken at the end */
#define COMMAND_MAX 16384 /* bytes of #command: the pipe takes it whole */

enum { AFTER = OPTIONS_LONG, AFTER_OUT, SILENT, TO };

struct settings {
	const char *script;
	const char *pipeline, *after;
	const char *out, *err;	/* files for the command's output */
	const char *group_name; /* a control group to be told of */
	int after_out;		/* what AFTER writes goes to standard output */
	int own_group;		/* one is to be made for the command */
	int wait_all;
	int attach;
	uint64_t runs;
};

struct run {
	struct settings o;
	struct launch launch;
	struct clock clock;
	struct launch_output output;
	struct cgroup group; /* path "" for none */
	struct cgroup here;  /* whose out-of-memory kills are counted; or "" */
	uint64_t oom_kills;  /* at the start */
	struct buf b;
};

static const struct options_row rows[] = {
    {'A', "wait-all", NULL, "also wait for the processes that the command leaves behind"},
    {'c', "cgroup", "cgroup", "report this control group to the pipeline (with -p)"},
    {'E', "stderr", "file", "write the command's standard error to file"},
    {'g', "own-cgroup", NULL, "run the command in a control group of its own"},
    {'O', "stdout", "file", "write the command's standard output to file"},
    {'p', "pids", NULL, "the operands are the IDs of running processes"},
    {'s', "script", "script", "run a shell script, then what it hands to become"},
    {SILENT, "silent", NULL, "discard the command's output"},
    {TO, "to", "pipeline", "start this pipeline and write the process IDs to it"},
    {AFTER, "after", "text", "to be removed"},
    {AFTER_OUT, "after-out", NULL, "to be removed"},
    {'r', "repeat", "runs", "to be removed"},
    {0, NULL, NULL, NULL},
};

static const struct options_table table = {
    "start a command under observation by a pipeline",
    {"[--] command [argument ...]", "-p pid ...", "-s script [argument ...]"},
    rows,
    STATUS_LAUNCHER,
};

/* As a shell would need it, so that it can be pasted. */
static void put_argument(struct buf *b, const char *arg)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./-";
	if (*arg != '\0' && arg[strspn(arg, plain)] == '\0') {
		buf_str(b, arg);
		return;
	}
	buf_char(b, '\'');
	for (; *arg != '\0'; arg++) {
		if (*arg == '\'')
			buf_str(b, "'\\'");
		buf_char(b, *arg);
	}
	buf_char(b, '\'');
}

static void put_command(struct buf *b, char **argv)
{
	struct buf text = {0};
	for (char **arg = argv; *arg != NULL && text.n <= COMMAND_MAX / 4; arg++) {
		if (arg != argv)
			buf_char(&text, ' ');
		put_argument(&text, *arg);
	}
	int cut = text.n > COMMAND_MAX / 4; /* an escape is four bytes */
	buf_str(b, "#command\t");
	escape_field(b, text.p, cut ? COMMAND_MAX / 4 : text.n);
	buf_str(b, cut ? "...\n" : "\n");
	buf_free(&text);
}

static void put_time(struct buf *b, const char *key, int64_t us)
{
	buf_str(b, key);
	buf_char(b, '\t');
	buf_time(b, us);
	buf_char(b, '\n');
}

static void tell(struct run *r)
{
	struct launch *l = &r->launch;
	if (l->pids_fd >= 0 && !l->lost && buf_write(&r->b, l->pids_fd) != 0)
		l->lost = 1;
	r->b.n = 0;
}

static int count_oom_kills(const struct run *r, uint64_t *n)
{
	const struct cgroup *g = r->o.own_group ? &r->group : &r->here;
	return cgroup_oom_kills(g->path[0] != '\0' ? g : NULL, n);
}

/* Where there is no control group to ask, as in the root, the machine's count. */
static void begin_counting(struct run *r)
{
	if (!r->o.own_group && cgroup_own(&r->here) != 0)
		r->here.path[0] = '\0';
	if (count_oom_kills(r, &r->oom_kills) == 0)
		return;
	r->here.path[0] = '\0';
	if (r->o.own_group || count_oom_kills(r, &r->oom_kills) != 0)
		r->oom_kills = UINT64_MAX;
}

static void put_group(struct run *r)
{
	if (r->group.path[0] == '\0')
		return;
	buf_str(&r->b, "#cgroup\t");
	escape_field(&r->b, r->group.path, strlen(r->group.path));
	buf_char(&r->b, '\n');
}

static void put_oom_kills(struct run *r)
{
	uint64_t n;
	if (r->oom_kills != UINT64_MAX && count_oom_kills(r, &n) == 0 && n > r->oom_kills)
		buf_printf(&r->b, "#oom_kills\t%" PRIu64 "\n", n - r->oom_kills);
}

static void tell_end(struct run *r)
{
	const struct launch *l = &r->launch;
	int64_t end_ns = r->o.wait_all ? clock_mono_ns() : l->ended_ns;
	if (WIFSIGNALED(l->command_status))
		buf_printf(&r->b, "#signal\t%d\n", WTERMSIG(l->command_status));
	else
		buf_printf(&r->b, "#exit_code\t%d\n", WEXITSTATUS(l->command_status));
	buf_printf(&r->b, "#maxrss_kib\t%lld\n", (long long)l->maxrss_kib);
	put_time(&r->b, "#user_seconds", l->user_us);
	put_time(&r->b, "#system_seconds", l->system_us);
	put_time(&r->b, "#duration_seconds", (l->ended_ns - l->started_ns) / 1000);
	put_oom_kills(r);
	put_time(&r->b, "#end", clock_unix_us(&r->clock, end_ns));
	tell(r);
}

/* Until the report is out. -1 if somebody has lost patience with it. */
static int finish_pipeline(struct launch *l)
{
	if (l->pids_fd >= 0)
		close(l->pids_fd);
	l->pids_fd = -1;
	/* One that stands still would be waited for for ever; one that is slow, or
	 * whose reader is, has all the time it needs. */
	while (l->pipeline > 0) {
		enum launch_event event = launch_wait(l, CONTINUE_MS);
		if (event == LAUNCH_SIGNAL)
			return -1;
		if (event == LAUNCH_TIMEOUT)
			launch_continue(l);
	}
	if (l->stage_signal != 0)
		warn_print("signal %d (%s) ended a stage of the pipeline: the report is missing or "
			 "partial",
		    l->stage_signal, strsignal(l->stage_signal));
	return 0;
}

static void release(struct launch *l, const char *why)
{
	warn_print("%s: the command runs unmeasured", why);
	kill(l->command, SIGCONT);
}

/* The command was started, stands still, and is let go by the sampler. 0, or
 * the status to exit with if it can't be executed. */
static int wait_for_exec(struct launch *l, const char *name)
{
	int patience = HOLD_MS;
	if (l->lost) {
		release(l, "the sampler ended before the start");
		patience = -1;
	}
	while (l->command > 0 && l->exec_fd >= 0) {
		switch (launch_wait(l, patience)) {
		case LAUNCH_TIMEOUT:
			release(l, "no sampler came within 2 s");
			patience = -1;
			break;
		case LAUNCH_LOST:
		case LAUNCH_PIPELINE:
			if (patience >= 0)
				release(l, "the sampler ended before the start");
			patience = -1;
			break;
		default:
			break;
		}
	}
	if (l->exec_errno == 0)
		return 0;
	launch_abandon(l);
	warn_print("%s: %s", name, strerror(l->exec_errno));
	return l->exec_errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}

/* Until the command has ended, and with -A all that it left behind too; then,
 * a signal ends the waiting. */
static void watch_to_end(struct run *r)
{
	struct launch *l = &r->launch;
	while (l->command > 0)
		(void)launch_wait(l, -1);
	while (r->o.wait_all && launch_orphans(l) > 0)
		if (launch_wait(l, -1) == LAUNCH_SIGNAL)
			break;
}

/* What is to be done when the report is out, or not waited for any more: its
 * exit status. */
static int do_after(struct run *r, int patient)
{
	struct launch *l = &r->launch;
	if (r->o.after == NULL)
		return 0;
	if (launch_shell(l, r->o.after, patient ? NULL : "given-up") != 0) {
		warn_print("/bin/sh: %s", strerror(errno));
		return STATUS_LAUNCHER;
	}
	while (l->command > 0)
		(void)launch_wait(l, -1);
	return WIFEXITED(l->command_status) ? WEXITSTATUS(l->command_status)
					    : 128 + WTERMSIG(l->command_status);
}

static int make_group(struct run *r)
{
	if (!r->o.own_group || cgroup_make(&r->group) == 0)
		return 0;
	warn_print("no control group can be made: %s%s%s", r->group.path,
	    r->group.path[0] != '\0' ? ": " : "",
	    errno == ENOTSUP ? "none counts memory here" : strerror(errno));
	return -1;
}

/* The command can't be watched, for want of WHAT: it gets our own process, if
 * nothing is left for us to do. */
static void start_instead(struct run *r, char **argv, const char *what)
{
	struct launch *l = &r->launch;
	int last = r->o.after == NULL && !r->o.own_group && r->o.runs == 1 && l->command == 0;
	warn_print("%s: %s%s", what, strerror(errno), last ? ": the command runs unmeasured" : "");
	if (last && launch_instead(l, argv, &r->output) != 0)
		warn_print("%s: %s", argv[0], strerror(errno));
	launch_abandon(l);
}

/* The pipeline and the command, held in its control group; -1 after a word on
 * what went wrong. LAST: what the caller had open is not needed any more. */
static int start(struct run *r, char **argv, int last)
{
	struct launch *l = &r->launch;
	if (launch_pipeline(l, r->o.pipeline) != 0) {
		warn_print("/bin/sh: %s", strerror(errno));
		l->lost = 1;
		if (argv == NULL)
			return -1;
	}
	if (argv != NULL && launch_held(l, argv, &r->output) != 0) {
		start_instead(r, argv, "no process can be started");
		return -1;
	}
	if (argv != NULL && r->o.own_group && cgroup_enter(&r->group, l->command) != 0) {
		warn_print("%s: %s", r->group.path, strerror(errno));
		kill(l->command, SIGKILL);
		launch_abandon(l);
		while (l->command > 0)
			(void)launch_wait(l, -1);
		l->started = 0;
		return -1;
	}
	if (last)
		(void)launch_detach(l); /* if not, its readers wait for us too */
	return 0;
}

/* CODE as wait(2) has it. */
static int exit_with(int code)
{
	return code << 8;
}

/* From the start to the report. The command's status as of wait(2). */
static int measure(struct run *r, char **argv, int last)
{
	struct launch *l = &r->launch;
	r->clock = clock_start(); /* the sampler's begins now too */
	begin_counting(r);
	if (start(r, argv, last) != 0)
		return exit_with(STATUS_LAUNCHER);
	put_command(&r->b, argv);
	put_group(r);
	buf_printf(&r->b, "#reaper\t%ld\n%ld\n", (long)getpid(), (long)l->command);
	tell(r);
	int status = wait_for_exec(l, argv[0]);
	if (status != 0)
		return exit_with(status);
	put_time(&r->b, "#started", clock_unix_us(&r->clock, l->started_ns));
	tell(r);
	int lost = l->lost;
	watch_to_end(r);
	tell_end(r);
	if (l->lost && !lost)
		warn_print("the measuring ended before the command did");
	return l->command_status;
}

/* Each run with a pipeline of its own. One that a signal ended, or that could
 * not be executed, is the last. */
static int run(struct run *r, char **argv)
{
	struct launch *l = &r->launch;
	int status = 0, patient = 1, go_on = 1;
	for (uint64_t i = 1; i <= r->o.runs && go_on; i++) {
		if (make_group(r) != 0) {
			status = exit_with(STATUS_LAUNCHER);
			break;
		}
		launch_again(l);
		int this = measure(r, argv, i == r->o.runs);
		patient = finish_pipeline(l) == 0;
		if (r->o.own_group && cgroup_remove(&r->group) != 0)
			warn_print("%s: %s", r->group.path, strerror(errno));
		status = this != 0 ? this : status;
		go_on = patient && WIFEXITED(this) && l->started;
	}
	int after = do_after(r, patient);
	buf_free(&r->b);
	launch_free(l);
	if (l->limit_status != 0)
		return l->limit_status;
	if (status == 0)
		return after;
	launch_end_alike(status);
}

/* The processes of others: until they end, or a signal says that it is enough. */
static int attach(struct run *r, char **pids)
{
	struct launch *l = &r->launch;
	begin_counting(r);
	if (start(r, NULL, 1) != 0)
		return STATUS_LAUNCHER;
	put_group(r);
	for (; *pids != NULL; pids++)
		buf_printf(&r->b, "%s\n", *pids);
	buf_str(&r->b, "#all_given\n");
	tell(r);
	while (l->pipeline > 0 && !l->lost) {
		if (launch_wait(l, -1) != LAUNCH_SIGNAL)
			continue;
		put_oom_kills(r);
		put_time(&r->b, "#end", clock_unix_us(&r->clock, clock_mono_ns()));
		tell(r);
		break;
	}
	int patient = finish_pipeline(l) == 0, status = l->pipeline_status;
	int after = do_after(r, patient);
	buf_free(&r->b);
	launch_free(l);
	return l->limit_status != 0 ? l->limit_status : status != 0 ? status : after;
}

static int open_output(const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd >= 0 && fd <= STDERR_FILENO) /* the place of one that is closed */
		fd = fd_above(fd, STDERR_FILENO);
	if (fd < 0)
		warn_exit(STATUS_LAUNCHER, "%s: %s", file, strerror(errno));
	return fd;
}

/* Whatever can go wrong goes wrong before anything is started. */
static void prepare(struct run *r)
{
	const struct settings *o = &r->o;
	r->output = (struct launch_output){-1, -1};
	if (o->out != NULL)
		r->output.out = open_output(o->out);
	if (o->err != NULL && o->out != NULL && strcmp(o->err, o->out) == 0)
		r->output.err = r->output.out;
	else if (o->err != NULL)
		r->output.err = open_output(o->err);
	if (o->group_name != NULL && cgroup_find(&r->group, o->group_name) != 0)
		warn_exit(STATUS_LAUNCHER, "%s: %s", o->group_name,
		    errno == ENOENT ? "no such control group" : strerror(errno));
	r->clock = clock_start();
}

static const char *parse_runs(const char *arg, uint64_t *runs)
{
	const char *why = parse_u64(arg, strlen(arg), 1000000, runs);
	return why == NULL && *runs == 0 ? "not a number of runs" : why;
}

/* Take one option. Return false if it is -s, which ends the options. */
static bool take_option(struct settings *s, const struct options *o, int key)
{
	switch (key) {
	case 'A':
		s->wait_all = 1;
		break;
	case 'E':
		s->err = o->argument;
		break;
	case 'O':
		s->out = o->argument;
		break;
	case 'c':
		s->group_name = o->argument;
		break;
	case 'g':
		s->own_group = 1;
		break;
	case 'p':
		s->attach = 1;
		break;
	case 'r':
		options_check(o, parse_runs(o->argument, &s->runs));
		break;
	case AFTER_OUT:
		s->after_out = 1;
		break;
	case AFTER:
		s->after = o->argument;
		break;
	case SILENT:
		s->out = s->err = "/dev/null";
		break;
	case TO:
		s->pipeline = o->argument;
		break;
	case 's':
		s->script = o->argument;
		return false;
	}
	return true;
}

static void parse_options(struct settings *s, struct options *o, char **argv)
{
	*s = (struct settings){.runs = 1};
	for (int key; (key = options_next(o)) != OPTIONS_END && take_option(s, o, key);)
		;
	argv += o->operands;
	if (s->script != NULL)
		return;
	if (s->pipeline == NULL || *argv == NULL)
		options_usage(o);
	if (s->attach ? s->wait_all || s->runs > 1 || s->own_group || s->err != NULL || s->out != NULL
		      : s->group_name != NULL)
		options_usage(o);
	for (int i = 0; s->attach && argv[i] != NULL; i++) {
		pid_t pid;
		const char *why = parse_pid(argv[i], strlen(argv[i]), &pid);
		if (why != NULL)
			warn_exit(STATUS_LAUNCHER, "%s: %s", argv[i], why);
	}
}

/* Exit with a message unless SCRIPT is a file that can be read: the shell would wait for the writer of a FIFO. */
static void check_script(const char *script)
{
	struct stat st;
	int fd = open(script, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		warn_exit(STATUS_LAUNCHER, "%s: %s", script, strerror(errno));
	close(fd);
	if (!S_ISREG(st.st_mode))
		warn_exit(STATUS_LAUNCHER, "%s: not a regular file", script);
}

/* Run SCRIPT with ARGS. Exit with its status if it does not become anything. */
static void run_script(struct shell *s, const char *script, char **args)
{
	struct buf path = {0};
	size_t n = 0;
	buf_printf(&path, "%s%s", strchr(script, '/') == NULL ? "./" : "", script);
	buf_char(&path, '\0');
	while (args[n] != NULL)
		n++;
	char **argv = alloc_resize(NULL, n + 2, sizeof *argv);
	argv[0] = path.p;
	memcpy(argv + 1, args, (n + 1) * sizeof *argv);
	if (shell_script(s, argv) != 0)
		warn_exit(STATUS_LAUNCHER, "/bin/sh: %s", strerror(errno));
	free(argv);
	buf_free(&path);
	if (WIFSIGNALED(s->status))
		warn_exit(STATUS_LAUNCHER, "/bin/sh: %s", strsignal(WTERMSIG(s->status)));
	int status = WEXITSTATUS(s->status);
	if (status != 0 || s->words.n == 0)
		exit(status == 2 ? STATUS_LAUNCHER : status); /* a shell that fails exits with 2 */
}

/* Return the words, ended by NULL, and their number. */
static char **split_words(struct buf *words, int *n)
{
	char **v = NULL;
	size_t cap = 0;
	*n = 0;
	buf_char(words, '\0'); /* should the last word be cut */
	for (char *p = words->p, *end = p + words->n - 1; p < end; p += strlen(p) + 1) {
		v = alloc_grow(v, &cap, (size_t)*n + 2, sizeof *v);
		v[(*n)++] = p;
	}
	v[*n] = NULL;
	return v;
}

/* Run the script and parse the words that it becomes, if they are for memexec; execute them otherwise. Return the words. */
static char **become(struct settings *s, struct options *o, char **argv)
{
	struct shell shell;
	int argc;
	const char *script = s->script;
	check_script(script);
	if (o->check)
		exit(STATUS_OK);
	program_set_name(script);
	run_script(&shell, script, argv + o->operands);
	char **words = split_words(&shell.words, &argc);
	if (strcmp(words[0], "memexec") != 0) {
		execvp(words[0], words);
		warn_print("%s: %s", words[0], strerror(errno));
		exit(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE);
	}
	*o = options_start(&table, argc, words);
	program_set_name(script);
	parse_options(s, o, words);
	return words;
}

int main(int argc, char **argv)
{
	struct run r = {0};
	struct options o = options_start(&table, argc, argv);
	parse_options(&r.o, &o, argv);
	while (r.o.script != NULL)
		argv = become(&r.o, &o, argv);
	if (o.check)
		return STATUS_OK;
	argv += o.operands;
	prepare(&r);
	if (launch_prepare(&r.launch) != 0) {
		if (r.o.attach)
			warn_exit(STATUS_LAUNCHER, "signals: %s", strerror(errno));
		start_instead(&r, argv, "signals");
		return STATUS_LAUNCHER;
	}
	r.launch.keep_output = r.o.after_out;
	return r.o.attach ? attach(&r, argv) : run(&r, argv);
}
