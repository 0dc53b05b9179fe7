/* SPDX-License-Identifier: MIT */
/* The files that the command's output is written to. */
#define _XOPEN_SOURCE 700 /* S_ISVTX */
#include "base/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"

#define SHARED (S_ISVTX | S_IWOTH) /* the mode of a folder in which all users may create files */
#define FOREIGN "not allowed: another user's, or with another name, in a shared folder"

/* Put the name of the folder of FILE, ended by a NUL. */
static void put_folder(struct buf *folder, const char *file)
{
	const char *slash = strrchr(file, '/');
	if (slash != NULL)
		buf_put(folder, file, (size_t)(slash + 1 - file));
	buf_str(folder, ".");
	buf_char(folder, '\0');
}

/* Return 0 if a file can be created as FILE, or an error number. */
static int check_folder(const char *file)
{
	struct buf folder = {0};
	put_folder(&folder, file);
	int error = access(folder.p, W_OK | X_OK) == 0 ? 0 : errno;
	buf_free(&folder);
	return error;
}

/* Return whether all users may create files in the folder of FILE, as in /tmp. */
static bool is_in_shared_folder(const char *file)
{
	struct stat st;
	struct buf folder = {0};
	put_folder(&folder, file);
	bool shared = stat(folder.p, &st) == 0 && (st.st_mode & SHARED) == SHARED;
	buf_free(&folder);
	return shared;
}

/* Return whether another user can have made a file or link in a shared folder: also a second name
 * of a file that is elsewhere. */
static bool is_foreign(const struct stat *st)
{
	return st->st_uid != geteuid() || (S_ISREG(st->st_mode) && st->st_nlink > 1);
}

const char *output_file_check(const char *file)
{
	struct stat st;
	int error;
	if (is_in_shared_folder(file) && lstat(file, &st) == 0 && is_foreign(&st))
		return FOREIGN;
	if (stat(file, &st) == 0)
		error = S_ISDIR(st.st_mode) ? EISDIR : access(file, W_OK) == 0 ? 0 : errno;
	else if (errno != ENOENT || *file == '\0')
		error = errno;
	else
		error = check_folder(file);
	return error != 0 ? strerror(error) : NULL;
}

/*
 * Open FILE in a shared folder, unless it is another user's. No other user can replace what this
 * user has made there, because of the sticky bit. A link that appears after lstat(2) is not
 * followed. The kernel has a similar rule where fs.protected_symlinks, fs.protected_hardlinks and
 * fs.protected_regular are set.
 */
static int open_shared(const char *file)
{
	struct stat st;
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC;
	bool exists = lstat(file, &st) == 0;
	errno = EACCES;
	if (exists && is_foreign(&st))
		return -1;
	if (exists && S_ISLNK(st.st_mode))
		return open(file, flags, 0666);
	int fd = open(file, flags | O_NOFOLLOW, 0666);
	if (fd < 0 || (fstat(fd, &st) == 0 && !is_foreign(&st)))
		return fd;
	close(fd);
	errno = EACCES;
	return -1;
}

int output_file_open(const char *file)
{
	int fd = is_in_shared_folder(file) ? open_shared(file)
					   : open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
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
