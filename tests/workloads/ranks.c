/* SPDX-License-Identifier: MIT */
/*
 * An MPI program whose ranks hold memory at one moment. Compile it with mpicc.
 *
 *	ranks MiB FILE
 *
 * Rank N holds N times MiB, and MiB more. When all ranks do, each prints its number and its RSS in
 * KiB. They hold it until FILE exists, for 20 s at most.
 */
#include <fcntl.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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

static void wait_for(const char *file)
{
	for (int i = 0; i < 2000 && access(file, F_OK) != 0; i++)
		nanosleep(&(struct timespec){0, 10000000}, NULL);
}

int main(int argc, char **argv)
{
	int rank = 0;
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	if (argc != 3)
		return 2;
	size_t size = (size_t)(rank + 1) * (size_t)atol(argv[1]) << 20;
	volatile char *p = malloc(size);
	if (p == NULL)
		return 1;
	for (size_t i = 0; i < size; i += 1024)
		p[i] = 1;
	MPI_Barrier(MPI_COMM_WORLD);
	printf("%d %ld\n", rank, resident_kib());
	fflush(stdout);
	wait_for(argv[2]);
	MPI_Barrier(MPI_COMM_WORLD);
	free((void *)p);
	return MPI_Finalize();
}
