/* SPDX-License-Identifier: MIT */
/* Run programs in this process. This file replaces lib/base/warn.c and keeps the first message. */
#define _GNU_SOURCE
#include "fuzz.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/program.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/utf8.h"
#include "base/warn.h"

static struct {
	char message[4096];
	unsigned long lines; /* of messages */
	int in, out;	     /* the programs' stdin and stdout */
	int own_out;	     /* this process's stdout */
} harness;

void fuzz_wrong(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
	abort();
}

/* ---- replacements for lib/base/warn.c */

void warn_print(const char *fmt, ...)
{
	char text[4096];
	va_list ap;
	va_start(ap, fmt);
	MUST(vsnprintf(text, sizeof text, fmt, ap) >= 0);
	va_end(ap);
	if (harness.lines++ == 0)
		memcpy(harness.message, text, sizeof text);
}

/* No input may end a program this way. */
void warn_exit(int status, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nwould exit with status %d\n", status);
	abort();
}

void warn_check(const char *why, const char *what)
{
	if (why != NULL)
		warn_exit(STATUS_ERROR, "%s: %s", what, why);
}

/* ---- files in memory */

static void fill(int fd, struct slice in)
{
	MUST(fd >= 0 && ftruncate(fd, 0) == 0);
	for (size_t done = 0; done < in.n;) {
		ssize_t n = pwrite(fd, in.p + done, in.n - done, (off_t)done);
		MUST(n > 0);
		done += (size_t)n;
	}
	MUST(lseek(fd, 0, SEEK_SET) == 0);
}

int fuzz_file(struct slice in)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	fill(fd, in);
	return fd;
}

static int compare(const char *p, const char *text)
{
	return strncmp(p, text, strlen(text));
}

int fuzz_part(struct slice in, const char *name, struct slice *part)
{
	size_t n = strlen(name);
	const char *end = in.p + in.n;
	for (const char *line = in.p, *next; line < end; line = next) {
		next = memchr(line, '\n', (size_t)(end - line));
		next = next != NULL ? next + 1 : end;
		if (*line != '@' || (size_t)(next - line) != n + 2 ||
		    memcmp(line + 1, name, n) != 0)
			continue;
		part->p = next;
		part->n = (size_t)(end - next);
		const char *stop = part->n > 0 ? memmem(next - 1, part->n + 1, "\n@", 2) : NULL;
		if (stop != NULL)
			part->n = (size_t)(stop + 1 - next);
		return 1;
	}
	return 0;
}

struct slice fuzz_split(struct slice in, const char *mark, struct slice *rest)
{
	const char *at = in.n > 0 ? memmem(in.p, in.n, mark, strlen(mark)) : NULL;
	struct slice first = {in.p, at != NULL ? (size_t)(at - in.p) : in.n};
	size_t skip = at != NULL ? first.n + strlen(mark) : in.n;
	*rest = (struct slice){in.p + skip, in.n - skip};
	return first;
}

/* ---- programs */

const char *fuzz_message(void)
{
	return harness.lines > 0 ? harness.message : "";
}

static void read_back(struct buf *out)
{
	off_t size = lseek(harness.out, 0, SEEK_END);
	MUST(size >= 0);
	out->n = 0;
	char *p = buf_room(out, (size_t)size + 1);
	MUST(pread(harness.out, p, (size_t)size, 0) == size);
	out->n = (size_t)size;
}

int fuzz_run(
    int (*program)(int, char **), const char *const args[], struct slice in, struct buf *out)
{
	char *argv[9] = {(char *)"fuzz"};
	int argc = 1;
	for (; args[argc - 1] != NULL; argc++)
		argv[argc] = (char *)args[argc - 1];
	if (harness.in == 0) {
		harness.in = memfd_create("in", MFD_CLOEXEC);
		harness.out = memfd_create("out", MFD_CLOEXEC);
		harness.own_out = dup(STDOUT_FILENO);
	}
	fill(harness.in, in);
	fill(harness.out, (struct slice){"", 0});
	MUST(dup2(harness.in, STDIN_FILENO) == STDIN_FILENO);
	MUST(dup2(harness.out, STDOUT_FILENO) == STDOUT_FILENO);
	harness.lines = 0;
	optind = 0; /* restart; an extension of glibc */
	int status = program(argc, argv);
	MUST(dup2(harness.own_out, STDOUT_FILENO) == STDOUT_FILENO);
	read_back(out);
	MUST(status >= STATUS_OK && (status <= STATUS_ERROR || status == STATUS_TOTAL_EXCEEDED ||
					status == STATUS_PROCESS_EXCEEDED));
	MUST(status != STATUS_ERROR || harness.lines > 0);
	return status;
}

/* ---- checks of output */

void fuzz_check_visible(const struct buf *out, const char *also)
{
	for (size_t i = 0; i < out->n;) {
		size_t n = utf8_length(out->p + i, out->n - i);
		char c = out->p[i];
		MUST(n > 0 || c == '\n' || (c != '\0' && strchr(also, c) != NULL));
		i += n > 0 ? n : 1;
	}
}

static size_t count(struct slice line, char c)
{
	size_t n = 0;
	for (size_t i = 0; i < line.n; i++)
		n += line.p[i] == c && (i == 0 || line.p[i - 1] != '\\');
	return n;
}

/* Return the next line of OUT, whose last line is complete. */
static int next_line(const struct buf *out, size_t *at, struct slice *line)
{
	if (*at == out->n)
		return 0;
	const char *p = out->p + *at, *end = memchr(p, '\n', out->n - *at);
	MUST(end != NULL);
	*line = (struct slice){p, (size_t)(end - p)};
	*at += line->n + 1;
	return 1;
}

void fuzz_check_tsv(const struct buf *out)
{
	size_t at = 0, columns = 0;
	for (struct slice line; next_line(out, &at, &line);) {
		if (line.n > 0 && line.p[0] == '#')
			continue;
		size_t tabs = 0;
		for (size_t i = 0; i < line.n; i++)
			tabs += line.p[i] == '\t';
		MUST(columns == 0 || tabs + 1 == columns);
		columns = tabs + 1;
	}
}

void fuzz_check_csv(const struct buf *out)
{
	size_t columns = 0, fields = 1;
	int quoted = 0;
	for (size_t i = 0; i < out->n; i++) {
		char c = out->p[i];
		if (c == '"') {
			/* A quote is at the ends of a field, or doubled in it. */
			if (!quoted)
				MUST(i == 0 || strchr(",\n\"", out->p[i - 1]) != NULL);
			quoted = !quoted;
		} else if (c == ',' && !quoted) {
			fields++;
		} else if (c == '\r') {
			MUST(!quoted && i + 1 < out->n && out->p[++i] == '\n');
			MUST(columns == 0 || fields == columns);
			columns = fields;
			fields = 1;
		} else {
			MUST(c != '\n');
		}
	}
	MUST(!quoted && (out->n == 0 || out->p[out->n - 1] == '\n'));
}

/* Check `{name="value",...}` at *I, and set *I to its end. */
static void skip_labels(struct slice line, size_t *i)
{
	do {
		for (++*i; *i < line.n && line.p[*i] != '='; ++*i)
			MUST(memchr("\"\\,}{ ", line.p[*i], 6) == NULL);
		MUST(*i + 1 < line.n && line.p[++*i] == '"');
		for (++*i; *i < line.n && line.p[*i] != '"'; ++*i)
			if (line.p[*i] == '\\')
				MUST(++*i < line.n && memchr("\\\"n", line.p[*i], 3) != NULL);
		MUST(++*i < line.n);
	} while (line.p[*i] == ',');
	MUST(line.p[(*i)++] == '}');
}

static void check_metric(struct slice line)
{
	size_t i = 0;
	MUST(line.n > 8 && compare(line.p, "mempipe_") == 0);
	while (i < line.n && line.p[i] != '{' && line.p[i] != ' ')
		i++;
	if (i < line.n && line.p[i] == '{')
		skip_labels(line, &i);
	MUST(i + 1 < line.n && line.p[i++] == ' ');
	for (; i < line.n; i++)
		MUST(memchr("0123456789.-", line.p[i], 12) != NULL);
}

void fuzz_check_openmetrics(const struct buf *out)
{
	static const char eof[] = "# EOF\n";
	size_t at = 0;
	fuzz_check_visible(out, "");
	MUST(out->n >= 6 && memcmp(out->p + out->n - 6, eof, 6) == 0);
	for (struct slice line; next_line(out, &at, &line);) {
		if (at == out->n)
			break;
		MUST(line.n > 0);
		if (line.p[0] == '#')
			MUST(compare(line.p, "# TYPE mempipe_") == 0 ||
			     compare(line.p, "# UNIT mempipe_") == 0 ||
			     compare(line.p, "# HELP mempipe_") == 0);
		else
			check_metric(line);
	}
}

void fuzz_check_folded(const struct buf *out)
{
	size_t at = 0;
	fuzz_check_visible(out, "");
	for (struct slice line; next_line(out, &at, &line);) {
		size_t digits = 0;
		while (digits < line.n && line.p[line.n - 1 - digits] >= '0' &&
		       line.p[line.n - 1 - digits] <= '9')
			digits++;
		MUST(digits > 0 && line.n > digits + 1 && line.p[line.n - 1 - digits] == ' ');
	}
}

/* Check the chart that begins at LINE: it has no text of a process. */
static void check_chart(const struct buf *out, size_t *at, struct slice line)
{
	MUST(compare(line.p, "```mermaid\n") == 0);
	MUST(next_line(out, at, &line) && compare(line.p, "xychart-beta\n") == 0);
	MUST(next_line(out, at, &line) && compare(line.p, "    x-axis \"seconds\" 0 --> ") == 0);
	MUST(next_line(out, at, &line) && compare(line.p, "    y-axis \"RSS, MiB\" 0 --> ") == 0);
	MUST(next_line(out, at, &line) && compare(line.p, "    line [") == 0);
	for (size_t i = strlen("    line ["); i + 1 < line.n; i++)
		MUST(strchr("0123456789., ", line.p[i]) != NULL);
	MUST(next_line(out, at, &line) && compare(line.p, "```\n") == 0);
}

void fuzz_check_markdown(const struct buf *out)
{
	size_t at = 0, cells = 0;
	fuzz_check_visible(out, "");
	for (struct slice line; next_line(out, &at, &line);) {
		if (line.n > 0 && line.p[0] == '`') {
			check_chart(out, &at, line);
			continue;
		}
		if (line.n == 0 || line.p[0] != '|') {
			MUST(line.n == 0 || compare(line.p, "and ") == 0);
			cells = 0;
			continue;
		}
		MUST(cells == 0 || count(line, '|') == cells);
		cells = count(line, '|');
		MUST(cells == 3 || cells == 5 || cells == 6 || cells == 8);
	}
}
