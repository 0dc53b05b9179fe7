/* SPDX-License-Identifier: MIT */
/* The data files of share/. */
#include "os/share_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "os/paths.h"

#define CHUNK 65536

/* Append the file at PATH. Return false, with nothing appended, if it cannot be read. */
static bool read_file(struct buf *b, const char *path)
{
	size_t before = b->n;
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	do {
		n = read(fd, buf_room(b, CHUNK), CHUNK);
		if (n > 0)
			b->n += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	close(fd);
	if (n < 0)
		b->n = before;
	return n == 0;
}

bool share_file_read(struct buf *b, const char *name)
{
	static const char *const below[] = {"/../share/mempipe", "/top/share"};
	char folder[PATH_MAX];
	struct buf path = {0};
	bool found = false, has_folder = paths_own_folder(folder, sizeof folder) == 0;
	for (size_t i = 0; has_folder && i < sizeof below / sizeof *below && !found; i++) {
		path.n = 0;
		buf_printf(&path, "%s%s/%s%c", folder, below[i], name, '\0');
		found = read_file(b, path.p);
	}
	path.n = 0;
	buf_printf(&path, "%s/%s%c", DATADIR, name, '\0');
	found = found || read_file(b, path.p);
	buf_free(&path);
	return found;
}
