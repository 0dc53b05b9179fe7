/* SPDX-License-Identifier: MIT */
/* Signals by name. */
#include "base/signame.h"

#include <signal.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"

#define NUMBER_MAX 64 /* the last real-time signal */

static const struct {
	const char *name;
	int sig;
} table[] = {
    {"ABRT", SIGABRT},
    {"ALRM", SIGALRM},
    {"BUS", SIGBUS},
    {"CHLD", SIGCHLD},
    {"CONT", SIGCONT},
    {"FPE", SIGFPE},
    {"HUP", SIGHUP},
    {"ILL", SIGILL},
    {"INT", SIGINT},
    {"KILL", SIGKILL},
    {"PIPE", SIGPIPE},
    {"QUIT", SIGQUIT},
    {"SEGV", SIGSEGV},
    {"STOP", SIGSTOP},
    {"SYS", SIGSYS},
    {"TERM", SIGTERM},
    {"TRAP", SIGTRAP},
    {"TSTP", SIGTSTP},
    {"TTIN", SIGTTIN},
    {"TTOU", SIGTTOU},
    {"URG", SIGURG},
    {"USR1", SIGUSR1},
    {"USR2", SIGUSR2},
    {"VTALRM", SIGVTALRM},
    {"XCPU", SIGXCPU},
    {"XFSZ", SIGXFSZ},
};

#define COUNT (sizeof table / sizeof *table)

const char *signame_parse(const char *s, int *sig)
{
	const char *name = strncasecmp(s, "SIG", 3) == 0 ? s + 3 : s;
	uint64_t number = 0;
	for (size_t i = 0; i < COUNT; i++) {
		if (strcasecmp(name, table[i].name) == 0) {
			*sig = table[i].sig;
			return NULL;
		}
	}
	if (parse_u64(s, strlen(s), NUMBER_MAX, &number) != NULL || number == 0)
		return "invalid signal (examples: TERM, SIGINT, 9)";
	*sig = (int)number;
	return NULL;
}

void signame_put(struct buf *b, int sig)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (table[i].sig == sig) {
			buf_str(b, table[i].name);
			return;
		}
	}
	buf_u64(b, (uint64_t)sig);
}
