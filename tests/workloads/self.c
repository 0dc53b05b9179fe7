/* SPDX-License-Identifier: MIT */
/*
 * Print everything that a process can read about itself, one fact per line. Facts that differ
 * between any two processes are left out; IDs are printed as relations to each other.
 *
 *	self [argument ...]
 *
 * Text from outside is printed with its control characters in hexadecimal.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "no_leak_check.h"

extern char **environ;

/* Print up to 60 bytes of S, its length and a checksum. */
static void put(const char *key, const char *s)
{
	size_t n = strlen(s);
	uint64_t sum = 14695981039346656037u;
	printf("%s ", key);
	for (size_t i = 0; i < n; i++)
		sum = (sum ^ (unsigned char)s[i]) * 1099511628211u;
	for (size_t i = 0; i < n && i < 60; i++)
		printf(
		    s[i] > ' ' && s[i] < 127 && s[i] != '%' ? "%c" : "%%%02x", (unsigned char)s[i]);
	printf(" %zu %016llx\n", n, (unsigned long long)sum);
}

static void put_files(void)
{
	static const char *const files[] = {"oom_score_adj", "coredump_filter", "loginuid",
	    "sessionid", "cgroup", "uid_map", "timens_offsets", "attr/current"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char path[64], text[4096];
		snprintf(path, sizeof path, "/proc/self/%s", files[i]);
		FILE *f = fopen(path, "r");
		size_t n = f != NULL ? fread(text, 1, sizeof text - 1, f) : 0;
		text[n] = '\0';
		put(files[i], text);
		if (f != NULL)
			fclose(f);
	}
}

static void put_status(void)
{
	static const char *const keys[] = {"Uid", "Gid", "Groups", "Umask", "Threads", "TracerPid",
	    "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt", "CapInh", "CapPrm", "CapEff",
	    "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters", "Speculation",
	    "SpeculationIndirectBranch", "Cpus_allowed", "Mems_allowed", "THP_enabled",
	    "CoreDumping", "VmLck", "VmPin", "x86_Thread_features"};
	char line[4096];
	FILE *f = fopen("/proc/self/status", "r");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
			if (strncmp(line, keys[i], strlen(keys[i])) == 0 &&
			    line[strlen(keys[i])] == ':')
				fputs(line, stdout);
	if (f != NULL)
		fclose(f);
}

static void put_namespaces(void)
{
	static const char *const names[] = {"cgroup", "ipc", "mnt", "net", "pid",
	    "pid_for_children", "time", "time_for_children", "user", "uts"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[64], to[256];
		snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
		ssize_t n = readlink(path, to, sizeof to - 1);
		to[n < 0 ? 0 : n] = '\0';
		printf("namespace %s %s\n", names[i], to);
	}
}

static void put_terminal(int fd)
{
	struct termios t;
	if (tcgetattr(fd, &t) != 0)
		return;
	printf("\tterminal %x %x %x %x", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag);
	for (int i = 0; i < NCCS; i++)
		printf(" %d", t.c_cc[i]);
	/* Skip two numbers that differ from run to run. */
	printf("; ours: %d, in the foreground: %d\n", tcgetsid(fd) == getsid(0),
	    tcgetpgrp(fd) == getpgrp());
}

static void put_descriptors(void)
{
	for (int fd = 0; fd < 1024; fd++) {
		struct stat st;
		char path[64], to[4096];
		int flags = fcntl(fd, F_GETFD);
		if (flags < 0 || fstat(fd, &st) != 0)
			continue;
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		ssize_t n = readlink(path, to, sizeof to - 1);
		to[n < 0 ? 0 : n] = '\0';
		if (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))
			to[strcspn(to, ":")] = '\0';
		printf("descriptor %d mode %o flags %x %x signal %d at %lld ", fd,
		    (unsigned)st.st_mode, flags, (unsigned)fcntl(fd, F_GETFL), fcntl(fd, F_GETSIG),
		    fd == STDOUT_FILENO ? 0 : (long long)lseek(fd, 0, SEEK_CUR));
		put("to", to);
		put_terminal(fd);
	}
}

static void put_ids(void)
{
	gid_t groups[1024];
	int terminal = open("/dev/tty", O_RDWR);
	int n = getgroups(1024, groups);
	printf("ids %d %d %d %d", getuid(), geteuid(), getgid(), getegid());
	for (int i = 0; i < n; i++)
		printf(" %d", groups[i]);
	printf("\nleader of its group %d, of its session %d\n", getpgrp() == getpid(),
	    getsid(0) == getpid());
	printf("of its parent's group %d, session %d\n", getpgrp() == getpgid(getppid()),
	    getsid(0) == getsid(getppid()));
	printf("terminal %d foreground %d\n", terminal >= 0,
	    terminal >= 0 && tcgetpgrp(terminal) == getpgrp());
	if (terminal >= 0)
		close(terminal);
}

/* The first arguments of getrlimit(2) and getitimer(2). */
#ifdef __GLIBC__
typedef __rlimit_resource_t limit_number;
typedef __itimer_which_t timer_number;
#else
typedef int limit_number, timer_number;
#endif

static void put_limits(void)
{
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit r;
		if (getrlimit((limit_number)i, &r) == 0)
			printf("limit %d %llx %llx\n", i, (unsigned long long)r.rlim_cur,
			    (unsigned long long)r.rlim_max);
	}
}

static void put_signals(void)
{
	sigset_t blocked, pending;
	stack_t stack;
	sigprocmask(SIG_SETMASK, NULL, &blocked);
	sigpending(&pending);
	for (int sig = 1; sig < NSIG; sig++) {
		struct sigaction sa = {0};
		if (sigaction(sig, NULL, &sa) != 0)
			continue;
		printf("signal %d %s%s%s flags %x\n", sig,
		    sa.sa_handler == SIG_DFL   ? "default"
		    : sa.sa_handler == SIG_IGN ? "ignored"
					       : "caught",
		    sigismember(&blocked, sig) ? " blocked" : "",
		    sigismember(&pending, sig) ? " pending" : "", (unsigned)sa.sa_flags);
	}
	if (sigaltstack(NULL, &stack) == 0)
		printf("alternate stack %x\n", (unsigned)stack.ss_flags);
}

static void put_timers(void)
{
	for (int i = ITIMER_REAL; i <= ITIMER_PROF; i++) {
		struct itimerval t;
		getitimer((timer_number)i, &t);
		printf("timer %d every %lld %lld, set %d\n", i, (long long)t.it_interval.tv_sec,
		    (long long)t.it_interval.tv_usec,
		    t.it_value.tv_sec > 0 || t.it_value.tv_usec > 0);
	}
}

static void put_scheduling(void)
{
	struct sched_param p;
	cpu_set_t set;
	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof set, &set);
	printf("nice %d policy %d cpus %d", getpriority(PRIO_PROCESS, 0), sched_getscheduler(0),
	    CPU_COUNT(&set));
	sched_getparam(0, &p);
	printf(" priority %d io %ld\n", p.sched_priority, syscall(SYS_ioprio_get, 1, 0));
}

static void put_prctl(void)
{
	int value = 0;
	char name[17] = "";
	printf("dumpable %d keepcaps %d securebits %x\n", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0),
	    prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0), (unsigned)prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
	printf("no_new_privs %d seccomp %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
	    prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
	printf("thp_disable %d timerslack %d\n", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0),
	    prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0));
	prctl(PR_GET_PDEATHSIG, &value, 0, 0, 0);
	printf("pdeathsig %d", value);
	prctl(PR_GET_CHILD_SUBREAPER, &value, 0, 0, 0);
	printf(" subreaper %d", value);
	prctl(PR_GET_TSC, &value, 0, 0, 0);
	printf(" tsc %d personality %x\n", value, (unsigned)personality(0xffffffff));
	prctl(PR_GET_NAME, name, 0, 0, 0);
	put("name", name);
}

/* Print whether there are children already, how a new one is reaped, and what resources are used.
 */
static void put_children(void)
{
	struct rusage own;
	int status = 0;
	int none = waitpid(-1, &status, WNOHANG) < 0 ? errno : 0;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		_exit(7);
	int waited = waitpid(pid, &status, 0) == pid;
	printf("children before %s; of a new one: %s %x\n", none == ECHILD ? "none" : "some",
	    waited ? "its status" : strerror(errno), (unsigned)status);
	getrusage(RUSAGE_SELF, &own);
	printf("used more than 64 MiB %d, a second %d\n", own.ru_maxrss > 65536,
	    own.ru_utime.tv_sec + own.ru_stime.tv_sec > 0);
}

/* More memory than memexec has, so that wait4(2) reports the peak of this program. */
static void take_memory(void)
{
	static volatile char memory[2 << 20];
	for (size_t i = 0; i < sizeof memory; i += 4096)
		memory[i] = 1;
}

int main(int argc, char **argv)
{
	take_memory();
	char cwd[4096];
	char *all = malloc(1 << 20);
	if (all == NULL)
		return 1;
	setvbuf(stdout, all, _IOFBF, 1 << 20); /* written at once */
	for (int i = 0; i < argc; i++)
		put("argument", argv[i]);
	for (char **e = environ; *e != NULL; e++)
		put("environment", *e);
	put("executed as", (const char *)getauxval(AT_EXECFN));
	put("cwd", getcwd(cwd, sizeof cwd) != NULL ? cwd : strerror(errno));
	mode_t mask = umask(0);
	umask(mask);
	printf("umask %o secure %lu\n", (unsigned)mask, getauxval(AT_SECURE));
	put_ids();
	put_limits();
	put_scheduling();
	put_signals();
	put_timers();
	put_prctl();
	put_status();
	put_files();
	put_namespaces();
	put_descriptors();
	put_children();
	return fflush(stdout) == 0 ? 0 : 1;
}
