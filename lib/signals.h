/*
 * Signals by name.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include "buf.h"

/* `TERM`, `SIGTERM`, `term` or a number. Sets SIG and returns NULL, or leaves
 * it alone and returns the reason in words. */
const char *signals_parse(const char *s, int *sig);

/* The name, without SIG; the number of one that has none. */
void signals_put(struct buf *b, int sig);

#endif
