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

/* The words, and the last of our own arguments, the number of which is the first word. NULL if it is none. */
static char **words_of(const struct shell *s, int argc, char **argv)
{
	uint64_t last;
	if (parse_u64(s->argv[0], strlen(s->argv[0]), (uint64_t)argc - 1, &last) != NULL || s->argc < 2)
		return NULL;
	char **words = alloc_resize(NULL, (size_t)s->argc + (size_t)argc, sizeof *words);
	size_t n = (size_t)s->argc - 1;
	memcpy(words, s->argv + 1, n * sizeof *words);
	memcpy(words + n, argv + argc - last, ((size_t)last + 1) * sizeof *words);
	return words;
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
	if (status != 0 || s.argc == 0) {
		return status;
	}
	char **words = words_of(&s, argc, argv);
	if (words == NULL)
		warn_exit(STATUS_LAUNCHER, "/bin/sh: it said something else");
	execv(words[0], words);
	warn_exit(STATUS_LAUNCHER, "%s: %s", words[0], strerror(errno));
}
