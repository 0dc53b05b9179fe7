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

#include "base/alloc.h"
#include "base/parse.h"
#include "base/program.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/warn.h"
#include "os/shell.h"

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
	char **words = alloc_resize(NULL, said->n + (size_t)argc, sizeof *words);
	size_t n = 0;
	for (char *p = said->p + (end + 1 - said->p); p < said->p + said->n; p += strlen(p) + 1)
		words[n++] = p;
	memcpy(words + n, argv + argc - last, ((size_t)last + 1) * sizeof *words);
	return n > 0 ? words : NULL;
}

int main(int argc, char **argv)
{
	struct shell s;
	program_set_name("memrun");
	if (argc < 1)
		warn_exit(STATUS_LAUNCHER, "it has no name");
	if (shell_run(&s, text, argv) != 0)
		warn_exit(STATUS_LAUNCHER, "/bin/sh: %s", strerror(errno));
	if (WIFSIGNALED(s.status))
		warn_exit(STATUS_LAUNCHER, "/bin/sh: %s", strsignal(WTERMSIG(s.status)));
	int status = WEXITSTATUS(s.status);
	if (status != 0 || s.words.n == 0) {
		buf_free(&s.words);
		return status;
	}
	char **words = words_of(&s.words, argc, argv);
	if (words == NULL)
		warn_exit(STATUS_LAUNCHER, "/bin/sh: it said something else");
	execv(words[0], words);
	warn_exit(STATUS_LAUNCHER, "%s: %s", words[0], strerror(errno));
}
