/* Names chosen by a regular expression: the first line; the others are the names. */
#include <stdlib.h>
#include <string.h>

#include "../../lib/pick.h"
#include "fuzz.h"

#define LONGEST 24 /* of a pattern: the time and memory for it are those of the C library */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pick p = {0};
	char pattern[LONGEST + 1] = "";
	struct slice rest,
	    first = fuzz_split((struct slice){(const char *)data, size}, "\n", &rest);
	if (first.n > LONGEST || size > 512)
		return 0;
	memcpy(pattern, first.p, first.n);
	if (strpbrk(pattern, "{\\") != NULL)
		return 0; /* counts, and references back */
	const char *why = pick_set(&p, PICK_INCLUDE, pattern);
	MUST(why == NULL || strlen(why) > 0);
	MUST(pick_chooses(&p) == (why == NULL));
	(void)pick_set(&p, PICK_EXCLUDE, "^x");
	while (rest.n > 0) {
		struct slice name = fuzz_split(rest, "\n", &rest);
		int wanted = pick_wants(&p, name);
		MUST(pick_wants(&p, name) == wanted);
		MUST(!wanted || name.n == 0 || name.p[0] != 'x');
	}
	pick_free(&p);
	return 0;
}
