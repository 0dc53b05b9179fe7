/* SPDX-License-Identifier: MIT */
/*
 * Sampling: from PIDs to a samples stream on standard output, or in a log.
 */
#ifndef SAMPLER_H
#define SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sample/sample_columns.h"
#include "sample/schedule.h"

struct sampler_options {
	enum schedule_choice schedule;
	int64_t interval_ns;
	bool grid;	     /* take a tick at each interval, whatever the schedule */
	double cpu_share;    /* the budget; 0.02: 2 % of one CPU */
	double pss_share;    /* the budget of PSS */
	int64_t duration_ns; /* 0: unlimited */
	uint64_t ticks;	     /* 0: unlimited */
	const char *log;     /* append to this log; NULL: write to standard output */
	bool header;	     /* write the header and the `#` lines about the sampling */
	bool descendants;    /* sample descendants too */
	bool ignore_missing; /* a given process that does not exist, or no process, is no error */
	bool held;	     /* the processes are stopped: continue each when it is watched */
	const char **names; /* sample new processes of these names too */
	size_t names_n;
	struct sample_columns columns;
};

/*
 * Sample the N processes PIDS, or if N is 0, those that standard input names, until all have exited
 * and the input has ended, or until an option, `#end` or SIGINT, SIGTERM or SIGHUP ends it. Print
 * messages about what fails. Return the exit status.
 */
int sampler_run(const struct sampler_options *o, const pid_t *pids, size_t n);

#endif
