/* Starts a command held still, tells a pipeline its PID, and ends as it does. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/buf.h"
#include "../lib/clock.h"
#include "../lib/err.h"
#include "../lib/launch.h"
#include "../lib/parse.h"

#define HOLD_MS 2000	  /* nobody is kept waiting longer */
#define COMMAND_MAX 16384 /* bytes of #command: the pipe takes it whole */

static const struct option long_options[] = {
    {"pids", no_argument, NULL, 'p'},
    {"to", required_argument, NULL, 't'},
    {NULL, 0, NULL, 0},
};

static void usage(void)
{
	fputs("usage: memexec --to pipeline [--] command [argument ...]\n"
	      "       memexec --to pipeline -p pid ...\n",
	    stderr);
	exit(STATUS_LAUNCH);
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
	buf_field(b, text.p, cut ? COMMAND_MAX / 4 : text.n);
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

static void tell(struct launch *l, struct buf *b)
{
	if (l->pids_fd >= 0 && !l->lost && buf_write(b, l->pids_fd) != 0)
		l->lost = 1;
	b->n = 0;
}

static void tell_end(struct launch *l, const struct clock *clock)
{
	struct buf b = {0};
	if (WIFSIGNALED(l->command_status))
		buf_printf(&b, "#signal\t%d\n", WTERMSIG(l->command_status));
	else
		buf_printf(&b, "#exit_code\t%d\n", WEXITSTATUS(l->command_status));
	buf_printf(&b, "#maxrss_kib\t%lld\n", (long long)l->maxrss_kib);
	put_time(&b, "#user_seconds", l->user_us);
	put_time(&b, "#system_seconds", l->system_us);
	put_time(&b, "#duration_seconds", (l->ended_ns - l->started_ns) / 1000);
	put_time(&b, "#end", clock_unix_us(clock, l->ended_ns));
	tell(l, &b);
	buf_free(&b);
}

/* Until the report is out, or somebody has lost patience with it. */
static void finish_pipeline(struct launch *l)
{
	if (l->pids_fd >= 0)
		close(l->pids_fd);
	l->pids_fd = -1;
	while (l->pipeline > 0)
		if (launch_wait(l, -1) == LAUNCH_SIGNAL)
			return;
}

static void release(struct launch *l, const char *why)
{
	err_warn("%s: the command runs unmeasured", why);
	kill(l->command, SIGCONT);
}

/* The command was started, stands still, and is let go by the sampler. 0, or
 * the status to exit with if it can't be executed. */
static int wait_for_exec(struct launch *l, const char *name)
{
	int patience = HOLD_MS;
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
	err_warn("%s: %s", name, strerror(l->exec_errno));
	return l->exec_errno == ENOENT ? STATUS_NOENT : STATUS_NOEXEC;
}

static void watch_to_end(struct launch *l)
{
	while (l->command > 0)
		(void)launch_wait(l, -1);
}

static int start(struct launch *l, const char *pipeline, char **argv)
{
	if (launch_prepare(l) != 0)
		err_die(STATUS_LAUNCH, "signals: %s", strerror(errno));
	if (launch_pipeline(l, pipeline) != 0) {
		err_warn("/bin/sh: %s", strerror(errno));
		l->lost = 1;
	}
	if (argv != NULL && launch_held(l, argv) != 0) {
		err_warn("%s: %s", argv[0], strerror(errno));
		launch_abandon(l);
		return -1;
	}
	(void)launch_detach(l); /* if not, its readers wait for us too */
	return 0;
}

static int run(const char *pipeline, char **argv)
{
	struct launch l;
	struct clock clock = clock_start();
	struct buf b = {0};
	if (start(&l, pipeline, argv) != 0)
		return STATUS_LAUNCH;
	put_command(&b, argv);
	buf_printf(&b, "#reaper\t%ld\n%ld\n", (long)getpid(), (long)l.command);
	tell(&l, &b);
	int status = wait_for_exec(&l, argv[0]);
	if (status != 0) {
		buf_free(&b);
		return status;
	}
	put_time(&b, "#started", clock_unix_us(&clock, l.started_ns));
	tell(&l, &b);
	buf_free(&b);
	int lost = l.lost;
	watch_to_end(&l);
	tell_end(&l, &clock);
	if (l.lost && !lost)
		err_warn("the measuring ended before the command did");
	finish_pipeline(&l);
	launch_end_alike(l.command_status);
}

/* The processes of others: until they end, or a signal says that it is enough. */
static int attach(const char *pipeline, char **pids)
{
	struct launch l;
	struct clock clock = clock_start();
	struct buf b = {0};
	if (start(&l, pipeline, NULL) != 0)
		return STATUS_LAUNCH;
	for (; *pids != NULL; pids++)
		buf_printf(&b, "%s\n", *pids);
	buf_str(&b, "#all_given\n");
	tell(&l, &b);
	while (l.pipeline > 0 && !l.lost) {
		if (launch_wait(&l, -1) != LAUNCH_SIGNAL)
			continue;
		put_time(&b, "#end", clock_unix_us(&clock, clock_mono_ns()));
		tell(&l, &b);
		break;
	}
	buf_free(&b);
	finish_pipeline(&l);
	return l.pipeline_status;
}

int main(int argc, char **argv)
{
	const char *pipeline = NULL;
	int attaching = 0;
	err_name(argv[0]);
	for (int c; (c = getopt_long(argc, argv, "+p", long_options, NULL)) != -1;) {
		if (c == 't')
			pipeline = optarg;
		else if (c == 'p')
			attaching = 1;
		else
			usage();
	}
	if (pipeline == NULL || optind == argc)
		usage();
	if (!attaching)
		return run(pipeline, argv + optind);
	for (int i = optind; i < argc; i++) {
		pid_t pid;
		const char *why = parse_pid(argv[i], strlen(argv[i]), &pid);
		if (why != NULL)
			err_die(STATUS_LAUNCH, "%s: %s", argv[i], why);
	}
	return attach(pipeline, argv + optind);
}
