/* The columns of a samples stream. */
#include "columns.h"

#include <string.h>

enum which { TIME, PID, PPID, RSS, HWM, VSZ, SWAP, SHARED, THREADS, COMM };

static const char *const names[] = {
    [TIME] = "time",
    [PID] = "pid",
    [PPID] = "ppid",
    [RSS] = "rss_kib",
    [HWM] = "hwm_kib",
    [VSZ] = "vsz_kib",
    [SWAP] = "swap_kib",
    [SHARED] = "shared_kib",
    [THREADS] = "threads",
    [COMM] = "comm",
};

#define NAMES (sizeof names / sizeof *names)

static int is_name(const char *full, const char *s, size_t n)
{
	size_t len = strlen(full);
	if (n == len)
		return memcmp(full, s, n) == 0;
	return len == n + 4 && strcmp(full + n, "_kib") == 0 && memcmp(full, s, n) == 0;
}

static const char *add(struct columns *c, const char *s, size_t n)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (!is_name(names[i], s, n))
			continue;
		if (memchr(c->which, (int)i, c->n) != NULL)
			return "named twice";
		c->which[c->n++] = (unsigned char)i;
		return NULL;
	}
	return "no such column (there are " COLUMNS_ALL ")";
}

const char *columns_parse(struct columns *c, const char *list, const char **bad)
{
	static const char between[] = ", \t";
	c->n = 0;
	*bad = list;
	for (const char *s = list + strspn(list, between); *s != '\0'; s += strspn(s, between)) {
		size_t n = strcspn(s, between);
		const char *why = add(c, s, n);
		*bad = s;
		if (why != NULL)
			return why;
		s += n;
	}
	return c->n == 0 ? "no column named" : NULL;
}

void columns_header(const struct columns *c, struct buf *b)
{
	for (size_t i = 0; i < c->n; i++) {
		buf_str(b, names[c->which[i]]);
		buf_char(b, i + 1 < c->n ? '\t' : '\n');
	}
}

/* A row must not begin like a `#` line. */
static void put_comm(struct buf *b, const char *comm)
{
	if (*comm == '#') {
		buf_str(b, "\\x23");
		comm++;
	}
	buf_field(b, comm, strlen(comm));
}

static void put_value(struct buf *b, enum which which, const struct proc *p)
{
	switch (which) {
	case TIME:
		break;
	case PID:
		buf_u64(b, (uint64_t)p->pid);
		break;
	case PPID:
		buf_u64(b, (uint64_t)p->ppid);
		break;
	case RSS:
		buf_u64(b, p->rss_kib);
		break;
	case HWM:
		buf_u64(b, p->hwm_kib);
		break;
	case VSZ:
		buf_u64(b, p->vsz_kib);
		break;
	case SWAP:
		buf_u64(b, p->swap_kib);
		break;
	case SHARED:
		buf_u64(b, p->shared_kib);
		break;
	case THREADS:
		buf_u64(b, p->threads);
		break;
	case COMM:
		put_comm(b, p->comm);
		break;
	}
}

static int is_memory(enum which which)
{
	return which == RSS || which == HWM || which == VSZ || which == SWAP || which == SHARED;
}

long columns_row(const struct columns *c, struct buf *b, const struct proc *p, const char *time)
{
	size_t from = b->n;
	long time_at = -1;
	for (size_t i = 0; i < c->n; i++) {
		enum which which = c->which[i];
		if (which == TIME) {
			time_at = (long)(b->n - from);
			buf_str(b, time);
		} else if (p->statm_len > 0 || !is_memory(which)) {
			put_value(b, which, p);
		}
		buf_char(b, i + 1 < c->n ? '\t' : '\n');
	}
	return time_at;
}
