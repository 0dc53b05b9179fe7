/* SPDX-License-Identifier: MIT */
/* A log that may be rotated while it is written. */
#include "stream/log_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/output_file.h"
#include "base/status.h"
#include "base/warn.h"
#include "stream/lines.h"

static void fail(const struct log_file *l, int error)
{
	warn_exit(STATUS_ERROR, "%s: %s", l->name, strerror(error));
}

/* Read the log. Return whether HEADER is its last header. A line that is no `#` line and does not
 * begin with a digit, as the time of a row does, is taken for a header: if it is none, a header is
 * written once more than needed. */
static bool read_log(struct log_file *l, struct slice header)
{
	struct lines in = {.fd = open(l->name, O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
	struct slice line;
	bool found = false;
	if (in.fd < 0)
		return false;
	while (!in.eof && lines_fill(&in) >= 0)
		while (lines_next(&in, &line))
			if (line.n > 0 && *line.p != '#' && !isdigit((unsigned char)*line.p))
				found = slice_equal(line, header);
	l->is_cut = lines_rest(&in, &line);
	lines_free(&in);
	close(in.fd);
	return found;
}

/* Return whether the log still has its name. */
static bool has_name(const struct log_file *l, const struct stat *opened)
{
	struct stat named;
	return stat(l->name, &named) == 0 && named.st_dev == opened->st_dev &&
	       named.st_ino == opened->st_ino;
}

/* Open the log, and set ST to what it is. */
static void reopen(struct log_file *l, struct stat *st)
{
	if (l->is_open)
		close(l->fd);
	l->is_open = true;
	l->is_cut = false;
	l->fd = output_file_open(l->name);
	if (l->fd < 0 || fcntl(l->fd, F_SETFL, O_APPEND) != 0 || fstat(l->fd, st) != 0)
		fail(l, errno);
}

enum log_file_state log_file_open(struct log_file *l, struct slice header)
{
	struct stat st;
	bool same = l->is_open && fstat(l->fd, &st) == 0 && has_name(l, &st);
	if (!same)
		reopen(l, &st);
	bool regular = S_ISREG(st.st_mode);
	l->has_lines = regular && st.st_size > 0;
	if (same)
		return regular && !l->has_lines ? LOG_FILE_NEW : LOG_FILE_SAME;
	return l->has_lines && read_log(l, header) ? LOG_FILE_CONTINUED : LOG_FILE_NEW;
}

/* Take back a part that was written after BEFORE. If the log is shorter than then, it was truncated
 * meanwhile, and there is nothing to take back. */
static void take_back(const struct log_file *l, const struct stat *before)
{
	struct stat st;
	if (S_ISREG(before->st_mode) && fstat(l->fd, &st) == 0 && st.st_size > before->st_size &&
	    ftruncate(l->fd, before->st_size) != 0)
		warn_print("%s: %s", l->name, strerror(errno));
}

/* Return whether the log had lines and now begins with the last N bytes that were written. */
static bool was_truncated(const struct log_file *l, size_t n)
{
	return n > 0 && l->has_lines && lseek(l->fd, 0, SEEK_CUR) == (off_t)n;
}

bool log_file_write(struct log_file *l, struct buf *b)
{
	struct stat before;
	size_t n = b->n + l->is_cut;
	struct buf newline = {0};
	bool known = fstat(l->fd, &before) == 0;
	if (l->is_cut)
		buf_char(&newline, '\n');
	bool written = buf_write(&newline, l->fd) == 0 && buf_write(b, l->fd) == 0;
	int error = errno;
	buf_free(&newline);
	l->is_cut = false;
	if (!written && known)
		take_back(l, &before);
	if (!written)
		fail(l, error);
	return !was_truncated(l, n) || output_file_truncate(l->fd) != 0;
}
