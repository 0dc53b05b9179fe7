/* Telling what went wrong: one line on stderr. */
#include "err.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"

/* Set once, first thing in main; the one global there is. */
static const char *program = "mempipe";

void err_name(const char *argv0)
{
	if (argv0 == NULL || *argv0 == '\0')
		return;
	const char *slash = strrchr(argv0, '/');
	program = slash != NULL ? slash + 1 : argv0;
}

/* One write, so that the lines of several stages don't mix. */
static void print_line(const char *fmt, va_list ap)
{
	char text[4096];
	int n = vsnprintf(text, sizeof text, fmt, ap);
	if (n < 0)
		return;
	struct buf line = {0};
	buf_str(&line, program);
	buf_str(&line, ": ");
	buf_visible(&line, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
	buf_char(&line, '\n');
	(void)buf_write(&line, STDERR_FILENO);
	buf_free(&line);
}

void err_warn(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	print_line(fmt, ap);
	va_end(ap);
}

void err_die(int status, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	print_line(fmt, ap);
	va_end(ap);
	exit(status);
}

void err_must(const char *why, const char *what)
{
	if (why != NULL)
		err_die(STATUS_FAIL, "%s: %s", what, why);
}

void *err_realloc(void *old, size_t n, size_t size)
{
	void *new =
	    size != 0 && n > SIZE_MAX / size ? NULL : realloc(old, n * size > 0 ? n * size : 1);
	if (new == NULL) {
		static const char why[] = ": out of memory\n";
		(void)!write(STDERR_FILENO, program, strlen(program));
		(void)!write(STDERR_FILENO, why, sizeof why - 1);
		exit(STATUS_FAIL);
	}
	return new;
}
