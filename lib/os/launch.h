/* SPDX-License-Identifier: MIT */
/*
 * Launching a command under observation.
 *
 * launch_pipeline() starts a pipeline that reads process IDs from its standard input. launch_held()
 * starts the command and stops it before its first instruction; the pipeline continues it by
 * SIGCONT. launch_wait() reports what happens next. While the command runs, launch_wait() passes on
 * to it the signals that this process receives, and stops this process whenever the command stops
 * as a job. The command gets everything as this process found it: descriptors, signal dispositions
 * and mask, timers, death signal.
 *
 * Functions that return int return 0, or -1 with errno set, unless stated otherwise.
 */
#ifndef LAUNCH_H
#define LAUNCH_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/types.h>

#include "os/processes.h"

struct launch {
	pid_t pipeline;	     /* its process group; 0: every process of it has exited */
	int pids_fd;	     /* writes to its standard input; -1: closed */
	bool pipeline_lost;  /* it closed its standard input before the command exited */
	int pipeline_status; /* the highest exit status of its stages so far */
	int stage_signal;    /* a signal other than SIGPIPE that ended a stage, or 0 */
	int limit_status; /* STATUS_TOTAL_EXCEEDED or STATUS_PROCESS_EXCEEDED if a stage exited with
			     it, or 0 */

	pid_t command;		       /* 0: not started, or exited */
	int exec_fd;		       /* reads the result of exec; -1: the result is known */
	int exec_errno;		       /* why exec failed, or 0 */
	int command_status;	       /* as from wait(2), once it has exited */
	int64_t started_ns, exited_ns; /* monotonic clock; after exec, and at its exit */
	int64_t user_us, system_us;    /* CPU time of the command and the children it waited for */
	int64_t maxrss_kib; /* the largest RSS of a single process of the tree, from wait4(2); 0:
			       not known */
	int64_t command_maxrss_kib; /* of the command itself; 0: not known */
	int64_t maxrss_bound_kib;   /* at most so much, if maxrss_kib is not known; 0: that neither */

	/* private to launch*.c */
	struct process_list earlier; /* children that this process had before the launch */
	int signal_fd;		     /* reads every signal that this process receives */
	int signal_write_fd;	     /* the other end, if it is a pipe; or -1 */
	int64_t held_kib;	     /* the RSS of the stopped command */
	bool abandoned;		     /* launch_abandon() killed the pipeline */
	bool adopts;		     /* orphans become children of this process */
	bool stop_requested;	     /* by SIGTSTP, SIGTTIN or SIGTTOU, and not continued since */
	sigset_t mask;		     /* this and the following: as this process found them */
	struct sigaction child_action;
	int subreaper, death_signal;
	struct itimerval timers[3]; /* real, virtual, profiling */
};

/* Where the command's output goes: descriptors, or -1 for the output of this process. */
struct launch_output {
	int out, err;
};

enum launch_event {
	LAUNCH_TIMEOUT,	 /* nothing happened */
	LAUNCH_EXEC,	 /* the command was executed, or exec_errno is the reason why not */
	LAUNCH_EXITED,	 /* the command has exited */
	LAUNCH_ORPHAN,	 /* a process that the tree left to this process has exited */
	LAUNCH_LOST,	 /* the pipeline has closed its standard input */
	LAUNCH_PIPELINE, /* every process of the pipeline has exited */
	LAUNCH_SIGNAL,	 /* INT, TERM, QUIT or HUP arrived while no command runs */
};

/* Block all signals and adopt the orphans of the tree, so that this process remains an ancestor of
 * the whole tree. */
int launch_prepare(struct launch *l);

/*
 * Start `sh -c TEXT` in a process group of its own. Its standard input is the PID stream. It has no
 * other descriptors of this process than the standard ones and those that TEXT names as /dev/fd/N.
 * This program's folder comes first in its PATH (os/environment.h). It ignores the signals that are
 * meant for the command: INT, QUIT, TERM, HUP. PIPE has its default action. It has ended when its
 * process group is empty: TEXT may start stages in the background, which saves a waiting shell.
 */
int launch_pipeline(struct launch *l, const char *text);

/* Start ARGV and stop it just before exec. */
int launch_held(struct launch *l, char **argv, const struct launch_output *output);

/* Kill the pipeline, restore everything and execute ARGV in this process. Return only if exec
 * fails. */
int launch_instead(struct launch *l, char **argv, const struct launch_output *output);

/* Close every descriptor that this process was started with, except standard error. A reader of the
 * command's output then sees its end when the command closes it. */
int launch_detach(const struct launch *l);

/* Return the next event, or LAUNCH_TIMEOUT after TIMEOUT_MS (-1: wait without limit). */
enum launch_event launch_wait(struct launch *l, int timeout_ms);

/* Return the number of running processes that the tree has left to this process. */
int launch_orphans(const struct launch *l);

/* Continue the stages of the pipeline that a signal has stopped. */
void launch_continue_stages(const struct launch *l);

/* Kill the pipeline. */
void launch_abandon(struct launch *l);

void launch_free(struct launch *l);

/* End this process as the command ended, by the same signal or with the same exit status. STATUS is
 * as from wait(2). */
_Noreturn void launch_exit_like(int status);

#endif
