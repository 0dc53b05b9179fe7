/* Control groups, of version 1 and 2. */
#define _GNU_SOURCE
#include "os/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DEPTH_MAX 32 /* of groups below a group */
#define REMOVE_TRIES 50
#define REMOVE_PAUSE_NS 2000000

/* The hierarchy that counts memory. */
struct hierarchy {
	char mount[CGROUP_PATH];
	char own[CGROUP_PATH]; /* path of this process's group below the mount point */
	bool v2;
};

/* Store A/B in PATH. Return 0, or -1 with errno set if it is too long. */
static int join(char *path, const char *a, const char *b)
{
	int n = snprintf(path, CGROUP_PATH, "%s%s%s", a, *b == '/' || *b == '\0' ? "" : "/", b);
	if (n >= 0 && n < CGROUP_PATH)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

/* Read the beginning of FILE in DIR and end it by a NUL. Return 0, or -1 with errno set. */
static int read_file(const char *dir, const char *file, char *text, size_t size)
{
	char path[CGROUP_PATH];
	if (join(path, dir, file) != 0)
		return -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n < 0 ? -1 : 0;
}

static int write_file(const char *dir, const char *file, const char *text)
{
	char path[CGROUP_PATH];
	if (join(path, dir, file) != 0)
		return -1;
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = write(fd, text, strlen(text));
	int error = errno;
	close(fd);
	errno = error;
	return n < 0 ? -1 : 0;
}

/* Return true if WORD is one of the words of TEXT, which are separated by the characters in
 * SEPARATORS. */
static bool has_word(const char *text, const char *word, const char *separators)
{
	size_t n = strlen(word);
	for (const char *p = text; *p != '\0'; p += strspn(p, separators)) {
		size_t len = strcspn(p, separators);
		if (len == n && memcmp(p, word, n) == 0)
			return true;
		p += len;
	}
	return false;
}

/* Store the number that follows KEY on the line that starts with it. Return 0, or -1 if there is
 * none. */
static int find_key(const char *text, const char *key, uint64_t *value)
{
	size_t n = strlen(key);
	for (const char *line = text; line != NULL && *line != '\0';) {
		if (strncmp(line, key, n) == 0 && line[n] == ' ') {
			*value = strtoull(line + n, NULL, 10);
			return 0;
		}
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
	return -1;
}

/* Decode a mount point of mountinfo, in which \040 is a blank. */
static void unescape(char *s)
{
	char *to = s;
	for (; *s != '\0'; s++) {
		if (*s == '\\' && strlen(s) > 3) {
			*to++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

/*
 * Parse a line of mountinfo, as `36 25 0:30 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw`.
 * Return true if it is a hierarchy that counts memory. In version 1, `memory` is then an option of
 * the mount.
 */
static bool take_mount(struct hierarchy *h, const char *line)
{
	char mount[CGROUP_PATH], type[32], options[CGROUP_PATH], controllers[CGROUP_PATH];
	const char *tail = strstr(line, " - ");
	if (tail == NULL || sscanf(line, "%*s %*s %*s %*s %511s", mount) != 1 ||
	    sscanf(tail, " - %31s %*s %511s", type, options) != 2)
		return false;
	unescape(mount);
	bool v1 = strcmp(type, "cgroup") == 0 && has_word(options, "memory", ",");
	bool v2 = strcmp(type, "cgroup2") == 0 &&
		  read_file(mount, "cgroup.controllers", controllers, sizeof controllers) == 0 &&
		  has_word(controllers, "memory", " \n");
	if (!v1 && !v2)
		return false;
	memcpy(h->mount, mount, sizeof mount);
	h->v2 = v2;
	return true;
}

/* Parse a line of /proc/self/cgroup: `4:memory:/a/b`, or `0::/a/b` in version 2. */
static void take_own(struct hierarchy *h, char *line)
{
	char *controllers = strchr(line, ':');
	char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
	if (path == NULL)
		return;
	*path++ = '\0';
	controllers++;
	if (h->v2 ? *controllers == '\0' : has_word(controllers, "memory", ","))
		(void)join(h->own, path, "");
}

/* Parse FILE, which is mountinfo if MOUNTS. Return 0, or -1 with errno set. */
static int read_lines(const char *file, struct hierarchy *h, bool mounts)
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t size = 0;
	bool found = false;
	if (f == NULL)
		return -1;
	for (ssize_t n; !(mounts && found) && (n = getline(&line, &size, f)) > 0;) {
		line[n - 1] = line[n - 1] == '\n' ? '\0' : line[n - 1];
		if (mounts)
			found = take_mount(h, line);
		else
			take_own(h, line);
	}
	free(line);
	fclose(f);
	return 0;
}

static int find_hierarchy(struct hierarchy *h)
{
	*h = (struct hierarchy){.own = "/"};
	if (read_lines("/proc/self/mountinfo", h, true) != 0)
		return -1;
	if (h->mount[0] == '\0') {
		errno = ENOTSUP;
		return -1;
	}
	return read_lines("/proc/self/cgroup", h, false);
}

static bool is_group(const char *path)
{
	char file[CGROUP_PATH];
	return join(file, path, "cgroup.procs") == 0 && access(file, F_OK) == 0;
}

int cgroup_find(struct cgroup *g, const char *name)
{
	struct hierarchy h;
	char file[CGROUP_PATH];
	*g = (struct cgroup){0};
	if (join(g->path, name, "") == 0 && is_group(g->path)) {
		g->v2 = join(file, g->path, "cgroup.controllers") == 0 && access(file, F_OK) == 0;
		return 0;
	}
	if (find_hierarchy(&h) != 0 || join(g->path, h.mount, name) != 0)
		return -1;
	g->v2 = h.v2;
	if (is_group(g->path))
		return 0;
	errno = ENOENT;
	return -1;
}

/* In a container, the path can be the one outside of it. Then the root of the mount is the group of
 * this process. */
int cgroup_own(struct cgroup *g)
{
	struct hierarchy h;
	*g = (struct cgroup){0};
	if (find_hierarchy(&h) != 0)
		return -1;
	g->v2 = h.v2;
	if (join(g->path, h.mount, h.own) == 0 && is_group(g->path))
		return 0;
	return join(g->path, h.mount, "");
}

static int add_members(const char *path, struct process_list *l)
{
	char file[CGROUP_PATH];
	if (join(file, path, "cgroup.procs") != 0)
		return -1;
	FILE *f = fopen(file, "re");
	if (f == NULL)
		return -1;
	for (long pid; fscanf(f, "%ld", &pid) == 1;)
		if (pid > 0 && pid <= INT_MAX) /* 0: a process of another PID namespace */
			process_list_add(l, (pid_t)pid, 0);
	int failed = ferror(f); /* EOPNOTSUPP: a threaded group */
	fclose(f);
	return failed ? -1 : 0;
}

/* Groups may appear and disappear meanwhile; errors are ignored. */
static void add_below(const char *path, struct process_list *l, int depth)
{
	DIR *d = opendir(path);
	if (d == NULL)
		return;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		char below[CGROUP_PATH];
		struct stat st;
		if (*e->d_name == '.' || join(below, path, e->d_name) != 0 ||
		    lstat(below, &st) != 0 || !S_ISDIR(st.st_mode))
			continue;
		(void)add_members(below, l);
		if (depth > 0)
			add_below(below, l, depth - 1);
	}
	closedir(d);
}

int cgroup_members(const struct cgroup *g, struct process_list *l)
{
	if (add_members(g->path, l) != 0)
		return -1;
	add_below(g->path, l, DEPTH_MAX);
	return 0;
}

/* Return true if the memory of groups below PATH is counted. */
static bool counts_below(const char *path, bool v2)
{
	char text[1024];
	return !v2 || (read_file(path, "cgroup.subtree_control", text, sizeof text) == 0 &&
			  has_word(text, "memory", " \n"));
}

static int make_in(struct cgroup *g, const char *parent)
{
	char name[32];
	snprintf(name, sizeof name, "mempipe-%ld", (long)getpid());
	if (join(g->path, parent, name) != 0 || mkdir(g->path, 0755) != 0) {
		(void)join(g->path, parent, "");
		return -1;
	}
	return 0;
}

/*
 * In version 2, a group other than the root either holds processes or enables the memory controller
 * for the groups below it. So the new group is made beside the group of this process if that is
 * allowed, as below a user's session manager.
 */
int cgroup_make(struct cgroup *g)
{
	struct cgroup own;
	if (cgroup_own(&own) != 0)
		return -1;
	*g = own;
	memcpy(g->own, own.path, sizeof own.path);
	if (counts_below(own.path, own.v2))
		return make_in(g, own.path);
	char parent[CGROUP_PATH];
	memcpy(parent, own.path, sizeof parent);
	char *slash = strrchr(parent, '/');
	if (slash != NULL)
		*slash = '\0';
	if (is_group(parent) && counts_below(parent, own.v2))
		return make_in(g, parent);
	if (write_file(own.path, "cgroup.subtree_control", "+memory") != 0)
		return -1;
	return make_in(g, own.path);
}

int cgroup_enter(const struct cgroup *g, pid_t pid)
{
	char text[32];
	snprintf(text, sizeof text, "%ld", (long)pid);
	return write_file(g->path, "cgroup.procs", text);
}

/* Move the processes of G to the group of this process. */
static void move_members(const struct cgroup *g)
{
	struct process_list left = {0};
	struct cgroup own = {0};
	memcpy(own.path, g->own, sizeof own.path);
	(void)add_members(g->path, &left);
	for (size_t i = 0; i < left.n; i++)
		(void)cgroup_enter(&own, left.v[i].pid);
	process_list_free(&left);
}

/* A process that has just exited keeps the group busy for a moment; retry. */
int cgroup_remove(const struct cgroup *g)
{
	const struct timespec pause = {.tv_nsec = REMOVE_PAUSE_NS};
	for (int tries = 0; tries < REMOVE_TRIES; tries++) {
		if (rmdir(g->path) == 0)
			return 0;
		if (errno != EBUSY)
			return -1;
		move_members(g);
		nanosleep(&pause, NULL);
	}
	errno = EBUSY;
	return -1;
}

/* Read a number of bytes. Return 0, or -1 with errno set. */
static int read_kib(const struct cgroup *g, const char *file, uint64_t *kib)
{
	char text[64], *end;
	if (read_file(g->path, file, text, sizeof text) != 0)
		return -1;
	*kib = strtoull(text, &end, 10) / 1024;
	return end == text ? -1 : 0;
}

int cgroup_peak(const struct cgroup *g, uint64_t *kib)
{
	return read_kib(g, g->v2 ? "memory.peak" : "memory.max_usage_in_bytes", kib);
}

int cgroup_current(const struct cgroup *g, uint64_t *kib)
{
	return read_kib(g, g->v2 ? "memory.current" : "memory.usage_in_bytes", kib);
}

int cgroup_memory(const struct cgroup *g, struct cgroup_memory *m)
{
	char text[8192];
	uint64_t anon = 0, file = 0, shmem = 0, kernel = 0;
	if (cgroup_current(g, &m->current_kib) != 0 ||
	    read_file(g->path, "memory.stat", text, sizeof text) != 0 ||
	    find_key(text, g->v2 ? "anon" : "total_rss", &anon) != 0 ||
	    find_key(text, g->v2 ? "file" : "total_cache", &file) != 0)
		return -1;
	if (g->v2)
		(void)find_key(text, "kernel", &kernel);
	(void)find_key(text, g->v2 ? "shmem" : "total_shmem", &shmem);
	m->anon_kib = anon / 1024;
	m->shmem_kib = shmem / 1024;
	m->file_kib = file > shmem ? (file - shmem) / 1024 : 0; /* the kernel counts both as files */
	m->kernel_kib = kernel / 1024;
	if (!g->v2)
		(void)read_kib(g, "memory.kmem.usage_in_bytes", &m->kernel_kib);
	return 0;
}

int cgroup_oom_kills(const struct cgroup *g, uint64_t *n)
{
	char text[16384];
	if (g == NULL) {
		if (read_file("/proc", "vmstat", text, sizeof text) != 0)
			return -1;
	} else if (read_file(g->path, g->v2 ? "memory.events" : "memory.oom_control", text,
		       sizeof text) != 0) {
		return -1;
	}
	return find_key(text, "oom_kill", n);
}
