/*
 * Starting a command held still, with a pipeline beside it that is told its
 * PID, and standing in for it until it has ended. (Linux: subreaper, signalfd.)
 */
#ifndef LAUNCH_H
#define LAUNCH_H

#include <signal.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/types.h>

#include "os/processes.h"

struct launch {
	pid_t pipeline;	     /* its process group; 0: all of it has ended */
	int pids_fd;	     /* writes to the pipeline's stdin; -1: closed */
	int lost;	     /* the pipeline left before the command had ended */
	int pipeline_status; /* the highest exit status of its stages so far */
	int stage_signal;    /* that ended one of them, but for SIGPIPE; or 0 */

	pid_t command;		      /* 0: none, or ended */
	int exec_fd;		      /* tells how exec went; -1: known */
	int exec_errno;		      /* why it failed, or 0 */
	int started;		      /* it was executed */
	int command_status;	      /* as of wait(2), once it has ended */
	int64_t started_ns, ended_ns; /* monotonic; after exec, and its end */
	int64_t user_us, system_us;   /* of the command and what it waited for */
	int64_t maxrss_kib;	      /* the largest single process of the tree */

	int keep_output;  /* standard output is for launch_shell, too */
	int limit_status; /* of a stage that found a limit exceeded, or 0 */

	/* launch.c's own */
	struct process_list strangers; /* children from before: none of the command's */
	int signal_fd;
	int abandoned;	   /* the pipeline was ended by us */
	int asked_to_stop; /* by SIGTSTP or its like, and not continued since */
	sigset_t mask;	   /* as they were found, and what follows */
	struct sigaction child_action;
	int subreaper, death_signal;
	struct itimerval timers[3]; /* real, virtual, of profiling */
};

/*
 * Takes over all signals and becomes the subreaper, so that orphans of the tree
 * stay in reach. 0, or -1 with errno set, as of all that follows.
 */
int launch_prepare(struct launch *l);

/* Before each run: the children that are left are none of the next command's. */
void launch_again(struct launch *l);

/*
 * Starts `sh -c TEXT` with the PID stream as its stdin, in a process group of
 * its own and deaf to what is meant for the command (INT, QUIT, TERM, HUP). It
 * has ended when nobody is left in that group: TEXT may start its stages in the
 * background, which saves the memory of a shell that only waits.
 */
int launch_pipeline(struct launch *l, const char *text);

/* Where the command's output goes: descriptors, or -1 for where ours does. */
struct launch_output {
	int out, err;
};

/* Starts ARGV, stopped just before it is executed. */
int launch_held(struct launch *l, char **argv, const struct launch_output *output);

/* Becomes ARGV, where no process can be started for it: the pipeline is ended
 * and all put back as it was found. Returns only if ARGV can't be executed. */
int launch_instead(struct launch *l, char **argv, const struct launch_output *output);

/* Starts `sh -c TEXT sh [ARG]` as the command, not held, its output going to
 * standard error: for what is to be done after the report. */
int launch_shell(struct launch *l, const char *text, const char *arg);

/* Lets go of all that the caller had open but stderr: who is at the other end of
 * it sees the command only. */
int launch_detach(const struct launch *l);

enum launch_event {
	LAUNCH_TIMEOUT,	 /* nothing happened */
	LAUNCH_EXEC,	 /* the command runs, or exec_errno says why not */
	LAUNCH_ENDED,	 /* the command has ended */
	LAUNCH_ORPHAN,	 /* a process that the tree left to us has ended */
	LAUNCH_LOST,	 /* nobody reads the PIDs any more */
	LAUNCH_PIPELINE, /* the pipeline has ended */
	LAUNCH_SIGNAL,	 /* INT, TERM, QUIT or HUP with no command to get it */
};

/*
 * Waits for the next of these, for TIMEOUT_MS at most (-1: for ever); passes on
 * signals and stops as the command stops, meanwhile.
 */
enum launch_event launch_wait(struct launch *l, int timeout_ms);

/* Whether anybody of the command's tree is left to us. */
int launch_orphans(const struct launch *l);

/* Stages that somebody has stopped go on. */
void launch_continue(const struct launch *l);

/* Ends the pipeline at once; its report isn't wanted. */
void launch_abandon(struct launch *l);

void launch_free(struct launch *l);

/* Ends this process as the command ended: by the same signal, or status. */
_Noreturn void launch_end_alike(int status);

#endif
