/* SPDX-License-Identifier: MIT */
/*
 * A tree of many sleeping processes.
 *
 *	many [processes [seconds]]
 *
 * Each process but the root has up to 16 children and touches some pages of its own. When all
 *exist, print `ready` and sleep. All exit when the root does, or after so many seconds.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "no_leak_check.h"

#define CHILDREN 16
#define TOUCHED 4 /* pages */

static volatile char page[TOUCHED][4096];

/* Make the children of the root of a tree of *N processes. In a child, set *N to the size of its
 * own tree and return true. */
static bool make_children(int *n)
{
	int left = *n - 1;
	for (int children = left < CHILDREN ? left : CHILDREN; children > 0; children--) {
		int part = left / children;
		left -= part;
		pid_t pid = fork();
		if (pid < 0) {
			perror("many: fork");
			_exit(1);
		}
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			*n = part;
			return true;
		}
	}
	return false;
}

static _Noreturn void grow(int n, int ready, unsigned seconds)
{
	while (make_children(&n))
		;
	for (int i = 0; i < TOUCHED; i++)
		page[i][0] = 1;
	close(ready);
	sleep(seconds);
	_exit(0);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 10000, fds[2];
	unsigned seconds = argc > 2 ? (unsigned)atoi(argv[2]) : 60;
	char c;
	if (n < 2 || seconds < 1 || pipe(fds) != 0)
		return 2;
	pid_t first = fork();
	if (first == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[0]);
		grow(n - 1, fds[1], seconds);
	}
	close(fds[1]);
	(void)!read(fds[0], &c, 1); /* the end: no process has the other end any more */
	puts("ready");
	fflush(stdout);
	sleep(seconds);
	kill(first, SIGKILL);
	return 0;
}
