/* A snapshot of processes and all their descendants. */
#include "family.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "pidmap.h"
#include "proc.h"
#include "procfile.h"

#define COMM_LEN 15
#define LINE_MAX_READ (64u << 10) /* of a command line */

/* Appends PID as DEPTH if it is there and no member yet; whether it was. */
static int add(struct family *f, struct pidmap *seen, pid_t pid, int depth)
{
	struct proc p;
	if (pidmap_get(seen, pid) != PIDMAP_NONE)
		return 0;
	if (proc_open(&p, pid, 0) != 0) {
		f->error = procfile_gone() ? f->error : errno;
		return 0;
	}
	proc_close(&p);
	if (f->n == f->cap) {
		f->cap = f->cap == 0 ? 16 : f->cap * 2;
		f->v = err_realloc(f->v, f->cap, sizeof *f->v);
	}
	struct family_member *m = &f->v[f->n];
	*m = (struct family_member){.pid = pid, .ppid = p.ppid, .depth = depth};
	memcpy(m->comm, p.comm, sizeof m->comm);
	pidmap_set(seen, pid, (uint32_t)f->n++);
	return 1;
}

/* Everybody's children, found once in ALL, or for each from the kernel's lists
 * while ALL is empty. */
static int find_children(struct kin_list *kids, const struct kin_list *all, pid_t pid)
{
	if (all->n == 0)
		return kin_children(kids, pid);
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].ppid == pid)
			kin_add(kids, all->v[i].pid, pid);
	return 0;
}

/* PID and its descendants, depth first, with a list of who is still to be
 * visited; ppid there is the depth. */
static int descend(
    struct family *f, struct pidmap *seen, struct kin_list *all, pid_t root, size_t *work)
{
	struct kin_list todo = {0}, kids = {0};
	int status = 0;
	kin_add(&todo, root, 0);
	while (todo.n > 0 && status == 0) {
		struct kin next = todo.v[--todo.n];
		if (!add(f, seen, next.pid, (int)next.ppid))
			continue;
		kids.n = 0;
		if (find_children(&kids, all, next.pid) != 0 ||
		    (all->n == 0 && kids.n > 0 && --*work == 0)) {
			kids.n = 0; /* no lists here, or too many of them */
			status = kin_everyone(all, NULL);
			if (status != 0)
				f->error = errno;
			else
				(void)find_children(&kids, all, next.pid);
		}
		for (size_t i = kids.n; i-- > 0;)
			kin_add(&todo, kids.v[i].pid, next.ppid + 1);
	}
	kin_free(&todo);
	kin_free(&kids);
	return status;
}

int family_find(struct family *f, const struct kin_list *roots, int descending)
{
	struct pidmap seen = {0};
	struct kin_list all = {0};
	struct kin_news news = {.fd = -1};
	int status = 0;
	size_t work = kin_news_read(&news) == 0 ? (size_t)news.tasks / 4 + 1 : 1000;
	for (size_t i = 0; i < roots->n && status == 0; i++) {
		pid_t pid = roots->v[i].pid;
		if (descending)
			status = descend(f, &seen, &all, pid, &work);
		else
			(void)add(f, &seen, pid, 0);
		if (pidmap_get(&seen, pid) == PIDMAP_NONE && f->error == 0)
			kin_add(&f->missing, pid, 0);
	}
	if (news.fd >= 0)
		close(news.fd);
	kin_free(&all);
	pidmap_free(&seen);
	errno = f->error;
	return f->error != 0 ? -1 : 0;
}

int family_named(struct kin_list *l, const char *name)
{
	struct kin_list all = {0};
	int why = kin_everyone(&all, NULL) != 0 ? errno : 0;
	for (size_t i = 0; why == 0 && i < all.n; i++) {
		struct proc p;
		if (proc_open(&p, all.v[i].pid, 0) != 0) {
			why = procfile_gone() ? 0 : errno;
			continue;
		}
		if (strcmp(p.comm, name) == 0 ||
		    (strlen(name) > COMM_LEN && strlen(p.comm) == COMM_LEN &&
			strncmp(p.comm, name, COMM_LEN) == 0))
			kin_add(l, p.pid, p.ppid);
		proc_close(&p);
	}
	kin_free(&all);
	errno = why;
	return why != 0 ? -1 : 0;
}

/* Whether PID's command line holds TEXT; LINE has room for it. -1 with errno set
 * if that can't be told. */
static int matches(pid_t pid, const char *text, char *line)
{
	long n = procfile_get(pid, "cmdline", line, LINE_MAX_READ);
	if (n < 0)
		return procfile_gone() ? 0 : -1;
	for (long i = 0; i + 1 < n; i++)
		if (line[i] == '\0')
			line[i] = ' ';
	return n > 0 && strstr(line, text) != NULL;
}

int family_matching(struct kin_list *l, const char *text)
{
	struct kin_list all = {0};
	struct pidmap ours = {0};
	int why = kin_everyone(&all, NULL) != 0 ? errno : 0;
	pid_t ancestor = getpid();
	for (; ancestor > 0; ancestor = kin_parent(ancestor))
		pidmap_set(&ours, ancestor, 0);
	if (ancestor < 0 && !procfile_gone())
		why = errno;
	char *line = err_realloc(NULL, LINE_MAX_READ, 1);
	for (size_t i = 0; why == 0 && i < all.n; i++) {
		if (pidmap_get(&ours, all.v[i].pid) != PIDMAP_NONE)
			continue;
		int found = matches(all.v[i].pid, text, line);
		if (found > 0)
			kin_add(l, all.v[i].pid, all.v[i].ppid);
		why = found < 0 ? errno : 0;
	}
	free(line);
	pidmap_free(&ours);
	kin_free(&all);
	errno = why;
	return why != 0 ? -1 : 0;
}

void family_free(struct family *f)
{
	free(f->v);
	kin_free(&f->missing);
	*f = (struct family){0};
}
