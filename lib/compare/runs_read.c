/* SPDX-License-Identifier: MIT */
/* Reading the runs of a file. */
#include "compare/runs_read.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"
#include "report/report_command.h"
#include "report/report_json_read.h"
#include "stream/escape.h"
#include "stream/json_reader.h"
#include "stream/stage.h"
#include "stream/tsv.h"

#define BLOCK 65536

/* ---- JSON: one report, or a document of memdiff with several */

struct document {
	struct runs *runs;
	size_t first;	    /* of its runs */
	bool has_runs;	    /* it is a document of memdiff */
	struct buf machine; /* `#` lines */
};

/* Append `\tVALUE\n`, for the value of KIND that J has returned. */
static void put_value(struct buf *lines, const struct json_reader *j, enum json_kind kind)
{
	buf_char(lines, '\t');
	if (kind == JSON_STRING)
		escape_field(lines, j->text.p, j->text.n);
	else
		buf_put(lines, j->number.p, j->number.n);
	buf_char(lines, '\n');
}

/* Read the members of an object of strings and numbers: a `#` line for each, which begins with
 * PREFIX and the key. */
static const char *take_lines(struct json_reader *j, struct buf *lines, const char *prefix)
{
	for (;;) {
		enum json_kind kind = json_next(j);
		if (kind == JSON_OBJECT_END)
			return NULL;
		if (kind == JSON_STRING || kind == JSON_NUMBER) {
			buf_str(lines, prefix);
			escape_field(lines, j->key.p, j->key.n);
			put_value(lines, j, kind);
		} else if (json_skip(j, kind) != NULL) {
			return j->reason;
		}
	}
}

/* Add the `#` lines in LINES to a run. */
static void add_lines(struct report *r, struct slice lines)
{
	if (lines.n == 0)
		return;
	for (const char *p = lines.p, *end = p + lines.n; p < end;) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		report_meta(r, (struct slice){p, (size_t)(newline - p)});
		p = newline + 1;
	}
	report_end(r);
}

/* Add LINES to the runs of the document with the command COMMAND. */
static void add_parameters(struct document *d, struct slice command, struct slice lines)
{
	for (size_t i = d->first; i < d->runs->n; i++) {
		struct buf text = {0};
		report_command(&d->runs->v[i], &text);
		if (slice_equal((struct slice){text.p, text.n}, command))
			add_lines(&d->runs->v[i], lines);
		buf_free(&text);
	}
}

/* Read a result, for its parameters. */
static const char *take_result(struct document *d, struct json_reader *j)
{
	struct buf command = {0}, lines = {0};
	const char *reason = NULL;
	enum json_kind kind;
	while ((kind = json_next(j)) != JSON_OBJECT_END && reason == NULL) {
		if (kind == JSON_STRING && slice_is(json_key(j), "command"))
			buf_put(&command, j->text.p, j->text.n);
		else if (kind == JSON_OBJECT && slice_is(json_key(j), "parameters"))
			reason = take_lines(j, &lines, "#parameter\t");
		else
			reason = json_skip(j, kind);
	}
	if (reason == NULL)
		add_parameters(
		    d, (struct slice){command.p, command.n}, (struct slice){lines.p, lines.n});
	buf_free(&command);
	buf_free(&lines);
	return reason;
}

static const char *take_run(struct document *d, struct json_reader *j)
{
	struct report r;
	report_init(&r);
	const char *reason = report_json_read(&r, j, NULL, NULL);
	if (reason == NULL && report_total(&r) == NULL)
		reason = "a run has no peak";
	if (reason == NULL)
		runs_add(d->runs, &r);
	else
		report_free(&r);
	return reason;
}

static const char *take_array(struct document *d, struct json_reader *j,
    const char *(*take)(struct document *, struct json_reader *))
{
	for (;;) {
		enum json_kind kind = json_next(j);
		if (kind == JSON_ARRAY_END)
			return NULL;
		if (kind != JSON_OBJECT)
			return kind == JSON_BAD ? j->reason : "invalid value";
		const char *reason = take(d, j);
		if (reason != NULL)
			return reason;
	}
}

/* Take a member that a single report does not have. The runs precede the results. */
static const char *take_other(void *context, struct json_reader *j, enum json_kind kind)
{
	struct document *d = context;
	struct slice key = json_key(j);
	if (kind == JSON_ARRAY && slice_is(key, "runs")) {
		d->has_runs = true;
		return take_array(d, j, take_run);
	}
	if (kind == JSON_ARRAY && slice_is(key, "results"))
		return take_array(d, j, take_result);
	if (kind == JSON_OBJECT && slice_is(key, "machine"))
		return take_lines(j, &d->machine, "#");
	return json_skip(j, kind);
}

static const char *take_document(struct runs *r, struct json_reader *j)
{
	struct document d = {.runs = r, .first = r->n};
	struct report single;
	report_init(&single);
	const char *reason = report_json_read(&single, j, take_other, &d);
	bool is_report = reason == NULL && !d.has_runs && report_total(&single) != NULL;
	if (reason == NULL && !d.has_runs && !is_report)
		reason = "no peaks";
	if (is_report)
		runs_add(r, &single);
	else
		report_free(&single);
	for (size_t i = d.first; i < r->n && reason == NULL; i++)
		add_lines(&r->v[i], (struct slice){d.machine.p, d.machine.n});
	buf_free(&d.machine);
	return reason;
}

/* Return NULL, or the reason why TEXT is invalid in line *LINE; 0: as a whole. */
static const char *take_json(struct runs *r, struct slice text, unsigned long *line)
{
	struct json_reader j = json_read(text);
	const char *reason = NULL;
	for (enum json_kind kind; reason == NULL && (kind = json_next(&j)) != JSON_END;)
		reason = kind == JSON_OBJECT ? take_document(r, &j)
			 : kind == JSON_BAD  ? j.reason
					     : "not a report";
	*line = reason != NULL ? json_line(&j) : 0;
	if (reason == NULL && r->n == 0)
		reason = "no peaks";
	json_free(&j);
	return reason;
}

/* Read the rest of the input, of which T has read a part. */
static void read_json(struct runs *r, struct tsv *t, const char *name, struct stage_faults *faults)
{
	struct buf text = {0};
	unsigned long line = 0;
	ssize_t n = 1;
	buf_put(&text, t->in.p + t->in.start, t->in.end - t->in.start);
	while (n != 0) {
		n = read(t->in.fd, buf_room(&text, BLOCK), BLOCK);
		if (n > 0)
			text.n += (size_t)n;
		if (n < 0 && errno != EINTR)
			break;
	}
	const char *reason =
	    n < 0 ? strerror(errno) : take_json(r, (struct slice){text.p, text.n}, &line);
	if (reason != NULL)
		stage_fault(faults, name, line, reason);
	buf_free(&text);
}

/* ---- peaks streams */

static void read_peaks(struct runs *r, struct tsv *t, const char *name, struct stage_faults *faults)
{
	enum tsv_kind kind;
	do {
		kind = tsv_next(t);
		const char *reason = runs_take(r, t, kind);
		if (reason != NULL)
			stage_fault(faults, name, kind == TSV_END ? 0 : t->in.number, reason);
	} while (kind != TSV_END && faults->n == 0);
}

/* Return whether the input of T begins with an object. If it cannot be read, the reader of lines
 * reports the error. */
static bool begins_object(struct tsv *t)
{
	struct lines *in = &t->in;
	while (in->end == in->start && !in->eof)
		if (lines_fill(in) < 0 && errno != EINTR)
			return false;
	return json_begins_object((struct slice){in->p + in->start, in->end - in->start});
}

int runs_read(struct runs *r, const char *file, const char **name)
{
	struct stage_faults faults = {0};
	struct tsv t;
	int fd = stage_open(file, name);
	if (fd < 0)
		return STATUS_ERROR;
	tsv_init(&t, fd, report_columns, REPORT_REQUIRED);
	if (begins_object(&t))
		read_json(r, &t, *name, &faults);
	else
		read_peaks(r, &t, *name, &faults);
	tsv_free(&t);
	if (fd != STDIN_FILENO)
		close(fd);
	return stage_faults_end(&faults);
}
