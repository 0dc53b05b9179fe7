/* One process and its memory. */
#define _GNU_SOURCE
#include "os/process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/status.h"
#include "os/linux/procfs.h"

/* With a line of groups in it: a thousand are what directory services allow. */
#define STATUS_SIZE 16384

int process_is_same(const struct process *p)
{
	char text[2];
	struct procfs_stat st;
	if (p->statm_fd >= 0)
		return procfs_read(p->statm_fd, text, sizeof text) > 0;
	return procfs_stat(p->pid, &st) == 0 && st.start_ticks == p->start_ticks;
}

const char *process_path(const struct process *p, const char *name, char *path, size_t size)
{
	if (p->task == p->pid)
		return name;
	snprintf(path, size, "task/%ld/%s", (long)p->task, name);
	return path;
}

/* Reads NAME through the descriptor kept for it, or else by opening it and
 * making sure afterwards that the PID is still the same process's. */
static long read_file(const struct process *p, int fd, const char *name, char *text, size_t size)
{
	char path[PROCESS_PATH];
	if (fd >= 0)
		return procfs_read(fd, text, size);
	long n = procfs_get(p->pid, process_path(p, name, path, sizeof path), text, size);
	if (n < 0)
		return -1;
	errno = ESRCH; /* unless asking fails */
	return process_is_same(p) ? n : -1;
}

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

/* The kernel's mark can lag some pages behind the readings (it is taken from
 * approximate counters), so a mark just below the old one is the old one; well
 * below, it belongs to a new image. */
static void raise_mark(struct process *p, uint64_t mark)
{
	if (mark >= p->hwm_kib - p->hwm_kib / 64)
		mark = mark > p->hwm_kib ? mark : p->hwm_kib;
	p->hwm_kib = mark > p->rss_kib ? mark : p->rss_kib;
}

static int parse_status(struct process *p, const char *text)
{
	const char *state = procfs_value(text, "State:");
	if (state == NULL ||
	    ((*state == 'Z' || *state == 'X') && procfs_number(text, "Threads:") <= 1))
		return -1;
	read_name(p, text);
	p->ppid = (pid_t)procfs_number(text, "PPid:");
	p->threads = procfs_number(text, "Threads:");
	p->vsz_kib = procfs_number(text, "VmSize:");
	p->swap_kib = procfs_number(text, "VmSwap:");
	raise_mark(p, procfs_number(text, "VmHWM:"));
	return 0;
}

int process_status(struct process *p)
{
	char text[STATUS_SIZE];
	struct process old = *p;
	if (read_file(p, p->status_fd, "status", text, sizeof text) <= 0 ||
	    parse_status(p, text) != 0)
		return -1;
	return p->hwm_kib != old.hwm_kib || p->ppid != old.ppid || p->threads != old.threads ||
	       p->swap_kib != old.swap_kib || strcmp(p->comm, old.comm) != 0;
}

int process_owner(const struct process *p, uid_t *uid)
{
	char text[STATUS_SIZE];
	unsigned long effective;
	if (read_file(p, p->status_fd, "status", text, sizeof text) <= 0)
		return -1;
	const char *ids = procfs_value(text, "Uid:");
	if (ids == NULL || sscanf(ids, "%*u %lu", &effective) != 1)
		return -1;
	*uid = (uid_t)effective;
	return 0;
}

void process_pss(struct process *p)
{
	char text[STATUS_SIZE], path[PROCESS_PATH];
	const char *name = process_path(p, "smaps_rollup", path, sizeof path);
	/* One that is ending, say, has let go of its memory since rss_kib was read. */
	p->pss_known = procfs_get(p->pid, name, text, sizeof text) > 0 &&
		       procfs_value(text, "Pss:") != NULL &&
		       procfs_number(text, "Rss:") >= p->rss_kib / 2 && process_is_same(p);
	if (!p->pss_known)
		return;
	p->pss_kib = procfs_number(text, "Pss:");
	p->uss_kib = procfs_number(text, "Private_Clean:") +
		     procfs_number(text, "Private_Dirty:") +
		     procfs_number(text, "Private_Hugetlb:");
}

/* Seven numbers, in pages: size resident shared text lib data dt. */
static void parse_statm(struct process *p)
{
	uint64_t page_kib = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
	char *end;
	p->vsz_kib = strtoull(p->statm, &end, 10) * page_kib;
	p->rss_kib = strtoull(end, &end, 10) * page_kib;
	p->shared_kib = strtoull(end, &end, 10) * page_kib;
	if (p->hwm_kib < p->rss_kib)
		p->hwm_kib = p->rss_kib;
}

/* What statm says of a zombie, and of a kernel thread. */
static int is_without_memory(const char *statm)
{
	return statm[0] == '0' && statm[1] == ' ';
}

void process_close(struct process *p)
{
	if (p->statm_fd >= 0)
		close(p->statm_fd);
	if (p->status_fd >= 0)
		close(p->status_fd);
	p->statm_fd = p->status_fd = -1;
}

/* Both descriptors or none; none works too. */
static void keep_open(struct process *p)
{
	char path[PROCESS_PATH];
	p->statm_fd = procfs_open(p->pid, process_path(p, "statm", path, sizeof path));
	if (p->statm_fd >= 0)
		p->status_fd = procfs_open(p->pid, process_path(p, "status", path, sizeof path));
	if (p->status_fd < 0)
		process_close(p);
}

/* Whether the PID is still this process's, as far back as that is known. */
static int is_no_other(struct process *p)
{
	struct procfs_stat st;
	if (procfs_stat(p->pid, &st) != 0 ||
	    (p->start_ticks != 0 && st.start_ticks != p->start_ticks))
		return 0;
	p->start_ticks = st.start_ticks;
	return 1;
}

/* A main thread can end before the others, and is a zombie without memory then:
 * the process is seen through another thread. 0, or -1 if there is none. */
static int hold_thread(struct process *p)
{
	char path[64], text[sizeof p->statm];
	int keep = p->statm_fd >= 0;
	snprintf(path, sizeof path, "/proc/%ld/task", (long)p->pid);
	DIR *d = opendir(path);
	pid_t found = 0;
	if (d == NULL)
		return -1;
	for (struct dirent *e; found == 0 && (e = readdir(d)) != NULL;) {
		snprintf(path, sizeof path, "task/%.20s/statm", e->d_name);
		if (isdigit((unsigned char)*e->d_name) &&
		    procfs_get(p->pid, path, text, sizeof text) > 0 && !is_without_memory(text))
			found = (pid_t)strtol(e->d_name, NULL, 10);
	}
	closedir(d);
	if (found == 0 || !is_no_other(p))
		return -1;
	process_close(p);
	p->task = found;
	if (keep)
		keep_open(p);
	return 0;
}

int process_memory(struct process *p)
{
	char text[sizeof p->statm];
	long n = read_file(p, p->statm_fd, "statm", text, sizeof text);
	if (n < 0 && !procfs_gone())
		return 0; /* it can't be seen now, and hasn't ended for that */
	/* The thread that it was seen through has ended, or it has itself. */
	int lost = n > 0 ? is_without_memory(text) : p->task != p->pid;
	if (lost && hold_thread(p) == 0)
		n = read_file(p, p->statm_fd, "statm", text, sizeof text);
	if (n <= 0)
		return -1;
	if ((size_t)n == p->statm_len && memcmp(text, p->statm, (size_t)n) == 0)
		return 0;
	if (is_without_memory(text))
		return -1; /* a zombie, a kernel thread */
	memcpy(p->statm, text, (size_t)n + 1);
	p->statm_len = (size_t)n;
	parse_statm(p);
	return 1;
}

static int vanished(void)
{
	errno = ESRCH;
	return -1;
}

/* Not in /proc: mounted with hidepid, or not at all, it doesn't show all. */
static int hidden_or_vanished(pid_t pid)
{
	errno = kill(pid, 0) == 0 || errno == EPERM ? EACCES : ESRCH;
	return -1;
}

static int hold(struct process *p, int keep)
{
	char text[STATUS_SIZE];
	if (keep)
		keep_open(p);
	struct procfs_stat st;
	if (p->statm_fd < 0) {
		if (procfs_stat(p->pid, &st) != 0)
			return errno == ENOENT ? hidden_or_vanished(p->pid) : -1;
		p->start_ticks = st.start_ticks;
	}
	long n = read_file(p, p->status_fd, "status", text, sizeof text);
	if (n <= 0)
		return n == 0 || procfs_gone() ? vanished() : -1;
	if (procfs_number(text, "Tgid:") != (uint64_t)p->pid || parse_status(p, text) != 0)
		return vanished();
	return 0;
}

int process_open(struct process *p, pid_t pid, int keep)
{
	*p = (struct process){.pid = pid, .task = pid, .statm_fd = -1, .status_fd = -1};
	if (hold(p, keep) == 0)
		return 0;
	int why = errno;
	process_close(p);
	errno = why;
	return -1;
}

/* percpu_counter_batch pages on each CPU where it ran: max(32, 2 * CPUs). */
uint64_t process_mark_error_kib(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t n = cpus > 1 ? (uint64_t)cpus : 1;
	uint64_t batch = n > 16 ? 2 * n : 32;
	return batch * (n < 4 ? n : 4) * ((uint64_t)sysconf(_SC_PAGESIZE) / 1024);
}

int process_shares_memory(const struct process *p, const struct process *parent)
{
	long differ = syscall(SYS_kcmp, p->task, parent->task, KCMP_VM, 0, 0);
	if (differ >= 0)
		return differ == 0;
	/* Not allowed to ask: as much mapped, and resident but for a few pages,
	 * is as good as certain, since a fork leaves out the pages of files. */
	struct process now = *p;
	if (procfs_get(p->pid, "statm", now.statm, sizeof now.statm) <= 0)
		return 0;
	parse_statm(&now);
	uint64_t apart = now.rss_kib > parent->rss_kib ? now.rss_kib - parent->rss_kib
						       : parent->rss_kib - now.rss_kib;
	return now.vsz_kib == parent->vsz_kib && apart <= 64;
}
