/* SPDX-License-Identifier: MIT */
/* A status line in the last row of a terminal that other programs write to. */
#include "live/statusline.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/format.h"
#include "stream/stage.h"

#define ROWS_MIN 4
#define COLS_MIN 20

/*
 * ESC 7 and ESC 8 save and restore the cursor and its colors. Setting the region (r) moves the
 * cursor to the first row, so it is done between the two. A row beyond the last is the last.
 */
#define WHOLE_SCREEN "\0337\033[r\0338"
#define REMOVE_LINE "\0337\033[r\033[9999;1H\033[m\033[2K\0338"

#define ONCE ((int)(SA_RESETHAND | SA_NODEFER))

/* ---- signals */

/* Signals that end the program. While the line is shown, their handler removes it first. */
static const int fatal[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM};
#define FATAL (sizeof fatal / sizeof *fatal)

static void on_fatal(int sig)
{
	(void)!write(STDERR_FILENO, REMOVE_LINE, sizeof REMOVE_LINE - 1);
	raise(sig);
}

/* The first interrupt is meant for the sampler (see stage_outlive_interrupt), the second one ends
 * the program. */
static void on_first_interrupt(int sig)
{
	struct sigaction action = {.sa_handler = on_fatal, .sa_flags = ONCE};
	sigaction(sig, &action, NULL);
}

/* After the stop, statusline_check finds a long gap and draws the line again. */
static void on_stop(int sig)
{
	int error = errno;
	(void)sig;
	(void)!write(STDERR_FILENO, REMOVE_LINE, sizeof REMOVE_LINE - 1);
	raise(SIGSTOP);
	errno = error;
}

/* Replace the handler FROM of SIG by TO. Leave any other handler. */
static void exchange(int sig, void (*from)(int), void (*to)(int), int flags)
{
	struct sigaction old, action = {.sa_handler = to, .sa_flags = flags};
	if (sigaction(sig, NULL, &old) == 0 && old.sa_handler == from)
		sigaction(sig, &action, NULL);
}

static void handle_signals(void)
{
	struct sigaction old;
	for (size_t i = 0; i < FATAL; i++)
		exchange(fatal[i], SIG_DFL, on_fatal, ONCE);
	exchange(SIGTSTP, SIG_DFL, on_stop, SA_RESTART);
	if (sigaction(SIGINT, NULL, &old) == 0 && old.sa_handler != SIG_IGN &&
	    old.sa_handler != on_fatal)
		exchange(SIGINT, old.sa_handler, on_first_interrupt, SA_RESTART);
}

static void restore_signals(void)
{
	struct sigaction old;
	for (size_t i = 0; i < FATAL; i++)
		exchange(fatal[i], on_fatal, SIG_DFL, 0);
	exchange(SIGTSTP, on_stop, SIG_DFL, 0);
	if (sigaction(SIGINT, NULL, &old) == 0 && old.sa_handler == on_first_interrupt)
		stage_outlive_interrupt();
}

/* ---- output */

void statusline_open(struct statusline *s, int fd)
{
	const char *no_color = getenv("NO_COLOR");
	char name[PATH_MAX];
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	*s = (struct statusline){.fd = -1, .utf8 = term_utf8()};
	if (!term_can_draw(fd))
		return;
	sigaction(SIGTTOU, &ignore, NULL);
	s->plain = no_color != NULL && *no_color != '\0';
	/* O_NONBLOCK must not change the open file that other programs share with FD. */
	if (ttyname_r(fd, name, sizeof name) == 0)
		s->fd = open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (s->fd < 0)
		s->fd = dup(fd);
}

static void drop_terminal(struct statusline *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->shown = false;
	buf_free(&s->out);
	restore_signals();
}

/* Write without blocking. Return true if all output was accepted. */
static bool flush(struct statusline *s)
{
	struct pollfd p = {.fd = s->fd, .events = POLLOUT};
	if (s->out.n == 0)
		return true;
	ssize_t n = poll(&p, 1, 0) > 0 ? write(s->fd, s->out.p, s->out.n) : 0;
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop_terminal(s);
		return false;
	}
	if (n > 0) {
		s->out.n -= (size_t)n;
		memmove(s->out.p, s->out.p + n, s->out.n);
	}
	return s->out.n == 0;
}

/* Write a drawing. If nothing of it was accepted, drop it. Return true if all was accepted. */
static bool write_drawing(struct statusline *s)
{
	size_t all = s->out.n;
	if (flush(s))
		return true;
	if (s->out.n == all)
		s->out.n = 0;
	return false;
}

/* ---- the line */

static void hide(struct statusline *s)
{
	s->shown = false;
	restore_signals();
}

/* Remove the line because a program uses the terminal exclusively. A program that has turned output
 * processing off paints the whole screen, so it owns the last row already. */
static void give_way(struct statusline *s, const struct termios *t)
{
	bool owns_screen = (t->c_oflag & ONLCR) == 0;
	buf_str(&s->out, owns_screen ? WHOLE_SCREEN : REMOVE_LINE);
	if (write_drawing(s))
		hide(s);
}

/* Take a changed size. Terminals reset the region then, and move the line and the rows near it to
 * somewhere below the cursor. */
static void take_size(struct statusline *s)
{
	struct term_size now = term_size(s->fd);
	if (now.rows == s->size.rows && now.cols == s->size.cols)
		return;
	if (s->shown)
		buf_str(&s->out, WHOLE_SCREEN "\033[J");
	if (!write_drawing(s))
		return;
	s->size = now;
	hide(s);
}

enum statusline_state statusline_check(struct statusline *s, int64_t now_ns)
{
	struct termios t;
	int64_t gap_ns = now_ns - s->checked_ns;
	s->checked_ns = now_ns;
	if (s->fd < 0)
		return STATUSLINE_NONE;
	if (!flush(s))
		return s->fd < 0 ? STATUSLINE_NONE : STATUSLINE_WAIT;
	if (tcgetattr(s->fd, &t) != 0) {
		drop_terminal(s);
		return STATUSLINE_NONE;
	}
	if ((t.c_lflag & ICANON) == 0 || (t.c_lflag & ECHO) == 0) {
		if (s->shown)
			give_way(s, &t);
		s->shared_ns = 0;
		return STATUSLINE_WAIT;
	}
	take_size(s);
	if (s->size.rows < ROWS_MIN || s->size.cols < COLS_MIN)
		return STATUSLINE_NONE;
	if (s->shared_ns == 0)
		s->shared_ns = now_ns;
	if (s->shown && gap_ns > STATUSLINE_SHARED_NS)
		s->shown = false; /* the program was stopped: others may have drawn meanwhile */
	return now_ns - s->shared_ns < STATUSLINE_SHARED_NS ? STATUSLINE_WAIT : STATUSLINE_READY;
}

bool statusline_draw(struct statusline *s, struct slice text)
{
	/* Make room below the cursor: a row down, which scrolls at the end of the screen, and up
	 * again, in the same column. */
	if (!s->shown)
		buf_str(&s->out, WHOLE_SCREEN "\033D\033[A");
	buf_printf(&s->out, "\0337\033[1;%dr\033[%d;1H\033[m%s", s->size.rows - 1, s->size.rows,
	    s->plain ? "" : "\033[7m");
	(void)format_name(&s->out, text, (size_t)s->size.cols - 1, s->utf8);
	buf_str(&s->out, "\033[m\033[K\0338");
	handle_signals();
	bool accepted = write_drawing(s) || s->out.n > 0;
	if (accepted)
		s->shown = true;
	else if (s->fd >= 0 && !s->shown)
		restore_signals();
	return accepted;
}

void statusline_close(struct statusline *s)
{
	if (s->fd < 0)
		return;
	if (s->shown)
		buf_str(&s->out, REMOVE_LINE);
	/* This write blocks: the next output of other programs must follow it. */
	(void)buf_write(&s->out, s->fd);
	drop_terminal(s);
}
