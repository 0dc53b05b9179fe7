/* Reading PIDs and `#` lines. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/parse.h"
#include "base/status.h"
#include "base/warn.h"
#include "sample/sampler_internal.h"
#include "stream/tsv.h"

#define INPUT "standard input"
#define SHOWN_MAX 40 /* bytes of an invalid line in a message */

int sampler_add(struct sampler *s, pid_t pid)
{
	s->given = true;
	if (tree_add(&s->tree, pid) != 0) {
		warn_print("%ld: %s", (long)pid, process_open_error(errno));
		s->status = s->o->held ? STATUS_ERROR : STATUS_NO;
		if (s->o->held)
			return -1;
	}
	schedule_watch(&s->schedule, pid);
	if (s->o->held)
		kill(pid, SIGCONT);
	return 0;
}

static void take_meta(struct sampler *s, struct slice line)
{
	struct slice value;
	pid_t reaper;
	buf_put(&s->out, line.p, line.n);
	buf_char(&s->out, '\n');
	if (tsv_is_meta(line, "#end", &value))
		s->ended = s->begun = true;
	else if (tsv_is_meta(line, "#started", &value))
		s->begun = true;
	else if (tsv_is_meta(line, "#all_given", &value))
		s->complete = true;
	else if (tsv_is_meta(line, "#cgroup", &value))
		group_memory_set(&s->group, value);
	else if (tsv_is_meta(line, "#reaper", &value) &&
		 parse_pid(value.p, value.n, &reaper) == NULL)
		tree_set_reaper(&s->tree, reaper);
}

/* Act on LINE. Return 0, or -1 if no more input should be read: after an invalid line, none can be
 * trusted. */
static int take_line(struct sampler *s, struct slice line)
{
	struct slice field;
	pid_t pid;
	if (line.n > 0 && *line.p == '#') {
		take_meta(s, line);
		return 0;
	}
	if (!lines_first_field(line, &field))
		return 0;
	const char *why = parse_pid(field.p, field.n, &pid);
	if (why == NULL)
		return sampler_add(s, pid);
	warn_print(INPUT ": line %lu: '%.*s': %s", s->in.number,
	    (int)(field.n < SHOWN_MAX ? field.n : SHOWN_MAX), field.p, why);
	s->status = STATUS_ERROR;
	return -1;
}

static void end_input(struct sampler *s)
{
	s->reading = false;
	s->complete = s->begun = true;
	if (!s->given && s->status == STATUS_OK && !s->ended) {
		warn_print(INPUT ": no process IDs");
		s->status = STATUS_NO;
	}
}

void sampler_read_input(struct sampler *s)
{
	struct slice line;
	long n = lines_fill(&s->in);
	if (n < 0 && errno == EINTR)
		return;
	if (n < 0) {
		warn_print(INPUT ": %s", strerror(errno));
		s->status = STATUS_ERROR;
	}
	int stop = n < 0;
	while (!stop && lines_next(&s->in, &line))
		stop = take_line(s, line);
	if (n == 0 && lines_rest(&s->in, &line))
		stop = take_line(s, line);
	if (stop || n == 0)
		end_input(s);
	else if (s->given && !s->o->held && s->o->ticks != 1)
		s->begun = true;
}
