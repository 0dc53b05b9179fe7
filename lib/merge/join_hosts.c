/* SPDX-License-Identifier: MIT */
/*
 * Join streams of samples: no process may be in two streams at one time.
 *
 * A process ID and the name of a host identify a process while it exists. They do so no more if
 * containers have one name, but process IDs of their own: then the times of creation differ.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/warn.h"
#include "merge/join_internal.h"
#include "stream/tsv.h"

#define CREATED_ERROR_US 20000 /* of a time of creation */

void join_hosts_begin(struct join *j)
{
	j->host_column = intern_find(&j->columns, slice_of("host"));
}

/* Return the host of the row that S has just read, or INTERN_NONE. The name of a file, in place of
 * that of a host, is none. */
static uint32_t host_of(struct join *j, const struct join_stream *s)
{
	struct slice name = join_host(s);
	if (j->host_column == INTERN_NONE)
		return INTERN_NONE;
	if (s->map[j->host_column] != SIZE_MAX)
		name = tsv_column(&s->samples.tsv, s->map[j->host_column]);
	else if (j->host_column == j->column)
		return INTERN_NONE;
	return name.n > 0 ? intern_number(&j->hosts, name) : INTERN_NONE;
}

void join_hosts_add(struct join *j, struct join_stream *s, uint32_t i)
{
	uint32_t host = host_of(j, s);
	j->process[i].host = host;
	if (host != INTERN_NONE)
		join_processes_append(j, &s->arrivals, i);
}

static bool is_other(const struct join_process *a, const struct join_process *b)
{
	if (a->created_us == JOIN_UNKNOWN || b->created_us == JOIN_UNKNOWN)
		return false;
	int64_t us = a->created_us - a->stream->shift_us - (b->created_us - b->stream->shift_us);
	return us < -CREATED_ERROR_US || us > CREATED_ERROR_US;
}

/* Return the map of the processes of HOST that are held. */
static struct pidmap *held_on(struct join *j, uint32_t host)
{
	size_t old = j->held_cap;
	if (host >= old) {
		j->held = alloc_grow(j->held, &j->held_cap, host + 1, sizeof *j->held);
		memset(j->held + old, 0, (j->held_cap - old) * sizeof *j->held);
	}
	return &j->held[host];
}

void join_hosts_hold(struct join *j, struct join_stream *s)
{
	for (uint32_t i = s->arrivals.first; i != JOIN_NONE; i = j->process[i].next) {
		const struct join_process *p = &j->process[i];
		struct pidmap *held = held_on(j, p->host);
		uint32_t other = pidmap_get(held, p->pid);
		if (other != PIDMAP_NONE && !is_other(p, &j->process[other]) && !j->failed) {
			warn_print("%s: process %ld of host %s is in %s too, at the same time; use "
				   "-c host if these are two processes",
			    s->name, (long)p->pid, j->hosts.v[p->host].text,
			    j->process[other].stream->name);
			j->failed = true;
		}
		pidmap_set(held, p->pid, i);
	}
	s->arrivals = (struct join_list){JOIN_NONE, JOIN_NONE};
}

void join_hosts_release(struct join *j, uint32_t i)
{
	const struct join_process *p = &j->process[i];
	if (p->host != INTERN_NONE && pidmap_get(&j->held[p->host], p->pid) == i)
		pidmap_remove(&j->held[p->host], p->pid);
}

void join_hosts_free(struct join *j)
{
	for (size_t i = 0; i < j->held_cap; i++)
		pidmap_free(&j->held[i]);
	free(j->held);
	intern_free(&j->hosts);
}
