/*
 * Asking a shell script. What a shell does to its environment, signals and
 * descriptors stays in a process of its own. (Linux: /proc/self/cwd.)
 */
#ifndef SHELL_H
#define SHELL_H

#include "base/buf.h"

struct shell {
	struct buf said; /* what it wrote to descriptor 3; the caller frees */
	int status;	 /* how it ended, as of wait(2) */
};

/* Runs `sh -c TEXT ARGV...`: ARGV[0] is its $0. 0, or -1 with errno set. */
int shell_run(struct shell *s, const char *text, char **argv);

/*
 * The environment for a shell: ours, but that it doesn't complain of a working
 * directory without a path, as one that was removed is, since PWD leads there.
 * The caller frees the list.
 */
char **shell_environment(void);

#endif
