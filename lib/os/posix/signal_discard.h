/* SPDX-License-Identifier: MIT */
/*
 * Discarding a pending signal. (Private to lib/os.)
 */
#ifndef SIGNAL_DISCARD_H
#define SIGNAL_DISCARD_H

/* Discard SIG if it is pending. Its action remains. */
void signal_discard(int sig);

#endif
