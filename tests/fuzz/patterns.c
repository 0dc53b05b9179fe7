/* SPDX-License-Identifier: MIT */
/* Select names by a regular expression: the first line of the input; the others are names. */
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "fuzz.h"
#include "peak/name_filter.h"

#define LONGEST 24 /* pattern; the C library decides the time and memory for it */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct name_filter p = {0};
	char pattern[LONGEST + 1] = "";
	struct slice rest,
	    first = fuzz_split((struct slice){(const char *)data, size}, "\n", &rest);
	if (first.n > LONGEST || size > 512)
		return 0;
	memcpy(pattern, first.p, first.n);
	if (strpbrk(pattern, "{\\") != NULL)
		return 0; /* counts and back-references */
	const char *why = name_filter_set(&p, NAME_FILTER_INCLUDE, pattern);
	MUST(why == NULL || strlen(why) > 0);
	MUST(name_filter_is_set(&p) == (why == NULL));
	(void)name_filter_set(&p, NAME_FILTER_EXCLUDE, "^x");
	while (rest.n > 0) {
		struct slice name = fuzz_split(rest, "\n", &rest);
		int wanted = name_filter_passes(&p, name);
		MUST(name_filter_passes(&p, name) == wanted);
		MUST(!wanted || name.n == 0 || name.p[0] != 'x');
	}
	name_filter_free(&p);
	return 0;
}
