/* SPDX-License-Identifier: MIT */
/* Copying the input of a stage to standard output. */
#include "stream/copy.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/status.h"
#include "base/warn.h"

void copy_begin(struct copy *c)
{
	c->on = true;
	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
}

/* Write the last N bytes that were read. If their reader has exited, write no more, without an
 * error. */
static void copy(struct copy *c, const struct lines *in, size_t n)
{
	struct buf b = {0};
	buf_put(&b, in->p + in->end - n, n);
	if (c->on && buf_write(&b, STDOUT_FILENO) != 0) {
		c->on = false;
		if (errno != EPIPE) {
			warn_print("standard output: %s", strerror(errno));
			c->status = STATUS_ERROR;
		}
	}
	buf_free(&b);
}

void copy_fill(struct copy *c, struct samples *s)
{
	const struct lines *in = &s->tsv.in;
	size_t before = in->end - in->start;
	samples_fill(s);
	copy(c, in, in->end - in->start - before);
}

void copy_rest(struct copy *c, struct samples *s)
{
	struct lines *in = &s->tsv.in;
	if (s->read_errno == EMSGSIZE)
		in->eof = 0;
	while (c->on && !in->eof) {
		lines_drop(in);
		long n = lines_fill(in);
		if (n > 0)
			copy(c, in, (size_t)n);
		else if (n < 0 && errno != EINTR)
			return;
	}
}
