/* SPDX-License-Identifier: MIT */
/*
 * Measuring a command or running processes by a pipeline.
 *
 * Start the pipeline, write the PID stream to it, and wait until it has ended. All messages are
 * printed.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdbool.h>

struct measure_options {
	const char *pipeline;	 /* shell text */
	const char *out, *err;	 /* files for the command's output, or NULL */
	const char *cgroup_name; /* a control group to report to the pipeline, or NULL */
	const char *left_cgroup; /* from which this process was restarted (os/scope.h), or NULL */
	bool own_cgroup;	 /* make a control group for the command */
	bool wait_all;		 /* also wait for the processes that outlive the command */
};

/* Validate what the options name: files and a control group. Create, change and start nothing. If
 * one is invalid, print a message and exit with STATUS_LAUNCHER. */
void measure_check(const struct measure_options *o);

/* Run the command ARGV. End this process as the command ended, or return an exit status: of a stage
 * that found a limit exceeded, or STATUS_LAUNCHER, STATUS_NOT_EXECUTABLE or STATUS_NOT_FOUND if the
 * command did not run. */
int measure_command(const struct measure_options *o, char **argv);

/* Measure the processes PIDS until the pipeline ends. A signal ends the measuring. Return an exit
 * status: of a stage that found a limit exceeded, the highest one of the stages, or
 * STATUS_LAUNCHER. */
int measure_processes(const struct measure_options *o, char **pids);

#endif
