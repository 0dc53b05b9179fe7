/* SPDX-License-Identifier: MIT */
/* Discarding a pending signal. */
#include "os/posix/signal_discard.h"

#include <signal.h>
#include <stddef.h>

/* POSIX: ignoring a signal discards it, also if it is blocked. macOS has no sigtimedwait(2). */
void signal_discard(int sig)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction found;
	sigaction(sig, &ignore, &found);
	sigaction(sig, &found, NULL);
}
