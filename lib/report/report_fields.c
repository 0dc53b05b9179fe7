/* What is known about a run as a whole, by key. */
#include "base/slice.h"
#include "report/report.h"

#define SCHEMA_VERSION 1

/* Where a value is: in the report, in the row of the total, there as a moment
 * to be counted from the start; or it is made. */
enum from { RUN, TOTAL, SINCE, MADE };

#define OF_RUN(member) RUN, offsetof(struct report, member), NULL
#define OF_TOTAL(member) TOTAL, offsetof(struct report_row, member), NULL
#define OF_SINCE(member) SINCE, offsetof(struct report_row, member), NULL
#define MADE_BY(function) MADE, 0, function

static struct report_number make_version(const struct report *r)
{
	(void)r;
	return (struct report_number){SCHEMA_VERSION, 1};
}

static struct report_number make_complete(const struct report *r)
{
	return (struct report_number){report_is_complete(r), 1};
}

static struct report_number make_start(const struct report *r)
{
	return (struct report_number){report_start_us(r), 1};
}

static struct report_number make_end(const struct report *r)
{
	return (struct report_number){report_start_us(r) + report_length_us(r), 1};
}

static struct report_number make_length(const struct report *r)
{
	return (struct report_number){report_length_us(r), 1};
}

/* In the order of JSON; the members of an object stand together. */
const struct report_field report_fields[] = {
    {"schema_version", REPORT_COUNT, NULL, MADE_BY(make_version)},
    {"command", REPORT_TEXT, "The command and its arguments", OF_RUN(command)},
    {"name", REPORT_NAME, "Name of the first process", OF_TOTAL(name)},
    {"pid", REPORT_COUNT, NULL, OF_TOTAL(pid)},
    {"exit_code", REPORT_COUNT, "Exit status of the command", OF_RUN(exit_code)},
    {"signal", REPORT_COUNT, "Signal that ended the command", OF_RUN(signal)},
    {"processes_left", REPORT_COUNT, "Processes still running at the end", OF_RUN(running)},
    {"complete", REPORT_FLAG, "Whether the command was watched to its end", MADE_BY(make_complete)},
    {"started_at", REPORT_DATE, "When the run began", MADE_BY(make_start)},
    {"ended_at", REPORT_DATE, "When the run ended", MADE_BY(make_end)},
    {"duration_seconds", REPORT_SECONDS, "How long the run took", MADE_BY(make_length)},
    {"user_seconds", REPORT_SECONDS, "CPU time in user mode", OF_RUN(user_us)},
    {"system_seconds", REPORT_SECONDS, "CPU time in the kernel", OF_RUN(system_us)},
    {"interval_seconds", REPORT_SECONDS, "Interval of the readings", OF_RUN(interval_us)},
    {"wake", REPORT_TEXT, "What readings came from", OF_RUN(wake)},
    {"peak_processes", REPORT_COUNT, "Processes that made up the peak", OF_TOTAL(procs)},
    {"processes_unlisted", REPORT_COUNT, "Processes that are not listed", OF_RUN(unlisted)},
    {"peak_rss_kib", REPORT_KIB, "Most resident memory held at one moment", OF_TOTAL(rss_kib)},
    {"peak_rss_bound_kib", REPORT_KIB, "No more resident memory was held", OF_TOTAL(bound_kib)},
    {"peak_vsz_kib", REPORT_KIB, "Most virtual memory", OF_TOTAL(vsz_kib)},
    {"peak_after_seconds", REPORT_SECONDS, "When the peak was, from the start", OF_SINCE(time_us)},
    {"first_seen_seconds", REPORT_SECONDS, "First reading, from the start", OF_SINCE(first_us)},
    {"last_seen_seconds", REPORT_SECONDS, "Last reading, from the start", OF_SINCE(last_us)},
    {"ticks", REPORT_COUNT, "Readings", OF_TOTAL(ticks)},
    {"peak_at", REPORT_DATE, "When the peak was", OF_TOTAL(time_us)},
    {"first_seen_at", REPORT_DATE, "First reading", OF_TOTAL(first_us)},
    {"last_seen_at", REPORT_DATE, "Last reading", OF_TOTAL(last_us)},
    {"swap_kib", REPORT_KIB, "Most memory swapped out", OF_TOTAL(swap_kib)},
    {"threads", REPORT_COUNT, "Most threads", OF_TOTAL(threads)},
    {"regions", REPORT_COUNT, "Most mapped regions", OF_TOTAL(regions)},
    {"cpu_seconds", REPORT_SECONDS, "CPU time as last seen", OF_TOTAL(cpu_us)},
    {"read_kib", REPORT_KIB, "Read from storage as last seen", OF_TOTAL(read_kib)},
    {"write_kib", REPORT_KIB, "Written to storage as last seen", OF_TOTAL(write_kib)},
    {"group_by", REPORT_TEXT, "What the groups have in common", OF_RUN(group_by)},
    {"oom_kills", REPORT_COUNT, "Processes ended by the kernel for lack of memory",
	OF_RUN(oom_kills)},
    {"limits.total_kib", REPORT_KIB, "Limit of the whole", OF_RUN(limit_total_kib)},
    {"limits.process_kib", REPORT_KIB, "Limit of each process", OF_RUN(limit_process_kib)},
    {"cgroup.path", REPORT_TEXT, "Control group", OF_RUN(cgroup)},
    {"cgroup.peak_kib", REPORT_KIB, "Peak of the control group, by the kernel",
	OF_RUN(cgroup_peak_kib)},
    {"cgroup.anon_kib", REPORT_KIB, "Anonymous memory in the control group",
	OF_RUN(cgroup_anon_kib)},
    {"cgroup.file_kib", REPORT_KIB, "Memory of files in the control group",
	OF_RUN(cgroup_file_kib)},
    {"cgroup.kernel_kib", REPORT_KIB, "Memory of the kernel in the control group",
	OF_RUN(cgroup_kernel_kib)},
    {"pss.peak_pss_kib", REPORT_KIB, "Most proportional set size read", OF_TOTAL(pss_kib)},
    {"pss.peak_uss_kib", REPORT_KIB, "Most unshared memory read", OF_TOTAL(uss_kib)},
    {"pss.at_peak_pss_kib", REPORT_KIB, "Proportional set size nearest to the peak",
	OF_TOTAL(pss_at_peak_kib)},
    {"pss.at_rss_kib", REPORT_KIB, "Resident memory when that was read", OF_RUN(pss_at_rss_kib)},
    {"pss.reads", REPORT_COUNT, "Readings of proportional set size", OF_RUN(pss_reads)},
    {"left_out.processes", REPORT_COUNT, "Processes left out", OF_RUN(left_out_procs)},
    {"left_out.rss_kib", REPORT_KIB, "Most resident memory of those left out",
	OF_RUN(left_out_kib)},
    {NULL, REPORT_COUNT, NULL, MADE_BY(NULL)},
};

struct report_value report_get(const struct report *r, const struct report_field *f)
{
	struct report_value value = {0};
	if (f->from == MADE) {
		value.number = f->make(r);
		return value;
	}
	const void *base = f->from == RUN ? (const void *)r : (const void *)report_total(r);
	const void *at = (const char *)base + f->at;
	if (f->kind == REPORT_TEXT || f->kind == REPORT_NAME) {
		value.text = *(const struct slice *)at;
		value.number.known = value.text.n > 0 || f->kind == REPORT_NAME;
	} else {
		value.number = *(const struct report_number *)at;
		if (f->from == SINCE)
			value.number = report_since(r, value.number);
	}
	return value;
}
