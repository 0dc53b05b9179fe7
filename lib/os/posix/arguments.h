/* SPDX-License-Identifier: MIT */
/*
 * The arguments of a process, each of which ends with a NUL. (Private to the folders of systems.)
 */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

/* Replace the NULs between the arguments in TEXT, which has N bytes, by blanks. The last byte stays
 * as it is. */
static inline void arguments_join(char *text, long n)
{
	for (long i = 0; i + 1 < n; i++)
		if (text[i] == '\0')
			text[i] = ' ';
}

#endif
