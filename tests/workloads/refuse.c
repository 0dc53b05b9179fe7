/* SPDX-License-Identifier: MIT */
/*
 * Run a command with system calls refused, as container runtimes do with seccomp(2).
 *
 *	refuse NAME[=ERROR]... -- COMMAND [ARGUMENT]...
 *
 * ERROR is EPERM, the default, or ENOSYS. Exit with 77 if that is not possible here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define IMPOSSIBLE 77
#define MOST 64

static const struct {
	const char *name;
	long number;
} calls[] = {
#ifdef SYS_clone3
    {"clone3", SYS_clone3},
#endif
    {"kcmp", SYS_kcmp},
    {"perf_event_open", SYS_perf_event_open},
#ifdef SYS_pidfd_open
    {"pidfd_open", SYS_pidfd_open},
#endif
#ifdef SYS_pidfd_send_signal
    {"pidfd_send_signal", SYS_pidfd_send_signal},
#endif
    {"rt_sigqueueinfo", SYS_rt_sigqueueinfo},
    {"sched_getattr", SYS_sched_getattr},
    {"sched_setattr", SYS_sched_setattr},
    {"unshare", SYS_unshare},
};

static unsigned number_of(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (strlen(calls[i].name) == n && memcmp(calls[i].name, name, n) == 0)
			return (unsigned)calls[i].number;
	fprintf(stderr, "refuse: %s: not a system call that can be refused here\n", name);
	exit(IMPOSSIBLE);
}

/* Append to PROGRAM two instructions that refuse CALL, `NAME` or `NAME=ERROR`. */
static void add(struct sock_fprog *program, const char *call)
{
	size_t n = strcspn(call, "=");
	unsigned error = strcmp(call + n, "=ENOSYS") == 0 ? ENOSYS : EPERM;
	struct sock_filter *f = program->filter + program->len;
	f[0] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number_of(call, n), 0, 1);
	f[1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
	program->len = (unsigned short)(program->len + 2);
}

int main(int argc, char **argv)
{
	struct sock_filter filter[2 * MOST + 2];
	struct sock_fprog program = {.filter = filter, .len = 1};
	int i = 1;
	filter[0] = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (; i < argc && i < MOST && strcmp(argv[i], "--") != 0; i++)
		add(&program, argv[i]);
	if (i + 1 >= argc)
		return 2;
	filter[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
		perror("refuse: seccomp");
		return IMPOSSIBLE;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 127;
}
