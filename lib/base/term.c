/* SPDX-License-Identifier: MIT */
/* The properties of a terminal. */
#include "base/term.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool term_can_draw(int fd)
{
	const char *term = getenv("TERM");
	return isatty(fd) && term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}

struct term_size term_size(int fd)
{
	struct winsize w = {0};
	(void)ioctl(fd, TIOCGWINSZ, &w);
	return (struct term_size){w.ws_row, w.ws_col};
}

bool term_utf8(void)
{
	(void)setlocale(LC_CTYPE, "");
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
