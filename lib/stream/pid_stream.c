/* SPDX-License-Identifier: MIT */
/* Lines of the PID stream. */
#include "stream/pid_stream.h"

#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "stream/escape.h"

#define COMMAND_MAX                                                                                \
	4096 /* bytes of a command line; an escape takes up to four, and a pipe holds 16384 at     \
		least */

/* Append ARG so that sh(1) reads it as one word. */
static void put_quoted(struct buf *b, const char *arg)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./-";
	if (*arg != '\0' && arg[strspn(arg, plain)] == '\0') {
		buf_str(b, arg);
		return;
	}
	buf_char(b, '\'');
	for (; *arg != '\0'; arg++) {
		if (*arg == '\'')
			buf_str(b, "'\\'");
		buf_char(b, *arg);
	}
	buf_char(b, '\'');
}

void pid_stream_put_command(struct buf *b, char **argv)
{
	struct buf line = {0};
	for (char **arg = argv; *arg != NULL && line.n <= COMMAND_MAX; arg++) {
		if (arg != argv)
			buf_char(&line, ' ');
		put_quoted(&line, *arg);
	}
	buf_str(b, "#command\t");
	if (line.n > COMMAND_MAX) {
		escape_field(b, line.p, COMMAND_MAX);
		buf_str(b, "...\n");
	} else {
		escape_field(b, line.p, line.n);
		buf_char(b, '\n');
	}
	buf_free(&line);
}

void pid_stream_put_text(struct buf *b, const char *key, const char *text)
{
	buf_printf(b, "%s\t", key);
	escape_field(b, text, strlen(text));
	buf_char(b, '\n');
}

void pid_stream_put_time(struct buf *b, const char *key, int64_t us)
{
	buf_printf(b, "%s\t", key);
	buf_time(b, us);
	buf_char(b, '\n');
}

void pid_stream_put_result(struct buf *b, const struct pid_stream_result *r)
{
	if (WIFSIGNALED(r->status))
		buf_printf(b, "#signal\t%d\n", WTERMSIG(r->status));
	else
		buf_printf(b, "#exit_code\t%d\n", WEXITSTATUS(r->status));
	if (r->maxrss_kib > 0)
		buf_printf(b, "#maxrss_kib\t%" PRId64 "\n", r->maxrss_kib);
	else if (r->maxrss_bound_kib > 0)
		buf_printf(b, "#maxrss_bound_kib\t%" PRId64 "\n", r->maxrss_bound_kib);
	if (r->command_maxrss_kib > 0)
		buf_printf(b, "#command_maxrss_kib\t%" PRId64 "\t%ld\n", r->command_maxrss_kib,
		    (long)r->command);
	pid_stream_put_time(b, "#user_seconds", r->user_us);
	pid_stream_put_time(b, "#system_seconds", r->system_us);
	pid_stream_put_time(b, "#duration_seconds", r->duration_us);
}
