/* SPDX-License-Identifier: MIT */
/* The environment of the shells that memexec starts. */
#include "os/environment.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "os/paths.h"

extern char **environ;

/* Return `NAME=VALUE`, or `NAME=VALUE:MORE`. The caller frees it. */
static char *variable(const char *name, const char *value, const char *more)
{
	struct buf b = {0};
	buf_printf(&b, "%s=%s%s%s", name, value, more != NULL ? ":" : "", more != NULL ? more : "");
	buf_char(&b, '\0');
	return b.p;
}

/* Return PATH with this program's folder in front, or NULL if that is unknown. The caller frees it.
 */
static char *path_with_folder(int *folder_fd)
{
	char folder[PATH_MAX], other[PATH_MAX], standard[PATH_MAX] = "";
	const char *first = folder, *path = getenv("PATH");
	if (paths_own_folder(folder, sizeof folder) != 0)
		return NULL;
	if (strchr(folder, ':') != NULL) {
		*folder_fd = paths_open_without_colon(folder, other, sizeof other);
		if (*folder_fd < 0)
			return NULL;
		first = other;
	}
	/* A shell without PATH uses a default of its own. */
	if (path == NULL && confstr(_CS_PATH, standard, sizeof standard) > 0)
		path = standard;
	return variable("PATH", first, path);
}

/* Return PWD if the working directory has been removed, or NULL. The caller frees it. */
static char *removed_directory(void)
{
	char path[PATH_MAX];
	const char *here = paths_working_directory();
	if (here == NULL || getcwd(path, sizeof path) != NULL || errno != ENOENT)
		return NULL;
	return variable("PWD", here, NULL);
}

/* Return true if ONE, which may be NULL, and OTHER have the same name. */
static bool same_name(const char *one, const char *other)
{
	return one != NULL && strncmp(one, other, strcspn(one, "=") + 1) == 0;
}

void environment_for_shell(struct environment *e)
{
	size_t n = 0, to = 0;
	while (environ != NULL && environ[n] != NULL)
		n++;
	e->v = alloc_resize(NULL, n + 3, sizeof *e->v);
	e->folder_fd = -1;
	e->path = path_with_folder(&e->folder_fd);
	e->pwd = removed_directory();
	if (e->path != NULL)
		e->v[to++] = e->path;
	if (e->pwd != NULL)
		e->v[to++] = e->pwd;
	for (size_t i = 0; i < n; i++)
		if (!same_name(e->path, environ[i]) && !same_name(e->pwd, environ[i]))
			e->v[to++] = environ[i];
	e->v[to] = NULL;
}

void environment_free(struct environment *e)
{
	if (e->folder_fd >= 0)
		close(e->folder_fd);
	free(e->path);
	free(e->pwd);
	free(e->v);
}
