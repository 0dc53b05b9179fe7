/* SPDX-License-Identifier: MIT */
/* Launching a command under observation: not supported. */
#include "os/launch.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

static int unsupported(void)
{
	errno = ENOTSUP;
	return -1;
}

int launch_prepare(struct launch *l)
{
	*l = (struct launch){.pids_fd = -1, .exec_fd = -1, .signal_fd = -1};
	return unsupported();
}

int launch_pipeline(struct launch *l, const char *text)
{
	(void)l, (void)text;
	return unsupported();
}

int launch_held(struct launch *l, char **argv, const struct launch_output *output)
{
	(void)l, (void)argv, (void)output;
	return unsupported();
}

int launch_instead(struct launch *l, char **argv, const struct launch_output *output)
{
	(void)l, (void)argv, (void)output;
	return unsupported();
}

int launch_detach(const struct launch *l)
{
	(void)l;
	return unsupported();
}

enum launch_event launch_wait(struct launch *l, int timeout_ms)
{
	(void)timeout_ms;
	l->command = l->pipeline = 0;
	return LAUNCH_PIPELINE;
}

int launch_orphans(const struct launch *l)
{
	(void)l;
	return 0;
}

void launch_continue_stages(const struct launch *l)
{
	(void)l;
}

void launch_abandon(struct launch *l)
{
	l->abandoned = true;
}

void launch_free(struct launch *l)
{
	process_list_free(&l->earlier);
}

void launch_exit_like(int status)
{
	_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}
