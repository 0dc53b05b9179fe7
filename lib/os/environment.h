/* SPDX-License-Identifier: MIT */
/*
 * The environment of the shells that memexec starts.
 */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

struct environment {
	char **v; /* for exec(3) */

	/* private to environment.c */
	char *path, *pwd; /* the variables that differ from this process's own, or NULL */
	int folder_fd; /* open until environment_free() if the folder's name has a colon; or -1 */
};

/*
 * Store this process's environment in E, changed for a shell. This program's folder comes first in
 * PATH, so that the shell finds the stages of a pipeline there. If the working directory has been
 * removed, PWD is a path that still leads to it; otherwise sh(1) would print an error. This
 * process's own environment is unchanged.
 */
void environment_for_shell(struct environment *e);

void environment_free(struct environment *e);

#endif
