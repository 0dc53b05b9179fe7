/* SPDX-License-Identifier: MIT */
/* Confirm that a sum of memory exceeds a limit without what is counted more than once. */
#include "limit/sharing.h"

#include <errno.h>

#include "base/clock.h"
#include "os/process_share.h"

#define REST_PART 19 /* rest this many times as long as reading takes */

/* Return what V holds, with shared pages in part; 0 if it cannot be read. On a system without PSS,
 * return what its sample has. */
static uint64_t read_kib(struct sharing *s, const struct target *v, bool whole)
{
	struct process_share share;
	int status = process_share_read(v->pid, &share);
	if (status != 0 && errno == ENOTSUP)
		return v->kib;
	if (status != 0 || !targets_is_running(v)) {
		s->complete = false;
		return 0;
	}
	return share.pss_kib + (whole ? share.swap_kib + share.hugetlb_kib : 0);
}

bool sharing_confirms(
    struct sharing *s, const struct targets *t, uint64_t limit_kib, bool whole)
{
	int64_t start_ns = clock_mono_ns();
	uint64_t kib = 0;
	if (start_ns < s->next_ns)
		return false;
	s->complete = true;
	for (size_t i = 0; i < t->n && kib <= limit_kib; i++)
		if (targets_is_present(t, &t->v[i]))
			kib += read_kib(s, &t->v[i], whole);
	int64_t end_ns = clock_mono_ns();
	s->kib = kib;
	s->next_ns = end_ns + (end_ns - start_ns) * REST_PART;
	return kib > limit_kib;
}
