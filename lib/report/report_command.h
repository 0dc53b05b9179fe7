/* SPDX-License-Identifier: MIT */
/*
 * The command of a run as people write it.
 */
#ifndef REPORT_COMMAND_H
#define REPORT_COMMAND_H

#include "base/buf.h"
#include "report/report.h"

/* Append the command of R, or the name of its root process if none was started. Append TEXT for
 * `sh -c 'TEXT'`, or what else membench runs for TEXT. The bytes are those of the command: any. */
void report_command(const struct report *r, struct buf *out);

#endif
