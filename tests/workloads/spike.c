/* SPDX-License-Identifier: MIT */
/*
 * Take memory, read the RSS and free the memory.
 *
 *	spike [-b ms] [-t ms] [-a ms] MiB
 *
 * Wait for -b before, hold the memory for -t, and wait for -a after. Print the RSS with the memory
 * held, in KiB.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "no_leak_check.h"

static void wait_ms(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	if (ms > 0)
		nanosleep(&t, NULL);
}

static long resident_kib(void)
{
	char text[128] = "";
	long size = 0, resident = 0;
	int fd = open("/proc/self/statm", O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0 ||
	    sscanf(text, "%ld %ld", &size, &resident) != 2)
		exit(1);
	close(fd);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int argc, char **argv)
{
	long before = 0, top = 0, after = 0;
	for (int c; (c = getopt(argc, argv, "b:t:a:")) != -1;) {
		if (c == 'b')
			before = atol(optarg);
		else if (c == 't')
			top = atol(optarg);
		else if (c == 'a')
			after = atol(optarg);
		else
			return 2;
	}
	if (optind + 1 != argc)
		return 2;
	size_t size = (size_t)atol(argv[optind]) << 20;
	(void)resident_kib(); /* maps the pages that reading needs */
	wait_ms(before);
	volatile char *p =
	    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return 1;
	madvise((void *)p, size, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < size; i += 4096)
		p[i] = 1;
	long peak = resident_kib();
	wait_ms(top);
	munmap((void *)p, size);
	wait_ms(after);
	printf("%ld\n", peak);
	return fflush(stdout) == 0 ? 0 : 1;
}
