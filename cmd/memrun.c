/*
 * Has memrun.sh, which stands in here, say what is to be run, and becomes that.
 * So nothing that a shell changes, such as the environment or an ignored
 * SIGCHLD, is the command's.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/err.h"
#include "../lib/parse.h"
#include "../lib/script.h"

static const char text[] =
#include "memrun.inc"
    ;

/* What was said: how many of our own last arguments follow, and the words before
 * them, each ended by a NUL. NULL if it is not of this form. */
static char **words_of(const struct buf *said, int argc, char **argv)
{
	const char *end = memchr(said->p, '\0', said->n);
	uint64_t last;
	if (end == NULL || said->p[said->n - 1] != '\0' ||
	    parse_u64(said->p, (size_t)(end - said->p), (uint64_t)argc - 1, &last) != NULL)
		return NULL;
	char **words = err_realloc(NULL, said->n + (size_t)argc, sizeof *words);
	size_t n = 0;
	for (char *p = said->p + (end + 1 - said->p); p < said->p + said->n; p += strlen(p) + 1)
		words[n++] = p;
	memcpy(words + n, argv + argc - last, ((size_t)last + 1) * sizeof *words);
	return n > 0 ? words : NULL;
}

int main(int argc, char **argv)
{
	struct script s;
	err_name("memrun");
	if (argc < 1)
		err_die(STATUS_LAUNCH, "it has no name");
	if (script_run(&s, text, argv) != 0)
		err_die(STATUS_LAUNCH, "/bin/sh: %s", strerror(errno));
	if (WIFSIGNALED(s.status))
		err_die(STATUS_LAUNCH, "/bin/sh: %s", strsignal(WTERMSIG(s.status)));
	int status = WEXITSTATUS(s.status);
	if (status != 0 || s.said.n == 0) {
		buf_free(&s.said);
		return status;
	}
	char **words = words_of(&s.said, argc, argv);
	if (words == NULL)
		err_die(STATUS_LAUNCH, "/bin/sh: it said something else");
	execv(words[0], words);
	err_die(STATUS_LAUNCH, "%s: %s", words[0], strerror(errno));
}
