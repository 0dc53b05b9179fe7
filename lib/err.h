/*
 * Telling what went wrong: one line on stderr, `program: what: why`.
 *
 * The only part of the library that prints or exits. Control bytes in a
 * message are escaped as in the streams, so that a file or process name can
 * never drive the terminal.
 */
#ifndef ERR_H
#define ERR_H

#include <stddef.h>

enum {
	STATUS_OK = 0,
	STATUS_NO = 1,	     /* the answer is no: no such process */
	STATUS_FAIL = 2,     /* wrong usage, or the work could not be done */
	STATUS_TOTAL = 10,   /* the limit of the total was exceeded */
	STATUS_PROCESS = 11, /* that of one process was */
	STATUS_LAUNCH = 125, /* memexec itself failed */
	STATUS_NOEXEC = 126, /* the command is there but can't be executed */
	STATUS_NOENT = 127,  /* the command is not there */
};

/* Remembers the name that messages begin with: the last part of argv0. */
void err_name(const char *argv0);

/* Prints one line. */
void err_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Prints one line and exits with STATUS. */
void err_die(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3), noreturn));

/* Dies with STATUS_FAIL, `program: what: why`, unless WHY is NULL: what the
 * parsers return. */
void err_must(const char *why, const char *what);

/* realloc(3) that says so and exits with STATUS_FAIL when there is no memory,
 * for N objects of SIZE bytes. The caller frees. */
void *err_realloc(void *old, size_t n, size_t size);

#endif
