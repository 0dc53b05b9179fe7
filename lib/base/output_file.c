/* The files that the command's output is written to. */
#include "base/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"

/* Return 0 if a file can be created as FILE, or an error number. */
static int check_folder(const char *file)
{
	const char *slash = strrchr(file, '/');
	struct buf folder = {0};
	if (slash != NULL)
		buf_put(&folder, file, (size_t)(slash + 1 - file));
	buf_str(&folder, ".");
	buf_char(&folder, '\0');
	int error = access(folder.p, W_OK | X_OK) == 0 ? 0 : errno;
	buf_free(&folder);
	return error;
}

const char *output_file_check(const char *file)
{
	struct stat st;
	int error;
	if (stat(file, &st) == 0)
		error = S_ISDIR(st.st_mode) ? EISDIR : access(file, W_OK) == 0 ? 0 : errno;
	else if (errno != ENOENT || *file == '\0')
		error = errno;
	else
		error = check_folder(file);
	return error != 0 ? strerror(error) : NULL;
}

int output_file_open(const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd >= 0 && fd <= STDERR_FILENO) /* the place of a closed standard descriptor */
		fd = fd_above(fd, STDERR_FILENO);
	return fd;
}

int output_file_truncate(int fd)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return -1;
	return S_ISREG(st.st_mode) ? ftruncate(fd, 0) : 0;
}
