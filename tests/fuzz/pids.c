/* SPDX-License-Identifier: MIT */
/* Read a stream of PIDs in pieces of any size and at once; the lines are the same. */
#include <string.h>
#include <unistd.h>

#include "base/parse.h"
#include "base/slice.h"
#include "fuzz.h"
#include "stream/lines.h"
#include "stream/tsv.h"

/* Append to SEEN how memsample and pstree-pids read a line. */
static void take(struct slice line, struct buf *seen)
{
	struct slice field, value;
	pid_t pid;
	if (line.n > 0 && *line.p == '#') {
		buf_char(seen, tsv_is_meta(line, "#end", &value) ? 'e' : '#');
		if ((tsv_is_meta(line, "#reaper", &value) ||
			tsv_is_meta(line, "#launcher", &value)) &&
		    parse_pid(value.p, value.n, &pid) == NULL)
			buf_u64(seen, (uint64_t)pid);
	} else if (lines_first_field(line, &field)) {
		const char *why = parse_pid(field.p, field.n, &pid);
		buf_str(seen, why != NULL ? why : "");
		if (why == NULL)
			buf_u64(seen, (uint64_t)pid);
	}
	buf_char(seen, '\n');
}

static void take_all(struct lines *l, struct buf *seen)
{
	struct slice line;
	while (lines_next(l, &line)) {
		MUST(line.n == 0 || memchr(line.p, '\n', line.n) == NULL);
		take(line, seen);
	}
}

/* Read IN in pieces of 1, 2, ... MOST bytes. */
static void read_in(struct slice in, size_t most, struct buf *seen)
{
	struct lines l = {0};
	struct slice line;
	int ends[2];
	size_t piece = 1;
	MUST(pipe(ends) == 0);
	l.fd = ends[0];
	for (size_t at = 0; at < in.n; at += piece) {
		piece = piece % most + 1;
		piece = in.n - at < piece ? in.n - at : piece;
		MUST(write(ends[1], in.p + at, piece) == (ssize_t)piece);
		MUST(lines_fill(&l) == (long)piece);
		take_all(&l, seen);
	}
	close(ends[1]);
	MUST(lines_fill(&l) == 0 && l.eof);
	if (lines_rest(&l, &line))
		take(line, seen);
	MUST(!lines_rest(&l, &line));
	buf_u64(seen, l.number);
	close(ends[0]);
	lines_free(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = {(const char *)data, size < 4096 ? size : 4096};
	struct buf once = {0}, pieces = {0};
	read_in(in, 4096, &once);
	read_in(in, 7, &pieces);
	MUST(once.n == pieces.n && memcmp(once.p, pieces.p, once.n) == 0);
	buf_free(&once);
	buf_free(&pieces);
	return 0;
}
