/* SPDX-License-Identifier: MIT */
/* One process and its memory: /proc/PID/statm and status. */
#define _GNU_SOURCE
#include "os/process.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "os/linux/kernel.h"
#include "os/linux/process_file.h"
#include "os/linux/process_status.h"
#include "os/linux/procfs.h"

#define STATUS_SIZE 16384 /* directory services allow a thousand groups, listed on one line */
#define STATM_SIZE 96

/* The descriptors identify the process: they fail with ESRCH once it has exited. Without them, its
 * start time does. */
struct process_handle {
	pid_t task; /* the thread whose files are read, usually the main thread */
	int statm_fd, status_fd, stat_fd; /* -1: opened for each read, or not opened yet */
	int keep;			  /* PROCESS_KEEP_ALL: the latter two are kept too */
	uint64_t start_ticks;		  /* 0: not known */
	size_t statm_len;
	char statm[STATM_SIZE]; /* as last read: if the text is the same, so is the memory */
};

bool process_is_out_of_reach(int error)
{
	return error == ENOENT || error == ESRCH || error == EACCES || error == EPERM;
}

const char *process_open_error(int error)
{
	return error == EACCES ? "not shown in /proc" : strerror(error);
}

const char *process_memory_columns(void)
{
	return "swap,hugetlb,file,shmem";
}

size_t process_keeps_descriptors(const struct process *p)
{
	if (p->handle->statm_fd < 0)
		return 0;
	return p->handle->keep == PROCESS_KEEP_ALL ? PROCESS_DESCRIPTORS : 1;
}

bool process_owns_pid(const struct process *p)
{
	char text[2];
	struct procfs_stat st;
	if (p->handle->statm_fd >= 0)
		return procfs_read(p->handle->statm_fd, text, sizeof text) > 0;
	return procfs_stat(p->pid, &st) == 0 && st.start_ticks == p->handle->start_ticks;
}

pid_t process_task(const struct process *p)
{
	return p->handle->task;
}

const char *process_file(const struct process *p, const char *name, char *path, size_t size)
{
	if (p->handle->task == p->pid)
		return name;
	snprintf(path, size, "task/%ld/%s", (long)p->handle->task, name);
	return path;
}

/* Read NAME from FD, or if that is -1, by name; then check that the PID is still that of P. */
static long read_file(const struct process *p, int fd, const char *name, char *text, size_t size)
{
	char path[PROCESS_FILE_MAX];
	if (fd >= 0)
		return procfs_read(fd, text, size);
	long n = procfs_get(p->pid, process_file(p, name, path, sizeof path), text, size);
	if (n < 0)
		return -1;
	errno = ESRCH; /* if process_owns_pid does not set it */
	return process_owns_pid(p) ? n : -1;
}

/* ---- status */

/* Open the file NAME of P for this read and the following ones, if it is to be kept. */
static void keep_file(const struct process *p, int *fd, const char *name)
{
	char path[PROCESS_FILE_MAX];
	if (*fd < 0 && p->handle->statm_fd >= 0 && p->handle->keep == PROCESS_KEEP_ALL)
		*fd = procfs_open(p->pid, process_file(p, name, path, sizeof path));
}

static long read_status(const struct process *p, char text[STATUS_SIZE])
{
	keep_file(p, &p->handle->status_fd, "status");
	return read_file(p, p->handle->status_fd, "status", text, STATUS_SIZE);
}

int process_read_status(struct process *p)
{
	char text[STATUS_SIZE];
	struct process old = *p;
	if (read_status(p, text) <= 0 || process_status_parse(p, text) != 0)
		return -1;
	if (p->rss_kib != old.rss_kib)
		p->handle->statm_len = 0; /* the next process_read_memory sets the RSS */
	return p->hwm_kib != old.hwm_kib || p->ppid != old.ppid || p->threads != old.threads ||
	       p->swap_kib != old.swap_kib || p->hugetlb_kib != old.hugetlb_kib ||
	       p->shmem_kib != old.shmem_kib || strcmp(p->comm, old.comm) != 0;
}

int process_owner(const struct process *p, uid_t *uid)
{
	char text[STATUS_SIZE];
	unsigned long effective;
	if (read_status(p, text) <= 0)
		return -1;
	const char *ids = procfs_value(text, "Uid:");
	if (ids == NULL || sscanf(ids, "%*u %lu", &effective) != 1)
		return -1;
	*uid = (uid_t)effective;
	return 0;
}

/* ---- faults */

/* Set the faults of P from the text of stat: pid (comm) state ppid pgrp session tty tpgid flags
 * minflt cminflt majflt cmajflt. */
static int parse_faults(struct process *p, const char *stat)
{
	const char *s = strrchr(stat, ')');
	uint64_t minor, minor_children, major, major_children;
	if (s == NULL ||
	    sscanf(s, ") %*c %*d %*d %*d %*d %*d %*u %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
		&minor, &minor_children, &major, &major_children) != 4)
		return -1;
	p->faults = minor + major;
	p->children_faults = minor_children + major_children;
	return 0;
}

int process_read_faults(struct process *p)
{
	char text[1024];
	struct process_handle *h = p->handle;
	if (h->stat_fd < 0 && h->keep == PROCESS_KEEP_ALL)
		h->stat_fd = procfs_open(p->pid, "stat");
	long n = h->stat_fd >= 0 ? procfs_read(h->stat_fd, text, sizeof text)
				 : procfs_get(p->pid, "stat", text, sizeof text);
	return n > 0 ? parse_faults(p, text) : -1;
}

/* ---- memory */

/* Set the memory of P from the text of statm, seven numbers of pages:
 * size resident shared text lib data dt. The kernel sets `text` when it has loaded a program. Until
 * then, execve(2) holds a lock that a read of stat, and kcmp(2), wait for. */
static void parse_statm(struct process *p, const char *statm)
{
	uint64_t page_kib = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
	char *end;
	p->vsz_kib = strtoull(statm, &end, 10) * page_kib;
	p->rss_kib = strtoull(end, &end, 10) * page_kib;
	p->shared_kib = strtoull(end, &end, 10) * page_kib;
	p->executing = p->vsz_kib > 0 && strtoull(end, NULL, 10) == 0;
	if (p->hwm_kib < p->rss_kib)
		p->hwm_kib = p->rss_kib;
}

/* Return whether STATM is that of a zombie or of a kernel thread. */
static bool is_without_memory(const char *statm)
{
	return statm[0] == '0' && statm[1] == ' ';
}

static void close_files(struct process_handle *h)
{
	if (h->statm_fd >= 0)
		close(h->statm_fd);
	if (h->status_fd >= 0)
		close(h->status_fd);
	if (h->stat_fd >= 0)
		close(h->stat_fd);
	h->statm_fd = h->status_fd = h->stat_fd = -1;
}

static void keep_open(struct process *p)
{
	char path[PROCESS_FILE_MAX];
	p->handle->statm_fd = procfs_open(p->pid, process_file(p, "statm", path, sizeof path));
}

/* Return whether the PID is still that of P, as far as start times show it, and note the start
 * time. */
static bool has_same_start(struct process *p)
{
	struct procfs_stat st;
	if (procfs_stat(p->pid, &st) != 0 ||
	    (p->handle->start_ticks != 0 && st.start_ticks != p->handle->start_ticks))
		return false;
	p->handle->start_ticks = st.start_ticks;
	return true;
}

/* Return a thread of PID that has memory, or 0 if there is none. */
static pid_t find_thread(pid_t pid)
{
	char path[PROCESS_FILE_MAX], text[STATM_SIZE];
	snprintf(path, sizeof path, "%ld/task", (long)pid);
	struct kernel_folder *f = kernel_folder_open(path);
	pid_t found = 0;
	if (f == NULL)
		return 0;
	for (pid_t id; found == 0 && (id = kernel_folder_next(f)) > 0;) {
		snprintf(path, sizeof path, "task/%ld/statm", (long)id);
		if (procfs_get(pid, path, text, sizeof text) > 0 && !is_without_memory(text))
			found = id;
	}
	kernel_folder_close(f);
	return found;
}

/* A main thread that exits before the others is a zombie without memory. Read the files of another
 * thread from now on. Return 0, or -1 if there is none. */
static int change_thread(struct process *p)
{
	bool keep = process_keeps_descriptors(p) > 0;
	pid_t found = find_thread(p->pid);
	if (found == 0 || !has_same_start(p))
		return -1;
	close_files(p->handle);
	p->handle->task = found;
	if (keep)
		keep_open(p);
	return 0;
}

int process_read_memory(struct process *p)
{
	char text[STATM_SIZE];
	struct process_handle *h = p->handle;
	long n = read_file(p, h->statm_fd, "statm", text, sizeof text);
	if (n < 0 && !process_is_out_of_reach(errno))
		return 0; /* the read failed; the process need not have exited */
	/* Either the process has exited, or the thread whose files are read. */
	bool lost = n > 0 ? is_without_memory(text) : h->task != p->pid;
	if (lost && change_thread(p) == 0)
		n = read_file(p, h->statm_fd, "statm", text, sizeof text);
	if (n <= 0)
		return -1;
	if ((size_t)n == h->statm_len && memcmp(text, h->statm, (size_t)n) == 0)
		return 0;
	if (is_without_memory(text))
		return -1;
	memcpy(h->statm, text, (size_t)n + 1);
	h->statm_len = (size_t)n;
	p->memory_known = true;
	parse_statm(p, text);
	return 1;
}

void process_read_less_memory(struct process *p)
{
	char text[STATM_SIZE];
	struct process again = *p;
	long n = read_file(p, p->handle->statm_fd, "statm", text, sizeof text);
	if (n < 0 && !process_is_out_of_reach(errno))
		return;
	if (n <= 0 || is_without_memory(text)) {
		p->rss_kib = 0;
		p->handle->statm_len = 0; /* the next read sets it */
		return;
	}
	parse_statm(&again, text);
	if (again.rss_kib >= p->rss_kib)
		return;
	memcpy(p->handle->statm, text, (size_t)n + 1);
	p->handle->statm_len = (size_t)n;
	parse_statm(p, text);
}

bool process_is_executing(const struct process *p)
{
	char text[STATM_SIZE];
	struct process now = *p;
	long n = read_file(p, p->handle->statm_fd, "statm", text, sizeof text);
	if (n <= 0)
		return false;
	parse_statm(&now, text);
	return now.executing;
}

/* ---- opening */

static int fail(int error)
{
	errno = error;
	return -1;
}

/* Fail for a PID that is not in /proc, which hidepid, or no /proc at all, can be the reason for. */
static int hidden_or_exited(pid_t pid)
{
	return fail(kill(pid, 0) == 0 || errno == EPERM ? EACCES : ESRCH);
}

static int read_first(struct process *p)
{
	char text[STATUS_SIZE];
	struct procfs_stat st;
	if (p->handle->statm_fd < 0) {
		if (procfs_stat(p->pid, &st) != 0)
			return errno == ENOENT ? hidden_or_exited(p->pid) : -1;
		p->handle->start_ticks = st.start_ticks;
	}
	long n = read_status(p, text);
	if (n <= 0)
		return n == 0 || process_is_out_of_reach(errno) ? fail(ESRCH) : -1;
	if (procfs_number(text, "Tgid:") != (uint64_t)p->pid || process_status_parse(p, text) != 0)
		return fail(ESRCH);
	return 0;
}

int process_open(struct process *p, pid_t pid, int keep)
{
	*p = (struct process){
	    .pid = pid,
	    .has = PROCESS_HAS_SWAP | PROCESS_HAS_HUGETLB | PROCESS_HAS_SHARED,
	    .handle = alloc_resize(NULL, 1, sizeof *p->handle),
	};
	*p->handle = (struct process_handle){
	    .task = pid, .statm_fd = -1, .status_fd = -1, .stat_fd = -1, .keep = keep};
	if (keep != PROCESS_KEEP_NONE)
		keep_open(p);
	if (read_first(p) == 0)
		return 0;
	int why = errno;
	process_close(p);
	return fail(why);
}

void process_close(struct process *p)
{
	if (p->handle != NULL)
		close_files(p->handle);
	free(p->handle);
	p->handle = NULL;
}
