/* SPDX-License-Identifier: MIT */
/*
 * Confirm that a sum of memory exceeds a limit without what is counted more than once.
 *
 * After fork(2), the parent and the child hold the same pages until one of them writes, and the RSS
 * of both includes them. PSS counts such a page once, but reading it takes long. So it is read only
 * when a sum exceeds a limit, and for a twentieth of the time at most.
 */
#ifndef SHARING_H
#define SHARING_H

#include <stdbool.h>
#include <stdint.h>

#include "limit/targets.h"

/* Begins as all zeros. */
struct sharing {
	int64_t next_ns; /* do not read before this time */
	uint64_t kib;	 /* what was read last; of a part of the targets, if it exceeds the limit */
	bool complete;	 /* all targets could be read then */
};

/* Return whether the targets of the present tick hold more than LIMIT_KIB if a shared page is
 * counted once. WHOLE: swapped and hugetlb pages count too. A target that has exited, or that may
 * not be read, counts as nothing. Return false if it is too early to read again. */
bool sharing_confirms(
    struct sharing *s, const struct targets *t, uint64_t limit_kib, bool whole);

#endif
