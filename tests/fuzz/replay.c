/* SPDX-License-Identifier: MIT */
/* Call a fuzz target with each of the files that are the operands. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static int replay(const char *name)
{
	FILE *f = fopen(name, "re");
	struct buf in = {0};
	if (f == NULL) {
		perror(name);
		return -1;
	}
	for (size_t n = 1; n > 0; in.n += n)
		n = fread(buf_room(&in, 4096), 1, 4096, f);
	fclose(f);
	/* The block has exactly this size, so that a sanitizer sees reads after its end. */
	uint8_t *data = malloc(in.n > 0 ? in.n : 1);
	for (size_t i = 0; data != NULL && i < in.n; i++)
		data[i] = (uint8_t)in.p[i];
	LLVMFuzzerTestOneInput(data, in.n);
	free(data);
	buf_free(&in);
	return 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		/* If the target aborts, the last name is that of its input. */
		fprintf(stderr, "%s\n", argv[i]);
		if (replay(argv[i]) != 0)
			return 2;
	}
	printf("%d inputs\n", argc - 1);
	return 0;
}
