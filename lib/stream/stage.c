/* SPDX-License-Identifier: MIT */
/* Common to all stages of a pipeline. */
#include "stream/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/status.h"
#include "base/warn.h"

int stage_open(const char *file, const char **name)
{
	*name = strcmp(file, "-") == 0 ? "standard input" : file;
	if (*name != file)
		return STDIN_FILENO;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		warn_print("%s: %s", file, strerror(errno));
	return fd;
}

void stage_fault(struct stage_faults *f, const char *name, unsigned long line, const char *reason)
{
	if (f->n++ > 0)
		return;
	if (line > 0)
		warn_print("%s: line %lu: %s", name, line, reason);
	else
		warn_print("%s: %s", name, reason);
}

int stage_faults_end(const struct stage_faults *f)
{
	if (f->n > 1)
		warn_print("%lu more invalid line%s left out", f->n - 1, f->n == 2 ? "" : "s");
	return f->n > 0 ? STATUS_ERROR : STATUS_OK;
}

static void do_nothing(int sig)
{
	(void)sig;
}

void stage_outlive_interrupt(void)
{
	struct sigaction old,
	    once = {.sa_handler = do_nothing, .sa_flags = (int)(SA_RESTART | SA_RESETHAND)};
	if (sigaction(SIGINT, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(SIGINT, &once, NULL);
}

int stage_ready(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n = poll(&p, 1, timeout_ms);
	return n > 0 || (n < 0 && errno != EINTR);
}

int stage_wait(int fd, int64_t until_ns)
{
	int64_t left_ms = (until_ns - clock_mono_ns() + 999999) / 1000000;
	left_ms = left_ms < 0 ? 0 : left_ms > INT_MAX ? INT_MAX : left_ms;
	return stage_ready(fd, (int)left_ms);
}

void stage_write(struct buf *b)
{
	if (buf_write(b, STDOUT_FILENO) != 0)
		warn_exit(STATUS_ERROR, "standard output: %s", strerror(errno));
}
