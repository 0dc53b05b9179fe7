/* SPDX-License-Identifier: MIT */
/*
 * Lines of the PID stream, which memexec(1) writes and memsample(1) reads. mempipe(5) describes
 * them.
 *
 * A line is a process ID, or `#key<TAB>value`. Each function appends one line or more.
 */
#ifndef PID_STREAM_H
#define PID_STREAM_H

#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/* How a command ended. */
struct pid_stream_result {
	int status; /* as from wait(2) */
	int64_t maxrss_kib;	    /* of any process; 0: not known */
	int64_t command_maxrss_kib; /* of the command itself; 0: not known */
	int64_t maxrss_bound_kib;   /* at most so much, if maxrss_kib is not known; 0: that neither */
	pid_t command;
	int64_t user_us, system_us, duration_us;
};

/* Append `#command`. The arguments are quoted for sh(1). A long command line is cut, so that the
 * line fits in a pipe. */
void pid_stream_put_command(struct buf *b, char **argv);

/* Append KEY with TEXT as its value. KEY includes the `#`. */
void pid_stream_put_text(struct buf *b, const char *key, const char *text);

/* Append KEY with a time or duration as its value, in seconds. */
void pid_stream_put_time(struct buf *b, const char *key, int64_t us);

/* Append `#exit_code` or `#signal`, `#maxrss_kib` and `#command_maxrss_kib` if they are known,
 * or else `#maxrss_bound_kib`, `#user_seconds`, `#system_seconds` and `#duration_seconds`. */
void pid_stream_put_result(struct buf *b, const struct pid_stream_result *r);

#endif
