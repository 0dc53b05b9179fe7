/* SPDX-License-Identifier: MIT */
/*
 * Messages: one line on standard error, `program: object: reason`.
 *
 * This is the only part of the library that prints messages or exits. Control characters in a
 * message are escaped (base/utf8.h), so a file name or a process name cannot control the terminal.
 */
#ifndef WARN_H
#define WARN_H

/* Print one line. */
void warn_print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Print one line and exit with STATUS. */
void warn_exit(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3), noreturn));

/* Unless REASON is NULL, print `program: OBJECT: REASON` and exit with STATUS_ERROR. REASON is what
 * a parser returned. */
void warn_check(const char *reason, const char *object);

#endif
