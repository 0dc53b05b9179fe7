/* SPDX-License-Identifier: MIT */
/* Executing a program that is searched for in PATH. */
#include "os/execute.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"

/* Store in PATH the file that execvp(3) finds for NAME. Return false if there is none. */
static bool find(struct buf *path, const char *name)
{
	const char *folders = getenv("PATH");
	if (strchr(name, '/') != NULL)
		folders = NULL;
	do {
		size_t n = folders != NULL ? strcspn(folders, ":") : 0;
		path->n = 0;
		buf_put(path, folders, n);
		buf_printf(path, "%s%s%c", n > 0 ? "/" : "", name, '\0');
		if (access(path->p, X_OK) == 0)
			return true;
		folders = folders != NULL && folders[n] != '\0' ? folders + n + 1 : NULL;
	} while (folders != NULL);
	return false;
}

/* Execute `/bin/sh FILE ARGUMENT...`. */
static void run_by_shell(char *file, char **argv)
{
	static char sh[] = "/bin/sh";
	size_t n = 1;
	while (argv[n] != NULL)
		n++;
	char **v = alloc_resize(NULL, n + 2, sizeof *v);
	v[0] = sh;
	v[1] = file;
	memcpy(v + 2, argv + 1, n * sizeof *v);
	execv(sh, v);
	free(v);
}

void execute(char **argv)
{
	struct buf path = {0};
	execvp(argv[0], argv);
	if (errno != ENOEXEC)
		return;
	if (find(&path, argv[0]))
		run_by_shell(path.p, argv);
	errno = ENOEXEC;
	buf_free(&path);
}
