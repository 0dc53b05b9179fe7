/* SPDX-License-Identifier: MIT */
/*
 * Where in a parallel job this process runs: on which host, and as which rank.
 *
 * Launchers of MPI and Slurm put the rank of a process in its environment. If several launchers
 * did, the rank is that of an MPI launcher: one that Slurm has started inherits Slurm's variables.
 */
#ifndef JOB_H
#define JOB_H

#include "base/buf.h"

/* Append the name of the host: Slurm's name of the node, or else that of the machine. */
void job_put_host(struct buf *b);

/* Return the rank, a decimal number, or NULL if there is none. */
const char *job_rank(void);

/* Append TEXT with the host and the rank in place of {host} and {rank}. Return NULL, or the reason
 * why this is not possible. */
const char *job_fill(struct buf *b, const char *text);

#endif
