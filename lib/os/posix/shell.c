/* SPDX-License-Identifier: MIT */
/* Running a shell script that decides what to run. */
#include "os/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "os/environment.h"
#include "os/posix/signal_discard.h"

#define WORDS_FD 3

static const char prologue[] =
    "become() { printf '%s\\0' \"$@\" >&3 || exit 125; trap - EXIT; exit 0; }\n"
    ". \"$0\"\n";

/* Open a pipe. Neither end is a standard descriptor or WORDS_FD. Return 0, or -1 with errno set. */
static int make_pipe(int fds[2])
{
	if (pipe(fds) != 0)
		return -1;
	fds[0] = fd_above(fds[0], WORDS_FD);
	fds[1] = fd_above(fds[1], WORDS_FD);
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

/* Return `sh -c PROLOGUE PATH ARGS...`. The caller frees it. */
static char **shell_command(char *path, char **args)
{
	size_t n = 0;
	while (args[n] != NULL)
		n++;
	char **v = alloc_resize(NULL, n + 5, sizeof *v);
	v[0] = "sh";
	v[1] = "-c";
	v[2] = (char *)prologue;
	v[3] = path;
	memcpy(v + 4, args, (n + 1) * sizeof *v);
	return v;
}

/* Start the shell, with the default action of SIGPIPE. Return 0, or an error number. */
static int spawn(pid_t *pid, int words_fd, const char *script, char **args)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t standard;
	int error = posix_spawn_file_actions_init(&actions);
	if (error != 0)
		return error;
	sigemptyset(&standard);
	sigaddset(&standard, SIGPIPE);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &standard);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	error = posix_spawn_file_actions_adddup2(&actions, words_fd, WORDS_FD);
	if (error == 0) {
		struct environment e;
		struct buf path = {0};
		/* Without a slash, `.` would search PATH. */
		buf_printf(&path, "%s%s", strchr(script, '/') == NULL ? "./" : "", script);
		buf_char(&path, '\0');
		char **v = shell_command(path.p, args);
		environment_for_shell(&e);
		error = posix_spawn(pid, "/bin/sh", &actions, &attributes, v, e.v);
		environment_free(&e);
		buf_free(&path);
		free(v);
	}
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* Read until every writer has closed FD. Return 0, or -1 with errno set. */
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

/* Return 0, or -1 with errno set. */
static int wait_for(pid_t pid, int *status)
{
	for (;;) {
		if (waitpid(pid, status, 0) == pid)
			return 0;
		if (errno != EINTR)
			return -1;
	}
}

/* Return true if SIGCHLD is pending. */
static bool child_signal_pending(void)
{
	sigset_t pending;
	return sigpending(&pending) == 0 && sigismember(&pending, SIGCHLD) == 1;
}

/* Make S->argv of S->words. */
static void split_words(struct shell *s)
{
	size_t cap = 0;
	buf_char(&s->words, '\0'); /* ends a word that is incomplete */
	for (char *p = s->words.p, *end = p + s->words.n - 1; p < end; p += strlen(p) + 1) {
		s->argv = alloc_grow(s->argv, &cap, (size_t)s->argc + 2, sizeof *s->argv);
		s->argv[s->argc++] = p;
	}
	if (s->argv != NULL)
		s->argv[s->argc] = NULL;
}

const char *shell_check_script(const char *script)
{
	struct stat st;
	int fd = open(script, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return strerror(errno);
	bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	close(fd);
	return regular ? NULL : "not a regular file";
}

int shell_script(struct shell *s, const char *script, char **args)
{
	const struct sigaction standard = {.sa_handler = SIG_DFL};
	struct sigaction found;
	int fds[2];
	pid_t pid;
	*s = (struct shell){0};
	if (make_pipe(fds) != 0)
		return -1;
	bool pending = child_signal_pending();
	/* While SIGCHLD is ignored, the kernel reaps the shell and its status is lost. */
	sigaction(SIGCHLD, &standard, &found);
	int error = spawn(&pid, fds[1], script, args);
	close(fds[1]);
	if (error == 0 && read_all(&s->words, fds[0]) != 0)
		error = errno;
	close(fds[0]);
	if (error == 0 && wait_for(pid, &s->status) != 0)
		error = errno;
	if (!pending && child_signal_pending())
		signal_discard(SIGCHLD); /* it stays pending if the caller has it blocked */
	sigaction(SIGCHLD, &found, NULL);
	split_words(s);
	errno = error;
	return error == 0 ? 0 : -1;
}

void shell_free(struct shell *s)
{
	free(s->argv);
	buf_free(&s->words);
}
