/* SPDX-License-Identifier: MIT */
/*
 * The messages of a limiter on standard error, and its notes for the stream. Private to lib/limit.
 */
#ifndef LIMITER_REPORT_H
#define LIMITER_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/slice.h"
#include "limit/limiter.h"

/* Note the limits. */
void limiter_report_settings(struct limiter *l);

/* Report a process that exceeds its limit. PID 0: it is not known which one. */
void limiter_report_process(struct limiter *l, uint64_t kib, pid_t pid, struct slice comm);

/* Report a total that exceeds its limit. */
void limiter_report_total(struct limiter *l, uint64_t kib, size_t processes);

/* Report that a total exceeds its limit only because shared memory counts more than once. */
void limiter_report_shared(struct limiter *l, uint64_t kib, size_t processes);

/* Report the signal, if that is pending. */
void limiter_report_signal(struct limiter *l);

#endif
