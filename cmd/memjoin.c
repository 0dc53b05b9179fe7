/* SPDX-License-Identifier: MIT */
/* Join streams of samples that were taken side by side. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/status.h"
#include "merge/join.h"
#include "stream/metrics.h"
#include "stream/stage.h"

#define PART 65536 /* bytes to write at once */

static const struct options_row rows[] = {
    {'c', "column", "name", "add a column with the name of the file, where it is missing"},
    {'g', "gaps", NULL, "allow streams that do not overlap in time"},
    {'i', "interval", "interval", "write one tick in each interval"},
    {'o', "offset", "file=seconds", "add seconds, which can be negative, to the times of file"},
    {'s', "same-start", NULL, "shift all streams so that they begin together"},
    {0, NULL, NULL, NULL},
};

static const struct options_table table = {
    .purpose = "join samples that were taken side by side",
    .operands = {"file ..."},
    .rows = rows,
};

static const char *parse_column(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				      "0123456789";
	if (*name == '\0' || strspn(name, letters) != strlen(name) ||
	    (*name >= '0' && *name <= '9'))
		return "name must consist of letters, digits and _";
	return metrics_is_reserved(slice_of(name)) ? "a column has this name" : NULL;
}

static const char *parse_offset(const char *text, struct join_options *o)
{
	const char *equals = strrchr(text, '=');
	int64_t us = 0;
	if (equals == NULL || equals == text)
		return "must be file=seconds";
	const char *seconds = equals + 1;
	bool negative = *seconds == '-';
	seconds += *seconds == '-' || *seconds == '+';
	const char *reason = parse_time_us(seconds, strlen(seconds), &us);
	if (reason != NULL)
		return reason;
	o->offset = alloc_grow(o->offset, &o->offsets_cap, o->offsets + 1, sizeof *o->offset);
	o->offset[o->offsets++] = (struct join_offset){
	    {text, (size_t)(equals - text)},
	    negative ? -us : us,
	};
	return NULL;
}

static void write_all(struct join *j)
{
	struct buf out = {0};
	while (join_write(j, &out))
		if (out.n >= PART && join_end(j) == STATUS_OK)
			stage_write(&out);
	if (join_end(j) == STATUS_OK)
		stage_write(&out);
	buf_free(&out);
}

static int join(const struct join_options *options, char **files)
{
	struct join *j = join_new(options);
	int status = STATUS_OK;
	for (; *files != NULL && status == STATUS_OK; files++)
		status = join_add(j, *files);
	if (status == STATUS_OK)
		status = join_begin(j);
	if (status == STATUS_OK) {
		write_all(j);
		status = join_end(j);
	}
	join_free(j);
	return status;
}

int main(int argc, char **argv)
{
	struct join_options options = {0};
	struct options o = options_start(&table, argc, argv);
	int64_t ns = 0;
	for (int key; (key = options_next(&o)) != OPTIONS_END;) {
		if (key == 'c') {
			options_check(&o, parse_column(o.argument));
			options.column = o.argument;
		} else if (key == 'g') {
			options.gaps = true;
		} else if (key == 'i') {
			options_check(&o, parse_interval(o.argument, &ns));
			options.interval_us = ns / 1000;
		} else if (key == 'o') {
			options_check(&o, parse_offset(o.argument, &options));
		} else if (key == 's') {
			options.same_start = true;
		}
	}
	if (argv[o.operands] == NULL)
		options_usage(&o);
	int status = o.check ? STATUS_OK : join(&options, argv + o.operands);
	free(options.offset);
	return status;
}
