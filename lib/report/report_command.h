/* SPDX-License-Identifier: MIT */
/*
 * The command of a run as people write it.
 */
#ifndef REPORT_COMMAND_H
#define REPORT_COMMAND_H

#include "base/buf.h"
#include "report/report.h"

/* Append the command of R, or the name of its root process if none was started. If the command is
 * the shell by which membench runs TEXT, such as `sh -c 'TEXT'`, append TEXT. The text can
 * hold any bytes. */
void report_command(const struct report *r, struct buf *out);

#endif
