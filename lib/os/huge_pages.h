/* SPDX-License-Identifier: MIT */
/*
 * The huge pages that the system gives to processes when they fault.
 */
#ifndef HUGE_PAGES_H
#define HUGE_PAGES_H

#include <stdbool.h>
#include <stdint.h>

struct huge_pages {
	uint64_t page_kib; /* the size of a huge page; 0: there are none, or they are not counted */

	/* private */
	int fd;
	bool vmstat;
};

/* Open the counter of the machine. */
void huge_pages_open(struct huge_pages *h);

/* Return how many huge pages processes of the machine have been given since it started. It takes a
 * microsecond, and before Linux 6.8 up to 20. */
uint64_t huge_pages_given(const struct huge_pages *h);

void huge_pages_close(struct huge_pages *h);

#endif
