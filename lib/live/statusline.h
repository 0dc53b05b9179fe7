/*
 * One line that stays at the foot of a terminal, while others write to it.
 *
 * The foot is left out of the scrolling region (DECSTBM), so whatever is
 * written above scrolls past it; each picture is one write(2), which the kernel
 * doesn't mix with those of others. The terminal is opened anew and never waited
 * for: what it does not take is dropped or finished later. Nothing is drawn
 * while a program has it for itself: one that reads keys or a password, or
 * paints the whole screen.
 */
#ifndef STATUSLINE_H
#define STATUSLINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/term.h"
#include "stream/lines.h"

#define STATUSLINE_LOOK_NS 100000000LL  /* from one look to the next */
#define STATUSLINE_CALM_NS 1000000000LL /* nobody's own for so long: then it is drawn */

struct statusline {
	int fd; /* the terminal; -1: none, or gone */
	int utf8, plain;

	/* foot.c's own */
	int shown; /* the region is set, and the signals are minded */
	struct term_size size;
	int64_t calm_ns;   /* nobody's own since; 0: it is somebody's */
	int64_t looked_ns; /* the last look */
	struct buf out;	   /* begun, but not yet taken by the terminal */
};

/* Takes the terminal at FD, if there is one that can draw. From now on writing to
 * it from the background doesn't stop the program (SIGTTOU). */
void statusline_open(struct statusline *f, int fd);

enum statusline_state {
	STATUSLINE_NONE, /* no terminal, or one of less than 4 lines or 20 columns */
	STATUSLINE_WAIT, /* not now */
	STATUSLINE_FREE, /* statusline_draw can draw */
};

/* To be called every STATUSLINE_LOOK_NS: sees to it that the foot is where it should
 * be, or nowhere. */
enum statusline_state statusline_look(struct statusline *f, int64_t now_ns);

/* Draws TEXT, cut to the width; only where statusline_look said that it can. Whether
 * the terminal took it. */
int statusline_draw(struct statusline *f, struct slice text);

/* Gives the line back to the terminal, the cursor where the others left it. */
void statusline_close(struct statusline *f);

#endif
