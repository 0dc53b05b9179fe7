/* SPDX-License-Identifier: MIT */
/*
 * Running a shell script that decides what to run.
 *
 * The script runs in a child, so what a shell changes (its environment, signals and descriptors)
 * stays there. The script passes the words to run to the function `become`:
 *
 *	become memexec --to 'memsample -C | mempeak | memfmt' -- "$@"
 *
 * Words may hold any bytes except NUL. Like exec, become ends the script without running its trap
 * on EXIT.
 */
#ifndef SHELL_H
#define SHELL_H

#include "base/buf.h"

struct shell {
	int status;  /* of the shell, as from wait(2) */
	char **argv; /* the words passed to become, ended by NULL; NULL: become was not called */
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

void shell_free(struct shell *s);

#endif
