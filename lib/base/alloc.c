/* SPDX-License-Identifier: MIT */
/* Memory for arrays. */
#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"
#include "base/status.h"

#define FIRST_BYTES 256 /* many arrays stay small; large objects start with one */

/* Written without formatting, which may need memory itself. */
static _Noreturn void out_of_memory(void)
{
	static const char reason[] = ": out of memory\n";
	(void)!write(STDERR_FILENO, program_name(), strlen(program_name()));
	(void)!write(STDERR_FILENO, reason, sizeof reason - 1);
	exit(STATUS_ERROR);
}

void *alloc_resize(void *v, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		out_of_memory();
	void *resized = realloc(v, n * size > 0 ? n * size : 1);
	if (resized == NULL)
		out_of_memory();
	return resized;
}

void *alloc_grow(void *v, size_t *cap, size_t n, size_t size)
{
	if (n <= *cap)
		return v;
	size_t first = size < FIRST_BYTES ? FIRST_BYTES / size : 1;
	size_t larger = *cap < first ? first : *cap * 2;
	*cap = larger > n ? larger : n;
	return alloc_resize(v, *cap, size);
}
