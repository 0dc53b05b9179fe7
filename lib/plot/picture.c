/* SPDX-License-Identifier: MIT */
/* A picture: its type, its size and its file. */
#include "plot/picture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/output_file.h"
#include "base/parse.h"
#include "base/slice.h"
#include "base/term.h"

#define IS_TEXT(p) (strcmp((p)->type, "text") == 0)

/* ---- type and size */

static const char *const types[] = {"png", "svg", "pdf"};

const char *picture_type(struct picture *p, const char *file)
{
	const char *dot = strrchr(file, '.');
	for (size_t i = 0; dot != NULL && i < sizeof types / sizeof *types; i++)
		if (strcasecmp(dot + 1, types[i]) == 0) {
			*p = (struct picture){.type = types[i], .width = 1200, .height = 600};
			return NULL;
		}
	return "invalid type: the name must end in .png, .svg or .pdf";
}

/* Return the number in the environment variable NAME, or FALLBACK. */
static unsigned from_environment(const char *name, unsigned fallback)
{
	const char *text = getenv(name);
	uint64_t n;
	return text != NULL && parse_u64(text, strlen(text), 1000, &n) == NULL && n >= 10
		   ? (unsigned)n
		   : fallback;
}

void picture_text(struct picture *p)
{
	struct term_size size = term_size(STDOUT_FILENO);
	const char *no_color = getenv("NO_COLOR");
	*p = (struct picture){.type = "text"};
	p->colour = term_can_draw(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0');
	if (size.rows > 10 && size.cols > 19) {
		p->width = (unsigned)size.cols;
		p->height = (unsigned)size.rows - 1;
	} else {
		p->width = from_environment("COLUMNS", 80);
		p->height = from_environment("LINES", 24);
	}
}

const char *picture_size(struct picture *p, const char *text)
{
	const char *x = strchr(text, 'x');
	uint64_t least = IS_TEXT(p) ? 20 : 200, most = IS_TEXT(p) ? 1000 : 20000, width, height;
	if (x == NULL || parse_u64(text, (size_t)(x - text), most, &width) != NULL ||
	    parse_u64(x + 1, strlen(x + 1), most, &height) != NULL || width < least ||
	    height < least / 2)
		return IS_TEXT(p) ? "size must be from 20x10 to 1000x1000"
				  : "size must be from 200x100 to 20000x20000";
	p->width = (unsigned)width;
	p->height = (unsigned)height;
	return NULL;
}

void picture_put(const struct picture *p, struct buf *out)
{
	buf_printf(out, "type = \"%s\"\nwidth = %u\nheight = %u\ncolour = %d\n", p->type, p->width,
	    p->height, p->colour);
}

void picture_trim(struct buf *b)
{
	size_t to = 0, line = 0;
	for (size_t i = 0; i < b->n; i++) {
		if (b->p[i] == '\f')
			continue;
		if (b->p[i] == '\n') {
			while (to > line && b->p[to - 1] == ' ')
				to--;
			if (to == 0)
				continue;
		}
		b->p[to++] = b->p[i];
		if (b->p[i] == '\n')
			line = to;
	}
	b->n = to;
}

/* ---- the file */

/* Append the name of the folder of FILE, with the slash at its end; nothing if FILE has no slash.
 */
static void put_folder(struct buf *b, const char *file)
{
	const char *slash = strrchr(file, '/');
	if (slash != NULL)
		buf_put(b, file, (size_t)(slash + 1 - file));
}

/* Return whether FILE is a pipe or a device, which is written as it is. */
static bool is_stream(const char *file)
{
	struct stat st;
	return stat(file, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode));
}

const char *picture_check(const char *file)
{
	struct stat st;
	struct buf folder = {0};
	int error = 0;
	if (stat(file, &st) == 0 && S_ISDIR(st.st_mode))
		return strerror(EISDIR);
	if (is_stream(file))
		return output_file_check(file);
	put_folder(&folder, file);
	buf_str(&folder, ".");
	buf_char(&folder, '\0');
	if (access(folder.p, W_OK | X_OK) != 0)
		error = errno;
	buf_free(&folder);
	return error != 0 ? strerror(error) : NULL;
}

static mode_t default_mode(void)
{
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

/* Return 0, or -1 with errno set. */
static int write_beside(const char *file, struct buf *b)
{
	struct buf beside = {0};
	put_folder(&beside, file);
	buf_str(&beside, ".memplot.XXXXXX");
	buf_char(&beside, '\0');
	int fd = mkstemp(beside.p), error = 0;
	if (fd < 0) {
		error = errno;
	} else {
		if (fchmod(fd, default_mode()) != 0 || buf_write(b, fd) != 0)
			error = errno;
		if (close(fd) != 0 && error == 0)
			error = errno;
		if (error == 0 && rename(beside.p, file) != 0)
			error = errno;
		if (error != 0)
			unlink(beside.p);
	}
	buf_free(&beside);
	errno = error;
	return error == 0 ? 0 : -1;
}

static int write_stream(const char *file, struct buf *b)
{
	int fd = output_file_open(file), error = 0;
	if (fd < 0)
		return -1;
	if (buf_write(b, fd) != 0)
		error = errno;
	close(fd);
	errno = error;
	return error == 0 ? 0 : -1;
}

const char *picture_write(const char *file, struct buf *b)
{
	sigset_t ends, before;
	if (is_stream(file))
		return write_stream(file, b) == 0 ? NULL : strerror(errno);
	/* A signal does not leave the file beside it: it takes effect after the renaming. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, &before);
	int result = write_beside(file, b), error = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result == 0 ? NULL : strerror(error);
}
