/*
 * What is known of a terminal before anything is drawn on it.
 */
#ifndef TERM_H
#define TERM_H

/* Whether FD is a terminal that knows how to move the cursor. */
int term_can_draw(int fd);

struct term_size {
	int rows, cols;
};

/* The size of the terminal at FD; {0, 0} if nobody knows. */
struct term_size term_size(int fd);

/* Takes over the locale of the environment; whether it has UTF-8. */
int term_utf8(void);

#endif
