/* SPDX-License-Identifier: MIT */
/* Copy samples, and act when a limit is exceeded. */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/signame.h"
#include "base/status.h"
#include "base/warn.h"
#include "limit/limiter.h"
#include "stream/samples.h"
#include "stream/stage.h"

#define GRACE_NS 2000000000LL
#define KIB_MAX (UINT64_MAX >> 20)

enum { KEY_METRIC = OPTIONS_LONG };

static const struct options_row rows[] = {
    {'g', "grace", "time", "with -k, send KILL this long after the first signal"},
    {'k', "kill", "[signal]", "send a signal to all processes when a limit is exceeded"},
    {'m', "max-proc", "size", "limit each process"},
    {KEY_METRIC, "metric", "metric", "limit rss (the default), footprint, pss or cgroup"},
    {'t', "total", "size", "limit the sum of all processes"},
    {0, NULL, NULL, NULL},
};
static const struct options_table table = {
    .purpose = "copy samples, and act when a limit is exceeded",
    .operands = {"[file]"},
    .rows = rows,
};

static const char *const extra_columns[] = {"hugetlb_kib", "phys_footprint_kib", NULL};

struct filter {
	struct samples samples;
	struct limiter limiter;
	struct buf out; /* lines to be written before the notes of the limiter */
};

/* ---- options */

static const char *parse_limit(const char *argument, uint64_t *kib)
{
	uint64_t bytes = 0;
	const char *reason = parse_size(argument, &bytes);
	*kib = bytes / 1024;
	return reason == NULL && *kib == 0 ? "limit must be at least 1K" : reason;
}

/* Parse a signal that ends a process. ARGUMENT may be NULL. */
static const char *parse_signal(const char *argument, int *sig)
{
	static const int others[] = {SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG};
	*sig = SIGTERM;
	const char *reason = argument != NULL ? signame_parse(argument, sig) : NULL;
	for (size_t i = 0; reason == NULL && i < sizeof others / sizeof *others; i++)
		if (*sig == others[i])
			reason = "signal must end a process";
	return reason;
}

/* Check that the options and operands fit together. */
static void check_settings(
    const struct options *o, struct limiter_settings *s, bool has_grace, int operands)
{
	if (operands > 1)
		options_usage(o);
	if (s->total_kib == 0 && s->process_kib == 0)
		warn_exit(STATUS_ERROR, "missing limit: give -t or -m");
	if (s->metric == LIMITER_CGROUP && s->process_kib != 0)
		warn_exit(STATUS_ERROR, "-m: not allowed with --metric cgroup");
	if (has_grace && s->sig == 0)
		warn_exit(STATUS_ERROR, "-g: not allowed without -k");
	if (has_grace && s->sig == SIGKILL)
		warn_exit(STATUS_ERROR, "-g: not allowed with -kKILL");
}

static struct options parse_options(struct limiter_settings *s, int argc, char **argv)
{
	struct options o = options_start(&table, argc, argv);
	bool has_grace = false;
	*s = (struct limiter_settings){.grace_ns = GRACE_NS};
	for (int key; (key = options_next(&o)) != OPTIONS_END;)
		switch (key) {
		case 'g':
			options_check(&o, parse_duration(o.argument, &s->grace_ns));
			has_grace = true;
			break;
		case 'k':
			options_check(&o, parse_signal(o.argument, &s->sig));
			break;
		case 'm':
			options_check(&o, parse_limit(o.argument, &s->process_kib));
			break;
		case KEY_METRIC:
			options_check(&o, limiter_parse_metric(o.argument, &s->metric));
			break;
		case 't':
			options_check(&o, parse_limit(o.argument, &s->total_kib));
			break;
		}
	check_settings(&o, s, has_grace, argc - o.operands);
	return o;
}

/* The processes in a file have exited, and others may have their PIDs. The control group holds what
 * it holds now. */
static void refuse_file(const struct limiter_settings *s, int fd, const char *name)
{
	struct stat st;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	if (s->sig != 0)
		warn_exit(STATUS_ERROR, "%s: a file is not allowed with -k", name);
	if (s->metric == LIMITER_CGROUP)
		warn_exit(STATUS_ERROR, "%s: a file is not allowed with --metric cgroup", name);
}

/* ---- samples */

static void write_all(struct filter *f)
{
	struct buf *notes = &f->limiter.notes;
	limiter_report(&f->limiter);
	buf_put(&f->out, notes->p, notes->n);
	notes->n = 0;
	stage_write(&f->out);
}

static void take_header(struct filter *f)
{
	const char *reason = limiter_begin_stream(&f->limiter, &f->samples);
	if (reason != NULL)
		samples_fault(&f->samples, reason);
}

/* Store the number in extra column I. Return whether there is one. */
static bool take_kib(struct filter *f, size_t i, uint64_t *kib)
{
	struct slice field = samples_extra(&f->samples, i);
	const char *reason = field.n > 0 ? parse_u64(field.p, field.n, KIB_MAX, kib) : NULL;
	if (reason != NULL)
		samples_fault(&f->samples, reason);
	return field.n > 0 && reason == NULL;
}

static void take_row(struct filter *f)
{
	struct limiter_extras extras = {0};
	(void)take_kib(f, 0, &extras.hugetlb_kib);
	extras.charged = take_kib(f, 1, &extras.charged_kib);
	limiter_add(&f->limiter, &f->samples.row, &extras);
}

/* Take the lines that have arrived, and copy them. */
static void take_arrived(struct filter *f)
{
	enum samples_event event;
	while ((event = samples_arrived(&f->samples)) != SAMPLES_NONE && event != SAMPLES_END)
		switch (event) {
		case SAMPLES_META:
			limiter_meta(&f->limiter, f->samples.tsv.line);
			break;
		case SAMPLES_HEADER:
			take_header(f);
			break;
		case SAMPLES_TICK:
			limiter_begin_tick(&f->limiter, &f->samples);
			break;
		case SAMPLES_ROW:
			take_row(f);
			break;
		default:
			break;
		}
	write_all(f);
}

/* Do what is due without input. */
static void act_if_due(struct filter *f)
{
	(void)limiter_kill(&f->limiter);
	write_all(f);
}

/* Copy the input to its end. Then wait for the processes that were sent a signal: the sampler may
 * exit before them. */
static void run(struct filter *f)
{
	struct lines *in = &f->samples.tsv.in;
	while (!in->eof) {
		if (stage_ready(in->fd, limiter_timeout_ms(&f->limiter))) {
			samples_fill(&f->samples);
			if (!in->eof)
				take_arrived(f);
		}
		act_if_due(f);
	}
	limiter_finish(&f->limiter);
	write_all(f);
	while (limiter_wait(&f->limiter))
		act_if_due(f);
	take_arrived(f); /* a last line without a newline, after which no note can follow */
}

static unsigned wanted_columns(const struct limiter_settings *s)
{
	unsigned wanted = SAMPLES_PPID | SAMPLES_START | SAMPLES_HWM;
	if (s->metric == LIMITER_FOOTPRINT)
		wanted |= SAMPLES_SWAP;
	return s->metric == LIMITER_PSS ? wanted | SAMPLES_PSS : wanted;
}

int main(int argc, char **argv)
{
	struct limiter_settings settings;
	struct filter f = {0};
	const char *name;
	struct options o = parse_options(&settings, argc, argv);
	if (o.check)
		return STATUS_OK;
	int fd = stage_open(o.operands < argc ? argv[o.operands] : "-", &name);
	if (fd < 0)
		return STATUS_ERROR;
	refuse_file(&settings, fd, name);
	stage_outlive_interrupt();
	samples_init(&f.samples, fd, name, wanted_columns(&settings), extra_columns);
	f.samples.tsv.copy = &f.out;
	limiter_init(&f.limiter, &settings);
	buf_put(&f.out, f.limiter.notes.p, f.limiter.notes.n); /* the limits come first */
	f.limiter.notes.n = 0;
	run(&f);
	int status = stage_faults_end(&f.samples.faults);
	if (f.limiter.status != STATUS_OK)
		status = f.limiter.status;
	limiter_free(&f.limiter);
	samples_free(&f.samples);
	buf_free(&f.out);
	return status;
}
