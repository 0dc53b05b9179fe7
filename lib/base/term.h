/* SPDX-License-Identifier: MIT */
/*
 * The properties of a terminal.
 */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>

/* Return whether FD is a terminal that can move the cursor. */
bool term_can_draw(int fd);

struct term_size {
	int rows, cols;
};

/* Return the size of the terminal at FD, or {0, 0} if it is unknown. */
struct term_size term_size(int fd);

/* Set the character type of the locale from the environment. Return whether it is UTF-8. */
bool term_utf8(void);

#endif
