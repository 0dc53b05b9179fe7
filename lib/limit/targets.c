/* The processes of a tree, and how to end them. */
#include "limit/targets.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "os/process_signal.h"
#include "os/processes.h"

#define SECOND_US 1000000

void targets_init(struct targets *s, int hold)
{
	*s = (struct targets){.held_max = hold ? fd_limit() : 0};
}

/* The boot in whole seconds moves by one when the clock is corrected; within one
 * second, no PID comes round again at the same hundredth. */
static int same_start(int64_t a, int64_t b)
{
	int64_t apart = a > b ? a - b : b - a;
	return apart == 0 || apart == SECOND_US;
}

static int is_the_one(const struct target *v)
{
	int64_t us;
	if (v->start_us != TARGETS_NO_START)
		return process_signal_started(v->pid, &us) == 0 && same_start(us, v->start_us);
	return v->ppid != 0 && processes_parent(v->pid) == v->ppid;
}

/* Verified behind the opening: whoever has the PID then had it before. */
static int open_verified(const struct target *v)
{
	int fd = process_signal_open(v->pid);
	if (fd < 0 || is_the_one(v))
		return fd;
	close(fd);
	errno = ESRCH;
	return -1;
}

static int is_spared(pid_t pid)
{
	return pid <= 1 || pid == getpid() || pid == getppid();
}

static void release(struct targets *s, struct target *v)
{
	if (v->fd < 0)
		return;
	close(v->fd);
	v->fd = -1;
	s->held--;
}

static void hold(struct targets *s, struct target *v)
{
	if (v->fd >= 0 || s->held >= s->held_max || is_spared(v->pid))
		return;
	v->fd = open_verified(v); /* if not now, it is tried again */
	s->held += v->fd >= 0;
}

static void drop(struct targets *s, size_t i)
{
	release(s, &s->v[i]);
	pidmap_remove(&s->index, s->v[i].pid);
	if (i == --s->n)
		return;
	s->v[i] = s->v[s->n];
	pidmap_set(&s->index, s->v[i].pid, (uint32_t)i);
}

void targets_tick(struct targets *s)
{
	for (size_t i = s->n; i-- > 0;)
		if (s->v[i].tick != s->tick)
			drop(s, i);
	s->tick++;
}

static struct target *add(struct targets *s, pid_t pid)
{
	s->v = alloc_grow(s->v, &s->cap, s->n + 1, sizeof *s->v);
	pidmap_set(&s->index, pid, (uint32_t)s->n);
	s->v[s->n] = (struct target){.pid = pid, .fd = -1};
	return &s->v[s->n++];
}

static int is_another(const struct target *v, int64_t start_us)
{
	return v->start_us != TARGETS_NO_START && start_us != TARGETS_NO_START &&
	       !same_start(v->start_us, start_us);
}

struct target *targets_add(struct targets *s, pid_t pid, pid_t ppid, int64_t start_us)
{
	uint32_t i = pidmap_get(&s->index, pid);
	struct target *v = i != PIDMAP_NONE ? &s->v[i] : add(s, pid);
	if (is_another(v, start_us)) {
		release(s, v);
		*v = (struct target){.pid = pid, .fd = -1};
	}
	v->ppid = ppid;
	if (start_us != TARGETS_NO_START || v->tick == 0)
		v->start_us = start_us;
	v->tick = s->tick;
	hold(s, v);
	return v;
}

/* Where the system has no handles. */
static int send_by_pid(const struct target *v, int sig)
{
	if (!is_the_one(v)) {
		errno = ESRCH;
		return -1;
	}
	if (kill(v->pid, sig) != 0)
		return -1;
	(void)kill(v->pid, SIGCONT);
	return 0;
}

static int send_by_descriptor(int fd, int sig)
{
	if (process_signal_send(fd, sig) != 0)
		return -1;
	(void)process_signal_send(fd, SIGCONT);
	return 0;
}

int targets_signal(struct targets *s, struct target *v, int sig)
{
	if (is_spared(v->pid))
		return 0;
	int fd = v->fd >= 0 ? v->fd : open_verified(v), sent = -1;
	if (fd >= 0)
		sent = send_by_descriptor(fd, sig);
	else if (errno == ENOSYS)
		sent = send_by_pid(v, sig);
	int why = errno;
	if (v->fd < 0 && fd >= 0)
		close(fd);
	if (sent != 0 && why == ESRCH)
		release(s, v); /* what is seen of the PID from now on is another */
	errno = why;
	return sent == 0 ? 1 : why == ESRCH ? 0 : -1;
}

/* Without a descriptor, it is asked for. */
static int has_ended(const struct target *v)
{
	return v->fd >= 0 ? process_signal_exited(v->fd) : is_spared(v->pid) || !is_the_one(v);
}

size_t targets_wait(struct targets *s, int timeout_ms)
{
	for (size_t i = s->n; i-- > 0;)
		if (has_ended(&s->v[i]))
			drop(s, i);
	if (s->n == 0)
		return 0;
	struct pollfd *p = alloc_resize(NULL, s->n, sizeof *p);
	for (size_t i = 0; i < s->n; i++)
		p[i] = (struct pollfd){.fd = s->v[i].fd, .events = POLLIN};
	(void)poll(p, (nfds_t)s->n, timeout_ms);
	free(p);
	return s->n;
}

void targets_free(struct targets *s)
{
	while (s->n > 0)
		drop(s, s->n - 1);
	free(s->v);
	pidmap_free(&s->index);
}
