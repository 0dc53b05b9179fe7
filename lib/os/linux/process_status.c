/* SPDX-License-Identifier: MIT */
/* The text of /proc/PID/status. */
#include "os/linux/process_status.h"

#include <stdlib.h>
#include <string.h>

#include "os/linux/procfs.h"

/* The kernel writes a newline in a name as \n and a backslash as \\. */
static void read_name(struct process *p, const char *text)
{
	const char *s = procfs_value(text, "Name:");
	size_t n = 0;
	for (; s != NULL && *s != '\0' && *s != '\n' && n < PROCESS_COMM - 1; s++) {
		if (*s == '\\' && (s[1] == 'n' || s[1] == '\\')) {
			s++;
			p->comm[n++] = *s == 'n' ? '\n' : '\\';
		} else {
			p->comm[n++] = *s;
		}
	}
	p->comm[n] = '\0';
}

/* The kernel takes the mark from approximate counters, so it can be some pages lower than an RSS
 * that was read. A mark that is slightly lower than before is the same one. A mark that is much
 * lower belongs to another program, executed since. */
static void raise_mark(struct process *p, uint64_t mark)
{
	if (mark >= p->hwm_kib - p->hwm_kib / 64)
		mark = mark > p->hwm_kib ? mark : p->hwm_kib;
	p->hwm_kib = mark > p->rss_kib ? mark : p->rss_kib;
}

/* Return the number in the line KEY at or after *TEXT, and move *TEXT there. Return 0 if there is
 * no such line: a kernel thread has none about memory. */
static uint64_t next_number(const char **text, const char *key)
{
	const char *value = procfs_value(*text, key);
	if (value == NULL)
		return 0;
	*text = strchr(value, '\n');
	return strtoull(value, NULL, 10);
}

/* Set the swap of P to SWAP_KIB, which was read together with RSS_KIB. Memory that was swapped out
 * since the RSS of P was read would count twice, so the RSS is lowered to RSS_KIB then. */
static void set_swap(struct process *p, uint64_t swap_kib, uint64_t rss_kib)
{
	if (swap_kib > p->swap_kib && rss_kib < p->rss_kib)
		p->rss_kib = rss_kib;
	p->swap_kib = swap_kib;
}

/* The lines are read in their order, so that the text is searched once. */
int process_status_parse(struct process *p, const char *text)
{
	const char *state = procfs_value(text, "State:");
	if (state == NULL ||
	    ((*state == 'Z' || *state == 'X') && procfs_number(text, "Threads:") <= 1))
		return -1;
	read_name(p, text);
	text = state;
	p->ppid = (pid_t)next_number(&text, "PPid:");
	p->vsz_kib = next_number(&text, "VmSize:");
	uint64_t mark_kib = next_number(&text, "VmHWM:");
	uint64_t rss_kib = next_number(&text, "VmRSS:");
	p->shmem_kib = next_number(&text, "RssShmem:");
	set_swap(p, next_number(&text, "VmSwap:"), rss_kib);
	p->hugetlb_kib = next_number(&text, "HugetlbPages:");
	p->threads = next_number(&text, "Threads:");
	raise_mark(p, mark_kib);
	return 0;
}
