/*
 * Running a shell script that decides what to run.
 *
 * The script runs in a child, so what a shell changes (its environment, signals and descriptors)
 * stays there. It hands words back by the function `become`, as in `become memexec --to 'memsample
 * -C | mempeak | memfmt' -- "$@"`. Words may hold any bytes but NUL. become ends the script,
 * without its trap on EXIT, as exec does.
 */
#ifndef SHELL_H
#define SHELL_H

#include "base/buf.h"

struct shell {
	int status;  /* of the shell, as from wait(2) */
	char **argv; /* the words that the script became, ended by NULL; NULL: it did not call
			become */
	int argc;

	/* private to shell.c */
	struct buf words; /* each ended by a NUL */
};

/* Return NULL if SCRIPT can be run, or the reason why not. A FIFO cannot: the shell would wait for
 * its writer. */
const char *shell_check_script(const char *script);

/*
 * Run SCRIPT with the arguments ARGS by /bin/sh. This program's folder comes first in its PATH
 * (os/environment.h). Return 0, or -1 with errno set.
 */
int shell_script(struct shell *s, const char *script, char **args);

/* Run `sh -c TEXT ARGV...` in the same way. Return 0, or -1 with errno set. */
int shell_run(struct shell *s, const char *text, char **argv);

#endif
