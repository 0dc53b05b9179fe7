/* SPDX-License-Identifier: MIT */
/* An output of a program. */
#include "stream/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/output_file.h"
#include "base/status.h"
#include "base/warn.h"
#include "os/paths.h"

static void fail(struct output *o)
{
	if (!o->failed)
		warn_print("%s: %s", o->name, strerror(errno));
	o->failed = true;
}

/* Return the descriptor that FILE is another name of, or -1 if it is none. */
static int descriptor_of(const char *file)
{
	return strcmp(file, "-") == 0 ? STDOUT_FILENO : paths_descriptor(file);
}

const char *output_check(const char *file)
{
	int fd = paths_descriptor(file);
	if (strcmp(file, "-") == 0)
		return NULL; /* if it is closed, that is an error when it is written to */
	if (fd >= 0)
		return fcntl(fd, F_GETFD) < 0 ? strerror(errno) : NULL;
	return output_file_check(file);
}

void output_open(struct output *o, const char *file, bool append)
{
	int fd = descriptor_of(file);
	*o = (struct output){.name = file, .append = append || fd >= 0};
	if (strcmp(file, "-") == 0)
		o->name = "standard output";
	if (fd >= 0) {
		o->fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	} else {
		o->fd = output_file_open(file);
		o->truncate = !append;
		if (o->fd >= 0 && append && fcntl(o->fd, F_SETFL, O_APPEND) != 0)
			fail(o);
	}
	if (o->fd < 0)
		fail(o);
}

bool output_continues(const struct output *o)
{
	struct stat st;
	return o->append && fstat(o->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
}

void output_write(struct output *o, struct buf *b)
{
	bool first = o->truncate && b->n > 0;
	o->truncate = o->truncate && !first;
	if (!o->failed &&
	    ((first && output_file_truncate(o->fd) != 0) || buf_write(b, o->fd) != 0))
		fail(o);
	b->n = 0;
}

int output_close(struct output *o)
{
	if (o->fd >= 0 && close(o->fd) != 0)
		fail(o);
	return o->failed ? STATUS_ERROR : STATUS_OK;
}
