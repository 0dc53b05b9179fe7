/* SPDX-License-Identifier: MIT */
/*
 * Signals by name.
 */
#ifndef SIGNAME_H
#define SIGNAME_H

#include "base/buf.h"

/* Set *SIG from a name (`TERM`, `SIGTERM`, `term`) or a number. Return NULL, or the reason why S is
 * invalid. */
const char *signame_parse(const char *s, int *sig);

/* Append the name without SIG, or the number if there is no name. */
void signame_put(struct buf *b, int sig);

#endif
