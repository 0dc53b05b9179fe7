/* SPDX-License-Identifier: MIT */
/*
 * Exit statuses.
 */
#ifndef STATUS_H
#define STATUS_H

enum {
	STATUS_OK = 0,
	STATUS_NO = 1,		      /* the answer is no: no such process, a regression, a leak */
	STATUS_ERROR = 2,	      /* wrong usage, or the work failed */
	STATUS_TOTAL_EXCEEDED = 10,   /* a limit on the whole tree was exceeded */
	STATUS_PROCESS_EXCEEDED = 11, /* a limit on one process was exceeded */
	STATUS_LAUNCHER = 125,	      /* memexec itself failed */
	STATUS_NOT_EXECUTABLE = 126,  /* the command was found but cannot be executed */
	STATUS_NOT_FOUND = 127,	      /* the command was not found */
};

#endif
