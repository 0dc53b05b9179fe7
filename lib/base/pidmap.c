/* SPDX-License-Identifier: MIT */
/* From a process ID to a small number: open addressing, linear probing. */
#include "base/pidmap.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* Return the index of the slot at which the search for PID starts. */
static size_t home(const struct pidmap *m, pid_t pid)
{
	return ((uint32_t)pid * 2654435769u >> 7) & (m->cap - 1);
}

/* Return the index of the slot of PID, or of the free slot that it would get. */
static size_t seek(const struct pidmap *m, pid_t pid)
{
	size_t i = home(m, pid);
	while (m->slot[i].pid != 0 && m->slot[i].pid != pid)
		i = (i + 1) & (m->cap - 1);
	return i;
}

uint32_t pidmap_get(const struct pidmap *m, pid_t pid)
{
	if (m->n == 0)
		return PIDMAP_NONE;
	const struct pidmap_slot *s = &m->slot[seek(m, pid)];
	return s->pid == pid ? s->value : PIDMAP_NONE;
}

static void grow(struct pidmap *m)
{
	struct pidmap old = *m;
	m->cap = old.cap == 0 ? 16 : old.cap * 2;
	m->slot = alloc_resize(NULL, m->cap, sizeof *m->slot);
	memset(m->slot, 0, m->cap * sizeof *m->slot);
	for (size_t i = 0; i < old.cap; i++)
		if (old.slot[i].pid != 0)
			m->slot[seek(m, old.slot[i].pid)] = old.slot[i];
	free(old.slot);
}

void pidmap_set(struct pidmap *m, pid_t pid, uint32_t value)
{
	if (m->n * 2 >= m->cap)
		grow(m);
	struct pidmap_slot *s = &m->slot[seek(m, pid)];
	m->n += s->pid == 0;
	*s = (struct pidmap_slot){pid, value};
}

void pidmap_remove(struct pidmap *m, pid_t pid)
{
	if (m->n == 0)
		return;
	size_t mask = m->cap - 1, hole = seek(m, pid);
	if (m->slot[hole].pid == 0)
		return;
	m->n--;
	/* Move each entry into the hole that a search would not find after it. */
	for (size_t i = (hole + 1) & mask; m->slot[i].pid != 0; i = (i + 1) & mask) {
		size_t from = home(m, m->slot[i].pid);
		if (((i - from) & mask) >= ((i - hole) & mask)) {
			m->slot[hole] = m->slot[i];
			hole = i;
		}
	}
	m->slot[hole].pid = 0;
}

void pidmap_free(struct pidmap *m)
{
	free(m->slot);
	*m = (struct pidmap){0};
}
