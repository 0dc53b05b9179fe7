/* SPDX-License-Identifier: MIT */
/*
 * The bound, "at most": the largest RSS that the tree, or a group, can have held.
 *
 * In the time from the previous tick to the present one, a process held at most the larger of its
 * high-water marks (marks) at both ticks. The bound of the tick is the sum of these, plus
 *  - the marks of the processes that have exited in between,
 *  - the growth of these after their last sample (`#unseen_kib`), of the tree only,
 *  - for each process, by how much the kernel may have its mark too low (`#mark_error_kib`).
 *
 * A stream may have the bound of the tree in each tick (`#bound_kib`). It is then taken instead of
 * that sum: memsample has more facts, such as the order in which processes were created and exited.
 *
 * The bound of a row is the largest bound of its ticks.
 */
#ifndef PEAK_BOUND_H
#define PEAK_BOUND_H

#include <stdint.h>

struct peak;
struct peak_group;

/* Return the bound of the present tick in KiB, after its last sample. */
uint64_t peak_bound_of_tree(const struct peak *k);
uint64_t peak_bound_of_group(const struct peak *k, const struct peak_group *g);

/*
 * Note the processes that have exited before the present tick, if its number is TICK.
 *
 * One of them may have grown, after its last sample, to the size that wait4(2) reports at the end
 * (`#maxrss_kib`): instead of its mark, that size is in the bound. This makes the largest
 * difference for the process with the lowest mark. exit_bound_kib is the largest bound without
 * such a mark; peak_bound_add_maxrss adds the size.
 */
void peak_bound_note_exits(struct peak *k, uint64_t bound, uint64_t tick);

/* Raise the bound of the tree to that of the time after the last tick of a stream. */
void peak_bound_end_stream(struct peak *k);

/*
 * Take `#maxrss_kib` into account, the exact peak of the largest process that was waited for. If it
 * is well above every mark that was read, a process grew after its last sample. The kernel's mark
 * may be off by some pages, so 1/64 is no sign of growth.
 */
void peak_bound_add_maxrss(struct peak *k);

#endif
