/* What readers of samples do alike. */
#include "stream/tick.h"

#include <string.h>

#include "base/parse.h"

const char *tick_time(struct tick *t, struct slice field, int *begins)
{
	int64_t us = 0;
	*begins = 0;
	if (field.n == 0)
		return "no time";
	if (field.n == t->len && memcmp(field.p, t->time, field.n) == 0)
		return NULL;
	const char *why =
	    field.n <= sizeof t->time ? parse_time_us(field.p, field.n, &us) : "invalid time";
	if (why != NULL)
		return why;
	memcpy(t->time, field.p, field.n);
	t->len = field.n;
	t->us = us;
	*begins = 1;
	return NULL;
}

/* A number too large to be memory is a mistake. */
const char *tick_kib(struct slice field, uint64_t *kib)
{
	*kib = 0;
	return field.n == 0 ? NULL : parse_u64(field.p, field.n, UINT64_MAX >> 20, kib);
}

const char *tick_ppid(struct slice field, pid_t *ppid)
{
	uint64_t number = 0;
	const char *why = field.n == 0 ? NULL : parse_u64(field.p, field.n, INT32_MAX, &number);
	*ppid = (pid_t)number;
	return why;
}
