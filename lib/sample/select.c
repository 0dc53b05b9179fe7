/* SPDX-License-Identifier: MIT */
/* Finding processes once. */
#include "sample/select.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/pidmap.h"

#define COMM_KEPT 15	      /* bytes of a name that the kernel keeps */
#define LINE_READ (64u << 10) /* bytes of a command line that are searched */

/* Read at most so many lists of children: a quarter of the tasks, which costs as much as reading
 * all processes, or a number that is affordable where the number of tasks is not known. */
#define LISTS_PART 4
#define LISTS_UNKNOWN 1000

/* One search. */
struct search {
	struct select *found;
	struct pidmap seen;
	struct process_list all; /* all processes, once it takes less time to search these */
	size_t lists;		 /* of children that may be read before */
};

/* Add PID unless it was seen or does not exist. Return whether it was added. */
static bool add(struct search *h, pid_t pid, int depth)
{
	struct process p;
	struct select *s = h->found;
	if (pidmap_get(&h->seen, pid) != PIDMAP_NONE)
		return false;
	if (process_open(&p, pid, PROCESS_KEEP_NONE) != 0) {
		s->error = process_is_out_of_reach(errno) ? s->error : errno;
		return false;
	}
	process_close(&p);
	s->v = alloc_grow(s->v, &s->cap, s->n + 1, sizeof *s->v);
	struct select_process *m = &s->v[s->n];
	*m = (struct select_process){.pid = pid, .ppid = p.ppid, .depth = depth};
	memcpy(m->comm, p.comm, sizeof m->comm);
	pidmap_set(&h->seen, pid, (uint32_t)s->n++);
	return true;
}

static void find_in_all(struct process_list *children, const struct process_list *all, pid_t pid)
{
	children->n = 0;
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].ppid == pid)
			process_list_add(children, all->v[i].pid, pid);
}

/* Set CHILDREN to those of PID: from the kernel's lists, or where there are none or too many,
 * from all processes. Return 0, or -1 with an error noted. */
static int find_children(struct search *h, struct process_list *children, pid_t pid)
{
	children->n = 0;
	if (h->all.n == 0) {
		bool listed = processes_children(children, pid) == 0;
		if (listed && (children->n == 0 || --h->lists > 0))
			return 0;
		if (processes_all(&h->all, NULL) != 0) {
			h->found->error = errno;
			return -1;
		}
	}
	find_in_all(children, &h->all, pid);
	return 0;
}

/* Add ROOT and its descendants, depth first. In the list of what is left to visit, ppid holds the
 * depth. */
static int add_tree(struct search *h, pid_t root)
{
	struct process_list todo = {0}, children = {0};
	int status = 0;
	process_list_add(&todo, root, 0);
	while (todo.n > 0 && status == 0) {
		struct process_id next = todo.v[--todo.n];
		if (!add(h, next.pid, (int)next.ppid))
			continue;
		status = find_children(h, &children, next.pid);
		for (size_t i = status == 0 ? children.n : 0; i-- > 0;)
			process_list_add(&todo, children.v[i].pid, next.ppid + 1);
	}
	process_list_free(&todo);
	process_list_free(&children);
	return status;
}

int select_find(struct select *s, const struct process_list *roots, bool descend)
{
	size_t tasks = processes_tasks();
	struct search h = {.found = s, .lists = tasks > 0 ? tasks / LISTS_PART + 1 : LISTS_UNKNOWN};
	int status = 0;
	for (size_t i = 0; i < roots->n && status == 0; i++) {
		pid_t pid = roots->v[i].pid;
		if (descend)
			status = add_tree(&h, pid);
		else
			(void)add(&h, pid, 0);
		if (pidmap_get(&h.seen, pid) == PIDMAP_NONE && s->error == 0)
			process_list_add(&s->missing, pid, 0);
	}
	process_list_free(&h.all);
	pidmap_free(&h.seen);
	errno = s->error;
	return s->error != 0 ? -1 : 0;
}

static bool has_name(const struct process *p, const char *name)
{
	return strcmp(p->comm, name) == 0 ||
	       (strlen(name) > COMM_KEPT && strlen(p->comm) == COMM_KEPT &&
		   strncmp(p->comm, name, COMM_KEPT) == 0);
}

bool select_is_named(pid_t pid, const char *name)
{
	struct process p;
	if (process_open(&p, pid, PROCESS_KEEP_NONE) != 0)
		return false;
	bool named = has_name(&p, name);
	process_close(&p);
	return named;
}

int select_named(struct process_list *l, const char *name)
{
	struct process_list all = {0};
	int why = processes_all(&all, NULL) != 0 ? errno : 0;
	for (size_t i = 0; why == 0 && i < all.n; i++) {
		struct process p;
		if (process_open(&p, all.v[i].pid, PROCESS_KEEP_NONE) != 0) {
			why = process_is_out_of_reach(errno) ? 0 : errno;
			continue;
		}
		if (has_name(&p, name))
			process_list_add(l, p.pid, p.ppid);
		process_close(&p);
	}
	process_list_free(&all);
	errno = why;
	return why != 0 ? -1 : 0;
}

/* Note this process and its ancestors in OURS. Return 0, or the error. */
static int note_ours(struct pidmap *ours)
{
	pid_t pid = getpid();
	for (; pid > 0; pid = processes_parent(pid))
		pidmap_set(ours, pid, 0);
	return pid < 0 && !process_is_out_of_reach(errno) ? errno : 0;
}

/* Return whether the command line of PID contains TEXT, or -1 with errno set if it cannot be
 * read. LINE has room for it. */
static int matches(pid_t pid, const char *text, char *line)
{
	long n = processes_command_line(pid, line, LINE_READ);
	if (n < 0)
		return process_is_out_of_reach(errno) ? 0 : -1;
	return n > 0 && strstr(line, text) != NULL;
}

int select_matching(struct process_list *l, const char *text)
{
	struct process_list all = {0};
	struct pidmap ours = {0};
	int why = processes_all(&all, NULL) != 0 ? errno : note_ours(&ours);
	char *line = alloc_resize(NULL, LINE_READ, 1);
	for (size_t i = 0; why == 0 && i < all.n; i++) {
		if (pidmap_get(&ours, all.v[i].pid) != PIDMAP_NONE)
			continue;
		int found = matches(all.v[i].pid, text, line);
		if (found > 0)
			process_list_add(l, all.v[i].pid, all.v[i].ppid);
		why = found < 0 ? errno : 0;
	}
	free(line);
	pidmap_free(&ours);
	process_list_free(&all);
	errno = why;
	return why != 0 ? -1 : 0;
}

void select_free(struct select *s)
{
	free(s->v);
	process_list_free(&s->missing);
	*s = (struct select){0};
}
