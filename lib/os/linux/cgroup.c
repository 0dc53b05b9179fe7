/* SPDX-License-Identifier: MIT */
/* Control groups, of version 1 and 2. */
#define _GNU_SOURCE
#include "os/linux/cgroup_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 32 /* of groups below a group */

/* The hierarchy that counts memory. */
struct hierarchy {
	char mount[CGROUP_PATH];
	char own[CGROUP_PATH]; /* path of this process's group below the mount point */
	bool v2;
};

int cgroup_join(char *path, const char *a, const char *b)
{
	int n = snprintf(path, CGROUP_PATH, "%s%s%s", a, *b == '/' || *b == '\0' ? "" : "/", b);
	if (n >= 0 && n < CGROUP_PATH)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

int cgroup_open(const char *dir, const char *file, int flags)
{
	char path[CGROUP_PATH];
	return cgroup_join(path, dir, file) == 0 ? open(path, flags | O_CLOEXEC) : -1;
}

int cgroup_read(const char *dir, const char *file, char *text, size_t size)
{
	int fd = cgroup_open(dir, file, O_RDONLY);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n < 0 ? -1 : 0;
}

bool cgroup_has_word(const char *text, const char *word, const char *separators)
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
	bool v1 = strcmp(type, "cgroup") == 0 && cgroup_has_word(options, "memory", ",");
	bool v2 = strcmp(type, "cgroup2") == 0 &&
		  cgroup_read(mount, "cgroup.controllers", controllers, sizeof controllers) == 0 &&
		  cgroup_has_word(controllers, "memory", " \n");
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
	if (h->v2 ? *controllers == '\0' : cgroup_has_word(controllers, "memory", ","))
		(void)cgroup_join(h->own, path, "");
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
	return cgroup_join(file, path, "cgroup.procs") == 0 && access(file, F_OK) == 0;
}

int cgroup_find(struct cgroup *g, const char *name)
{
	struct hierarchy h;
	char file[CGROUP_PATH];
	*g = (struct cgroup){0};
	if (cgroup_join(g->path, name, "") == 0 && is_group(g->path)) {
		g->v2 = cgroup_join(file, g->path, "cgroup.controllers") == 0 &&
			access(file, F_OK) == 0;
		return 0;
	}
	if (find_hierarchy(&h) != 0 || cgroup_join(g->path, h.mount, name) != 0)
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
	if (cgroup_join(g->path, h.mount, h.own) == 0 && is_group(g->path))
		return 0;
	return cgroup_join(g->path, h.mount, "");
}

static int add_members(const char *path, struct process_list *l)
{
	char file[CGROUP_PATH];
	if (cgroup_join(file, path, "cgroup.procs") != 0)
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
		if (*e->d_name == '.' || cgroup_join(below, path, e->d_name) != 0 ||
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

/* Read a number of bytes. Return 0, or -1 with errno set. */
static int read_kib(const struct cgroup *g, const char *file, uint64_t *kib)
{
	char text[64], *end;
	if (cgroup_read(g->path, file, text, sizeof text) != 0)
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
	    cgroup_read(g->path, "memory.stat", text, sizeof text) != 0 ||
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
		if (cgroup_read("/proc", "vmstat", text, sizeof text) != 0)
			return -1;
	} else if (cgroup_read(g->path, g->v2 ? "memory.events" : "memory.oom_control", text,
		       sizeof text) != 0) {
		return -1;
	}
	return find_key(text, "oom_kill", n);
}
