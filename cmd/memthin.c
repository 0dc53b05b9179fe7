/* SPDX-License-Identifier: MIT */
/* Thin samples: keep few of the ticks without losing a peak. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/status.h"
#include "base/warn.h"
#include "merge/thin.h"
#include "stream/samples.h"
#include "stream/stage.h"

#define TICKS 2000
#define TICKS_MIN 10
#define TICKS_MAX 1000000
#define ROWS 1000000
#define PART 65536 /* bytes to write at once */

static const struct options_row rows[] = {
    {'n', "ticks", "count", "keep at most about this many ticks"},
    {0, NULL, NULL, NULL},
};

static const struct options_table table = {
    .purpose = "keep few ticks of samples without losing a peak",
    .operands = {"[file ...]"},
    .rows = rows,
};

static const char *parse_ticks(const char *text, size_t *ticks)
{
	uint64_t n = 0;
	if (parse_u64(text, strlen(text), TICKS_MAX, &n) != NULL || n < TICKS_MIN)
		return "count must be from 10 to 1000000";
	*ticks = (size_t)n;
	return NULL;
}

/* Read the samples of FILE. */
static void read_file(struct thin *t, struct stage_faults *faults, const char *file)
{
	const char *name;
	struct samples s;
	enum samples_event event;
	int fd = stage_open(file, &name);
	if (fd < 0) {
		faults->n++;
		return;
	}
	samples_init(&s, fd, name, THIN_COLUMNS, NULL);
	s.faults = *faults; /* only the first fault of all files is printed */
	while ((event = samples_next(&s)) != SAMPLES_END)
		thin_take(t, &s, event);
	*faults = s.faults;
	samples_free(&s);
	if (fd != STDIN_FILENO)
		close(fd);
}

static void write_all(struct thin *t)
{
	struct buf out = {0};
	while (thin_write(t, &out))
		if (out.n >= PART)
			stage_write(&out);
	stage_write(&out);
	buf_free(&out);
}

/* Thin FILES, or standard input if there are none. Return the exit status. */
static int thin(const struct thin_options *options, char **files)
{
	struct thin *t = thin_new(options);
	struct stage_faults faults = {0};
	stage_outlive_interrupt();
	if (*files == NULL)
		read_file(t, &faults, "-");
	for (; *files != NULL; files++)
		read_file(t, &faults, *files);
	int status = stage_faults_end(&faults);
	if (!thin_end(t) && status == STATUS_OK) {
		warn_print("no samples");
		status = STATUS_NO;
	}
	write_all(t);
	thin_free(t);
	return status;
}

int main(int argc, char **argv)
{
	struct thin_options options = {.ticks = TICKS, .rows = ROWS};
	struct options o = options_start(&table, argc, argv);
	while (options_next(&o) != OPTIONS_END)
		options_check(&o, parse_ticks(o.argument, &options.ticks));
	return o.check ? STATUS_OK : thin(&options, argv + o.operands);
}
