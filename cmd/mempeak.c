/* Reduces samples to peaks: of the whole, of each group, of each process. */
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/buf.h"
#include "../lib/err.h"
#include "../lib/parse.h"
#include "../lib/peak.h"
#include "../lib/stage.h"
#include "../lib/table.h"

#define SPANS_MAX 100000

enum { TIME, PID, RSS, PPID, HWM, VSZ, COMM };

static const char *const columns[] = {
    [TIME] = "time",
    [PID] = "pid",
    [RSS] = "rss_kib", /* required */
    [PPID] = "ppid",
    [HWM] = "hwm_kib",
    [VSZ] = "vsz_kib",
    [COMM] = "comm",
    NULL,
};

#define REQUIRED 3

struct reducer {
	struct table table;
	struct peak *peak;
	struct buf out;
	char time[40]; /* the present tick's, as it stands in the stream */
	size_t time_len;
	struct stage_faults faults;
};

static const struct option long_options[] = {
    {"spans", required_argument, NULL, 's'},
    {NULL, 0, NULL, 0},
};

static void usage(void)
{
	fputs("usage: mempeak [-s spans] [file ...]\n", stderr);
	exit(STATUS_FAIL);
}

/* An empty field is unknown, and a number too large to be memory a mistake. */
static const char *read_kib(struct slice f, uint64_t *kib)
{
	*kib = 0;
	return f.n == 0 ? NULL : parse_u64(f.p, f.n, UINT64_MAX >> 20, kib);
}

static const char *read_row(const struct table *t, struct peak_sample *s)
{
	struct slice rss = table_field(t, RSS), pid = table_field(t, PID),
		     ppid = table_field(t, PPID);
	uint64_t number = 0;
	const char *why = parse_pid(pid.p, pid.n, &s->pid);
	if (why == NULL && ppid.n > 0)
		why = parse_u64(ppid.p, ppid.n, INT32_MAX, &number);
	if (why == NULL)
		why = read_kib(rss, &s->rss_kib);
	if (why == NULL)
		why = read_kib(table_field(t, HWM), &s->hwm_kib);
	if (why == NULL)
		why = read_kib(table_field(t, VSZ), &s->vsz_kib);
	s->ppid = (pid_t)number;
	s->known = rss.n > 0;
	s->name = table_field(t, COMM);
	return why;
}

static const char *take_row(struct reducer *r)
{
	struct peak_sample s;
	struct slice time = table_field(&r->table, TIME);
	int64_t us = 0;
	const char *why = read_row(&r->table, &s);
	if (why != NULL)
		return why;
	if (time.n == 0)
		return "no time";
	if (time.n != r->time_len || memcmp(time.p, r->time, time.n) != 0) {
		why = time.n < sizeof r->time ? parse_time_us(time.p, time.n, &us) : "not a time";
		if (why != NULL)
			return why;
		memcpy(r->time, time.p, time.n);
		r->time_len = time.n;
		peak_tick(r->peak, us);
	}
	peak_sample(r->peak, &s);
	return NULL;
}

static void take_meta(struct reducer *r)
{
	struct slice value;
	peak_meta(r->peak, r->table.line);
	if (table_is_meta(r->table.line, "#mark_since", &value) ||
	    table_is_meta(r->table.line, "#unseen_kib", &value))
		return; /* of one tick: done with */
	buf_put(&r->out, r->table.line.p, r->table.line.n);
	buf_char(&r->out, '\n');
}

static void take(struct reducer *r, enum table_kind kind, const char *name)
{
	const char *why = r->table.why;
	switch (kind) {
	case TABLE_META:
		take_meta(r);
		return;
	case TABLE_HEADER:
		r->time_len = 0;
		peak_break(r->peak);
		return;
	case TABLE_ROW:
		why = take_row(r);
		break;
	default:
		break;
	}
	if (why != NULL)
		stage_fault(&r->faults, name, r->table.in.number, why);
}

static void reduce(struct reducer *r, const char *file)
{
	const char *name;
	int fd = stage_open(file, &name);
	if (fd < 0) {
		r->faults.n++;
		return;
	}
	table_init(&r->table, fd, columns, REQUIRED);
	enum table_kind kind;
	do {
		kind = table_next(&r->table);
		if (kind != TABLE_END)
			take(r, kind, name);
	} while (kind != TABLE_END && kind != TABLE_ERROR);
	table_free(&r->table);
	if (fd != STDIN_FILENO)
		close(fd);
}

static uint64_t parse_spans(const char *arg)
{
	uint64_t n = 0;
	const char *why = parse_u64(arg, strlen(arg), SPANS_MAX, &n);
	if (why != NULL)
		err_die(STATUS_FAIL, "%s: %s", arg, why);
	return n;
}

int main(int argc, char **argv)
{
	struct reducer r = {0};
	uint64_t spans = 0;
	err_name(argv[0]);
	for (int c; (c = getopt_long(argc, argv, "+s:", long_options, NULL)) != -1;) {
		if (c != 's')
			usage();
		spans = parse_spans(optarg);
	}
	stage_outlive_interrupt();
	r.peak = peak_new(spans);
	if (optind == argc)
		reduce(&r, "-");
	for (; optind < argc; optind++)
		reduce(&r, argv[optind]);
	int status = stage_faults_end(&r.faults);
	if (peak_write(r.peak, &r.out) != 0 && status == STATUS_OK) {
		err_warn("no samples");
		status = STATUS_NO;
	}
	stage_write(&r.out);
	peak_free(r.peak);
	buf_free(&r.out);
	return status;
}
