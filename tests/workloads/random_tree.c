/* SPDX-License-Identifier: MIT */
/*
 * A tree of processes that take and free memory at random, for about 0.7 s.
 *
 *	random_tree SEED [MS]
 *
 * Each process touches pages, populates mappings, maps huge pages and a cached file, unmaps, forks, executes itself and
 * exits. At most 40 processes run at one time, and together they map at most 2 GiB. The sequence of operations follows
 * from SEED; how they overlap in time does not.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "no_leak_check.h"

#define MIB ((size_t)1 << 20)
#define PROCESSES_MAX 40
#define MAPPED_MAX_MIB 2048
#define REGIONS_MAX 16
#define FILE_MIB 48
#define SHARED_FD 900 /* survives exec */
#define FILE_FD 901

struct shared {
	atomic_int processes;
	atomic_int mapped_mib;
	int64_t end_ns;
};

struct region {
	char *p;
	size_t mib;
};

struct state {
	struct shared *shared;
	uint64_t random;
	struct region region[REGIONS_MAX];
	size_t regions;
	int depth;
	char *self;
};

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void wait_us(uint64_t us)
{
	struct timespec t = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};
	nanosleep(&t, NULL);
}

/* xorshift64* */
static uint64_t next(struct state *s)
{
	s->random ^= s->random >> 12;
	s->random ^= s->random << 25;
	s->random ^= s->random >> 27;
	return s->random * UINT64_C(2685821657736338717);
}

/* Return a number from LEAST to MOST, small ones more often. */
static size_t pick(struct state *s, size_t least, size_t most)
{
	size_t range = most - least + 1, a = (size_t)(next(s) % range), b = (size_t)(next(s) % range);
	return least + (a < b ? a : b);
}

static char *map(struct state *s, size_t mib, int flags, int fd)
{
	if (s->regions == REGIONS_MAX ||
	    atomic_fetch_add(&s->shared->mapped_mib, (int)mib) + (int)mib > MAPPED_MAX_MIB) {
		if (s->regions != REGIONS_MAX)
			atomic_fetch_sub(&s->shared->mapped_mib, (int)mib);
		return NULL;
	}
	char *p = mmap(NULL, mib * MIB, PROT_READ | (fd < 0 ? PROT_WRITE : 0), MAP_PRIVATE | flags, fd, 0);
	if (p == MAP_FAILED)
		_exit(1);
	s->region[s->regions++] = (struct region){p, mib};
	return p;
}

static void touch(char *p, size_t mib)
{
	for (size_t i = 0; i < mib * MIB; i += 4096)
		*(volatile char *)(p + i) = 1;
}

static void take_pages(struct state *s)
{
	size_t mib = pick(s, 1, 40);
	char *p = map(s, mib, MAP_ANONYMOUS, -1);
	if (p == NULL)
		return;
	madvise(p, mib * MIB, MADV_NOHUGEPAGE);
	touch(p, mib);
}

static void take_populated(struct state *s)
{
	(void)map(s, pick(s, 1, 60), MAP_ANONYMOUS | MAP_POPULATE, -1);
}

static void take_huge(struct state *s)
{
	size_t mib = 2 * pick(s, 1, 30);
	char *p = map(s, mib, MAP_ANONYMOUS, -1);
	if (p == NULL)
		return;
	madvise(p, mib * MIB, MADV_HUGEPAGE);
	touch(p, mib);
}

static void take_file(struct state *s)
{
	size_t mib = pick(s, 1, FILE_MIB);
	char *p = map(s, mib, next(s) % 2 == 0 ? MAP_POPULATE : 0, FILE_FD);
	for (size_t i = 0; p != NULL && i < mib * MIB; i += 4096)
		(void)*(volatile char *)(p + i);
}

static void give(struct state *s)
{
	if (s->regions == 0)
		return;
	size_t i = (size_t)(next(s) % s->regions);
	munmap(s->region[i].p, s->region[i].mib * MIB);
	atomic_fetch_sub(&s->shared->mapped_mib, (int)s->region[i].mib);
	s->region[i] = s->region[--s->regions];
}

static void leave(struct state *s)
{
	for (size_t i = 0; i < s->regions; i++)
		atomic_fetch_sub(&s->shared->mapped_mib, (int)s->region[i].mib);
	atomic_fetch_sub(&s->shared->processes, 1);
	_exit(0);
}

static void execute(struct state *s)
{
	char seed[32], depth[16];
	for (size_t i = 0; i < s->regions; i++)
		atomic_fetch_sub(&s->shared->mapped_mib, (int)s->region[i].mib);
	snprintf(seed, sizeof seed, "%llu", (unsigned long long)next(s));
	snprintf(depth, sizeof depth, "%d", s->depth);
	execl(s->self, s->self, seed, "-", depth, (char *)NULL);
	_exit(1);
}

static void split(struct state *s)
{
	if (atomic_fetch_add(&s->shared->processes, 1) >= PROCESSES_MAX) {
		atomic_fetch_sub(&s->shared->processes, 1);
		return;
	}
	uint64_t random = next(s) | 1;
	pid_t pid = fork();
	if (pid < 0)
		atomic_fetch_sub(&s->shared->processes, 1);
	if (pid != 0)
		return;
	s->random = random;
	s->depth++;
	for (size_t i = 0; i < s->regions; i++) /* its own from now on */
		atomic_fetch_add(&s->shared->mapped_mib, (int)s->region[i].mib);
}

static void act(struct state *s)
{
	static void (*const operations[])(struct state *) = {
	    take_pages, take_pages, take_populated, take_huge, take_file, give, give, give, split, split,
	};
	uint64_t choice = next(s) % 100;
	if (choice < 4 && s->depth > 0)
		leave(s);
	if (choice < 8 && s->depth > 0)
		execute(s);
	operations[next(s) % (sizeof operations / sizeof *operations)](s);
	if (choice % 3 == 0)
		wait_us(pick(s, 100, 30000));
}

static void live(struct state *s)
{
	while (now_ns() < s->shared->end_ns) {
		act(s);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	if (s->depth > 0)
		leave(s);
	while (wait(NULL) > 0)
		;
}

/* The shared page and the cached file, at descriptors that survive exec. */
static void create(int64_t ms)
{
	int shared = memfd_create("shared", 0), file = memfd_create("file", 0);
	char *block = calloc(1, MIB);
	if (shared < 0 || file < 0 || block == NULL || ftruncate(shared, sizeof(struct shared)) != 0)
		exit(1);
	for (int i = 0; i < FILE_MIB; i++)
		if (write(file, block, MIB) != (ssize_t)MIB)
			exit(1);
	free(block);
	if (dup2(shared, SHARED_FD) < 0 || dup2(file, FILE_FD) < 0)
		exit(1);
	close(shared);
	close(file);
	struct shared first = {.processes = 1, .end_ns = now_ns() + ms * 1000000};
	if (pwrite(SHARED_FD, &first, sizeof first, 0) != (ssize_t)sizeof first)
		exit(1);
}

int main(int argc, char **argv)
{
	static struct state s;
	int inner = argc == 4 && strcmp(argv[2], "-") == 0;
	if (argc < 2)
		return 2;
	if (!inner)
		create(argc > 2 ? atol(argv[2]) : 700);
	s.shared = mmap(NULL, sizeof *s.shared, PROT_READ | PROT_WRITE, MAP_SHARED, SHARED_FD, 0);
	if (s.shared == MAP_FAILED)
		return 1;
	s.self = argv[0];
	s.depth = inner ? atoi(argv[3]) : 0;
	s.random = strtoull(argv[1], NULL, 10) * UINT64_C(0x9E3779B97F4A7C15) + 1;
	for (int i = 0; i < 8; i++)
		(void)next(&s);
	live(&s);
	return 0;
}
