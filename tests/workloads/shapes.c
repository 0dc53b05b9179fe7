/* SPDX-License-Identifier: MIT */
/*
 * Programs that print their own peak: `shapes NAME` runs the shape NAME and prints the largest sum
 * of resident memory over its processes, in KiB. Each process reads its own statm at that moment.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "no_leak_check.h"

#define MIB ((size_t)1 << 20)
#define MOST 64

/* Memory that the processes of a shape share. */
static struct board {
	atomic_int ready;
	atomic_int go;
	atomic_long rss_kib[MOST];
} * board;

static void wait_ms(double ms)
{
	struct timespec t = {(time_t)(ms / 1e3), (long)(ms * 1e6) % 1000000000};
	nanosleep(&t, NULL);
}

static void wait_for(atomic_int *value, int least)
{
	while (atomic_load(value) < least)
		wait_ms(0.05);
}

/* Return the RSS of the process that calls this, also after fork or in a thread. */
static long rss_kib(void)
{
	char text[128] = "";
	long resident = 0;
	int fd = open("/proc/thread-self/statm", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0 ||
	    sscanf(text, "%*d %ld", &resident) != 1)
		_exit(1);
	close(fd);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static char *map(size_t mib, int flags)
{
	char *p = mmap(
	    NULL, mib * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
	if (p == MAP_FAILED)
		exit(1);
	madvise(p, mib * MIB, MADV_NOHUGEPAGE);
	return p;
}

/* Write to each page; volatile keeps the stores. */
static void touch(char *p, size_t mib)
{
	for (size_t i = 0; i < mib * MIB; i += 4096)
		*(volatile char *)(p + i) = 1;
}

static char *take(size_t mib)
{
	char *p = map(mib, 0);
	touch(p, mib);
	return p;
}

static void give(char *p, size_t mib)
{
	munmap(p, mib * MIB);
}

static long sum_of(int children)
{
	long sum = rss_kib();
	for (int i = 0; i < children; i++)
		sum += atomic_load(&board->rss_kib[i]);
	return sum;
}

/* Return the RSS. A child maps pages of libc when it first uses them: read twice, so that the
 * result includes the pages that reading needs. */
static long settled_rss_kib(void)
{
	(void)rss_kib();
	wait_ms(0.05);
	return rss_kib();
}

/* In a child: publish the RSS in SLOT, and hold the memory until the parent continues. */
static void hold(int slot)
{
	atomic_store(&board->rss_kib[slot], settled_rss_kib());
	atomic_fetch_add(&board->ready, 1);
	wait_for(&board->go, 1);
}

/* In the parent: wait until all CHILDREN hold their memory, and return the sum after HOLD_MS. */
static long together(int children, double hold_ms)
{
	wait_for(&board->ready, children);
	long peak = sum_of(children);
	wait_ms(hold_ms);
	atomic_store(&board->go, 1);
	return peak;
}

static void reap(void)
{
	while (wait(NULL) > 0)
		;
}

static long steady(void)
{
	take(64);
	wait_ms(300);
	return rss_kib();
}

static long spike_after(size_t mib, double ms, double hold_ms)
{
	wait_ms(ms);
	char *p = take(mib);
	long peak = rss_kib();
	if (hold_ms > 0)
		wait_ms(hold_ms);
	give(p, mib);
	wait_ms(150);
	return peak;
}

static long spike32(void)
{
	return spike_after(32, 250, 0);
}

static long spike256(void)
{
	return spike_after(256, 250, 0);
}

static long moment(void)
{
	srand((unsigned)getpid());
	return spike_after(256, rand() % 350, 0);
}

static long held20(void)
{
	return spike_after(128, 250, 20);
}

static long ramp(void)
{
	for (int i = 0; i < 128; i++) {
		take(1);
		wait_ms(1);
	}
	return rss_kib();
}

static long eight(void)
{
	wait_ms(250);
	for (int i = 0; i < 8; i++) {
		if (fork() == 0) {
			take(32);
			hold(i);
			_exit(0);
		}
	}
	long peak = together(8, 30);
	reap();
	wait_ms(150);
	return peak;
}

/* Return the PSS of a process, as the kernel sums it up. */
static long pss_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = 0;
	snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)pid);
	FILE *f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "Pss: %ld", &kib) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return kib;
}

/* N children share the memory of their parent, take 240 MiB together, and hold it for 100 ms. Return
 * the sum of PSS. */
static long held_pss(int n)
{
	pid_t pid[MOST];
	if (n < 1 || n > MOST)
		return -1;
	take(48);
	wait_ms(100);
	for (int i = 0; i < n; i++) {
		pid[i] = fork();
		if (pid[i] == 0) {
			take(240 / (size_t)n);
			hold(i);
			_exit(0);
		}
	}
	wait_for(&board->ready, n);
	wait_ms(100);
	long peak = pss_kib(getpid());
	for (int i = 0; i < n; i++)
		peak += pss_kib(pid[i]);
	atomic_store(&board->go, 1);
	reap();
	wait_ms(50);
	return peak;
}

static int wait_for_go(void *arg)
{
	(void)arg;
	wait_for(&board->go, 1);
	_exit(0);
}

/* Create a process that uses the memory of this one, with further FLAGS. */
static void borrow(int (*run)(void *), char *stack_end, int flags)
{
	if (clone(run, stack_end, CLONE_VM | SIGCHLD | flags, NULL) < 0)
		_exit(1);
}

#define STACK 65536

static int leave_child(void *arg)
{
	(void)arg;
	static char stack[STACK];
	borrow(wait_for_go, stack + STACK, 0);
	_exit(0);
}

/* A child holds 64 MiB. Three processes use its memory: a child of it, a sibling, and an orphan. */
static long borrowers(void)
{
	static char stack[3][STACK];
	if (fork() == 0) {
		take(64);
		borrow(wait_for_go, stack[0] + STACK, 0);
		borrow(wait_for_go, stack[1] + STACK, CLONE_PARENT);
		borrow(leave_child, stack[2] + STACK, 0);
		wait_ms(20);
		hold(0);
		_exit(0);
	}
	long peak = together(1, 200);
	wait_ms(50);
	return peak;
}

static long handover(void)
{
	if (fork() == 0) {
		wait_for(&board->ready, 1);
		wait_ms(10);
		char *p = take(200);
		wait_ms(30);
		atomic_store(&board->rss_kib[0], rss_kib());
		give(p, 200);
		wait_ms(50);
		_exit(0);
	}
	wait_ms(150);
	char *p = take(200);
	wait_ms(30);
	long mine = rss_kib();
	give(p, 200);
	long rest = rss_kib();
	atomic_store(&board->ready, 1);
	reap();
	long theirs = rest + atomic_load(&board->rss_kib[0]);
	return mine + 200 > theirs ? mine + 200 : theirs; /* the other holds little */
}

static long sequence(void)
{
	long peak = 0;
	for (int i = 0; i < 200; i++) {
		if (fork() == 0) {
			take(16);
			atomic_store(&board->rss_kib[0], settled_rss_kib());
			_exit(0);
		}
		reap();
		if (sum_of(1) > peak)
			peak = sum_of(1);
	}
	return peak;
}

static long daemonised(void)
{
	if (fork() == 0) {
		setsid();
		if (fork() == 0) {
			wait_ms(50);
			take(64);
			hold(0);
			_exit(0);
		}
		_exit(0);
	}
	reap();
	long peak = together(1, 50);
	wait_ms(50);
	return peak;
}

static long forked(void)
{
	take(64);
	wait_ms(100);
	if (fork() == 0) {
		hold(0);
		_exit(0);
	}
	long peak = together(1, 30);
	reap();
	return peak;
}

/* Read each page of the files that are mapped. */
static void touch_files(void)
{
	char line[512];
	unsigned long start, end, inode;
	FILE *f = fopen("/proc/self/maps", "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "%lx-%lx r%*s %*s %*s %lu", &start, &end, &inode) == 3 &&
		    inode != 0)
			for (; start < end; start += 4096)
				(void)*(volatile char *)start;
	if (f != NULL)
		fclose(f);
}

/* A copy made by fork(2) has as much memory as its parent, to the page. */
static long copies(void)
{
	take(64);
	touch_files();
	for (int i = 0; i < 2; i++) {
		if (fork() == 0) {
			touch_files();
			hold(i);
			_exit(0);
		}
	}
	long peak = together(2, 100);
	reap();
	return peak;
}

static void *fork_in_thread(void *arg)
{
	(void)arg;
	if (fork() == 0) {
		take(64);
		hold(0);
		_exit(0);
	}
	return NULL;
}

static long threads(void)
{
	pthread_t t;
	wait_ms(150);
	if (pthread_create(&t, NULL, fork_in_thread, NULL) != 0)
		exit(1);
	pthread_join(t, NULL);
	long peak = together(1, 30);
	reap();
	return peak;
}

/* Execute this program three times, each with less memory. The environment passes the peak on. */
static long chain(const char *left)
{
	static char number[32], peak_text[32];
	long n = left != NULL ? atol(left) : 3;
	long before = getenv("SHAPES_PEAK") != NULL ? atol(getenv("SHAPES_PEAK")) : 0;
	take((size_t)n * 32);
	long peak = rss_kib() > before ? rss_kib() : before;
	wait_ms(20);
	if (n == 1)
		return peak;
	snprintf(number, sizeof number, "%ld", n - 1);
	snprintf(peak_text, sizeof peak_text, "%ld", peak);
	setenv("SHAPES_PEAK", peak_text, 1);
	execl("/proc/self/exe", "shapes", "chain", number, (char *)NULL);
	exit(1);
}

static long kernel_reads(void)
{
	wait_ms(250);
	char *p = map(128, 0);
	int fd = open("/dev/zero", O_RDONLY);
	for (size_t done = 0; done < 128 * MIB;) {
		ssize_t n = read(fd, p + done, 128 * MIB - done);
		if (n <= 0)
			exit(1);
		done += (size_t)n;
	}
	long peak = rss_kib();
	give(p, 128);
	wait_ms(150);
	return peak;
}

static long populate(void)
{
	wait_ms(250);
	char *p = map(128, MAP_POPULATE);
	long peak = rss_kib();
	give(p, 128);
	wait_ms(150);
	return peak;
}

/* A process and its child rest. Then the child takes memory without page faults or, if FLAGS is 0,
 * by huge pages, holds it for HOLD_MS and exits. Each huge page is a fault, but for 2 MiB. */
static long rest(int flags, double hold_ms)
{
	take(64);
	if (fork() == 0) {
		char *p = mmap(NULL, 66 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		char *start = (char *)(((unsigned long)p + 2 * MIB - 1) & ~(2 * MIB - 1));
		madvise(p, 66 * MIB, flags != 0 ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
		wait_ms(500);
		if (flags != 0)
			map(64, flags);
		else
			touch(start, 64);
		atomic_store(&board->rss_kib[0], rss_kib());
		wait_ms(hold_ms);
		_exit(0);
	}
	wait_ms(1000);
	reap();
	return sum_of(1);
}

static long rest_populate(void)
{
	return rest(MAP_POPULATE, 50);
}

static long rest_huge(void)
{
	return rest(0, 50);
}

static long rest_exit(void)
{
	return rest(0, 0);
}

static long shared(void)
{
	int fd = memfd_create("shapes", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 64 * MIB) != 0)
		exit(1);
	wait_ms(150);
	char *p = mmap(NULL, 64 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	touch(p, 64);
	if (fork() == 0) {
		for (size_t i = 0; i < 64 * MIB; i += 4096)
			(void)*(volatile char *)(p + i);
		hold(0);
		_exit(0);
	}
	long peak = together(1, 30);
	reap();
	return peak;
}

static long huge_spike(void)
{
	char *p = mmap(NULL, 260 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *start = (char *)(((unsigned long)p + 2 * MIB - 1) & ~(2 * MIB - 1));
	madvise(p, 260 * MIB, MADV_HUGEPAGE);
	wait_ms(250);
	for (size_t i = 0; i < 256 * MIB; i += 4096)
		*(volatile char *)(start + i) = 1;
	long peak = rss_kib();
	munmap(p, 260 * MIB);
	wait_ms(150);
	return peak;
}

/* The first touch of memory that the machine has not used for a while can be many times slower, so
 * another process touches as much before. */
static long huge(void)
{
	if (fork() == 0) {
		char *p = mmap(
		    NULL, 260 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		madvise(p, 100 * MIB, MADV_HUGEPAGE);
		for (size_t i = 0; i < 100 * MIB; i += 4096)
			*(volatile char *)(p + i) = 1;
		_exit(0);
	}
	reap();
	return huge_spike();
}

static void nest(int depth)
{
	take(2);
	atomic_store(&board->rss_kib[depth], settled_rss_kib());
	atomic_fetch_add(&board->ready, 1);
	if (depth + 1 < 40 && fork() == 0) {
		nest(depth + 1);
		_exit(0);
	}
	wait_for(&board->go, 1);
	reap();
}

static long nested(void)
{
	wait_ms(150);
	if (fork() == 0) {
		nest(0);
		_exit(0);
	}
	long peak = together(40, 30);
	reap();
	return peak;
}

static long churn(void)
{
	long peak = 0;
	for (int i = 0; i < 400; i++) {
		char *p = take(4);
		long now = rss_kib();
		give(p, 4);
		peak = now > peak ? now : peak;
	}
	return peak;
}

static long selfkill(void)
{
	wait_ms(150);
	if (fork() == 0) {
		take(64);
		atomic_store(&board->rss_kib[0], rss_kib());
		raise(SIGKILL);
	}
	reap();
	return sum_of(1);
}

static long rootless(void)
{
	wait_ms(100);
	if (fork() == 0) {
		take(64);
		hold(0);
		wait_ms(50);
		_exit(0);
	}
	wait_for(&board->ready, 1);
	long peak = sum_of(1);
	wait_ms(20);
	return peak; /* the child runs for a while after this process */
}

static void *outlive(void *arg)
{
	(void)arg;
	wait_ms(100);
	take(64);
	wait_ms(150);
	printf("%ld\n", rss_kib());
	exit(0);
}

static void *leave(void *arg)
{
	wait_ms(50);
	return arg;
}

/* The main thread and another exit before the thread that takes the memory. */
static long leaderless(void)
{
	pthread_t t;
	if (pthread_create(&t, NULL, leave, NULL) != 0 ||
	    pthread_create(&t, NULL, outlive, NULL) != 0)
		exit(1);
	pthread_exit(NULL);
}

/* Work for the benchmarks of measuring. */
static long faults(void)
{
	long peak = 0;
	for (int i = 0; i < 32; i++) {
		char *p = take(64);
		peak = rss_kib();
		give(p, 64);
	}
	return peak;
}

static long forks(void)
{
	for (int i = 0; i < 2000; i++) {
		if (fork() == 0)
			_exit(0);
		reap();
	}
	return rss_kib();
}

/* Return a value of this process's status, in KiB, such as that of "VmRSS:". */
static long status_kib(const char *key)
{
	char line[256];
	long kib = 0;
	FILE *f = fopen("/proc/self/status", "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			kib = atol(line + strlen(key));
	if (f != NULL)
		fclose(f);
	return kib;
}

/* For the footprint: hold 40 MiB of hugetlb pages, which the machine must have. */
static long hugetlb(void)
{
	touch(map(40, MAP_HUGETLB), 40);
	(void)status_kib("VmRSS:");
	wait_ms(300);
	return status_kib("VmRSS:") + status_kib("HugetlbPages:");
}

/* For limits: hold 64 MiB for half a minute. */
static long stay(void)
{
	take(64);
	wait_ms(30000);
	return rss_kib();
}

/* For limits: ignore SIGTERM and start processes that hold 1 MiB each. */
static long spawn(void)
{
	signal(SIGTERM, SIG_IGN);
	for (int i = 0; i < 2000; i++) {
		if (fork() == 0) {
			take(1);
			wait_ms(30000);
			_exit(0);
		}
		wait_ms(5);
	}
	return rss_kib();
}

static const struct {
	const char *name;
	long (*run)(void);
} shapes[] = {
    {"steady", steady},
    {"spike32", spike32},
    {"spike256", spike256},
    {"moment", moment},
    {"held20", held20},
    {"ramp", ramp},
    {"eight", eight},
    {"borrowers", borrowers},
    {"handover", handover},
    {"sequence", sequence},
    {"daemon", daemonised},
    {"fork", forked},
    {"copies", copies},
    {"threads", threads},
    {"kernel", kernel_reads},
    {"populate", populate},
    {"rest-populate", rest_populate},
    {"rest-huge", rest_huge},
    {"rest-exit", rest_exit},
    {"shared", shared},
    {"huge", huge},
    {"nested", nested},
    {"churn", churn},
    {"selfkill", selfkill},
    {"rootless", rootless},
    {"leaderless", leaderless},
};

int main(int argc, char **argv)
{
	long peak = -1;
	board =
	    mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED || argc < 2)
		return 2;
	(void)rss_kib();
	if (strcmp(argv[1], "list") == 0) {
		puts("chain");
		for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
			puts(shapes[i].name);
		return 0;
	}
	if (strcmp(argv[1], "chain") == 0)
		peak = chain(argv[2]);
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		if (strcmp(argv[1], shapes[i].name) == 0)
			peak = shapes[i].run();
	if (strcmp(argv[1], "pss") == 0 && argc > 2)
		peak = held_pss(atoi(argv[2]));
	if (strcmp(argv[1], "faults") == 0)
		peak = faults();
	if (strcmp(argv[1], "forks") == 0)
		peak = forks();
	if (strcmp(argv[1], "hugetlb") == 0)
		peak = hugetlb();
	if (strcmp(argv[1], "stay") == 0)
		peak = stay();
	if (strcmp(argv[1], "spawn") == 0)
		peak = spawn();
	if (peak < 0)
		return 2;
	printf("%ld\n", peak);
	fflush(stdout);
	atomic_store(&board->go, 1);
	_exit(0);
}
