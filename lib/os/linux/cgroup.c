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

/* Where the hierarchy that counts memory is mounted. */
struct hierarchy {
	char mount[CGROUP_PATH];
	char own[CGROUP_PATH]; /* our path in it */
	int v2;
};

/* PATH becomes A/B. 0, or -1 if it is too long. */
static int join(char *path, const char *a, const char *b)
{
	int n = snprintf(path, CGROUP_PATH, "%s%s%s", a, *b == '/' || *b == '\0' ? "" : "/", b);
	if (n >= 0 && n < CGROUP_PATH)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

/* One read of FILE in DIR, ended by a NUL. 0, or -1. */
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
	int why = errno;
	close(fd);
	errno = why;
	return n < 0 ? -1 : 0;
}

/* Whether WORD is one of the words of TEXT, with BETWEEN around them. */
static int has_word(const char *text, const char *word, const char *between)
{
	size_t n = strlen(word);
	for (const char *p = text; *p != '\0'; p += strspn(p, between)) {
		size_t len = strcspn(p, between);
		if (len == n && memcmp(p, word, n) == 0)
			return 1;
		p += len;
	}
	return 0;
}

/* The value behind KEY and a blank at the start of a line. 0, or -1. */
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

/* A mount point as mountinfo has it: \040 is a blank. */
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

/* `36 25 0:30 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw`: version 1 counts
 * memory where that is an option of the mount. Whether this line is one. */
static int take_mount(struct hierarchy *h, const char *line)
{
	char mount[CGROUP_PATH], type[32], options[CGROUP_PATH], controllers[CGROUP_PATH];
	const char *tail = strstr(line, " - ");
	if (tail == NULL || sscanf(line, "%*s %*s %*s %*s %511s", mount) != 1 ||
	    sscanf(tail, " - %31s %*s %511s", type, options) != 2)
		return 0;
	unescape(mount);
	int v1 = strcmp(type, "cgroup") == 0 && has_word(options, "memory", ",");
	int v2 = strcmp(type, "cgroup2") == 0 &&
		 read_file(mount, "cgroup.controllers", controllers, sizeof controllers) == 0 &&
		 has_word(controllers, "memory", " \n");
	if (!v1 && !v2)
		return 0;
	memcpy(h->mount, mount, sizeof mount);
	h->v2 = v2;
	return 1;
}

/* `4:memory:/a/b`, or `0::/a/b` of version 2. */
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

static int each_line(const char *file, struct hierarchy *h, int mounts)
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t size = 0;
	int found = 0;
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
	if (each_line("/proc/self/mountinfo", h, 1) != 0)
		return -1;
	if (h->mount[0] == '\0') {
		errno = ENOTSUP; /* no group counts memory here */
		return -1;
	}
	return each_line("/proc/self/cgroup", h, 0);
}

static int is_group(const char *path)
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

/* In a container, the path may be that outside of it, and the mount ours. */
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
		if (pid > 0 && pid <= INT_MAX) /* 0: of another PID namespace */
			process_list_add(l, (pid_t)pid, 0);
	int bad = ferror(f); /* EOPNOTSUPP: a threaded group */
	fclose(f);
	return bad ? -1 : 0;
}

/* Groups come and go while they are walked. */
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
	add_below(g->path, l, 32);
	return 0;
}

/* Whether groups below PATH have their memory counted. */
static int counts_below(const char *path, int v2)
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
 * Version 2 lets a group hold processes or hand the memory controller down, not
 * both, but for the root: so the new one mostly stands beside our own, where a
 * user's session manager has delegated that.
 */
int cgroup_make(struct cgroup *g)
{
	struct cgroup own;
	if (cgroup_own(&own) != 0)
		return -1;
	*g = own;
	memcpy(g->home, own.path, sizeof own.path);
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

static void move_home(const struct cgroup *g, const char *path)
{
	struct process_list left = {0};
	struct cgroup home = {0};
	memcpy(home.path, g->home, sizeof home.path);
	(void)add_members(path, &left);
	for (size_t i = 0; i < left.n; i++)
		(void)cgroup_enter(&home, left.v[i].pid);
	process_list_free(&left);
}

/* One that has just ended can hold the group for a moment. */
int cgroup_remove(const struct cgroup *g)
{
	for (int tries = 0; tries < 50; tries++) {
		if (rmdir(g->path) == 0)
			return 0;
		if (errno != EBUSY)
			return -1;
		move_home(g, g->path);
		nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
	}
	errno = EBUSY;
	return -1;
}

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
	uint64_t anon = 0, file = 0, kernel = 0;
	if (cgroup_current(g, &m->current_kib) != 0 ||
	    read_file(g->path, "memory.stat", text, sizeof text) != 0 ||
	    find_key(text, g->v2 ? "anon" : "total_rss", &anon) != 0 ||
	    find_key(text, g->v2 ? "file" : "total_cache", &file) != 0)
		return -1;
	if (g->v2)
		(void)find_key(text, "kernel", &kernel);
	m->anon_kib = anon / 1024;
	m->file_kib = file / 1024;
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
