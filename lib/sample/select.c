/* A snapshot of processes and all their descendants. */
#include "sample/select.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/pidmap.h"
#include "os/linux/procfs.h"
#include "os/process.h"

#define COMM_LEN 15
#define LINE_MAX_READ (64u << 10) /* of a command line */

/* Appends PID as DEPTH if it is there and no member yet; whether it was. */
static int add(struct select *f, struct pidmap *seen, pid_t pid, int depth)
{
	struct process p;
	if (pidmap_get(seen, pid) != PIDMAP_NONE)
		return 0;
	if (process_open(&p, pid, 0) != 0) {
		f->error = procfs_gone() ? f->error : errno;
		return 0;
	}
	process_close(&p);
	f->v = alloc_grow(f->v, &f->cap, f->n + 1, sizeof *f->v);
	struct select_process *m = &f->v[f->n];
	*m = (struct select_process){.pid = pid, .ppid = p.ppid, .depth = depth};
	memcpy(m->comm, p.comm, sizeof m->comm);
	pidmap_set(seen, pid, (uint32_t)f->n++);
	return 1;
}

/* Everybody's children, found once in ALL, or for each from the kernel's lists
 * while ALL is empty. */
static int find_children(struct process_list *kids, const struct process_list *all, pid_t pid)
{
	if (all->n == 0)
		return processes_children(kids, pid);
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].ppid == pid)
			process_list_add(kids, all->v[i].pid, pid);
	return 0;
}

/* PID and its descendants, depth first, with a list of who is still to be
 * visited; ppid there is the depth. */
static int descend(
    struct select *f, struct pidmap *seen, struct process_list *all, pid_t root, size_t *work)
{
	struct process_list todo = {0}, kids = {0};
	int status = 0;
	process_list_add(&todo, root, 0);
	while (todo.n > 0 && status == 0) {
		struct process_id next = todo.v[--todo.n];
		if (!add(f, seen, next.pid, (int)next.ppid))
			continue;
		kids.n = 0;
		if (find_children(&kids, all, next.pid) != 0 ||
		    (all->n == 0 && kids.n > 0 && --*work == 0)) {
			kids.n = 0; /* no lists here, or too many of them */
			status = processes_all(all, NULL);
			if (status != 0)
				f->error = errno;
			else
				(void)find_children(&kids, all, next.pid);
		}
		for (size_t i = kids.n; i-- > 0;)
			process_list_add(&todo, kids.v[i].pid, next.ppid + 1);
	}
	process_list_free(&todo);
	process_list_free(&kids);
	return status;
}

int select_find(struct select *f, const struct process_list *roots, int descending)
{
	struct pidmap seen = {0};
	struct process_list all = {0};
	struct process_news news = {.fd = -1};
	int status = 0;
	size_t work = processes_news(&news) == 0 ? (size_t)news.tasks / 4 + 1 : 1000;
	for (size_t i = 0; i < roots->n && status == 0; i++) {
		pid_t pid = roots->v[i].pid;
		if (descending)
			status = descend(f, &seen, &all, pid, &work);
		else
			(void)add(f, &seen, pid, 0);
		if (pidmap_get(&seen, pid) == PIDMAP_NONE && f->error == 0)
			process_list_add(&f->missing, pid, 0);
	}
	if (news.fd >= 0)
		close(news.fd);
	process_list_free(&all);
	pidmap_free(&seen);
	errno = f->error;
	return f->error != 0 ? -1 : 0;
}

int select_named(struct process_list *l, const char *name)
{
	struct process_list all = {0};
	int why = processes_all(&all, NULL) != 0 ? errno : 0;
	for (size_t i = 0; why == 0 && i < all.n; i++) {
		struct process p;
		if (process_open(&p, all.v[i].pid, 0) != 0) {
			why = procfs_gone() ? 0 : errno;
			continue;
		}
		if (strcmp(p.comm, name) == 0 ||
		    (strlen(name) > COMM_LEN && strlen(p.comm) == COMM_LEN &&
			strncmp(p.comm, name, COMM_LEN) == 0))
			process_list_add(l, p.pid, p.ppid);
		process_close(&p);
	}
	process_list_free(&all);
	errno = why;
	return why != 0 ? -1 : 0;
}

/* Whether PID's command line holds TEXT; LINE has room for it. -1 with errno set
 * if that can't be told. */
static int matches(pid_t pid, const char *text, char *line)
{
	long n = procfs_get(pid, "cmdline", line, LINE_MAX_READ);
	if (n < 0)
		return procfs_gone() ? 0 : -1;
	for (long i = 0; i + 1 < n; i++)
		if (line[i] == '\0')
			line[i] = ' ';
	return n > 0 && strstr(line, text) != NULL;
}

int select_matching(struct process_list *l, const char *text)
{
	struct process_list all = {0};
	struct pidmap ours = {0};
	int why = processes_all(&all, NULL) != 0 ? errno : 0;
	pid_t ancestor = getpid();
	for (; ancestor > 0; ancestor = processes_parent(ancestor))
		pidmap_set(&ours, ancestor, 0);
	if (ancestor < 0 && !procfs_gone())
		why = errno;
	char *line = alloc_resize(NULL, LINE_MAX_READ, 1);
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

void select_free(struct select *f)
{
	free(f->v);
	process_list_free(&f->missing);
	*f = (struct select){0};
}
