/* Reduces samples to peaks: of the whole, of each group, of each process. */
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/parse.h"
#include "base/program.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/warn.h"
#include "peak/name_filter.h"
#include "peak/peak.h"
#include "stream/metrics.h"
#include "stream/tick.h"
#include "stream/stage.h"
#include "stream/tsv.h"

#define SPANS_MAX 100000
#define PROCESSES 10000
#define PROCESSES_MAX 1000000000

enum { TIME, PID, RSS, PPID, HWM, VSZ, COMM, KEY, COLUMNS };

/* KEY, if there is one, is the column that the groups are of. */
static const char *const columns[COLUMNS] = {
    [TIME] = "time",
    [PID] = "pid",
    [RSS] = "rss_kib", /* required */
    [PPID] = "ppid",
    [HWM] = "hwm_kib",
    [VSZ] = "vsz_kib",
    [COMM] = "comm",
};

#define REQUIRED 3

struct reducer {
	struct tsv table;
	const char *columns[COLUMNS + 1];
	struct peak *peak;
	struct metrics extras;
	struct metrics_row extras_row;
	struct buf out;
	struct tick tick;
	struct name_filter pick;
	struct stage_faults faults;
	char why[128];
};

static const struct option long_options[] = {
    {"exclude", required_argument, NULL, 'X'},
    {"group", required_argument, NULL, 'g'},
    {"include", required_argument, NULL, 'I'},
    {"processes", required_argument, NULL, 'n'},
    {"spans", required_argument, NULL, 's'},
    {NULL, 0, NULL, 0},
};

static void usage(void)
{
	fputs("usage: mempeak [-g key] [-I regex] [-n processes] [-s spans] [-X regex]\n"
	      "               [file ...]\n",
	    stderr);
	exit(STATUS_ERROR);
}

static const char *read_row(struct reducer *r, struct peak_sample *s)
{
	const struct tsv *t = &r->table;
	struct slice rss = tsv_field(t, RSS), pid = tsv_field(t, PID),
		     ppid = tsv_field(t, PPID);
	const char *why = parse_pid(pid.p, pid.n, &s->pid);
	if (why == NULL)
		why = tick_ppid(ppid, &s->ppid);
	if (why == NULL)
		why = tick_kib(rss, &s->rss_kib);
	if (why == NULL)
		why = tick_kib(tsv_field(t, HWM), &s->hwm_kib);
	if (why == NULL)
		why = tick_kib(tsv_field(t, VSZ), &s->vsz_kib);
	if (why == NULL && r->extras.n > 0)
		why = metrics_read(&r->extras, t, &r->extras_row);
	s->extras = r->extras.n > 0 ? &r->extras_row : NULL;
	s->known = rss.n > 0;
	s->name = tsv_field(t, COMM);
	s->left_out = !name_filter_wants(&r->pick, s->name);
	s->group = r->columns[KEY] != NULL ? tsv_field(t, KEY) : s->name;
	return why;
}

static const char *take_row(struct reducer *r)
{
	struct peak_sample s;
	int begins;
	const char *why = read_row(r, &s);
	if (why == NULL)
		why = tick_time(&r->tick, tsv_field(&r->table, TIME), &begins);
	if (why != NULL)
		return why;
	if (begins)
		peak_tick(r->peak, r->tick.us);
	peak_sample(r->peak, &s);
	return NULL;
}

static void take_meta(struct reducer *r)
{
	struct slice value;
	peak_meta(r->peak, r->table.line);
	if (tsv_is_meta(r->table.line, "#mark_since", &value) ||
	    tsv_is_meta(r->table.line, "#unseen_kib", &value))
		return; /* of one tick: done with */
	buf_put(&r->out, r->table.line.p, r->table.line.n);
	buf_char(&r->out, '\n');
}

/* What the options ask for that the header doesn't have, or NULL. */
static const char *missing(const struct reducer *r)
{
	if (name_filter_chooses(&r->pick) && !tsv_has(&r->table, COMM))
		return r->columns[COMM];
	if (r->columns[KEY] != NULL && !tsv_has(&r->table, KEY))
		return r->columns[KEY];
	return NULL;
}

static const char *take_header(struct reducer *r)
{
	const char *name = missing(r);
	r->tick = (struct tick){0};
	peak_break(r->peak);
	metrics_header(&r->extras, &r->table);
	if (name == NULL)
		return NULL;
	snprintf(r->why, sizeof r->why, "no column '%s'", name);
	return r->why;
}

/* Whether there is any use in reading on. */
static int take(struct reducer *r, enum tsv_kind kind, const char *name)
{
	const char *why = r->table.why;
	switch (kind) {
	case TSV_META:
		take_meta(r);
		return 1;
	case TSV_HEADER:
		why = take_header(r);
		break;
	case TSV_ROW:
		why = take_row(r);
		break;
	default:
		break;
	}
	if (why != NULL)
		stage_fault(&r->faults, name, r->table.in.number, why);
	return why == NULL || (kind != TSV_HEADER && kind != TSV_ERROR);
}

static void reduce(struct reducer *r, const char *file)
{
	const char *name;
	int fd = stage_open(file, &name);
	if (fd < 0) {
		r->faults.n++;
		return;
	}
	tsv_init(&r->table, fd, r->columns, REQUIRED);
	enum tsv_kind kind;
	do
		kind = tsv_next(&r->table);
	while (kind != TSV_END && take(r, kind, name));
	tsv_free(&r->table);
	if (fd != STDIN_FILENO)
		close(fd);
}

static size_t parse_number(const char *arg, size_t most)
{
	uint64_t n = 0;
	warn_check(parse_u64(arg, strlen(arg), most, &n), arg);
	return (size_t)n;
}

static void group_by(struct reducer *r, struct peak_options *o, const char *key)
{
	int by_name = strcmp(key, columns[COMM]) == 0;
	o->by_parent = strcmp(key, "parent") == 0;
	o->group_by = by_name ? NULL : key;
	r->columns[KEY] = o->by_parent ? columns[PPID] : o->group_by;
}

static void filter(struct name_filter *p, enum name_filter_which which, const char *pattern)
{
	warn_check(name_filter_set(p, which, pattern), pattern);
}

int main(int argc, char **argv)
{
	struct reducer r = {0};
	struct peak_options options = {.extras = &r.extras, .processes = PROCESSES};
	program_set_name(argv[0]);
	memcpy(r.columns, columns, sizeof columns);
	for (int c; (c = getopt_long(argc, argv, "+g:I:n:s:X:", long_options, NULL)) != -1;) {
		if (c == 'g')
			group_by(&r, &options, optarg);
		else if (c == 'I' || c == 'X')
			filter(&r.pick, c == 'I' ? NAME_FILTER_INCLUDE : NAME_FILTER_EXCLUDE, optarg);
		else if (c == 'n')
			options.processes = parse_number(optarg, PROCESSES_MAX);
		else if (c == 's')
			options.spans = parse_number(optarg, SPANS_MAX);
		else
			usage();
	}
	stage_outlive_interrupt();
	options.filtered = name_filter_chooses(&r.pick);
	r.peak = peak_new(&options);
	if (optind == argc)
		reduce(&r, "-");
	for (; optind < argc; optind++)
		reduce(&r, argv[optind]);
	int status = stage_faults_end(&r.faults);
	if (peak_write(r.peak, &r.out) != 0 && status == STATUS_OK) {
		warn_print(options.filtered ? "no samples of such a name" : "no samples");
		status = STATUS_NO;
	}
	stage_write(&r.out);
	peak_free(r.peak);
	name_filter_free(&r.pick);
	metrics_free(&r.extras);
	buf_free(&r.out);
	return status;
}
