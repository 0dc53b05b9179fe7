/* SPDX-License-Identifier: MIT */
/*
 * Compare memsample with a loop that keeps each /proc/PID/statm open and only preads it, both on
 *the same idle processes.
 *
 *	tick-cost memsample [processes [seconds [rounds]]]
 *
 * Print microseconds of CPU per process and tick, as medians of alternating rounds, and the ratio.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 1000

struct bench {
	const char *memsample;
	pid_t pid[MOST];
	int processes, seconds, rounds;
};

static void start_idle(struct bench *b)
{
	for (int i = 0; i < b->processes; i++) {
		b->pid[i] = fork();
		if (b->pid[i] == 0)
			for (;;)
				pause();
	}
}

static void bare_loop(const struct bench *b, int hz)
{
	int fd[MOST];
	char text[128];
	struct timespec next;
	for (int i = 0; i < b->processes; i++) {
		snprintf(text, sizeof text, "/proc/%d/statm", (int)b->pid[i]);
		fd[i] = open(text, O_RDONLY);
	}
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (int tick = 0; tick < hz * b->seconds; tick++) {
		for (int i = 0; i < b->processes; i++)
			if (pread(fd[i], text, sizeof text, 0) <= 0)
				_exit(1);
		next.tv_nsec += 1000000000 / hz;
		next.tv_sec += next.tv_nsec / 1000000000;
		next.tv_nsec %= 1000000000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	_exit(0);
}

static void memsample(const struct bench *b, int hz)
{
	char *argv[MOST + 10], rate[16], duration[16], ids[MOST][12];
	int n = 0;
	snprintf(rate, sizeof rate, "%dhz", hz);
	snprintf(duration, sizeof duration, "%ds", b->seconds);
	argv[n++] = (char *)b->memsample;
	argv[n++] = "-i";
	argv[n++] = rate;
	argv[n++] = "-a";
	argv[n++] = "fixed";
	argv[n++] = "-d";
	argv[n++] = duration;
	for (int i = 0; i < b->processes; i++) {
		snprintf(ids[i], sizeof ids[i], "%d", (int)b->pid[i]);
		argv[n++] = ids[i];
	}
	argv[n] = NULL;
	int out = open("/dev/null", O_WRONLY);
	dup2(out, STDOUT_FILENO);
	execv(b->memsample, argv);
	_exit(127);
}

/* Return the CPU seconds of a run. */
static double cpu(const struct bench *b, int hz, void (*run)(const struct bench *, int))
{
	struct rusage ru;
	int status;
	pid_t pid = fork();
	if (pid == 0)
		run(b, hz);
	if (wait4(pid, &status, 0, &ru) != pid || status != 0)
		exit(1);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	       (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void compare(const struct bench *b, int hz)
{
	double bare[64], ours[64], ratio[64];
	double samples = (double)b->processes * hz * b->seconds;
	for (int i = 0; i < b->rounds; i++) {
		bare[i] = cpu(b, hz, bare_loop) / samples * 1e6;
		ours[i] = cpu(b, hz, memsample) / samples * 1e6;
		ratio[i] = ours[i] / bare[i];
	}
	printf("%d processes, %3d Hz: bare loop %.2f us, memsample %.2f us, ratio %.2f\n",
	    b->processes, hz, median(bare, b->rounds), median(ours, b->rounds),
	    median(ratio, b->rounds));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct bench b = {
	    .memsample = argc > 1 ? argv[1] : "memsample",
	    .processes = argc > 2 ? atoi(argv[2]) : 100,
	    .seconds = argc > 3 ? atoi(argv[3]) : 5,
	    .rounds = argc > 4 ? atoi(argv[4]) : 5,
	};
	if (b.processes < 1 || b.processes > MOST || b.seconds < 1 || b.rounds < 1 || b.rounds > 64)
		return 2;
	start_idle(&b);
	compare(&b, 10);
	compare(&b, 100);
	for (int i = 0; i < b.processes; i++)
		kill(b.pid[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	return 0;
}
