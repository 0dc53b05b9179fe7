/* SPDX-License-Identifier: MIT */
/*
 * Compare the time of two commands, run in turn.
 *
 *	versus [-c | -u] rounds 'command A' 'command B'
 *
 * Each is split at blanks and run without a shell; its output is discarded. Print the medians in
 * milliseconds and their difference. With -c, compare the CPU time, with -u
 * that in user mode.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 1000
#define WORDS 64

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

/* Run COMMAND. Return its elapsed time, or if WHAT is c or u, its CPU time or user time. */
static double run_ms(const char *command, char what)
{
	char text[4096], *argv[WORDS + 1];
	int n = 0;
	snprintf(text, sizeof text, "%s", command);
	for (char *word = strtok(text, " "); word != NULL && n < WORDS; word = strtok(NULL, " "))
		argv[n++] = word;
	argv[n] = NULL;
	double start = now_ms();
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	int status;
	struct rusage ru;
	if (wait4(pid, &status, 0, &ru) != pid || status != 0) {
		fprintf(stderr, "versus: %s: failed\n", command);
		exit(1);
	}
	if (what == 'u')
		return ms(ru.ru_utime);
	if (what == 'c')
		return ms(ru.ru_utime) + ms(ru.ru_stime);
	return now_ms() - start;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static double a[MOST], b[MOST], difference[MOST];
	bool cpu = argc > 1 && argv[1][0] == '-';
	char what = cpu ? argv[1][1] : '\0';
	argv += cpu;
	argc -= cpu;
	int rounds = argc == 4 ? atoi(argv[1]) : 0;
	if (rounds < 1 || rounds > MOST)
		return 2;
	(void)run_ms(argv[2], what);
	(void)run_ms(argv[3], what);
	for (int i = 0; i < rounds; i++) {
		a[i] = run_ms(argv[2], what);
		b[i] = run_ms(argv[3], what);
		difference[i] = a[i] - b[i];
	}
	qsort(a, (size_t)rounds, sizeof *a, by_value);
	qsort(b, (size_t)rounds, sizeof *b, by_value);
	qsort(difference, (size_t)rounds, sizeof *difference, by_value);
	printf("%s: %.2f ms; %s: %.2f ms; difference %.2f ms (medians of %d)\n", argv[2],
	    a[rounds / 2], argv[3], b[rounds / 2], difference[rounds / 2], rounds);
	return 0;
}
