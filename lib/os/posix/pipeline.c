/* SPDX-License-Identifier: MIT */
/* The pipeline that this program is a stage of. */
#include "os/pipeline.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "os/posix/pipeline_system.h"

/* A process, with its standard input and output if these are pipes, or 0. */
struct stage {
	pid_t pid;
	uint64_t in, out;
	bool reads;  /* what this program writes, through other stages or not */
	bool writes; /* what this program reads */
};

static struct stage read_stage(pid_t pid)
{
	return (struct stage){
	    .pid = pid,
	    .in = pipeline_system_pipe(pid, STDIN_FILENO),
	    .out = pipeline_system_pipe(pid, STDOUT_FILENO),
	};
}

/* Mark the processes of V that read from PIPE. Return whether there are any. */
static bool mark_readers(struct stage *v, size_t n, uint64_t pipe)
{
	bool found = false;
	for (size_t i = 0; i < n; i++) {
		if (pipe == 0 || v[i].in != pipe)
			continue;
		v[i].reads = found = true;
	}
	return found;
}

static void mark_writers(struct stage *v, size_t n, uint64_t pipe)
{
	for (size_t i = 0; i < n; i++)
		if (pipe != 0 && v[i].out == pipe)
			v[i].writes = true;
}

/* Return the processes of our session except this one. */
static struct stage *read_session(size_t *n)
{
	struct process_list all = {0};
	pid_t session = getsid(0);
	*n = 0;
	if (processes_unavailable() != NULL || processes_all(&all, NULL) != 0)
		all.n = 0;
	struct stage *v = alloc_resize(NULL, all.n + 1, sizeof *v);
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].pid != getpid() && getsid(all.v[i].pid) == session)
			v[(*n)++] = read_stage(all.v[i].pid);
	process_list_free(&all);
	return v;
}

/* Mark the neighbours of the stages that are marked. Return how many stages there are now, and
 * clear *COMPLETE if a stage writes to a pipe without a reader. */
static size_t mark_neighbours(struct stage *v, size_t n, bool *complete)
{
	size_t marked = 0;
	for (size_t i = 0; i < n; i++) {
		if (v[i].reads && v[i].out != 0 && !mark_readers(v, n, v[i].out))
			*complete = false;
		if (v[i].writes)
			mark_writers(v, n, v[i].in);
	}
	for (size_t i = 0; i < n; i++)
		marked += v[i].reads || v[i].writes;
	return marked;
}

bool pipeline_stages(struct process_list *l, bool upstream)
{
	size_t n, marked = 0, before;
	struct stage own = read_stage(getpid());
	struct stage *v = read_session(&n);
	bool complete = own.out == 0 || mark_readers(v, n, own.out);
	if (upstream)
		mark_writers(v, n, own.in);
	do {
		before = marked;
		marked = mark_neighbours(v, n, &complete);
	} while (marked != before);
	for (size_t i = 0; i < n; i++)
		if (v[i].reads || v[i].writes)
			process_list_add(l, v[i].pid, 0);
	free(v);
	return complete;
}
