/* Asking a shell script. */
#define _GNU_SOURCE /* environ */
#include "os/shell.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"

#define SAID_FD 3

/* Neither end is a standard descriptor or the script's. */
static int make_pipe(int fds[2])
{
	if (pipe(fds) != 0)
		return -1;
	fds[0] = fd_above(fds[0], SAID_FD);
	fds[1] = fd_above(fds[1], SAID_FD);
	if (fds[0] >= 0 && fds[1] >= 0)
		return 0;
	int saved = errno;
	if (fds[0] >= 0)
		close(fds[0]);
	if (fds[1] >= 0)
		close(fds[1]);
	errno = saved;
	return -1;
}

char **shell_environment(void)
{
	static char here[] = "PWD=/proc/self/cwd";
	char path[PATH_MAX];
	size_t n = 0, to = 0;
	while (environ != NULL && environ[n] != NULL)
		n++;
	char **v = alloc_resize(NULL, n + 2, sizeof *v);
	int lost = getcwd(path, sizeof path) == NULL && errno == ENOENT;
	if (lost)
		v[to++] = here;
	for (size_t i = 0; i < n; i++)
		if (!lost || strncmp(environ[i], "PWD=", 4) != 0)
			v[to++] = environ[i];
	v[to] = NULL;
	return v;
}

static char **command(const char *text, char **argv)
{
	size_t n = 0;
	while (argv[n] != NULL)
		n++;
	char **v = alloc_resize(NULL, n + 4, sizeof *v);
	v[0] = "sh";
	v[1] = "-c";
	v[2] = (char *)text;
	memcpy(v + 3, argv, (n + 1) * sizeof *v);
	return v;
}

/* 0, or an errno. */
static int spawn(pid_t *pid, int said_fd, const char *text, char **argv)
{
	posix_spawn_file_actions_t actions;
	int why = posix_spawn_file_actions_init(&actions);
	if (why != 0)
		return why;
	why = posix_spawn_file_actions_adddup2(&actions, said_fd, SAID_FD);
	if (why == 0) {
		char **v = command(text, argv), **env = shell_environment();
		why = posix_spawn(pid, "/bin/sh", &actions, NULL, v, env);
		free(v);
		free(env);
	}
	posix_spawn_file_actions_destroy(&actions);
	return why;
}

/* Until nobody can write any more. */
static int read_all(struct buf *b, int fd)
{
	for (;;) {
		ssize_t n = read(fd, buf_room(b, 4096), 4096);
		if (n > 0)
			b->n += (size_t)n;
		else if (n == 0)
			return 0;
		else if (errno != EINTR)
			return -1;
	}
}

static int wait_for(pid_t pid, int *status)
{
	for (;;) {
		if (waitpid(pid, status, 0) == pid)
			return 0;
		if (errno != EINTR)
			return -1;
	}
}

int shell_run(struct shell *s, const char *text, char **argv)
{
	struct sigaction standard = {.sa_handler = SIG_DFL}, found;
	int fds[2];
	pid_t pid;
	*s = (struct shell){0};
	if (make_pipe(fds) != 0)
		return -1;
	/* Ignored, the script would be reaped before it is waited for. */
	sigaction(SIGCHLD, &standard, &found);
	int why = spawn(&pid, fds[1], text, argv);
	close(fds[1]);
	if (why == 0 && read_all(&s->said, fds[0]) != 0)
		why = errno;
	close(fds[0]);
	if (why == 0 && wait_for(pid, &s->status) != 0)
		why = errno;
	sigaction(SIGCHLD, &found, NULL);
	errno = why;
	return why == 0 ? 0 : -1;
}
