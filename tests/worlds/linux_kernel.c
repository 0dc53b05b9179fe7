/* SPDX-License-Identifier: MIT */
/* The kernel below lib/os/linux, simulated: the files of /proc, and process events. */
#include "os/linux/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "os/process_events.h"
#include "world.h"

#define FILES_MAX 65536
#define PAGE_KIB ((uint64_t)sysconf(_SC_PAGESIZE) / 1024)

/* The file that a descriptor of kernel_open reads. */
struct file {
	uint64_t serial; /* of the process; 0: none */
	char name[32];	 /* below /proc, or below the folder of the process */
};

static struct file files[FILES_MAX]; /* by descriptor */

static int fail(int error)
{
	errno = error;
	return -1;
}

/* Split NAME, `12/status` or `12/task/12/status`. Return the process, or NULL if NAME is of none;
 * then *REST is NAME itself. */
static struct world_process *find(const char *name, const char **rest)
{
	char *end;
	long pid = strtol(name, &end, 10);
	char task[32];
	*rest = name;
	if (end == name)
		return NULL;
	*rest = *end == '/' ? end + 1 : end;
	int n = snprintf(task, sizeof task, "task/%ld", pid);
	if (strncmp(*rest, task, (size_t)n) == 0)
		*rest += n + ((*rest)[n] == '/');
	struct world_process *p = world_find((pid_t)pid);
	return p != NULL && !p->hidden ? p : NULL;
}

static bool is_of_process(const char *name)
{
	return name[0] >= '0' && name[0] <= '9';
}

int kernel_open(const char *name)
{
	const char *rest;
	const struct world_process *p = find(name, &rest);
	if (p == NULL && is_of_process(name))
		return fail(ENOENT);
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fd >= FILES_MAX)
		return -1;
	files[fd] = (struct file){.serial = p != NULL ? p->serial : 0};
	(void)snprintf(files[fd].name, sizeof files[fd].name, "%s", rest);
	return fd;
}

/* ---- the text of files */

static char state_letter(const struct world_process *p)
{
	static const char letters[] = {
	    [WORLD_RUNNING] = 'R', [WORLD_STOPPED] = 'T', [WORLD_ZOMBIE] = 'Z'};
	return letters[p->state];
}

static int put_status(char *text, size_t size, const struct world_process *p)
{
	int n = snprintf(text, size,
	    "Name:\t%s\nState:\t%c\nTgid:\t%ld\nPPid:\t%ld\n"
	    "Uid:\t%u\t%u\t%u\t%u\n",
	    p->name, state_letter(p), (long)p->pid, (long)p->ppid, (unsigned)p->owner,
	    (unsigned)p->owner, (unsigned)p->owner, (unsigned)p->owner);
	if (p->state != WORLD_ZOMBIE)
		n += snprintf(text + n, size - (size_t)n,
		    "VmSize:\t%" PRIu64 " kB\nVmHWM:\t%" PRIu64 " kB\nVmRSS:\t%" PRIu64 " kB\n"
		    "VmSwap:\t%" PRIu64 " kB\n",
		    p->vsz_kib, p->mark_kib, p->rss_kib, p->swap_kib);
	return n + snprintf(text + n, size - (size_t)n, "Threads:\t%" PRIu64 "\n", p->threads);
}

static int put_stat(char *text, size_t size, const struct world_process *p)
{
	uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	return snprintf(text, size,
	    "%ld (%s) %c %ld %ld %ld 0 -1 0 %" PRIu64 " 0 0 0 %" PRIu64 " 0 0 0 20 0 %" PRIu64
	    " 0 %" PRIu64 " 0 0 0 0 0 0 0 0 0\n",
	    (long)p->pid, p->name, state_letter(p), (long)p->ppid, (long)p->group,
	    (long)p->session, p->faults, p->cpu_us * hz / 1000000, p->threads,
	    p->start_us * hz / 1000000);
}

static int put_cmdline(char *text, size_t size, const struct world_process *p)
{
	int n = snprintf(text, size, "%s", p->command);
	for (int i = 0; i < n; i++)
		if (text[i] == ' ')
			text[i] = '\0';
	return n > 0 ? n + 1 : 0;
}

static int put_children(char *text, size_t size, const struct world_process *p)
{
	int n = 0;
	for (size_t i = 0; i < world.n; i++)
		if (world.v[i].ppid == p->pid && world.v[i].state != WORLD_REAPED)
			n += snprintf(
			    text + n, size - (size_t)n, "%ld ", (long)world.v[i].pid);
	return n;
}

static int put_of_process(char *text, size_t size, const char *name, struct world_process *p)
{
	uint64_t page = PAGE_KIB;
	if (strcmp(name, "status") == 0)
		return put_status(text, size, p);
	if (strcmp(name, "stat") == 0)
		return put_stat(text, size, p);
	if (strcmp(name, "cmdline") == 0)
		return put_cmdline(text, size, p);
	if (strcmp(name, "statm") == 0)
		return snprintf(text, size, "%" PRIu64 " %" PRIu64 " 0 %d 0 0 0\n",
		    p->vsz_kib / page, p->rss_kib / page, p->state != WORLD_ZOMBIE);
	if (strcmp(name, "children") == 0)
		return put_children(text, size, p);
	if (strcmp(name, "io") == 0)
		return snprintf(text, size,
		    "read_bytes: %" PRIu64 "\nwrite_bytes: %" PRIu64 "\n", p->read_kib * 1024,
		    p->write_kib * 1024);
	return 0;
}

/* /proc/loadavg ends with the numbers of tasks and the newest PID. */
static int put_of_machine(char *text, size_t size, const char *name)
{
	size_t tasks = 0;
	for (size_t i = 0; i < world.n; i++)
		tasks += world.v[i].state != WORLD_REAPED;
	if (strcmp(name, "loadavg") == 0)
		return snprintf(text, size, "0.00 0.00 0.00 1/%zu %ld\n", tasks,
		    (long)world.v[world.n - 1].pid);
	if (strcmp(name, "sys/kernel/pid_max") == 0)
		return snprintf(text, size, "32768\n");
	return 0;
}

ssize_t kernel_read(int fd, char *text, size_t size, off_t offset)
{
	static char whole[1 << 20];
	const struct file *f = &files[fd];
	int n;
	if (f->serial == 0) {
		n = put_of_machine(whole, sizeof whole, f->name);
	} else {
		struct world_process *p = world_find_serial(f->serial);
		if (strcmp(f->name, "children") != 0 && p != NULL)
			world_reach(WORLD_READING, p->pid);
		p = world_find_serial(f->serial);
		if (p == NULL)
			return fail(ESRCH);
		n = put_of_process(whole, sizeof whole, f->name, p);
		if (strcmp(f->name, "children") == 0 && offset == 0)
			world_reach(WORLD_LISTED, p->pid);
	}
	if (offset >= n)
		return 0;
	size = size < (size_t)(n - offset) ? size : (size_t)(n - offset);
	memcpy(text, whole + offset, size);
	return (ssize_t)size;
}

ssize_t kernel_link(const char *name, char *text, size_t size)
{
	if (strcmp(name, "self") != 0)
		return fail(ENOENT);
	return snprintf(text, size, "%d", WORLD_SELF);
}

bool kernel_has(const char *name)
{
	const char *rest;
	return find(name, &rest) != NULL || !is_of_process(name);
}

/* ---- folders */

struct kernel_folder {
	pid_t *v;
	size_t n, next;
};

struct kernel_folder *kernel_folder_open(const char *name)
{
	const char *rest;
	const struct world_process *p = find(name, &rest);
	if (p == NULL && *name != '\0') {
		errno = ENOENT;
		return NULL;
	}
	struct kernel_folder *f = alloc_resize(NULL, 1, sizeof *f);
	*f = (struct kernel_folder){.v = alloc_resize(NULL, world.n, sizeof *f->v)};
	for (size_t i = 0; i < world.n; i++)
		if (p != NULL ? &world.v[i] == p
			      : world.v[i].state != WORLD_REAPED && !world.v[i].hidden)
			f->v[f->n++] = world.v[i].pid;
	if (p == NULL)
		world_reach(WORLD_LISTED, 0);
	return f;
}

pid_t kernel_folder_next(struct kernel_folder *f)
{
	errno = 0;
	return f->next < f->n ? f->v[f->next++] : 0;
}

void kernel_folder_close(struct kernel_folder *f)
{
	int error = errno;
	free(f->v);
	free(f);
	errno = error;
}

int kernel_compare_memory(pid_t a, pid_t b)
{
	return world_find(a) != NULL && world_find(b) != NULL ? 1 : fail(ESRCH);
}

int kernel_handle_open(pid_t pid)
{
	struct world_process *p = world_find(pid);
	int fd = world_exit_fd(pid);
	if (fd < 0)
		return fail(ESRCH);
	files[fd].serial = p->serial;
	return fd;
}

int kernel_handle_signal(int handle, int sig)
{
	const struct world_process *p = world_find_serial(files[handle].serial);
	return p != NULL ? kill(p->pid, sig) : fail(ESRCH);
}

/* ---- events, which take the place of the proc connector's */

int process_events_open(struct process_events *e)
{
	*e = (struct process_events){.fd = world_event_fd(), .creations = true};
	if (!world.events_refused)
		return 0;
	e->fd = -1;
	return fail(e->error = EPERM);
}

int process_events_watch(struct process_events *e, pid_t pid)
{
	(void)e, (void)pid;
	return 0;
}

int process_events_next(struct process_events *e, struct process_event *event)
{
	static const enum process_event_kind kinds[] = {[WORLD_CREATED] = PROCESS_CREATED,
	    [WORLD_EXECUTED] = PROCESS_EXECUTED,
	    [WORLD_EXITED] = PROCESS_EXITED};
	const struct world_event *w = e->fd >= 0 ? world_take_event() : NULL;
	if (w == NULL)
		return 0;
	*event = (struct process_event){
	    .kind = kinds[w->kind], .pid = w->pid, .ppid = w->ppid, .time_ns = w->time_ns};
	return 1;
}

void process_events_close(struct process_events *e)
{
	e->fd = -1;
}
