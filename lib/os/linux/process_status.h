/* SPDX-License-Identifier: MIT */
/*
 * The text of /proc/PID/status.
 */
#ifndef PROCESS_STATUS_H
#define PROCESS_STATUS_H

#include "os/process.h"

/* Set what process_read_status reads of P from TEXT. The RSS of P may be lowered. Return 0, or -1 if
 * P has exited. */
int process_status_parse(struct process *p, const char *text);

#endif
