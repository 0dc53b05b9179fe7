/* What else /proc tells of a process. */
#include "detail.h"

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "procfile.h"

static int read_stat(struct detail *d, const struct proc *p, unsigned wanted)
{
	struct procfile_stat st;
	if (procfile_stat(p->pid, &st) != 0)
		return 0;
	d->cpu_ms = (uint64_t)procfile_ticks_us(st.cpu_ticks) / 1000;
	if (!(wanted & DETAIL_START))
		return DETAIL_CPU;
	if (d->boot_us == 0 && procfile_boot_us(&d->boot_us) != 0)
		return DETAIL_CPU;
	d->start_us = d->boot_us + procfile_ticks_us(st.start_ticks);
	return DETAIL_CPU | DETAIL_START;
}

static int read_io(struct detail *d, const struct proc *p)
{
	char text[512];
	if (procfile_get(p->pid, "io", text, sizeof text) <= 0)
		return 0;
	d->read_kib = procfile_number(text, "read_bytes: ") / 1024;
	d->write_kib = procfile_number(text, "write_bytes: ") / 1024;
	return DETAIL_IO;
}

/* A line for each; a newline in a file's name is written \012. */
static int read_regions(struct detail *d, const struct proc *p)
{
	char path[PROC_PATH], text[4096];
	int fd = procfile_open(p->pid, proc_path(p, "maps", path, sizeof path));
	if (fd < 0)
		return 0;
	d->regions = 0;
	for (ssize_t n; (n = read(fd, text, sizeof text)) > 0;)
		for (ssize_t i = 0; i < n; i++)
			d->regions += text[i] == '\n';
	close(fd);
	return d->regions > 0 ? DETAIL_REGIONS : 0;
}

static int read_exe(struct detail *d, const struct proc *p)
{
	char path[PROC_PATH];
	d->exe.n = 0;
	char *text = buf_room(&d->exe, PATH_MAX);
	long n = procfile_link(p->pid, proc_path(p, "exe", path, sizeof path), text, PATH_MAX);
	if (n <= 0)
		return 0;
	d->exe.n = (size_t)n;
	return DETAIL_EXE;
}

/* Where to cut TEXT at N bytes or before, so that no character is broken. */
static size_t whole_characters(const char *text, size_t n)
{
	size_t cut = n;
	while (cut > 0 && n - cut < 3 && ((unsigned char)text[cut] & 0xc0) == 0x80)
		cut--;
	return ((unsigned char)text[cut] & 0xc0) == 0x80 ? n : cut;
}

static int read_cmd(struct detail *d, const struct proc *p)
{
	char path[PROC_PATH];
	d->cmd.n = 0;
	char *text = buf_room(&d->cmd, DETAIL_CMD_MAX + 2);
	long n = procfile_get(
	    p->pid, proc_path(p, "cmdline", path, sizeof path), text, DETAIL_CMD_MAX + 2);
	if (n < 0)
		return 0;
	while (n > 0 && text[n - 1] == '\0')
		n--;
	for (long i = 0; i < n; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	d->cmd.n = (size_t)n;
	if (n <= DETAIL_CMD_MAX)
		return DETAIL_CMD;
	d->cmd.n = whole_characters(text, DETAIL_CMD_MAX);
	buf_str(&d->cmd, "...");
	return DETAIL_CMD;
}

static const char *user_name(struct detail *d, uid_t uid)
{
	char number[24];
	for (size_t i = 0; i < d->users_n; i++)
		if (d->users[i].uid == uid)
			return d->users[i].name;
	const struct passwd *pw = getpwuid(uid);
	snprintf(number, sizeof number, "%lu", (unsigned long)uid);
	const char *name = pw != NULL ? pw->pw_name : number;
	size_t size = strlen(name) + 1;
	char *copy = memcpy(err_realloc(NULL, size, 1), name, size);
	d->users = err_realloc(d->users, d->users_n + 1, sizeof *d->users);
	d->users[d->users_n++] = (struct detail_user){uid, copy};
	return copy;
}

static int read_user(struct detail *d, const struct proc *p)
{
	uid_t uid;
	if (proc_owner(p, &uid) != 0)
		return 0;
	d->user = user_name(d, uid);
	return DETAIL_USER;
}

void detail_read(struct detail *d, const struct proc *p, unsigned wanted)
{
	int known = 0;
	if (wanted & (DETAIL_CPU | DETAIL_START))
		known |= read_stat(d, p, wanted);
	if (wanted & DETAIL_IO)
		known |= read_io(d, p);
	if (wanted & DETAIL_REGIONS)
		known |= read_regions(d, p);
	if (wanted & DETAIL_EXE)
		known |= read_exe(d, p);
	if (wanted & DETAIL_CMD)
		known |= read_cmd(d, p);
	if (wanted & DETAIL_USER)
		known |= read_user(d, p);
	d->known = known != 0 && proc_is_same(p) ? (unsigned)known : 0;
}

void detail_free(struct detail *d)
{
	for (size_t i = 0; i < d->users_n; i++)
		free(d->users[i].name);
	free(d->users);
	buf_free(&d->exe);
	buf_free(&d->cmd);
	*d = (struct detail){0};
}
