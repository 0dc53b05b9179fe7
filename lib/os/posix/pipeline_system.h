/* SPDX-License-Identifier: MIT */
/*
 * The pipes of processes. (Private to pipeline.c.)
 */
#ifndef PIPELINE_SYSTEM_H
#define PIPELINE_SYSTEM_H

#include <stdint.h>
#include <sys/types.h>

/* Return a number for the pipe that PID has as its descriptor FD, the same for both ends, or 0 if
 * that is not known to be a pipe. */
uint64_t pipeline_system_pipe(pid_t pid, int fd);

#endif
