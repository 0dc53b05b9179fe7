/* SPDX-License-Identifier: MIT */
/*
 * The pipeline that this program is a stage of.
 *
 * A stage is a process of our session that is connected with this program by pipes, from standard
 * output to standard input, directly or through other stages.
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include <stdbool.h>

#include "os/processes.h"

/*
 * Append the stages that read what this program writes and, if UPSTREAM, those that write what it
 * reads. Return false if some may not have been started yet: a pipe that a stage writes to has no
 * reader so far.
 */
bool pipeline_stages(struct process_list *l, bool upstream);

#endif
