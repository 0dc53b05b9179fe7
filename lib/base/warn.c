/* SPDX-License-Identifier: MIT */
/* Messages: one line on standard error. */
#include "base/warn.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/program.h"
#include "base/status.h"
#include "base/utf8.h"

/* Write the line with one write(2), so that lines of several programs do not mix. */
static void print_line(const char *fmt, va_list ap)
{
	struct buf text = {0}, line = {0};
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return;
	(void)vsnprintf(buf_room(&text, (size_t)n + 1), (size_t)n + 1, fmt, ap);
	buf_str(&line, program_name());
	buf_str(&line, ": ");
	utf8_visible(&line, text.p, (size_t)n);
	buf_char(&line, '\n');
	(void)buf_write(&line, STDERR_FILENO);
	buf_free(&line);
	buf_free(&text);
}

void warn_print(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	print_line(fmt, ap);
	va_end(ap);
}

void warn_exit(int status, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	print_line(fmt, ap);
	va_end(ap);
	exit(status);
}

void warn_check(const char *reason, const char *object)
{
	if (reason != NULL)
		warn_exit(STATUS_ERROR, "%s: %s", object, reason);
}
