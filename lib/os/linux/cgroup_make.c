/* SPDX-License-Identifier: MIT */
/*
 * A control group for a command.
 *
 * It is made below the group of this process, so that all limits of that group apply to the command
 * too. In version 2, a group other than the root holds processes or counts memory for groups below
 * it, but not both. So this process first moves to a group of its own below, if no other process is
 * in its group:
 *
 *	unit		before: this process; then: none
 *	unit/mempipe-12.self	this process and the pipeline
 *	unit/mempipe-12		the command
 */
#define _GNU_SOURCE
#include "os/linux/cgroup_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define REMOVE_TRIES 50
#define REMOVE_PAUSE_NS 2000000
#define CONTROL "cgroup.subtree_control"

static int write_file(const char *dir, const char *file, const char *text)
{
	int fd = cgroup_open(dir, file, O_WRONLY);
	if (fd < 0)
		return -1;
	ssize_t n = write(fd, text, strlen(text));
	int error = errno;
	close(fd);
	errno = error;
	return n < 0 ? -1 : 0;
}

static int move(const char *path, pid_t pid)
{
	char text[32];
	snprintf(text, sizeof text, "%ld", (long)pid);
	return write_file(path, "cgroup.procs", text);
}

int cgroup_enter(const struct cgroup *g, pid_t pid)
{
	return move(g->path, pid);
}

/* ---- whether a group can be made */

static bool names_memory(const char *path, const char *file)
{
	char text[1024];
	return cgroup_read(path, file, text, sizeof text) == 0 &&
	       cgroup_has_word(text, "memory", " \n");
}

/* Return true if the memory of groups below G is counted. */
static bool counts_below(const struct cgroup *g)
{
	return !g->v2 || names_memory(g->path, CONTROL);
}

/* Return true if PATH is the root of version 2, not only of a namespace. */
static bool is_root(const char *path)
{
	char file[CGROUP_PATH];
	return cgroup_join(file, path, "cgroup.type") == 0 && access(file, F_OK) != 0;
}

/* Return 0 if this process is the only one in the group PATH, or -1 with errno set. */
static int check_alone(const char *path)
{
	char file[CGROUP_PATH];
	if (cgroup_join(file, path, "cgroup.procs") != 0)
		return -1;
	FILE *f = fopen(file, "re");
	if (f == NULL)
		return -1;
	errno = 0;
	bool others = false;
	for (long pid; fscanf(f, "%ld", &pid) == 1;)
		others = others || pid != getpid();
	int error = ferror(f) ? errno : others ? EBUSY : 0;
	fclose(f);
	errno = error;
	return error != 0 ? -1 : 0;
}

/* Return 0 if a group can be made below OWN as far as can be seen, or -1 with errno set. */
static int check(const struct cgroup *own)
{
	if (access(own->path, W_OK) != 0)
		return -1;
	if (counts_below(own) || is_root(own->path))
		return 0;
	if (names_memory(own->path, "cgroup.controllers"))
		return check_alone(own->path);
	errno = ENOTSUP;
	return -1;
}

int cgroup_check(struct cgroup *g)
{
	return cgroup_own(g) != 0 ? -1 : check(g);
}

/* ---- removing */

static void move_members(const char *from, const char *to)
{
	struct process_list left = {0};
	struct cgroup source = {0};
	memcpy(source.path, from, strlen(from) + 1);
	(void)cgroup_members(&source, &left);
	for (size_t i = 0; i < left.n; i++)
		(void)move(to, left.v[i].pid);
	process_list_free(&left);
}

/* Remove the group PATH after its processes have moved to TO. A process that has just exited keeps
 * the group busy for a moment; retry. */
static int remove_group(const char *path, const char *to)
{
	const struct timespec pause = {.tv_nsec = REMOVE_PAUSE_NS};
	for (int tries = 0; tries < REMOVE_TRIES; tries++) {
		if (rmdir(path) == 0)
			return 0;
		if (errno != EBUSY)
			return -1;
		move_members(path, to);
		nanosleep(&pause, NULL);
	}
	errno = EBUSY;
	return -1;
}

/* Store the parent of the group PATH in PARENT. */
static void find_parent(const char *path, char parent[CGROUP_PATH])
{
	memcpy(parent, path, strlen(path) + 1);
	char *slash = strrchr(parent, '/');
	if (slash != NULL)
		*slash = '\0';
}

/* Move this process, and the pipeline if it still runs, back to the group in which it started. */
static int move_back(const struct cgroup *g)
{
	char parent[CGROUP_PATH];
	find_parent(g->own, parent);
	(void)write_file(parent, CONTROL, "-memory");
	return remove_group(g->own, parent);
}

int cgroup_remove(const struct cgroup *g)
{
	int status = remove_group(g->path, g->own);
	int error = errno;
	if (g->moved && move_back(g) != 0 && status == 0)
		return -1;
	errno = error;
	return status;
}

/* ---- making */

/* Make the group PARENT/mempipe-PID, with a SUFFIX, and store its path. */
static int make(char path[CGROUP_PATH], const char *parent, const char *suffix)
{
	char name[48];
	snprintf(name, sizeof name, "mempipe-%ld%s", (long)getpid(), suffix);
	return cgroup_join(path, parent, name) != 0 ? -1 : mkdir(path, 0755);
}

/* Move this process out of its group, which is then allowed to count memory for groups below it. */
static int move_below(struct cgroup *g)
{
	char below[CGROUP_PATH];
	if (make(below, g->path, ".self") != 0)
		return -1;
	if (move(below, getpid()) != 0) {
		int error = errno;
		(void)rmdir(below);
		errno = error;
		return -1;
	}
	memcpy(g->own, below, sizeof below);
	g->moved = true;
	return 0;
}

static int count_below(struct cgroup *g)
{
	if (counts_below(g))
		return 0;
	if (!is_root(g->path) && move_below(g) != 0)
		return -1;
	return write_file(g->path, CONTROL, "+memory");
}

int cgroup_make(struct cgroup *g)
{
	char path[CGROUP_PATH];
	if (cgroup_check(g) != 0)
		return -1;
	memcpy(g->own, g->path, sizeof g->path);
	if (count_below(g) == 0 && make(path, g->path, "") == 0) {
		memcpy(g->path, path, sizeof path);
		return 0;
	}
	int error = errno;
	if (g->moved)
		(void)move_back(g);
	errno = error;
	return -1;
}
