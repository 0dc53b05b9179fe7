/* SPDX-License-Identifier: MIT */
/* The name of the running program. */
#include "base/program.h"

#include <stddef.h>
#include <string.h>

/* Set once, at the start of main. */
static const char *name = "mempipe";

void program_set_name(const char *argv0)
{
	if (argv0 == NULL || *argv0 == '\0')
		return;
	const char *slash = strrchr(argv0, '/');
	name = slash != NULL ? slash + 1 : argv0;
}

const char *program_name(void)
{
	return name;
}
