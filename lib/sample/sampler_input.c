/* SPDX-License-Identifier: MIT */
/* Reading PIDs and `#` lines. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/parse.h"
#include "base/status.h"
#include "base/warn.h"
#include "os/pipeline.h"
#include "sample/sampler_internal.h"
#include "stream/tsv.h"

#define INPUT "standard input"
/* How long to wait for the other stages: a shell starts ten in this time. A slow machine needs longer,
 * for them and for each try alike. */
#define STAGES_NS 50000000LL
#define STAGES_TRIES 20
#define SHOWN_MAX 40 /* bytes of an invalid line in a message */

/* Return whether PID is this process or an ancestor of it. */
static bool is_ancestor(struct sampler *s, pid_t pid)
{
	if (s->ancestors.n == 0)
		for (pid_t p = getpid(); p > 0; p = processes_parent(p))
			pidmap_set(&s->ancestors, p, 0);
	return pidmap_get(&s->ancestors, pid) != PIDMAP_NONE;
}

/* Leave out the stages of the pipeline that this program is in. A shell may not have started all of
 * them yet. */
static void leave_out_stages(struct sampler *s)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct process_list stages = {0};
	int64_t until_ns = clock_mono_ns() + STAGES_NS;
	for (int tries = 1; !pipeline_stages(&stages, s->reading); tries++) {
		if (tries >= STAGES_TRIES && clock_mono_ns() >= until_ns)
			break;
		nanosleep(&pause, NULL);
	}
	for (size_t i = 0; i < stages.n; i++)
		tree_leave_out(&s->tree, stages.v[i].pid);
	process_list_free(&stages);
	s->launched = true;
}

int sampler_add(struct sampler *s, pid_t pid)
{
	s->given = true;
	if (!s->launched && is_ancestor(s, pid))
		leave_out_stages(s);
	if (tree_leaves_out(&s->tree, pid))
		return 0;
	if (tree_add(&s->tree, pid) != 0) {
		const char *unavailable = s->tree.unavailable;
		if (s->o->ignore_missing && unavailable == NULL && errno == ESRCH)
			return 0;
		warn_print("%ld: %s", (long)pid,
		    unavailable != NULL ? unavailable : process_open_error(errno));
		s->status = s->o->held ? STATUS_ERROR : STATUS_NO;
		if (s->o->held)
			return -1;
	}
	schedule_watch(&s->schedule, pid);
	if (s->o->held)
		kill(pid, SIGCONT);
	return 0;
}

static void take_launcher(struct sampler *s, struct slice value)
{
	pid_t launcher;
	if (parse_pid(value.p, value.n, &launcher) != NULL)
		return;
	s->launched = tree_set_launcher(&s->tree, launcher);
}

static void take_command_peak(struct sampler *s, struct slice value)
{
	struct slice kib = tsv_take_field(&value);
	pid_t pid;
	if (parse_u64(kib.p, kib.n, UINT64_MAX >> 20, &s->bound.command_kib) == NULL &&
	    parse_pid(value.p, value.n, &pid) == NULL)
		s->bound.command = pid;
}

static void take_meta(struct sampler *s, struct slice line)
{
	struct slice value;
	pid_t reaper;
	if (tsv_is_meta(line, "#maxrss_kib", &value)) {
		(void)parse_u64(value.p, value.n, UINT64_MAX >> 20, &s->bound.waited_kib);
		if (!s->o->descendants)
			return; /* it may be of a descendant */
	}
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
	else if (tsv_is_meta(line, "#command_maxrss_kib", &value))
		take_command_peak(s, value);
	else if (tsv_is_meta(line, "#launcher", &value))
		take_launcher(s, value);
	else if (tsv_is_meta(line, "#reaper", &value) &&
		 parse_pid(value.p, value.n, &reaper) == NULL) {
		tree_set_reaper(&s->tree, reaper);
		s->attached = false;
	}
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
	if (!s->given && s->status == STATUS_OK && !s->ended && !s->o->ignore_missing) {
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
