/* SPDX-License-Identifier: MIT */
/*
 * A log: a table that is appended to, also by several runs. Meanwhile it may be renamed, removed or
 * truncated, as logrotate(8) does.
 *
 *	log_file_open     0 1 2 3	nginx.tsv: header, ticks 1 to 3
 *	mv nginx.tsv nginx.tsv.1
 *	log_file_open     4		nginx.tsv: header, tick 4
 */
#ifndef LOG_FILE_H
#define LOG_FILE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

/* Begins with the name set and the rest zero. */
struct log_file {
	const char *name;

	/* private to log_file.c */
	bool is_open;
	bool has_lines; /* it had some when log_file_open was last called */
	bool is_cut;	/* its last line has no newline */
	int fd;
};

enum log_file_state {
	LOG_FILE_SAME, /* it was open already */
	LOG_FILE_NEW,  /* it was opened, or is empty now; its last header is another, or none */
	LOG_FILE_CONTINUED, /* it was opened, and its last header is the one that was asked for */
};

/* Open the log, and create it if there is none. Open it again if its name is that of another file
 * now, or of none. HEADER has no newline. If it cannot be opened, exit with a message. */
enum log_file_state log_file_open(struct log_file *l, struct slice header);

/* Append B, and empty it. If the last line was cut off, end it before. If B cannot be written as a
 * whole, leave out all of it, and exit with a message. Return false if the log was truncated since
 * log_file_open: B was its first line, and is taken back. */
bool log_file_write(struct log_file *l, struct buf *b);

#endif
