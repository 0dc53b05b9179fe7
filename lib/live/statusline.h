/* SPDX-License-Identifier: MIT */
/*
 * A status line in the last row of a terminal that other programs write to.
 *
 * The last row is excluded from the scrolling region (DECSTBM), so the output of other programs
 * scrolls above it. Each drawing is one write(2), which the kernel does not interleave with other
 * writes. Drawing never blocks: output that the terminal does not accept is dropped, or completed
 * later if a part of it was accepted. Nothing is drawn while a program uses the terminal
 * exclusively: while it reads single keys or a password, or paints the whole screen.
 */
#ifndef STATUSLINE_H
#define STATUSLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/term.h"

#define STATUSLINE_CHECK_NS 100000000LL	  /* from one statusline_check to the next */
#define STATUSLINE_SHARED_NS 1000000000LL /* how long no program had exclusive use before drawing */

struct statusline {
	int fd; /* of the terminal; -1: none */
	bool utf8;

	/* private to statusline.c */
	bool plain;	    /* not in reverse video */
	bool shown;	    /* the region is set and the signals are handled */
	struct term_size size;
	int64_t shared_ns;  /* since when no program has exclusive use; 0: one has */
	int64_t checked_ns; /* the last statusline_check */
	struct buf out;	    /* not yet accepted by the terminal */
};

/* Use the terminal FD, if it is one that can draw. From now on, writing to it in the background
 * does not stop the program (SIGTTOU is ignored). */
void statusline_open(struct statusline *s, int fd);

enum statusline_state {
	STATUSLINE_NONE,  /* no terminal, or fewer than 4 rows or 20 columns */
	STATUSLINE_WAIT,  /* do not draw now */
	STATUSLINE_READY, /* statusline_draw is allowed */
};

/* Remove the line if a program uses the terminal exclusively or the size has changed. Return the
 * state. Call this every STATUSLINE_CHECK_NS. */
enum statusline_state statusline_check(struct statusline *s, int64_t now_ns);

/* Draw TEXT, cut to the width, after statusline_check returned STATUSLINE_READY. Return true if the
 * terminal accepted it. */
bool statusline_draw(struct statusline *s, struct slice text);

/* Remove the line and restore the region. The cursor stays where other programs left it. */
void statusline_close(struct statusline *s);

#endif
