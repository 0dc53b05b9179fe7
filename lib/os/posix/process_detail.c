/* SPDX-License-Identifier: MIT */
/* Details of a process besides its memory. */
#include "os/process_detail.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "os/posix/arguments.h"
#include "os/posix/process_detail_system.h"

/* Return the largest length of TEXT, at most N, that cuts no UTF-8 character. */
static size_t whole_characters(const char *text, size_t n)
{
	size_t cut = n;
	while (cut > 0 && n - cut < 3 && ((unsigned char)text[cut] & 0xc0) == 0x80)
		cut--;
	return ((unsigned char)text[cut] & 0xc0) == 0x80 ? n : cut;
}

static unsigned read_cmd(struct process_detail *d, const struct process *p)
{
	d->cmd.n = 0;
	char *text = buf_room(&d->cmd, PROCESS_DETAIL_CMD_MAX + 2);
	long n = process_detail_system_cmd(p, text, PROCESS_DETAIL_CMD_MAX + 2);
	if (n < 0)
		return 0;
	while (n > 0 && text[n - 1] == '\0')
		n--;
	arguments_join(text, n);
	d->cmd.n = (size_t)n;
	if (n <= PROCESS_DETAIL_CMD_MAX)
		return PROCESS_DETAIL_CMD;
	d->cmd.n = whole_characters(text, PROCESS_DETAIL_CMD_MAX);
	buf_str(&d->cmd, "...");
	return PROCESS_DETAIL_CMD;
}

static const char *user_name(struct process_detail *d, uid_t uid)
{
	char number[24];
	for (size_t i = 0; i < d->users_n; i++)
		if (d->users[i].uid == uid)
			return d->users[i].name;
	const struct passwd *pw = getpwuid(uid);
	snprintf(number, sizeof number, "%lu", (unsigned long)uid);
	const char *name = pw != NULL ? pw->pw_name : number;
	size_t size = strlen(name) + 1;
	char *copy = memcpy(alloc_resize(NULL, size, 1), name, size);
	d->users = alloc_resize(d->users, d->users_n + 1, sizeof *d->users);
	d->users[d->users_n++] = (struct process_detail_user){uid, copy};
	return copy;
}

static unsigned read_user(struct process_detail *d, const struct process *p)
{
	uid_t uid;
	if (process_owner(p, &uid) != 0)
		return 0;
	d->user = user_name(d, uid);
	return PROCESS_DETAIL_USER;
}

void process_detail_read(struct process_detail *d, const struct process *p, unsigned wanted)
{
	unsigned known = process_detail_system_read(d, p, wanted);
	if (wanted & PROCESS_DETAIL_CMD)
		known |= read_cmd(d, p);
	if (wanted & PROCESS_DETAIL_USER)
		known |= read_user(d, p);
	d->known = known != 0 && process_owns_pid(p) ? known : 0;
}

void process_detail_free(struct process_detail *d)
{
	for (size_t i = 0; i < d->users_n; i++)
		free(d->users[i].name);
	free(d->users);
	buf_free(&d->exe);
	buf_free(&d->cmd);
	*d = (struct process_detail){0};
}
