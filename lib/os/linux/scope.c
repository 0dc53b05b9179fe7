/* SPDX-License-Identifier: MIT */
/*
 * Restarting this program in a scope of systemd.
 *
 * systemd-run(1) moves its own process into a new scope and executes a program there. Some versions
 * add variables to the environment and expand variables in the arguments, so both are passed on in
 * a file in memory:
 *
 *	group NUL name NUL number of arguments NUL arguments, each NUL environment, each NUL
 */
#define _GNU_SOURCE /* memfd_create, which some C libraries lack */
#include "os/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fd.h"
#include "base/parse.h"
#include "base/program.h"
#include "os/linux/cgroup_files.h"

#define WORDS 24 /* of a call of systemd-run */

extern char **environ;

/* ---- the call of systemd-run */

/* Store in OPTION the option for the slice of PATH, so that the limits of this slice remain. As a
 * user, that is one below the user's manager. Return true if there is one. */
static bool find_slice(const char *path, char option[CGROUP_PATH + 16])
{
	bool found = false, inside = geteuid() == 0;
	for (const char *p = path; *p != '\0'; p += strcspn(p, "/")) {
		p += strspn(p, "/");
		size_t n = strcspn(p, "/");
		bool slice = n > 6 && memcmp(p + n - 6, ".slice", 6) == 0;
		if (inside && slice) {
			snprintf(option, CGROUP_PATH + 16, "--slice=%.*s", (int)n, p);
			found = true;
		} else if (inside && found) {
			break; /* slices below a unit belong to another manager */
		}
		inside = inside || strncmp(p, "user@", 5) == 0;
	}
	return found;
}

/* Fill V with the words of the call that come before the program. Return their number. */
static size_t call_systemd(const char *v[WORDS], const char *slice)
{
	size_t n = 0;
	v[n++] = "systemd-run";
	if (geteuid() != 0)
		v[n++] = "--user";
	v[n++] = "--scope";
	v[n++] = "--quiet";
	v[n++] = "--collect";
	v[n++] = "--no-ask-password";
	v[n++] = "-p";
	v[n++] = "Delegate=yes";
	if (slice != NULL)
		v[n++] = slice;
	v[n++] = "--";
	return n;
}

static _Noreturn void run_try(const char *const *v)
{
	int fd = open("/dev/null", O_RDWR);
	for (int i = STDIN_FILENO; fd >= 0 && i <= STDERR_FILENO; i++)
		(void)dup2(fd, i);
	execvp(v[0], (char *const *)v);
	_exit(127);
}

/* Return true if the call succeeds with true(1) as the program. If it fails, no manager of systemd
 * can be reached or it makes no scope, and the call must not replace this program. */
static bool succeeds(const char *slice)
{
	const struct sigaction standard = {.sa_handler = SIG_DFL};
	struct sigaction old;
	const char *v[WORDS] = {NULL};
	int status = -1;
	v[call_systemd(v, slice)] = "true";
	sigaction(SIGCHLD, &standard, &old); /* while it is ignored, statuses are lost */
	pid_t pid = fork();
	if (pid == 0)
		run_try(v);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGCHLD, &old, NULL);
	return pid > 0 && status == 0;
}

/* ---- what is passed on */

static void put(struct buf *b, const char *text)
{
	buf_put(b, text, strlen(text) + 1);
}

/* Write B to a file in memory. Return its descriptor, or -1 with errno set. */
static int write_memory(struct buf *b)
{
	int fd = (int)syscall(SYS_memfd_create, "mempipe", 0);
	if (fd >= 0 && fd <= STDERR_FILENO)
		fd = fd_above(fd, STDERR_FILENO);
	if (fd < 0 || (buf_write(b, fd) == 0 && fcntl(fd, F_SETFD, 0) == 0))
		return fd;
	close(fd);
	return -1;
}

static int pass_on(const char *group, char **argv)
{
	struct buf b = {0};
	size_t argc = 0;
	while (argv[argc] != NULL)
		argc++;
	put(&b, group);
	put(&b, program_name());
	buf_printf(&b, "%zu", argc);
	buf_char(&b, '\0');
	for (size_t i = 0; i < argc; i++)
		put(&b, argv[i]);
	for (size_t i = 0; environ != NULL && environ[i] != NULL; i++)
		put(&b, environ[i]);
	int fd = write_memory(&b);
	buf_free(&b);
	return fd;
}

void scope_restart(const char *option, char **argv)
{
	struct cgroup own;
	const char *v[WORDS] = {NULL};
	char program[PATH_MAX], number[16], slice[CGROUP_PATH + 16];
	if (cgroup_check(&own) == 0 || !own.v2)
		return;
	ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
	const char *in = find_slice(own.path, slice) ? slice : NULL;
	if (length < 0 || !succeeds(in))
		return;
	program[length] = '\0';
	int fd = pass_on(own.path, argv);
	if (fd < 0)
		return;
	snprintf(number, sizeof number, "%d", fd);
	size_t n = call_systemd(v, in);
	v[n++] = program;
	v[n++] = option;
	v[n] = number;
	execvp(v[0], (char *const *)v);
	close(fd);
}

/* ---- the restarted program */

/* Read all of FD into *TEXT, and end it by a NUL. Return its size, or -1 with errno set. */
static ssize_t read_memory(int fd, char **text)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return -1;
	*text = alloc_resize(NULL, (size_t)st.st_size + 1, 1);
	ssize_t n = pread(fd, *text, (size_t)st.st_size, 0);
	(*text)[n > 0 ? n : 0] = '\0';
	return n;
}

/* Return the string at *P and let *P point to the next one, or to END. */
static char *take_string(char **p, const char *end)
{
	char *text = *p;
	if (text < end)
		*p += strlen(text) + 1;
	return text;
}

/* Return the next N strings and NULL. If there are not so many, the last ones are empty. */
static char **take_strings(char **p, const char *end, size_t n)
{
	char **v = alloc_resize(NULL, n + 1, sizeof *v);
	for (size_t i = 0; i < n; i++)
		v[i] = take_string(p, end);
	v[n] = NULL;
	return v;
}

static size_t count_strings(const char *p, const char *end)
{
	size_t n = 0;
	for (; p < end; p += strlen(p) + 1)
		n++;
	return n;
}

int scope_resume(struct scope_start *s, const char *number)
{
	uint64_t fd, argc = 0;
	*s = (struct scope_start){0};
	errno = EINVAL;
	if (parse_u64(number, strlen(number), INT_MAX, &fd) != NULL)
		return -1;
	ssize_t size = read_memory((int)fd, &s->text);
	if (size < 0)
		return -1;
	char *p = s->text, *end = s->text + size;
	s->group = take_string(&p, end);
	s->name = take_string(&p, end);
	const char *count = take_string(&p, end);
	errno = EINVAL;
	if (parse_u64(count, strlen(count), count_strings(p, end), &argc) != NULL || argc == 0)
		return -1;
	close((int)fd);
	s->argc = (int)argc;
	s->argv = take_strings(&p, end, (size_t)argc);
	environ = take_strings(&p, end, count_strings(p, end));
	return 0;
}

/* ---- limits */

/* Return the name of a limit that the group PATH has, or NULL. */
static const char *find_limit(const char *path)
{
	static const char *const files[] = {
	    "memory.max", "memory.high", "memory.swap.max", "cpu.max", "cpuset.cpus"};
	char text[64];
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (cgroup_read(path, files[i], text, sizeof text) == 0 &&
		    text[strspn(text, " \n")] != '\0' && strncmp(text, "max", 3) != 0)
			return files[i];
	return NULL;
}

/* Return true if the group PATH is OTHER or above it. */
static bool holds(const char *path, const char *other)
{
	size_t n = strlen(path);
	return strncmp(path, other, n) == 0 && (other[n] == '/' || other[n] == '\0');
}

const char *scope_lost_limit(const char *from, char path[CGROUP_PATH])
{
	struct cgroup own;
	if (cgroup_own(&own) != 0 || cgroup_join(path, from, "") != 0)
		return NULL;
	for (char *end; !holds(path, own.path); *end = '\0') {
		const char *limit = find_limit(path);
		end = strrchr(path, '/');
		if (limit != NULL || end == NULL)
			return limit;
	}
	return NULL;
}
