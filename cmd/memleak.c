/* Tells which process, or the whole, grows steadily. */
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
#include "leak/leak.h"
#include "leak/trend.h"
#include "stream/tick.h"
#include "stream/stage.h"
#include "stream/tsv.h"

enum { TIME, PID, RSS, SWAP, COMM };

static const char *const columns[] = {
    [TIME] = "time",
    [PID] = "pid",
    [RSS] = "rss_kib", /* required */
    [SWAP] = "swap_kib",
    [COMM] = "comm",
    NULL,
};

#define REQUIRED 3

struct options {
	struct trend_window window;
	int all, text;
};

struct finder {
	struct tsv table;
	struct leak *leak;
	struct buf out;
	struct tick tick;
	int text;
	struct stage_faults faults;
};

static const struct option long_options[] = {
    {"all", no_argument, NULL, 'a'},
    {"format", required_argument, NULL, 'f'},
    {"length", required_argument, NULL, 'l'},
    {"part", required_argument, NULL, 'p'},
    {NULL, 0, NULL, 0},
};

static void usage(void)
{
	fputs("usage: memleak [-a] [-f tsv | text] [-l length] [-p part]\n"
	      "               [file ...]\n",
	    stderr);
	exit(STATUS_ERROR);
}

/* What was swapped out has leaked all the same. */
static const char *read_row(const struct tsv *t, struct leak_sample *s)
{
	struct slice pid = tsv_field(t, PID), rss = tsv_field(t, RSS);
	uint64_t swap_kib;
	const char *why = parse_pid(pid.p, pid.n, &s->pid);
	if (why == NULL)
		why = tick_kib(rss, &s->held_kib);
	if (why == NULL)
		why = tick_kib(tsv_field(t, SWAP), &swap_kib);
	if (why != NULL)
		return why;
	s->held_kib += swap_kib;
	s->known = rss.n > 0;
	s->name = tsv_field(t, COMM);
	return NULL;
}

static const char *take_time(struct finder *f)
{
	int begins;
	const char *why = tick_time(&f->tick, tsv_field(&f->table, TIME), &begins);
	if (why == NULL && begins)
		leak_tick(f->leak, f->tick.us);
	return why;
}

static const char *take_row(struct finder *f)
{
	struct leak_sample s;
	const char *why = read_row(&f->table, &s);
	if (why == NULL)
		why = take_time(f);
	return why != NULL ? why : leak_sample(f->leak, &s);
}

/* Those of one tick are done with. */
static void take_meta(struct finder *f)
{
	struct slice line = f->table.line, value;
	if (f->text || tsv_is_meta(line, "#mark_since", &value) ||
	    tsv_is_meta(line, "#unseen_kib", &value))
		return;
	buf_put(&f->out, line.p, line.n);
	buf_char(&f->out, '\n');
}

static void take(struct finder *f, enum tsv_kind kind, const char *name)
{
	const char *why = f->table.why;
	switch (kind) {
	case TSV_META:
		take_meta(f);
		return;
	case TSV_HEADER:
		f->tick = (struct tick){0};
		return;
	case TSV_ROW:
		why = take_row(f);
		break;
	default:
		break;
	}
	if (why != NULL)
		stage_fault(&f->faults, name, f->table.in.number, why);
}

static void find(struct finder *f, const char *file)
{
	const char *name;
	int fd = stage_open(file, &name);
	if (fd < 0) {
		f->faults.n++;
		return;
	}
	tsv_init(&f->table, fd, columns, REQUIRED);
	enum tsv_kind kind;
	do {
		kind = tsv_next(&f->table);
		if (kind != TSV_END)
			take(f, kind, name);
	} while (kind != TSV_END && kind != TSV_ERROR);
	tsv_free(&f->table);
	if (fd != STDIN_FILENO)
		close(fd);
}

/* The judgements; the exit status that they make. */
static int conclude(struct finder *f)
{
	int status = stage_faults_end(&f->faults);
	struct leak_count count = leak_end(f->leak);
	if (count.series == 0 && status == STATUS_OK) {
		warn_print("no samples");
		status = STATUS_ERROR;
	} else if (count.series > 0 && count.too_short == count.series) {
		warn_print("too short to tell: see -l and -p");
	}
	if (count.series > 0)
		(f->text ? leak_write_text : leak_write_table)(f->leak, &f->out);
	stage_write(&f->out);
	return status == STATUS_OK && count.leaks > 0 ? STATUS_NO : status;
}

static double parse_part(const char *arg)
{
	int64_t micro = 0; /* of a percent */
	size_t n = strlen(arg);
	n -= n > 0 && arg[n - 1] == '%';
	warn_check(parse_time_us(arg, n, &micro), arg);
	if (micro < 1000000 || micro > 100000000)
		warn_exit(STATUS_ERROR, "%s: a part is 1 to 100 percent", arg);
	return (double)micro / 1e8;
}

static int parse_text(const char *arg)
{
	if (strcmp(arg, "text") != 0 && strcmp(arg, "tsv") != 0)
		warn_exit(STATUS_ERROR, "%s: no such format (there are tsv and text)", arg);
	return strcmp(arg, "text") == 0;
}

static int64_t parse_length(const char *arg)
{
	int64_t ns = 0;
	warn_check(parse_duration(arg, &ns), arg);
	return ns / 1000;
}

static void parse_options(struct options *o, int argc, char **argv)
{
	*o = (struct options){.window = {.part = 0.5, .length_us = 60000000}};
	for (int c; (c = getopt_long(argc, argv, "+af:l:p:", long_options, NULL)) != -1;) {
		if (c == 'a')
			o->all = 1;
		else if (c == 'f')
			o->text = parse_text(optarg);
		else if (c == 'l')
			o->window.length_us = parse_length(optarg);
		else if (c == 'p')
			o->window.part = parse_part(optarg);
		else
			usage();
	}
}

int main(int argc, char **argv)
{
	struct options o;
	program_set_name(argv[0]);
	parse_options(&o, argc, argv);
	stage_outlive_interrupt();
	struct finder f = {.leak = leak_new(&o.window, o.all), .text = o.text};
	if (optind == argc)
		find(&f, "-");
	for (; optind < argc; optind++)
		find(&f, argv[optind]);
	int status = conclude(&f);
	leak_free(f.leak);
	buf_free(&f.out);
	return status;
}
