/* SPDX-License-Identifier: MIT */
/*
 * Measure the cost of measuring: run a command unmeasured and measured in turn, and compare its CPU
 * time.
 *
 *	cost BUILD rounds name [argument ...]
 *
 * Print the medians of the command's CPU seconds unmeasured and measured, of their ratio, and of
 *the sampler's share of one CPU.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 101

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(const struct rusage *ru)
{
	return (double)(ru->ru_utime.tv_sec + ru->ru_stime.tv_sec) +
	       (double)(ru->ru_utime.tv_usec + ru->ru_stime.tv_usec) / 1e6;
}

/* Run ARGV. Return the CPU seconds of it and its descendants, and store the elapsed seconds in
 * WALL. */
static double run(char **argv, double *wall)
{
	struct rusage ru;
	int status;
	double start = now();
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);
		dup2(null, STDOUT_FILENO);
		execv(argv[0], argv);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &ru) != pid || status != 0) {
		fprintf(stderr, "cost: %s: failed\n", argv[0]);
		exit(1);
	}
	*wall = now() - start;
	return seconds(&ru);
}

/* Return the value of a `#` line that memexec wrote. */
static double value_of(const char *file, const char *key)
{
	char line[65536];
	double value = -1;
	FILE *f = fopen(file, "r");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			value = atof(line + strlen(key) + 1);
	if (f == NULL || value < 0)
		exit(1);
	fclose(f);
	return value;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, by_value);
	return v[n / 2];
}

int main(int argc, char **argv)
{
	static double plain[MOST], measured[MOST], ratio[MOST], share[MOST];
	char memexec[4096], pipeline[8192], file[] = "/tmp/mempipe-cost-XXXXXX";
	int rounds = argc > 3 ? atoi(argv[2]) : 0;
	int fd = mkstemp(file);
	if (rounds < 1 || rounds > MOST || fd < 0)
		return 2;
	close(fd);
	snprintf(memexec, sizeof memexec, "%s/memexec", argv[1]);
	snprintf(pipeline, sizeof pipeline, "exec '%s/memsample' -C >%s", argv[1], file);
	char *with[64] = {memexec, "--to", pipeline, "--"};
	for (int i = 3; i < argc && i < 60; i++)
		with[i + 1] = argv[i];
	for (int i = 0; i < rounds; i++) {
		double wall;
		plain[i] = run(argv + 3, &wall);
		double all = run(with, &wall);
		measured[i] = value_of(file, "#user_seconds") + value_of(file, "#system_seconds");
		ratio[i] = measured[i] / plain[i];
		share[i] = (all - measured[i]) / wall * 100;
	}
	unlink(file);
	printf("%s: CPU %.3f s plain, %.3f s measured, ratio %.3f; sampler %.2f %% of one CPU\n",
	    argv[4] != NULL ? argv[4] : argv[3], median(plain, rounds), median(measured, rounds),
	    median(ratio, rounds), median(share, rounds));
	return 0;
}
