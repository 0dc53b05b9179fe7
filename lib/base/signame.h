/*
 * Signals by name.
 */
#ifndef SIGNAME_H
#define SIGNAME_H

#include "base/buf.h"

/* `TERM`, `SIGTERM`, `term` or a number. Sets SIG and returns NULL, or leaves
 * it alone and returns the reason in words. */
const char *signame_parse(const char *s, int *sig);

/* The name, without SIG; the number of one that has none. */
void signame_put(struct buf *b, int sig);

#endif
