/* SPDX-License-Identifier: MIT */
/* Where in a parallel job this process runs. */
#include "base/job.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define HOST "{host}"
#define RANK "{rank}"
#define RANK_DIGITS 10

/* The variables of Open MPI, of PMIx, of MPICH and its relatives, and of Slurm. */
static const char *const variables[] = {
    "OMPI_COMM_WORLD_RANK",
    "PMIX_RANK",
    "PMI_RANK",
    "SLURM_PROCID",
};

void job_put_host(struct buf *b)
{
	struct utsname machine;
	const char *node = getenv("SLURMD_NODENAME");
	if (node != NULL && *node != '\0')
		buf_str(b, node);
	else if (uname(&machine) >= 0)
		buf_str(b, machine.nodename);
}

const char *job_rank(void)
{
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		const char *rank = getenv(variables[i]);
		size_t n = rank != NULL ? strlen(rank) : 0;
		if (n > 0 && n <= RANK_DIGITS && strspn(rank, "0123456789") == n)
			return rank;
	}
	return NULL;
}

const char *job_fill(struct buf *b, const char *text)
{
	const char *rank = job_rank();
	for (const char *next; (next = strchr(text, '{')) != NULL; text = next) {
		buf_put(b, text, (size_t)(next - text));
		if (strncmp(next, HOST, strlen(HOST)) == 0) {
			job_put_host(b);
			next += strlen(HOST);
		} else if (strncmp(next, RANK, strlen(RANK)) == 0) {
			if (rank == NULL)
				return "not a rank of a Slurm or MPI job";
			buf_str(b, rank);
			next += strlen(RANK);
		} else {
			buf_char(b, *next++);
		}
	}
	buf_str(b, text);
	return NULL;
}
