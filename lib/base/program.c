/* The name of the running program, and where programs are. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "base/program.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Set once, at the start of main. */
static const char *name = "mempipe";
static const char *invoked = "mempipe";

void program_set_name(const char *argv0)
{
	if (argv0 == NULL || *argv0 == '\0')
		return;
	const char *slash = strrchr(argv0, '/');
	name = slash != NULL ? slash + 1 : argv0;
	invoked = argv0;
}

const char *program_name(void)
{
	return name;
}

/* Append FILE with symbolic links resolved, if it can be executed. */
static bool resolve(const char *file, struct buf *path)
{
	char *real = access(file, X_OK) == 0 ? realpath(file, NULL) : NULL;
	if (real == NULL)
		return false;
	buf_put(path, real, strlen(real) + 1);
	free(real);
	return true;
}

bool program_find(const char *program, struct buf *path)
{
	const char *folder = getenv("PATH");
	struct buf file = {0};
	bool found = false;
	if (strchr(program, '/') != NULL)
		return resolve(program, path);
	while (folder != NULL && !found) {
		size_t n = strcspn(folder, ":");
		file.n = 0;
		buf_put(&file, folder, n);
		buf_printf(&file, "%s/%s%c", n > 0 ? "" : ".", program, '\0');
		found = resolve(file.p, path);
		folder = folder[n] != '\0' ? folder + n + 1 : NULL;
	}
	buf_free(&file);
	return found;
}

bool program_path(struct buf *path)
{
	return program_find(invoked, path);
}
