/* SPDX-License-Identifier: MIT */
/* The fields of a report. */
#include "report/report_fields.h"

#include <string.h>

#include "report/report_uneven.h"

/* ---- computed values */

static struct report_number compute_version(const struct report *r)
{
	(void)r;
	return (struct report_number){REPORT_SCHEMA_VERSION, true};
}

static struct report_number compute_complete(const struct report *r)
{
	return (struct report_number){report_is_complete(r), true};
}

static struct report_number compute_start(const struct report *r)
{
	return (struct report_number){report_start_us(r), true};
}

static struct report_number compute_end(const struct report *r)
{
	return (struct report_number){report_start_us(r) + report_length_us(r), true};
}

static struct report_number compute_length(const struct report *r)
{
	return (struct report_number){report_length_us(r), true};
}

static struct report_number compute_ratio(const struct report *r)
{
	struct report_uneven u;
	if (!report_uneven(r, &u))
		return (struct report_number){0, false};
	return (struct report_number){(int64_t)(u.ratio * 1e6), true};
}

/* ---- the table */

#define RULE_KNOWN_KIB "\"type\": \"integer\", \"minimum\": 0"
#define RULE_STATUS "\"type\": [\"integer\", \"null\"], \"minimum\": 0, \"maximum\": 255"
#define RULE_SIGNAL "\"type\": [\"integer\", \"null\"], \"minimum\": 1"
#define RULE_SCHEDULE "\"enum\": [\"events\", \"events-user\", \"adaptive\", \"fixed\", null]"
#define RULE_METRIC "\"enum\": [\"footprint\", \"pss\", \"cgroup\", null]"
#define RULE_SCOPE "\"enum\": [\"total\", \"process\"]"
#define RULE_TEXT "\"type\": [\"string\", \"null\"]"

#define ALWAYS REPORT_C_SCOPE
#define RUN(member) ALWAYS, REPORT_FROM_RUN, offsetof(struct report, member), NULL
#define ROW(member) ALWAYS, REPORT_FROM_RECORD, offsetof(struct report_row, member), NULL
#define SINCE(member) ALWAYS, REPORT_FROM_SINCE, offsetof(struct report_row, member), NULL
#define AT_PEAK                                                                                    \
	REPORT_C_PSS_AT_PEAK, REPORT_FROM_RECORD, offsetof(struct report_row, pss_at_peak_kib), NULL
#define METRIC(id) ALWAYS, REPORT_FROM_METRIC, METRIC_##id, NULL
#define EXCEEDED(member) ALWAYS, REPORT_FROM_RECORD, offsetof(struct report_exceeded, member), NULL
#define COMPUTED(function) ALWAYS, REPORT_COMPUTED, 0, function

/* The metrics that are not listed otherwise are here, in the order of their own table. */
#define METRICS                                                                                    \
	{                                                                                          \
		"", REPORT_COUNT, NULL, NULL, false, COMPUTED(NULL)                                \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, REPORT_COUNT, NULL, NULL, false, COMPUTED(NULL)                              \
	}

static const struct report_field run_fields[] = {
    {"schema_version", REPORT_COUNT, "version of this schema", "\"const\": 1", false,
	COMPUTED(compute_version)},
    {"command", REPORT_TEXT, "command and its arguments, quoted as for a shell", NULL, false,
	RUN(command)},
    {"name", REPORT_NAME, "name of the root process", NULL, false, ROW(name)},
    {"pid", REPORT_COUNT, "process ID of the root process", NULL, false, ROW(pid)},
    {"exit_code", REPORT_COUNT, "exit status of the command", RULE_STATUS, true, RUN(exit_code)},
    {"signal", REPORT_COUNT, "signal that killed the command", RULE_SIGNAL, true, RUN(signal)},
    {"processes_left", REPORT_COUNT, "processes still running at the end", NULL, true,
	RUN(running)},
    {"complete", REPORT_FLAG, "1 if the end of the command was recorded, else 0", NULL, true,
	COMPUTED(compute_complete)},
    {"started_at", REPORT_DATE, "start of the run", NULL, true, COMPUTED(compute_start)},
    {"ended_at", REPORT_DATE, "end of the run", NULL, true, COMPUTED(compute_end)},
    {"duration_seconds", REPORT_SECONDS, "length of the run", "\"type\": \"number\"", true,
	COMPUTED(compute_length)},
    {"user_seconds", REPORT_SECONDS, "CPU time in user mode", NULL, true, RUN(user_us)},
    {"system_seconds", REPORT_SECONDS, "CPU time in the kernel", NULL, true, RUN(system_us)},
    {"interval_seconds", REPORT_SECONDS, "sampling interval", NULL, true, RUN(interval_us)},
    {"schedule", REPORT_TEXT, "what the times of ticks depend on", RULE_SCHEDULE, false,
	RUN(schedule)},
    {"peak_processes", REPORT_COUNT, "processes at the peak", NULL, true, ROW(procs)},
    {"processes_unlisted", REPORT_COUNT, "processes that are measured but not listed", NULL, true,
	RUN(unlisted)},
    {"peak_rss_kib", REPORT_KIB, "peak of resident memory", RULE_KNOWN_KIB, true, ROW(rss_kib)},
    {"peak_rss_bound_kib", REPORT_KIB, "upper bound of the peak of resident memory", RULE_KNOWN_KIB,
	true, ROW(bound_kib)},
    {"peak_rss_bound_exits", REPORT_COUNT,
	"processes that exited between the two ticks of the upper bound", NULL, true,
	RUN(bound_exits)},
    {"peak_vsz_kib", REPORT_KIB, "peak of virtual memory", NULL, true, ROW(vsz_kib)},
    {"peak_after_seconds", REPORT_SECONDS, "time from the start to the peak", NULL, true,
	SINCE(time_us)},
    {"first_seen_seconds", REPORT_SECONDS, "time from the start to the creation", NULL, true,
	SINCE(first_us)},
    {"last_seen_seconds", REPORT_SECONDS, "time from the start to the exit", NULL, true,
	SINCE(last_us)},
    {"ticks", REPORT_COUNT, "ticks", NULL, true, ROW(ticks)},
    {"peak_at", REPORT_DATE, "time of the peak", NULL, true, ROW(time_us)},
    {"first_seen_at", REPORT_DATE, "time of the creation", NULL, true, ROW(first_us)},
    {"last_seen_at", REPORT_DATE, "time of the exit", NULL, true, ROW(last_us)},
    METRICS,
    {"rss.mean_kib", REPORT_KIB, "mean of the resident memory over time", NULL, true,
	RUN(rss_mean_kib)},
    {"rss.median_kib", REPORT_KIB, "median of the resident memory over time", NULL, true,
	RUN(rss_median_kib)},
    {"rss.p95_kib", REPORT_KIB, "resident memory not exceeded for 95 % of the time", NULL, true,
	RUN(rss_p95_kib)},
    {"rss.resting_kib", REPORT_KIB, "median of the resident memory in the last quarter of the time",
	NULL, true, RUN(rss_resting_kib)},
    {"rss.gib_seconds", REPORT_DECIMAL, "resident memory in GiB, summed over the seconds", NULL,
	true, RUN(rss_gib_us)},
    {"group_by", REPORT_TEXT, "what the processes of a group have in common, if not the name", NULL,
	false, RUN(group_by)},
    {"largest_group_ratio", REPORT_DECIMAL,
	"peak of the largest group, as a multiple of the mean of all, if group_by is known", NULL,
	true, COMPUTED(compute_ratio)},
    {"joined", REPORT_COUNT, "streams that memjoin joined", NULL, true, RUN(joined)},
    {"oom_kills", REPORT_COUNT, "processes that the kernel killed because memory ran out", NULL,
	true, RUN(oom_kills)},
    {"limits.total_kib", REPORT_KIB, "limit of the total", NULL, true, RUN(limit_total_kib)},
    {"limits.process_kib", REPORT_KIB, "limit of each process", NULL, true, RUN(limit_process_kib)},
    {"limits.metric", REPORT_TEXT, "what the limits apply to; null: resident memory", RULE_METRIC,
	false, RUN(limit_metric)},
    {"cgroup.path", REPORT_TEXT, "control group", NULL, false, RUN(cgroup)},
    {"cgroup.peak_kib", REPORT_KIB, "peak of the control group as counted by the kernel", NULL,
	true, RUN(cgroup_peak_kib)},
    {"cgroup.anon_kib", REPORT_KIB, "anonymous memory in the control group", NULL, true,
	RUN(cgroup_anon_kib)},
    {"cgroup.file_kib", REPORT_KIB, "page cache of files in the control group", NULL, true,
	RUN(cgroup_file_kib)},
    {"cgroup.shmem_kib", REPORT_KIB, "shared memory and tmpfs in the control group", NULL, true,
	RUN(cgroup_shmem_kib)},
    {"cgroup.kernel_kib", REPORT_KIB, "memory of the kernel in the control group", NULL, true,
	RUN(cgroup_kernel_kib)},
    {"shared.shared_kib", REPORT_KIB, "about how much of the RSS counts more than once", NULL, true,
	RUN(shared_kib)},
    {"shared.at_rss_kib", REPORT_KIB, "resident memory at that tick", NULL, true,
	RUN(shared_at_rss_kib)},
    {"pss.pss_kib", REPORT_KIB, "largest proportional set size that was read", NULL, true,
	ROW(pss_at_peak_kib)},
    {"pss.bound_kib", REPORT_KIB, "upper bound of the proportional set size", NULL, true,
	RUN(pss_bound_kib)},
    {"pss.at_rss_kib", REPORT_KIB, "resident memory at the tick of pss_kib", NULL, true,
	RUN(pss_at_rss_kib)},
    {"pss.uss_kib", REPORT_KIB, "largest unshared memory that was read", NULL, true, METRIC(USS)},
    {"pss.reads", REPORT_COUNT, "ticks that read the proportional set size", NULL, true,
	RUN(pss_reads)},
    {"excluded.processes", REPORT_COUNT, "processes excluded by their names", NULL, true,
	RUN(excluded_procs)},
    {"excluded.rss_kib", REPORT_KIB, "peak of resident memory of the excluded processes", NULL,
	true, RUN(excluded_kib)},
    END,
};

#define PEAKS                                                                                      \
	{"peak_rss_kib", REPORT_KIB, "peak of resident memory", NULL, true, ROW(rss_kib)},         \
	    {"peak_rss_bound_kib", REPORT_KIB, "upper bound of the peak of resident memory", NULL, \
		true, ROW(bound_kib)},                                                             \
	    {"at_peak_rss_kib", REPORT_KIB, "resident memory at the peak of the total", NULL,      \
		true, ROW(at_peak_kib)},                                                           \
	    {"peak_vsz_kib", REPORT_KIB, "peak of virtual memory", NULL, false, ROW(vsz_kib)},     \
	    {"peak_after_seconds", REPORT_SECONDS, "time from the start of the run to the peak",   \
		NULL, false, SINCE(time_us)},                                                      \
	    {"first_seen_seconds", REPORT_SECONDS,                                                 \
		"time from the start of the run to the creation", NULL, false, SINCE(first_us)}, \
	    {"last_seen_seconds", REPORT_SECONDS,                                                  \
		"time from the start of the run to the exit", NULL, false, SINCE(last_us)},   \
	    {"ticks", REPORT_COUNT, "ticks", NULL, false, ROW(ticks)},                             \
	    {"peak_at", REPORT_DATE, "time of the peak", NULL, false, ROW(time_us)},               \
	    {"first_seen_at", REPORT_DATE, "time of the creation", NULL, false, ROW(first_us)},  \
	    {"last_seen_at", REPORT_DATE, "time of the exit", NULL, false, ROW(last_us)},     \
	    {"pss_part_kib", REPORT_KIB, "part of pss.pss_kib", NULL, false, AT_PEAK},             \
	    METRICS, END

static const struct report_field group_fields[] = {
    {"name", REPORT_NAME, "name of the group", NULL, false, ROW(name)},
    {"peak_processes", REPORT_COUNT, "processes at the peak of the group", NULL, true, ROW(procs)},
    PEAKS,
};

static const struct report_field process_fields[] = {
    {"name", REPORT_NAME, "name of the process", NULL, false, ROW(name)},
    {"pid", REPORT_COUNT, "process ID", NULL, false, ROW(pid)},
    {"ppid", REPORT_COUNT, "process ID of the parent", NULL, false, ROW(ppid)},
    PEAKS,
};

static const struct report_field span_fields[] = {
    {"at", REPORT_DATE, "time of the largest RSS in this part of the run", NULL, false,
	ROW(time_us)},
    {"after_seconds", REPORT_SECONDS, "the same from the start of the run", NULL, false,
	SINCE(time_us)},
    {"rss_kib", REPORT_KIB, "resident memory", NULL, false, ROW(rss_kib)},
    {"bound_kib", REPORT_KIB, "upper bound of the resident memory", NULL, false, ROW(bound_kib)},
    {"processes", REPORT_COUNT, "processes", NULL, false, ROW(procs)},
    END,
};

static const struct report_field exceeded_fields[] = {
    {"scope", REPORT_TEXT, "which limit was exceeded", RULE_SCOPE, false, EXCEEDED(scope)},
    {"kib", REPORT_KIB, "what was held, by the metric of the limits", NULL, false, EXCEEDED(kib)},
    {"rss_kib", REPORT_KIB, "the same if the metric is resident memory, else null", NULL, false,
	EXCEEDED(rss_kib)},
    {"at", REPORT_DATE, "time of the tick; null: not known", NULL, false, EXCEEDED(time_us)},
    {"pid", REPORT_COUNT, "process ID; null: the total", NULL, false, EXCEEDED(pid)},
    {"name", REPORT_NAME, "name of the process; null: the total", RULE_TEXT, false, EXCEEDED(name)},
    END,
};

static const struct report_field *const lists[REPORT_LISTS] = {
    [REPORT_FIELDS_RUN] = run_fields,
    [REPORT_FIELDS_GROUP] = group_fields,
    [REPORT_FIELDS_PROCESS] = process_fields,
    [REPORT_FIELDS_SPAN] = span_fields,
    [REPORT_FIELDS_EXCEEDED] = exceeded_fields,
};

const struct report_array report_arrays[] = {
    {"groups", "the groups, those with the largest peaks first", REPORT_FIELDS_GROUP, REPORT_GROUP,
	false},
    {"processes", "the processes, those with the largest peaks first", REPORT_FIELDS_PROCESS,
	REPORT_PROCESS, false},
    {"timeline", "the total over time", REPORT_FIELDS_SPAN, REPORT_SPAN, true},
    {NULL, NULL, REPORT_FIELDS_RUN, REPORT_TOTAL, false},
};

/* ---- iteration */

/* Return whether METRIC has a row of its own in LIST. */
static bool has_own_row(enum report_list list, unsigned metric)
{
	for (const struct report_field *f = lists[list]; f->key != NULL; f++)
		if (f->from == REPORT_FROM_METRIC && f->at == metric)
			return true;
	return false;
}

static struct report_field metric_field(enum report_list list, unsigned metric)
{
	static const enum report_kind kinds[] = {
	    [METRICS_KIB] = REPORT_KIB,
	    [METRICS_COUNT] = REPORT_COUNT,
	    [METRICS_MS] = REPORT_SECONDS,
	    [METRICS_TIME] = REPORT_DATE,
	    [METRICS_TEXT] = REPORT_TEXT,
	};
	const struct metrics_definition *m = &metrics_table[metric];
	bool run = list == REPORT_FIELDS_RUN;
	bool group = list == REPORT_FIELDS_GROUP;
	return (struct report_field){
	    .key = m->json,
	    .kind = kinds[m->kind],
	    .help = m->help,
	    .gauge = run || (group && metric == METRIC_FOOTPRINT),
	    .column = run ? ALWAYS : (enum report_column)(REPORT_C_METRICS + metric),
	    .from = REPORT_FROM_METRIC,
	    .at = metric,
	};
}

/* Set *F to the field of the next metric of the list. Return false after the last. A sum has no
 * text. The PSS of the run has fields of its own, with the RSS at which it was read. */
static bool next_metric(struct report_fields *fields, struct report_field *f)
{
	while (fields->metric < METRIC_LABEL) {
		unsigned metric = fields->metric++;
		bool text = metrics_table[metric].reduction == METRICS_LAST_TEXT;
		bool run = fields->list == REPORT_FIELDS_RUN;
		if ((text && fields->list != REPORT_FIELDS_PROCESS) ||
		    (run && metric == METRIC_PSS) ||
		    has_own_row(fields->list, metric))
			continue;
		*f = metric_field(fields->list, metric);
		return true;
	}
	return false;
}

bool report_fields_next(struct report_fields *fields, struct report_field *f)
{
	const struct report_field *row = &lists[fields->list][fields->next];
	if (row->key != NULL && row->key[0] == '\0') {
		if (next_metric(fields, f))
			return true;
		row = &lists[fields->list][++fields->next];
	}
	if (row->key == NULL)
		return false;
	*f = *row;
	fields->next++;
	return true;
}

/* ---- values */

struct report_value report_get(
    const struct report *r, const void *record, const struct report_field *f)
{
	struct report_value value = {0};
	if (f->from == REPORT_COMPUTED) {
		value.number = f->compute(r);
		return value;
	}
	if (f->from == REPORT_FROM_METRIC)
		return ((const struct report_row *)record)->metric[f->at];
	const char *base = f->from == REPORT_FROM_RUN ? (const char *)r : record;
	const void *at = base + f->at;
	if (f->kind == REPORT_TEXT || f->kind == REPORT_NAME) {
		value.text = *(const struct slice *)at;
		bool name = f->kind == REPORT_NAME;
		value.number.known = name ? value.text.p != NULL : value.text.n > 0;
	} else {
		value.number = *(const struct report_number *)at;
	}
	if (f->from == REPORT_FROM_SINCE)
		value.number = report_since(r, value.number);
	return value;
}
