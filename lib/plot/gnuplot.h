/* SPDX-License-Identifier: MIT */
/*
 * Running gnuplot.
 *
 * It is started without the user's settings, and reads its program from a pipe. No name of a file
 * or of a process is ever an argument of it.
 */
#ifndef GNUPLOT_H
#define GNUPLOT_H

#include "base/buf.h"

#define GNUPLOT_MISSING "gnuplot is not installed (apt install gnuplot-nox)"

/* Append share/memplot.gnuplot. Return NULL, or the reason why gnuplot cannot be run. */
const char *gnuplot_prepare(struct buf *script);

/*
 * Run gnuplot with PROGRAM as its input and append its output to PICTURE. Return NULL, or the
 * reason why it failed, in REASON.
 */
const char *gnuplot_run(const struct buf *program, struct buf *picture, struct buf *reason);

#endif
