/* Starts a command held still, tells a pipeline its PID, and ends as it does. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/parse.h"
#include "base/program.h"
#include "base/status.h"
#include "base/warn.h"
#include "os/cgroup.h"
#include "os/launch.h"
#include "stream/escape.h"

#define HOLD_MS 2000	  /* nobody is kept waiting longer */
#define CONTINUE_MS 250	  /* how often stopped stages are woken at the end */
#define COMMAND_MAX 16384 /* bytes of #command: the pipe takes it whole */

enum { AFTER = 256, AFTER_OUT, TO };

struct options {
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
	struct options o;
	struct launch launch;
	struct clock clock;
	struct launch_output output;
	struct cgroup group; /* path "" for none */
	struct cgroup here;  /* whose out-of-memory kills are counted; or "" */
	uint64_t oom_kills;  /* at the start */
	struct buf b;
};

static const struct option long_options[] = {
    {"after", required_argument, NULL, AFTER},
    {"after-out", no_argument, NULL, AFTER_OUT},
    {"cgroup", no_argument, NULL, 'g'},
    {"of-cgroup", required_argument, NULL, 'c'},
    {"pids", no_argument, NULL, 'p'},
    {"repeat", required_argument, NULL, 'r'},
    {"stderr", required_argument, NULL, 'E'},
    {"stdout", required_argument, NULL, 'O'},
    {"to", required_argument, NULL, TO},
    {"wait-all", no_argument, NULL, 'A'},
    {NULL, 0, NULL, 0},
};

static void usage(void)
{
	fputs("usage: memexec --to pipeline [-Ag] [--after text] [--after-out] [-E file]\n"
	      "               [-O file] [-r runs] [--] command [argument ...]\n"
	      "       memexec --to pipeline [--after text] [--after-out] [-c cgroup] -p pid ...\n",
	    stderr);
	exit(STATUS_LAUNCHER);
}

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
	const struct options *o = &r->o;
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

static void parse_runs(struct options *o, const char *arg)
{
	const char *why = parse_u64(arg, strlen(arg), 1000000, &o->runs);
	if (why == NULL && o->runs == 0)
		why = "not a number of runs";
	if (why != NULL)
		warn_exit(STATUS_LAUNCHER, "%s: %s", arg, why);
}

static void parse_options(struct options *o, int argc, char **argv)
{
	for (int c; (c = getopt_long(argc, argv, "+AE:O:c:gpr:", long_options, NULL)) != -1;) {
		switch (c) {
		case 'A':
			o->wait_all = 1;
			break;
		case 'E':
			o->err = optarg;
			break;
		case 'O':
			o->out = optarg;
			break;
		case 'c':
			o->group_name = optarg;
			break;
		case 'g':
			o->own_group = 1;
			break;
		case 'p':
			o->attach = 1;
			break;
		case 'r':
			parse_runs(o, optarg);
			break;
		case AFTER_OUT:
			o->after_out = 1;
			break;
		case AFTER:
			o->after = optarg;
			break;
		case TO:
			o->pipeline = optarg;
			break;
		default:
			usage();
		}
	}
	if (o->pipeline == NULL || optind == argc)
		usage();
	if (o->attach
		? o->wait_all || o->runs > 1 || o->own_group || o->err != NULL || o->out != NULL
		: o->group_name != NULL)
		usage();
}

int main(int argc, char **argv)
{
	struct run r = {.o.runs = 1};
	program_set_name(argv[0]);
	parse_options(&r.o, argc, argv);
	argv += optind;
	for (int i = 0; r.o.attach && argv[i] != NULL; i++) {
		pid_t pid;
		const char *why = parse_pid(argv[i], strlen(argv[i]), &pid);
		if (why != NULL)
			warn_exit(STATUS_LAUNCHER, "%s: %s", argv[i], why);
	}
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
