/* SPDX-License-Identifier: MIT */
/*
 * A tree that changes all the time: `churn RATE SECONDS` starts RATE processes a second. A quarter
 * each exits at once, executes a program that exits at once, waits for some milliseconds, or grows
 * by 1 to 4 MiB. It prints the number of processes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "no_leak_check.h"

#define MOST 100 /* processes at once */

static void wait_ns(long ns)
{
	struct timespec t = {0, ns};
	nanosleep(&t, NULL);
}

static long long now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void grow(unsigned long which)
{
	size_t size = (which % 4 + 1) << 20;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		_exit(1);
	for (size_t i = 0; i < size; i += 4096)
		*(volatile char *)(p + i) = 1;
	wait_ns(2000000);
}

static void live(unsigned long which)
{
	if (which % 4 == 1)
		execl("/proc/self/exe", "churned", "0", "0", (char *)NULL);
	if (which % 4 == 2)
		wait_ns((long)(which / 4 % 8 + 1) * 1000000);
	if (which % 4 == 3)
		grow(which / 4);
	_exit(0);
}

/* Reap exited children, and wait while there are MOST. Return the number of those left of ALIVE. */
static int reap(int alive)
{
	while (alive > 0 && waitpid(-1, NULL, alive >= MOST ? 0 : WNOHANG) > 0)
		alive--;
	return alive;
}

int main(int argc, char **argv)
{
	unsigned long rate = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	long long seconds = argc == 3 ? strtoll(argv[2], NULL, 10) : 0, start = now_ns(), elapsed;
	unsigned long births = 0, failed = 0;
	int alive = 0;
	if (rate == 0 || rate > 100000)
		return strcmp(argv[0], "churned") == 0 ? 0 : 2;
	while ((elapsed = now_ns() - start) < seconds * 1000000000) {
		unsigned long long due = (unsigned long long)elapsed / 1000 * rate / 1000000;
		for (; births + failed < due; alive = reap(alive)) {
			if (now_ns() - start >= seconds * 1000000000)
				break;
			pid_t pid = fork();
			if (pid == 0)
				live(births);
			births += pid > 0;
			failed += pid < 0;
			alive += pid > 0;
		}
		alive = reap(alive);
		wait_ns(500000);
	}
	while (wait(NULL) > 0)
		;
	printf("%lu births in %lld s, %lu failed\n", births, seconds, failed);
	return 0;
}
