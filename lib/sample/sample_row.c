/* The columns of a samples stream. */
#include "sample/sample_row.h"

#include <string.h>

#include "stream/escape.h"

enum which {
	TIME,
	PID,
	PPID,
	RSS,
	HWM,
	VSZ,
	PSS,
	USS,
	SWAP,
	SHARED,
	REGIONS,
	THREADS,
	CPU,
	READ,
	WRITE,
	START,
	EXE,
	USER,
	CMD,
	COMM,
};

static const struct {
	const char *name;
	int memory;	  /* unknown of a process that ended before it could be read */
	unsigned details; /* needed */
} columns[] = {
    [TIME] = {"time", 0, 0},
    [PID] = {"pid", 0, 0},
    [PPID] = {"ppid", 0, 0},
    [RSS] = {"rss_kib", 1, 0},
    [HWM] = {"hwm_kib", 1, 0},
    [VSZ] = {"vsz_kib", 1, 0},
    [PSS] = {"pss_kib", 1, 0},
    [USS] = {"uss_kib", 1, 0},
    [SWAP] = {"swap_kib", 1, 0},
    [SHARED] = {"shared_kib", 1, 0},
    [REGIONS] = {"regions", 0, PROCESS_DETAIL_REGIONS},
    [THREADS] = {"threads", 0, 0},
    [CPU] = {"cpu_ms", 0, PROCESS_DETAIL_CPU},
    [READ] = {"read_kib", 0, PROCESS_DETAIL_IO},
    [WRITE] = {"write_kib", 0, PROCESS_DETAIL_IO},
    [START] = {"start", 0, PROCESS_DETAIL_START},
    [EXE] = {"exe", 0, PROCESS_DETAIL_EXE},
    [USER] = {"user", 0, PROCESS_DETAIL_USER},
    [CMD] = {"cmd", 0, PROCESS_DETAIL_CMD},
    [COMM] = {"comm", 0, 0},
};

#define NAMES (sizeof columns / sizeof *columns)

/* Those that other stages make: a label of that name would be taken for one. */
static const char *const reserved[] = {"scope", "name", "procs", "bound_kib", "at_peak_kib",
    "first", "last", "ticks", "pss_at_peak_kib"};

static int is_name(const char *full, const char *s, size_t n)
{
	size_t len = strlen(full);
	if (n == len)
		return memcmp(full, s, n) == 0;
	return len == n + 4 && strcmp(full + n, "_kib") == 0 && memcmp(full, s, n) == 0;
}

static int has(const struct sample_row *c, enum which which)
{
	return memchr(c->which, (int)which, c->n) != NULL;
}

static void add_which(struct sample_row *c, enum which which)
{
	c->which[c->n++] = (unsigned char)which;
	c->details |= columns[which].details;
	c->pss |= which == PSS || which == USS;
}

static const char *add(struct sample_row *c, const char *s, size_t n)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (!is_name(columns[i].name, s, n))
			continue;
		if (has(c, (enum which)i))
			return "named twice";
		add_which(c, (enum which)i);
		return NULL;
	}
	return "no such column (there are " SAMPLE_ROW_ALL ")";
}

const char *sample_row_parse(struct sample_row *c, const char *list, const char **bad)
{
	static const char between[] = ", \t";
	c->n = 0;
	c->details = 0;
	c->pss = 0;
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

void sample_row_add_pss(struct sample_row *c)
{
	if (!has(c, PSS))
		add_which(c, PSS);
	if (!has(c, USS))
		add_which(c, USS);
}

static size_t key_length(const char *label)
{
	static const char digits[] = "0123456789";
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				      "0123456789";
	return strchr(digits, *label) != NULL ? 0 : strspn(label, letters);
}

const char *sample_row_label(struct sample_row *c, const char *text)
{
	size_t n = key_length(text);
	if (n == 0 || text[n] != '=')
		return "not key=value, the key of letters, digits and _";
	for (size_t i = 0; i < NAMES; i++)
		if (is_name(columns[i].name, text, n))
			return "a column has that name";
	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (is_name(reserved[i], text, n))
			return "a column of mempeak has that name";
	for (size_t i = 0; i < c->labels; i++)
		if (strncmp(c->label[i], text, n + 1) == 0)
			return "named twice";
	if (c->labels == SAMPLE_ROW_LABELS)
		return "too many labels";
	c->label[c->labels++] = text;
	return NULL;
}

void sample_row_header(const struct sample_row *c, struct buf *b)
{
	for (size_t i = 0; i < c->n; i++) {
		buf_str(b, columns[c->which[i]].name);
		buf_char(b, '\t');
	}
	for (size_t i = 0; i < c->labels; i++) {
		buf_put(b, c->label[i], key_length(c->label[i]));
		buf_char(b, '\t');
	}
	b->p[b->n - 1] = '\n';
}

/* A row must not begin like a `#` line. */
static void put_text(struct buf *b, const char *text, size_t n)
{
	if (n > 0 && *text == '#') {
		buf_str(b, "\\x23");
		text++;
		n--;
	}
	escape_field(b, text, n);
}

static void put_string(struct buf *b, const char *text)
{
	put_text(b, text, strlen(text));
}

static void put_cmd(struct buf *b, const struct process *p, const struct process_detail *d)
{
	if (d->cmd.n > 0) {
		put_text(b, d->cmd.p, d->cmd.n);
		return;
	}
	buf_char(b, '[');
	escape_field(b, p->comm, strlen(p->comm));
	buf_char(b, ']');
}

/* What is of the hundredths of a second that the kernel keeps. */
static void put_start(struct buf *b, int64_t us)
{
	buf_u64(b, (uint64_t)us / 1000000);
	buf_char(b, '.');
	buf_digits(b, (uint64_t)us / 10000 % 100, 2);
}

static void put_detail(
    struct buf *b, enum which which, const struct process *p, const struct process_detail *d)
{
	switch (which) {
	case REGIONS:
		buf_u64(b, d->regions);
		break;
	case CPU:
		buf_u64(b, d->cpu_ms);
		break;
	case READ:
		buf_u64(b, d->read_kib);
		break;
	case WRITE:
		buf_u64(b, d->write_kib);
		break;
	case START:
		put_start(b, d->start_us);
		break;
	case EXE:
		put_text(b, d->exe.p, d->exe.n);
		break;
	case USER:
		put_string(b, d->user);
		break;
	case CMD:
		put_cmd(b, p, d);
		break;
	default:
		break;
	}
}

static void put_value(struct buf *b, enum which which, const struct process *p)
{
	switch (which) {
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
	case PSS:
	case USS:
		if (p->pss_known)
			buf_u64(b, which == PSS ? p->pss_kib : p->uss_kib);
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
		put_string(b, p->comm);
		break;
	default:
		break;
	}
}

long sample_row_row(const struct sample_row *c, struct buf *b, const struct process *p,
    const struct process_detail *d, const char *time)
{
	size_t from = b->n;
	long time_at = -1;
	for (size_t i = 0; i < c->n; i++) {
		enum which which = c->which[i];
		unsigned details = columns[which].details;
		if (which == TIME) {
			time_at = (long)(b->n - from);
			buf_str(b, time);
		} else if (details != 0 && (details & d->known) != 0) {
			put_detail(b, which, p, d);
		} else if (details == 0 && (p->statm_len > 0 || !columns[which].memory)) {
			put_value(b, which, p);
		}
		buf_char(b, '\t');
	}
	for (size_t i = 0; i < c->labels; i++) {
		put_string(b, c->label[i] + key_length(c->label[i]) + 1);
		buf_char(b, '\t');
	}
	b->p[b->n - 1] = '\n';
	return time_at;
}
