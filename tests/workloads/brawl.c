/* SPDX-License-Identifier: MIT */
/*
 * Process trees that are hard to measure: `brawl NAME COUNT SECONDS` runs the tree NAME. It prints
 * the largest sum of resident memory over its processes, in KiB, and the number of processes,
 * execs, names or threads. COUNT and SECONDS bound each tree. All processes exit when the first one
 * does.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "no_leak_check.h"

#define MIB ((size_t)1 << 20)
#define MOST 8192
#define ALIVE 20 /* processes at once in births and killed */

/* Memory that the processes share. */
static struct board {
	atomic_long claimed, births, ready;
	atomic_long rss_kib[MOST];
} * board;

/* A pipe that the first process holds open; its end of file stops all others. */
static int stop_pipe[2];

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void wait_s(double s)
{
	struct timespec t = {(time_t)s, (long)((s - (double)(time_t)s) * 1e9)};
	if (s > 0)
		nanosleep(&t, NULL);
}

static long rss_kib(void)
{
	long resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (f == NULL || fscanf(f, "%*d %ld", &resident) != 1)
		_exit(1);
	fclose(f);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Return the RSS. The first reading maps pages of libc, so read twice. */
static long settled_rss_kib(void)
{
	(void)rss_kib();
	return rss_kib();
}

static char *take(size_t mib)
{
	char *p = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		_exit(1);
	madvise(p, mib * MIB, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < mib * MIB; i += 4096)
		*(volatile char *)(p + i) = 1;
	return p;
}

static void reap_all(void)
{
	while (wait(NULL) > 0)
		;
}

static void wait_for_stop(void)
{
	char c;
	close(stop_pipe[1]);
	(void)!read(stop_pipe[0], &c, 1);
}

static void wait_ready(long n)
{
	for (double end = now_s() + 60; atomic_load(&board->ready) < n && now_s() < end;)
		wait_s(0.002);
}

static long sum_of(long n)
{
	long sum = settled_rss_kib();
	for (long i = 0; i < n; i++)
		sum += atomic_load(&board->rss_kib[i]);
	return sum;
}

static void print_result(long kib, long n)
{
	printf("%ld %ld\n", kib, n);
	fflush(stdout);
}

/* Fork until MOST processes exist or fork fails; each new process does the same. */
static void explode(long most, double end)
{
	for (long slot = -1; now_s() < end;) {
		if (slot < 0 && (slot = atomic_fetch_add(&board->claimed, 1)) >= most)
			return;
		pid_t pid = fork();
		if (pid > 0) {
			atomic_fetch_add(&board->births, 1);
			slot = -1;
		} else if (pid == 0) {
			close(stop_pipe[1]);
			explode(most, end);
			atomic_store(&board->rss_kib[slot], settled_rss_kib());
			atomic_fetch_add(&board->ready, 1);
			char c;
			(void)!read(stop_pipe[0], &c, 1);
			reap_all();
			_exit(0);
		} else {
			wait_s(0.005);
		}
	}
}

static void bomb(long most, double seconds)
{
	double end = now_s() + seconds;
	explode(most, end);
	wait_s(end - now_s());
	wait_s(0.05);
	wait_ready(atomic_load(&board->births));
	long n = atomic_load(&board->births);
	print_result(sum_of(most), n);
	wait_s(
	    1.2); /* no process grew enough for an event; the sampler reads all within a second */
}

/* N processes wait and allocate nothing. */
static void idle(long n, double seconds)
{
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();
		if (pid < 0)
			exit(1);
		if (pid > 0)
			continue;
		atomic_store(&board->rss_kib[i], settled_rss_kib());
		atomic_fetch_add(&board->ready, 1);
		wait_for_stop();
		_exit(0);
	}
	wait_ready(n);
	print_result(sum_of(n), n);
	wait_s(seconds);
}

/* N processes hold 4 MiB each and stop. */
static void stopped(long n, double seconds)
{
	pid_t *pid = malloc((size_t)n * sizeof *pid);
	for (long i = 0; pid != NULL && i < n; i++) {
		pid[i] = fork();
		if (pid[i] < 0)
			exit(1);
		if (pid[i] > 0)
			continue;
		take(4);
		atomic_store(&board->rss_kib[i], settled_rss_kib());
		raise(SIGSTOP);
		wait_for_stop();
		_exit(0);
	}
	for (long i = 0; i < n; i++)
		waitpid(pid[i], NULL, WUNTRACED);
	print_result(sum_of(n), n);
	wait_s(seconds);
	for (long i = 0; i < n; i++)
		kill(pid[i], i % 2 == 0 ? SIGKILL : SIGCONT);
	free(pid);
}

/* N processes exit, and the first process does not reap them. */
static void zombies(long n, double seconds)
{
	siginfo_t info;
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();
		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0)
			exit(1);
	}
	take(32);
	print_result(settled_rss_kib(), n);
	wait_s(seconds);
	_exit(0);
}

static long spike(void)
{
	char *p = take(64);
	long kib = rss_kib();
	wait_s(0.1);
	munmap(p, 64 * MIB);
	return kib;
}

static void grow_until_killed(void)
{
	for (double end = now_s() + 1; now_s() < end; wait_s(0.0005))
		munmap(take(1), MIB);
	_exit(0);
}

static void live(long which, int killed)
{
	if (killed)
		grow_until_killed();
	wait_s(which % 2 == 0 ? 0 : 0.002);
	_exit(0);
}

/* Start RATE processes a second that exit at once. Halfway, spike without them. */
static void start_and_exit(long rate, double seconds, int killed)
{
	pid_t alive[ALIVE];
	double start = now_s();
	long births = 0, kib = 0;
	while (now_s() - start < seconds) {
		if (kib == 0 && now_s() - start > seconds / 2) {
			for (int i = 0; killed && i < ALIVE && i < births; i++)
				kill(alive[i], SIGKILL);
			reap_all();
			kib = spike();
		}
		pid_t *slot = &alive[births % ALIVE];
		if (births >= ALIVE && killed)
			kill(*slot, SIGKILL);
		if (births >= ALIVE)
			waitpid(*slot, NULL, 0);
		*slot = fork();
		if (*slot == 0)
			live(births, killed);
		if (*slot < 0)
			exit(1);
		births++;
		wait_s((double)births / (double)rate - (now_s() - start));
	}
	for (int i = 0; killed && i < ALIVE && i < births; i++)
		kill(alive[i], SIGKILL);
	reap_all();
	print_result(kib, births);
}

/* Execute this program again and again; every hundredth image holds more. */
static void exec_storm(long rate, double seconds, char **state)
{
	char text[4][32];
	double start = state[0] != NULL ? atof(state[0]) : now_s();
	long n = state[0] != NULL ? atol(state[1]) : 0, kib = state[0] != NULL ? atol(state[2]) : 0;
	if (n % 100 == 50)
		take(48);
	long now_kib = settled_rss_kib();
	if (now_kib > kib)
		kib = now_kib;
	wait_s((double)n / (double)rate - (now_s() - start));
	if (now_s() - start >= seconds) {
		print_result(kib, n);
		return;
	}
	snprintf(text[0], 32, "%.9f", start);
	snprintf(text[1], 32, "%ld", n + 1);
	snprintf(text[2], 32, "%ld", kib);
	snprintf(text[3], 32, "%.3f", seconds);
	char rate_text[32];
	snprintf(rate_text, sizeof rate_text, "%ld", rate);
	execl("/proc/self/exe", "brawl", "exec", rate_text, text[3], text[0], text[1], text[2],
	    (char *)NULL);
	exit(1);
}

static void rename_self(long rate, double seconds)
{
	static const char *const odd[] = {
	    "", "#end\t1", "a\nb", "\033[2J", "time\tpid", "\xff\xfe"};
	double start = now_s();
	long n = 0;
	take(32);
	while (now_s() - start < seconds) {
		char name[16];
		snprintf(name, sizeof name, "name%ld", n % 1000000);
		prctl(PR_SET_NAME, n % 7 == 0 ? odd[n / 7 % 6] : name);
		n++;
		wait_s((double)n / (double)rate - (now_s() - start));
	}
	print_result(settled_rss_kib(), n);
}

static void *in_thread(void *arg)
{
	char stack[65536];
	for (size_t i = 0; i < sizeof stack; i += 4096)
		*(volatile char *)(stack + i) = 1;
	return arg;
}

static void threads(long rate, double seconds)
{
	double start = now_s();
	long n = 0;
	take(32);
	while (now_s() - start < seconds) {
		pthread_t t;
		if (pthread_create(&t, NULL, in_thread, NULL) != 0)
			exit(1);
		pthread_join(t, NULL);
		n++;
		wait_s((double)n / (double)rate - (now_s() - start));
	}
	print_result(settled_rss_kib(), n);
}

static int run(const char *name, long n, double seconds, char **more)
{
	if (strcmp(name, "bomb") == 0)
		bomb(n, seconds);
	else if (strcmp(name, "idle") == 0)
		idle(n, seconds);
	else if (strcmp(name, "stopped") == 0)
		stopped(n, seconds);
	else if (strcmp(name, "zombies") == 0)
		zombies(n, seconds);
	else if (strcmp(name, "births") == 0 || strcmp(name, "killed") == 0)
		start_and_exit(n, seconds, strcmp(name, "killed") == 0);
	else if (strcmp(name, "exec") == 0)
		exec_storm(n, seconds, more);
	else if (strcmp(name, "rename") == 0)
		rename_self(n, seconds);
	else if (strcmp(name, "threads") == 0)
		threads(n, seconds);
	else
		return 2;
	return 0;
}

int main(int argc, char **argv)
{
	long n = argc > 2 ? atol(argv[2]) : 0;
	double seconds = argc > 3 ? atof(argv[3]) : 0;
	if (argc < 4 || n < 1 || n > MOST || seconds > 3600 || pipe(stop_pipe) != 0)
		return 2;
	board =
	    mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		return 1;
	int status = run(argv[1], n, seconds, argv + 4);
	close(stop_pipe[1]);
	reap_all();
	return status;
}
