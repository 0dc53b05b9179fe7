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
#ifndef FOOT_H
#define FOOT_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "lines.h"
#include "term.h"

#define FOOT_LOOK_NS 100000000LL  /* from one look to the next */
#define FOOT_CALM_NS 1000000000LL /* nobody's own for so long: then it is drawn */

struct foot {
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
void foot_open(struct foot *f, int fd);

enum foot_state {
	FOOT_NONE, /* no terminal, or one of less than 4 lines or 20 columns */
	FOOT_WAIT, /* not now */
	FOOT_FREE, /* foot_draw can draw */
};

/* To be called every FOOT_LOOK_NS: sees to it that the foot is where it should
 * be, or nowhere. */
enum foot_state foot_look(struct foot *f, int64_t now_ns);

/* Draws TEXT, cut to the width; only where foot_look said that it can. Whether
 * the terminal took it. */
int foot_draw(struct foot *f, struct slice text);

/* Gives the line back to the terminal, the cursor where the others left it. */
void foot_close(struct foot *f);

#endif
