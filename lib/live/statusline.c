/* One line that stays at the foot of a terminal. */
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
#include "base/slice.h"
#include "stream/stage.h"

#define ROWS_MIN 4
#define COLS_MIN 20

/*
 * ESC 7 and ESC 8 keep the cursor, with its colours. Setting the region (r)
 * sends it home, hence between the two. A row beyond the last is the last.
 */
#define WHOLE_SCREEN "\0337\033[r\0338"
#define NO_FOOT "\0337\033[r\033[9999;1H\033[m\033[2K\0338"

/* Signals that end us while the line stands take it away first. */
static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM};
#define ENDS (sizeof ends / sizeof *ends)

static void on_end(int sig)
{
	(void)!write(STDERR_FILENO, NO_FOOT, sizeof NO_FOOT - 1);
	raise(sig);
}

/* The first interrupt is the sampler's; see stage_outlive_interrupt. */
static void on_first(int sig)
{
	struct sigaction end = {.sa_handler = on_end, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};
	sigaction(sig, &end, NULL);
}

/* The look after the pause finds that it was long, and sets up anew. */
static void on_stop(int sig)
{
	int found = errno;
	(void)sig;
	(void)!write(STDERR_FILENO, NO_FOOT, sizeof NO_FOOT - 1);
	raise(SIGSTOP);
	errno = found;
}

/* From FROM to TO, if the signal is handled that way. */
static void exchange(int sig, void (*from)(int), void (*to)(int), int flags)
{
	struct sigaction old, new = {.sa_handler = to, .sa_flags = flags};
	if (sigaction(sig, NULL, &old) == 0 && old.sa_handler == from)
		sigaction(sig, &new, NULL);
}

static void mind_signals(void)
{
	struct sigaction old;
	for (size_t i = 0; i < ENDS; i++)
		exchange(ends[i], SIG_DFL, on_end, (int)(SA_RESETHAND | SA_NODEFER));
	exchange(SIGTSTP, SIG_DFL, on_stop, SA_RESTART);
	if (sigaction(SIGINT, NULL, &old) == 0 && old.sa_handler != SIG_IGN &&
	    old.sa_handler != on_end)
		exchange(SIGINT, old.sa_handler, on_first, SA_RESTART);
}

static void leave_signals(void)
{
	struct sigaction old;
	for (size_t i = 0; i < ENDS; i++)
		exchange(ends[i], on_end, SIG_DFL, 0);
	exchange(SIGTSTP, on_stop, SIG_DFL, 0);
	if (sigaction(SIGINT, NULL, &old) == 0 && old.sa_handler == on_first)
		stage_outlive_interrupt();
}

void statusline_open(struct statusline *f, int fd)
{
	const char *no_color = getenv("NO_COLOR");
	char name[PATH_MAX];
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	*f = (struct statusline){.fd = -1, .utf8 = term_utf8()};
	if (!term_can_draw(fd))
		return;
	sigaction(SIGTTOU, &ignore, NULL);
	f->plain = no_color != NULL && *no_color != '\0';
	/* Anew: not to wait must not become true of those who share FD. */
	if (ttyname_r(fd, name, sizeof name) == 0)
		f->fd = open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (f->fd < 0)
		f->fd = dup(fd);
}

static void drop(struct statusline *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->shown = 0;
	buf_free(&f->out);
	leave_signals();
}

/*
 * Writes what there is, without waiting: 0 if all of it went. If none of it went
 * nothing has been begun, and it may as well be forgotten.
 */
static int flush(struct statusline *f)
{
	struct pollfd p = {.fd = f->fd, .events = POLLOUT};
	if (f->out.n == 0)
		return 0;
	ssize_t n = poll(&p, 1, 0) > 0 ? write(f->fd, f->out.p, f->out.n) : 0;
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop(f);
		return -1;
	}
	if (n > 0) {
		f->out.n -= (size_t)n;
		memmove(f->out.p, f->out.p + n, f->out.n);
	}
	return f->out.n > 0 ? -1 : 0;
}

static int draw(struct statusline *f)
{
	size_t all = f->out.n;
	if (flush(f) == 0)
		return 1;
	if (f->out.n == all)
		f->out.n = 0;
	return 0;
}

static int same(struct term_size a, struct term_size b)
{
	return a.rows == b.rows && a.cols == b.cols;
}

/* Somebody has the terminal for himself. Who turns the processing of output off
 * paints the whole screen, and the last line is his already. */
static void give_way(struct statusline *f, const struct termios *t)
{
	int painted = (t->c_oflag & ONLCR) == 0;
	buf_str(&f->out, painted ? WHOLE_SCREEN : NO_FOOT);
	if (!draw(f))
		return;
	f->shown = 0;
	leave_signals();
}

/* Terminals take the region back when their size changes, and the line with its
 * neighbours somewhere else, below the cursor. */
static void take_size(struct statusline *f)
{
	struct term_size now = term_size(f->fd);
	if (same(now, f->size))
		return;
	if (f->shown)
		buf_str(&f->out, WHOLE_SCREEN "\033[J");
	if (!draw(f))
		return;
	f->size = now;
	f->shown = 0;
	leave_signals();
}

enum statusline_state statusline_look(struct statusline *f, int64_t now_ns)
{
	struct termios t;
	int64_t gap_ns = now_ns - f->looked_ns;
	f->looked_ns = now_ns;
	if (f->fd < 0)
		return STATUSLINE_NONE;
	if (flush(f) != 0)
		return f->fd < 0 ? STATUSLINE_NONE : STATUSLINE_WAIT;
	if (tcgetattr(f->fd, &t) != 0) {
		drop(f);
		return STATUSLINE_NONE;
	}
	if ((t.c_lflag & ICANON) == 0 || (t.c_lflag & ECHO) == 0) {
		if (f->shown)
			give_way(f, &t);
		f->calm_ns = 0;
		return STATUSLINE_WAIT;
	}
	take_size(f);
	if (f->size.rows < ROWS_MIN || f->size.cols < COLS_MIN)
		return STATUSLINE_NONE;
	if (f->calm_ns == 0)
		f->calm_ns = now_ns;
	if (f->shown && gap_ns > STATUSLINE_CALM_NS)
		f->shown = 0; /* we were stopped: others may have drawn since */
	return now_ns - f->calm_ns < STATUSLINE_CALM_NS ? STATUSLINE_WAIT : STATUSLINE_FREE;
}

int statusline_draw(struct statusline *f, struct slice text)
{
	/* Room below the cursor: a line down, which scrolls at the end of the
	 * screen, and up again, in the same column. */
	if (!f->shown)
		buf_str(&f->out, WHOLE_SCREEN "\033D\033[A");
	buf_printf(&f->out, "\0337\033[1;%dr\033[%d;1H\033[m%s", f->size.rows - 1, f->size.rows,
	    f->plain ? "" : "\033[7m");
	(void)format_name(&f->out, text, (size_t)f->size.cols - 1, f->utf8);
	buf_str(&f->out, "\033[m\033[K\0338");
	mind_signals();
	int begun = draw(f) || f->out.n > 0;
	if (begun)
		f->shown = 1;
	else if (f->fd >= 0 && !f->shown)
		leave_signals();
	return begun;
}

void statusline_close(struct statusline *f)
{
	if (f->fd < 0)
		return;
	if (f->shown)
		buf_str(&f->out, NO_FOOT);
	/* Here it is waited for: what others write next belongs behind it. */
	(void)buf_write(&f->out, f->fd);
	drop(f);
}
