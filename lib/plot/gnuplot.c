/* SPDX-License-Identifier: MIT */
/* Running gnuplot. */
#include "plot/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/slice.h"
#include "os/share_file.h"

#define CHUNK 65536

extern char **environ;

/* ---- its script */

/* Return whether a folder of PATH has gnuplot. */
static bool is_installed(void)
{
	const char *folder = getenv("PATH");
	struct buf file = {0};
	bool found = false;
	while (folder != NULL && !found) {
		size_t n = strcspn(folder, ":");
		file.n = 0;
		buf_put(&file, folder, n);
		buf_printf(&file, "%sgnuplot%c", n > 0 ? "/" : "", '\0');
		found = access(file.p, X_OK) == 0;
		folder = folder[n] != '\0' ? folder + n + 1 : NULL;
	}
	buf_free(&file);
	return found;
}

const char *gnuplot_prepare(struct buf *script)
{
	if (!is_installed())
		return GNUPLOT_MISSING;
	return share_file_read(script, "memplot.gnuplot") ? NULL
							  : "memplot.gnuplot: " SHARE_FILE_MISSING;
}

/* ---- the process */

struct child {
	pid_t pid;
	int in, out, err; /* our ends of its standard descriptors; -1: closed */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Make a pipe, neither end of which is a standard descriptor. Return 0, or -1 with errno set. */
static int make_pipe(int ends[2])
{
	ends[0] = ends[1] = -1;
	if (pipe(ends) != 0)
		return -1;
	ends[0] = fd_above(ends[0], STDERR_FILENO);
	ends[1] = fd_above(ends[1], STDERR_FILENO);
	return ends[0] >= 0 && ends[1] >= 0 ? 0 : -1;
}

/* Start gnuplot with its standard descriptors as given. Return 0, or an errno. */
static int spawn(pid_t *pid, int in, int out, int err)
{
	static char name[] = "gnuplot", no_settings[] = "-d";
	char *argv[] = {name, no_settings, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t standard;
	sigemptyset(&standard);
	sigaddset(&standard, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &standard);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	int error = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
	if (error == 0)
		error = posix_spawnp(pid, name, &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return error;
}

/* Return 0, or an errno. */
static int start(struct child *c)
{
	int in[2], out[2] = {-1, -1}, err[2] = {-1, -1}, error = 0;
	if (make_pipe(in) != 0 || make_pipe(out) != 0 || make_pipe(err) != 0)
		error = errno;
	if (error == 0)
		error = spawn(&c->pid, in[0], out[1], err[1]);
	close_fd(&in[0]);
	close_fd(&out[1]);
	close_fd(&err[1]);
	*c = (struct child){c->pid, in[1], out[0], err[0]};
	if (error != 0) {
		close_fd(&c->in);
		close_fd(&c->out);
		close_fd(&c->err);
	} else {
		(void)fcntl(c->in, F_SETFL, O_NONBLOCK);
	}
	return error;
}

/* Read once from *FD. Close it at the end of file. */
static void drain(int *fd, struct buf *b)
{
	ssize_t n = read(*fd, buf_room(b, CHUNK), CHUNK);
	if (n > 0)
		b->n += (size_t)n;
	else if (n == 0 || errno != EINTR)
		close_fd(fd);
}

/* Write once the part of PROGRAM from *AT on. Close the descriptor after the last byte, or if it is
 * not read. */
static void feed(int *fd, const struct buf *program, size_t *at)
{
	ssize_t n = write(*fd, program->p + *at, program->n - *at);
	if (n > 0)
		*at += (size_t)n;
	if (*at == program->n || (n < 0 && errno != EINTR && errno != EAGAIN))
		close_fd(fd);
}

/* Exchange everything with the child, and return its status as of wait(2), or -1. */
static int converse(
    struct child *c, const struct buf *program, struct buf *picture, struct buf *errors)
{
	size_t at = 0;
	int status = -1;
	while (c->out >= 0 || c->err >= 0) {
		struct pollfd p[] = {{c->in, POLLOUT, 0}, {c->out, POLLIN, 0}, {c->err, POLLIN, 0}};
		if (poll(p, 3, -1) < 0)
			continue; /* a signal */
		if (p[0].revents != 0)
			feed(&c->in, program, &at);
		if (p[1].revents != 0)
			drain(&c->out, picture);
		if (p[2].revents != 0)
			drain(&c->err, errors);
	}
	close_fd(&c->in);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* ---- its messages */

/* Find in ERRORS, and append to REASON, the message of gnuplot: what follows `line N: `, or else
 * the first line. */
static void find_reason(const struct buf *errors, struct buf *reason)
{
	struct slice first = {NULL, 0};
	const char *end = errors->p + errors->n, *next;
	for (const char *p = errors->p; p < end; p = next) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((newline != NULL ? newline : end) - p);
		size_t digits = 0, lead = strspn(p, " ");
		next = p + n + 1;
		if (first.n == 0 && n > 0)
			first = (struct slice){p, n};
		if (lead >= n || strncmp(p + lead, "line ", strlen("line ")) != 0)
			continue;
		lead += strlen("line ");
		digits = strspn(p + lead, "0123456789");
		if (strncmp(p + lead + digits, ": ", 2) != 0)
			continue;
		first = (struct slice){p + lead + digits + 2, n - lead - digits - 2};
		break;
	}
	buf_put(reason, first.p, first.n);
}

const char *gnuplot_run(const struct buf *program, struct buf *picture, struct buf *reason)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, standard = {.sa_handler = SIG_DFL};
	struct sigaction pipe_action, child_action;
	struct buf errors = {0};
	struct child c;
	int status = -1;
	setenv("GNUTERM", "dumb", 1);
	sigaction(SIGPIPE, &ignore, &pipe_action);
	/* If SIGCHLD is ignored, waitpid(2) finds no status. */
	sigaction(SIGCHLD, &standard, &child_action);
	int error = start(&c);
	if (error == 0)
		status = converse(&c, program, picture, &errors);
	sigaction(SIGPIPE, &pipe_action, NULL);
	sigaction(SIGCHLD, &child_action, NULL);
	if (error == 0 && status != 0) {
		buf_char(&errors, '\0');
		errors.n--;
		find_reason(&errors, reason);
	}
	if (error != 0)
		buf_str(reason, strerror(error));
	else if (status != 0 && reason->n == 0 && WIFSIGNALED(status))
		buf_printf(reason, "ended by signal %d", WTERMSIG(status));
	else if (status != 0 && reason->n == 0)
		buf_printf(reason, "exited with status %d", WEXITSTATUS(status));
	buf_char(reason, '\0');
	buf_free(&errors);
	return error == 0 && status == 0 ? NULL : reason->p;
}
