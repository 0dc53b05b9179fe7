/*
 * Running a shell script that decides what to run.
 *
 * The script runs in a child, so what a shell changes (its environment, signals and descriptors) stays there. It hands
 * words back by the function `become`, as in `become memexec --to 'memsample -C | mempeak | memfmt' -- "$@"`. Words may
 * hold any bytes but NUL. become ends the script, without its trap on EXIT, as exec does.
 */
#ifndef SHELL_H
#define SHELL_H

#include "base/buf.h"

struct shell {
	struct buf words; /* each ended by a NUL; none if the script did not call become; the caller frees them */
	int status;	  /* of the shell, as from wait(2) */
};

/*
 * Run the script ARGV[0] with the arguments ARGV[1]... by /bin/sh. ARGV[0] holds a slash. This program's folder comes
 * first in its PATH (os/environment.h). Return 0, or -1 with errno set.
 */
int shell_script(struct shell *s, char **argv);

/* Run `sh -c TEXT ARGV...`, with descriptor 3 for the words. Return 0, or -1 with errno set. */
int shell_run(struct shell *s, const char *text, char **argv);

#endif
