/* SPDX-License-Identifier: MIT */
/* Join streams of samples: the order of things. */
#include "merge/join.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/warn.h"
#include "merge/join_internal.h"

struct join *join_new(const struct join_options *options)
{
	struct join *j = alloc_resize(NULL, 1, sizeof *j);
	*j = (struct join){
	    .options = *options,
	    .column = SIZE_MAX,
	    .place = {SIZE_MAX, SIZE_MAX},
	    .free_process = JOIN_NONE,
	    .exited = {JOIN_NONE, JOIN_NONE},
	    .unseen = {JOIN_NONE, JOIN_NONE},
	    .next_id = JOIN_REAL_PIDS + 1,
	};
	(void)fd_limit();
	return j;
}

static int64_t offset_of(const struct join *j, const char *file)
{
	int64_t us = 0;
	for (size_t i = 0; i < j->options.offsets; i++)
		if (slice_is(j->options.offset[i].file, file))
			us = j->options.offset[i].us;
	return us;
}

int join_add(struct join *j, const char *file)
{
	struct join_stream *s = alloc_resize(NULL, 1, sizeof *s);
	*s = (struct join_stream){
	    .file = file,
	    .fd = -1,
	    .shift_us = offset_of(j, file),
	    .started_us = JOIN_UNKNOWN,
	    .end_us = JOIN_UNKNOWN,
	    .exits = {JOIN_NONE, JOIN_NONE},
	    .arrivals = {JOIN_NONE, JOIN_NONE},
	};
	j->stream = alloc_grow(j->stream, &j->cap, j->streams + 1, sizeof(void *));
	j->stream[j->streams++] = s;
	return join_source_read(j, s);
}

int join_begin(struct join *j)
{
	int status = join_check(j);
	if (status != STATUS_OK)
		return status;
	if (j->options.column != NULL)
		j->column = intern_number(&j->columns, slice_of(j->options.column));
	join_source_add_places(j);
	for (size_t i = 0; i < j->streams; i++)
		if (j->stream[i]->has_gap)
			warn_print("%s: stops in the middle; its processes are not known after its "
				   "last tick",
			    j->stream[i]->name);
	join_hosts_begin(j);
	join_ghosts_begin(j);
	join_peaks_find(j);
	join_merge_begin(j);
	return STATUS_OK;
}

bool join_write(struct join *j, struct buf *out)
{
	if (j->failed)
		return false;
	if (!j->header_written) {
		join_run_put_head(j, out);
		join_write_header(j, out);
		j->header_written = true;
		return true;
	}
	if (join_merge_next(j, out))
		return true;
	join_run_put_tail(j, out);
	if (j->since.bound_kib > 0 && j->run.bound_refused.n == 0)
		buf_printf(out, "#bound_kib\t%" PRIu64 "\t%" PRIu64 "\n", j->since.bound_kib,
		    j->since.exits);
	join_processes_put(j, UINT64_MAX, out);
	return false;
}

int join_end(const struct join *j)
{
	return j->failed ? STATUS_ERROR : STATUS_OK;
}

void join_free(struct join *j)
{
	for (size_t i = 0; i < j->streams; i++) {
		join_stream_free(j->stream[i]);
		free(j->stream[i]);
	}
	join_run_free(&j->run);
	intern_free(&j->columns);
	join_hosts_free(j);
	pidmap_free(&j->ids);
	free(j->stream);
	free(j->heap);
	free(j->host_peak_us);
	for (size_t i = 0; i < j->processes; i++)
		buf_free(&j->process[i].text);
	free(j->process);
	free(j->is_memory);
	free(j);
}
