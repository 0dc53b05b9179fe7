/* SPDX-License-Identifier: MIT */
/* The processes of the present tick, as targets for signals. */
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

void targets_init(struct targets *t, bool hold)
{
	*t = (struct targets){.handles_max = hold ? fd_limit() : 0};
}

/* ---- identity */

/* Start times are relative to the boot time, which moves when the clock is corrected. No PID is
 * used again within one second. */
static bool is_same_start(int64_t a, int64_t b)
{
	int64_t apart = a > b ? a - b : b - a;
	return apart <= SECOND_US;
}

/* Return true if the process that has the PID now is the target. */
static bool is_running(const struct target *v)
{
	int64_t us;
	if (v->start_us != TARGETS_NO_START)
		return process_signal_started(v->pid, &us) == 0 && is_same_start(us, v->start_us);
	return v->ppid != 0 && processes_parent(v->pid) == v->ppid;
}

/* Return a handle, or -1 with errno set. Verification comes after opening: the process that has
 * the PID then had it before as well. */
static int open_verified(const struct target *v)
{
	int handle = process_signal_open(v->pid);
	if (handle < 0 || is_running(v))
		return handle;
	close(handle);
	errno = ESRCH;
	return -1;
}

static bool is_exempt(pid_t pid)
{
	return pid <= 1 || pid == getpid() || pid == getppid();
}

/* ---- the set */

static void release(struct targets *t, struct target *v)
{
	if (v->handle < 0)
		return;
	close(v->handle);
	v->handle = -1;
	t->handles--;
}

/* Open a handle of V if there is room. If that fails, the next sample tries again. */
static void hold(struct targets *t, struct target *v)
{
	if (v->handle >= 0 || t->handles >= t->handles_max || is_exempt(v->pid))
		return;
	v->handle = open_verified(v);
	t->handles += v->handle >= 0;
}

static void drop(struct targets *t, size_t i)
{
	release(t, &t->v[i]);
	pidmap_remove(&t->index, t->v[i].pid);
	if (i == --t->n)
		return;
	t->v[i] = t->v[t->n];
	pidmap_set(&t->index, t->v[i].pid, (uint32_t)i);
}

void targets_begin_tick(struct targets *t)
{
	for (size_t i = t->n; i-- > 0;)
		if (t->v[i].tick != t->tick)
			drop(t, i);
	t->tick++;
}

static struct target *add(struct targets *t, pid_t pid)
{
	t->v = alloc_grow(t->v, &t->cap, t->n + 1, sizeof *t->v);
	pidmap_set(&t->index, pid, (uint32_t)t->n);
	t->v[t->n] = (struct target){.pid = pid, .handle = -1};
	return &t->v[t->n++];
}

static bool is_another(const struct target *v, int64_t start_us)
{
	return v->start_us != TARGETS_NO_START && start_us != TARGETS_NO_START &&
	       !is_same_start(v->start_us, start_us);
}

struct target *targets_add(struct targets *t, pid_t pid, pid_t ppid, int64_t start_us)
{
	uint32_t i = pidmap_get(&t->index, pid);
	struct target *v = i != PIDMAP_NONE ? &t->v[i] : add(t, pid);
	if (is_another(v, start_us)) {
		release(t, v);
		*v = (struct target){.pid = pid, .handle = -1};
	}
	v->ppid = ppid;
	if (start_us != TARGETS_NO_START || v->tick == 0)
		v->start_us = start_us;
	v->tick = t->tick;
	hold(t, v);
	return v;
}

/* ---- signals */

/* Send SIG by PID, where handles cannot be used. Return 0, or -1 with errno set. */
static int send_by_pid(const struct target *v, int sig)
{
	if (!is_running(v)) {
		errno = ESRCH;
		return -1;
	}
	if (kill(v->pid, sig) != 0)
		return -1;
	(void)kill(v->pid, SIGCONT);
	return 0;
}

static int send_by_handle(int handle, int sig)
{
	if (process_signal_send(handle, sig) != 0)
		return -1;
	(void)process_signal_send(handle, SIGCONT);
	return 0;
}

int targets_signal(struct targets *t, struct target *target, int sig)
{
	if (is_exempt(target->pid))
		return 0;
	int handle = target->handle >= 0 ? target->handle : open_verified(target), sent = -1;
	if (handle >= 0)
		sent = send_by_handle(handle, sig);
	if (sent != 0 && (errno == ENOSYS || errno == EPERM))
		sent = send_by_pid(target, sig);
	int error = errno;
	if (target->handle < 0 && handle >= 0)
		close(handle);
	if (sent != 0 && error == ESRCH)
		release(t, target); /* later samples of the PID are of another process */
	errno = error;
	return sent == 0 ? 1 : error == ESRCH ? 0 : -1;
}

static bool has_exited(const struct target *v)
{
	return v->handle >= 0 ? process_signal_exited(v->handle)
			      : is_exempt(v->pid) || !is_running(v);
}

bool targets_is_present(const struct targets *t, const struct target *target)
{
	return target->tick == t->tick;
}

bool targets_is_running(const struct target *target)
{
	return target->handle >= 0 ? !process_signal_exited(target->handle) : is_running(target);
}

size_t targets_wait(struct targets *t, int timeout_ms)
{
	for (size_t i = t->n; i-- > 0;)
		if (has_exited(&t->v[i]))
			drop(t, i);
	if (t->n == 0)
		return 0;
	struct pollfd *p = alloc_resize(NULL, t->n, sizeof *p);
	for (size_t i = 0; i < t->n; i++)
		p[i] = (struct pollfd){.fd = t->v[i].handle, .events = POLLIN};
	(void)poll(p, (nfds_t)t->n, timeout_ms);
	free(p);
	return t->n;
}

void targets_free(struct targets *t)
{
	while (t->n > 0)
		drop(t, t->n - 1);
	free(t->v);
	pidmap_free(&t->index);
}
