/* Prints the processes of a tick as a tree. */
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/format.h"
#include "base/parse.h"
#include "base/pidmap.h"
#include "base/program.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/term.h"
#include "base/utf8.h"
#include "base/warn.h"
#include "stream/escape.h"
#include "stream/tick.h"
#include "stream/stage.h"
#include "stream/tsv.h"

#define PAINT_NS 100000000LL /* from one picture on a terminal to the next */
#define INDENT 2
#define INDENT_MAX 64
#define NAME_LEAST 12 /* columns that a name gets in the narrowest window */
#define NONE UINT32_MAX

enum { TIME, PID, RSS, PPID, PSS, COMM, CMD };

static const char *const columns[] = {
    [TIME] = "time",
    [PID] = "pid",
    [RSS] = "rss_kib", /* required */
    [PPID] = "ppid",
    [PSS] = "pss_kib",
    [COMM] = "comm",
    [CMD] = "cmd",
    NULL,
};

#define REQUIRED 3

struct kib {
	uint64_t value;
	int known;
};

struct row {
	pid_t pid, ppid;
	struct kib rss_kib, pss_kib;
	size_t name_at, name_len; /* in the tick's text */

	uint32_t child, sibling; /* the last one to appear, the one before it */
	unsigned depth;
	int placed; /* in the order */
};

struct picture {
	struct row *v;
	size_t n, cap;
	struct buf text; /* the names, as they stand in the stream */
	struct pidmap index;
	uint32_t *order, *stack; /* as printed; to be placed; each of CAP */
	size_t ordered;
	struct tick tick;
};

struct printer {
	struct tsv table;
	struct stage_faults faults;
	struct picture picture;
	int watch, terminal, utf8;
	struct term_size size;
	int fresh;	  /* the tick has rows that were never printed */
	int printed;	  /* one was */
	int lines;	  /* of the picture on the terminal */
	int64_t paint_ns; /* when the next may be painted */
	struct buf out;
};

static const struct option long_options[] = {
    {"watch", no_argument, NULL, 'w'},
    {NULL, 0, NULL, 0},
};

static void usage(void)
{
	fputs("usage: memtree [-w] [file]\n", stderr);
	exit(STATUS_ERROR);
}

static struct row *add_row(struct picture *t)
{
	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 64 : t->cap * 2;
		t->v = alloc_resize(t->v, t->cap, sizeof *t->v);
		t->order = alloc_resize(t->order, t->cap, sizeof *t->order);
		t->stack = alloc_resize(t->stack, t->cap, sizeof *t->stack);
	}
	return &t->v[t->n++];
}

static void clear(struct picture *t)
{
	t->n = 0;
	t->text.n = 0;
	t->tick = (struct tick){0};
}

/* Places the row at I and all below it, in order of appearance. */
static void place(struct picture *t, uint32_t i)
{
	size_t waiting = 0;
	t->v[i].depth = 0;
	t->stack[waiting++] = i;
	while (waiting > 0) {
		struct row *r = &t->v[i = t->stack[--waiting]];
		if (r->placed)
			continue; /* its own ancestor */
		r->placed = 1;
		t->order[t->ordered++] = i;
		for (uint32_t c = r->child; c != NONE; c = t->v[c].sibling) {
			if (t->v[c].placed)
				continue;
			t->v[c].depth = r->depth + 1;
			t->stack[waiting++] = c;
		}
	}
}

/* The row of the parent of the one at I, or NONE. */
static uint32_t parent_of(const struct picture *t, uint32_t i)
{
	pid_t ppid = t->v[i].ppid;
	uint32_t parent = ppid > 0 ? pidmap_get(&t->index, ppid) : PIDMAP_NONE;
	return parent == PIDMAP_NONE || parent == i ? NONE : parent;
}

/* Roots are those whose parent is not there; then comes who is in a circle. */
static void put_in_order(struct picture *t)
{
	pidmap_free(&t->index);
	t->ordered = 0;
	for (uint32_t i = 0; i < t->n; i++) {
		pidmap_set(&t->index, t->v[i].pid, i);
		t->v[i].child = t->v[i].sibling = NONE;
		t->v[i].placed = 0;
	}
	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t parent = parent_of(t, i);
		if (parent == NONE)
			continue;
		t->v[i].sibling = t->v[parent].child;
		t->v[parent].child = i;
	}
	for (uint32_t i = 0; i < t->n; i++)
		if (parent_of(t, i) == NONE)
			place(t, i);
	for (uint32_t i = 0; i < t->n; i++)
		if (!t->v[i].placed)
			place(t, i);
}

static void put_size(struct printer *p, struct kib kib)
{
	char text[FORMAT_SIZE];
	buf_printf(&p->out, "%10s  ", kib.known ? format_size(text, kib.value) : "-");
}

/* In place, what was there before is cleared behind the line. */
static void end_line(struct printer *p)
{
	buf_str(&p->out, p->watch && p->terminal ? "\033[K\n" : "\n");
	p->lines++;
}

/* The name behind its indentation, with the depth in front where the window
 * has no room to show it; LEFT columns of the line are left. */
static void put_name(struct printer *p, const struct row *r, int left)
{
	struct buf raw = {0}, safe = {0};
	int most = p->terminal ? left / 2 : INDENT_MAX;
	long long indent = (long long)r->depth * INDENT;
	if (indent > most) {
		char depth[32];
		indent = snprintf(depth, sizeof depth, "(%u) ", r->depth);
		indent = most > indent ? most : indent;
		buf_printf(&p->out, "%*s", (int)indent, depth);
	} else {
		buf_printf(&p->out, "%*s", (int)indent, "");
	}
	if (r->name_len > 0)
		escape_decode(&raw, p->picture.text.p + r->name_at, r->name_len);
	(p->utf8 ? utf8_visible : utf8_ascii)(&safe, raw.p, raw.n);
	left = left - (int)indent > NAME_LEAST ? left - (int)indent : NAME_LEAST;
	(void)format_name(&p->out, (struct slice){safe.p, safe.n},
	    p->terminal ? (size_t)left : SIZE_MAX / 2, p->utf8);
	buf_free(&raw);
	buf_free(&safe);
}

struct totals {
	struct kib rss_kib, pss_kib;
};

static struct totals add_up(const struct picture *t)
{
	struct totals sum = {0};
	for (size_t i = 0; i < t->n; i++) {
		sum.rss_kib.value += t->v[i].rss_kib.value;
		sum.rss_kib.known |= t->v[i].rss_kib.known;
		sum.pss_kib.value += t->v[i].pss_kib.value;
		sum.pss_kib.known |= t->v[i].pss_kib.known;
	}
	return sum;
}

/* How many rows go into the window, with a line about the others. */
static size_t rows_shown(const struct printer *p)
{
	int room = p->size.rows - 4; /* time, head, total, cursor */
	if (!p->watch || !p->terminal || p->picture.n <= (size_t)(room > 0 ? room : 0))
		return p->picture.n;
	return room > 1 ? (size_t)room - 1 : 0;
}

static void put_rows(struct printer *p, int with_pss)
{
	const struct picture *t = &p->picture;
	size_t shown = rows_shown(p);
	int left = p->size.cols - 1 - (with_pss ? 34 : 22);
	for (size_t i = 0; i < shown; i++) {
		const struct row *r = &t->v[t->order[i]];
		put_size(p, r->rss_kib);
		if (with_pss)
			put_size(p, r->pss_kib);
		buf_printf(&p->out, "%8ld  ", (long)r->pid);
		put_name(p, r, left);
		end_line(p);
	}
	if (shown < t->n) {
		buf_printf(
		    &p->out, "%s and %zu more", p->utf8 ? "\xe2\x80\xa6" : "...", t->n - shown);
		end_line(p);
	}
}

static void put_tick(struct printer *p)
{
	struct totals sum = add_up(&p->picture);
	int with_pss = sum.pss_kib.known;
	put_in_order(&p->picture);
	if (p->watch) {
		if (format_date(&p->out, p->picture.tick.us) != 0)
			buf_put(&p->out, p->picture.tick.time, p->picture.tick.len);
		end_line(p);
	}
	buf_printf(&p->out, "%10s  %s%8s  NAME", "RSS", with_pss ? "       PSS  " : "", "PID");
	end_line(p);
	put_rows(p, with_pss);
	put_size(p, sum.rss_kib);
	if (with_pss)
		put_size(p, sum.pss_kib);
	buf_printf(&p->out, "%8zu  process%s", p->picture.n, p->picture.n == 1 ? "" : "es");
	end_line(p);
}

/* The window, as far as it is known. */
static struct term_size window(void)
{
	struct term_size size = term_size(STDOUT_FILENO);
	return size.rows > 0 && size.cols > 0 ? size : (struct term_size){24, 80};
}

static int resized(const struct printer *p)
{
	struct term_size now = window();
	return now.rows != p->size.rows || now.cols != p->size.cols;
}

/* Over the last picture, where that can still be found. */
static void put_picture(struct printer *p)
{
	if (p->watch && p->lines > 0) {
		if (resized(p))
			buf_str(&p->out, "\033[H\033[2J");
		else
			buf_printf(&p->out, "\033[%dA\r", p->lines);
	}
	p->size = window();
	p->lines = 0;
	put_tick(p);
	if (p->watch)
		buf_str(&p->out, "\033[J");
	p->paint_ns = clock_mono_ns() + PAINT_NS;
}

static void print_tick(struct printer *p)
{
	if (!p->fresh)
		return;
	if (p->terminal) {
		put_picture(p);
	} else {
		if (p->printed)
			buf_char(&p->out, '\n');
		put_tick(p);
	}
	p->fresh = 0;
	p->printed = 1;
	stage_write(&p->out);
}

/* Another tick begins, or the input ends. */
static void end_tick(struct printer *p)
{
	if (p->watch && (!p->terminal || clock_mono_ns() >= p->paint_ns))
		print_tick(p);
}

static const char *read_kib(struct slice f, struct kib *kib)
{
	*kib = (struct kib){.known = f.n > 0};
	return tick_kib(f, &kib->value);
}

static const char *read_row(const struct tsv *t, struct row *r)
{
	struct slice pid = tsv_field(t, PID), ppid = tsv_field(t, PPID);
	const char *why = parse_pid(pid.p, pid.n, &r->pid);
	if (why == NULL)
		why = tick_ppid(ppid, &r->ppid);
	if (why == NULL)
		why = read_kib(tsv_field(t, RSS), &r->rss_kib);
	if (why == NULL)
		why = read_kib(tsv_field(t, PSS), &r->pss_kib);
	return why;
}

static const char *take_time(struct printer *p, struct slice time)
{
	struct picture *t = &p->picture;
	struct tick next = t->tick;
	int begins;
	const char *why = tick_time(&next, time, &begins);
	if (why != NULL || !begins)
		return why;
	end_tick(p);
	clear(t);
	t->tick = next;
	return NULL;
}

static const char *take_row(struct printer *p)
{
	struct row r = {0};
	const char *why = read_row(&p->table, &r);
	if (why == NULL)
		why = take_time(p, tsv_field(&p->table, TIME));
	if (why != NULL)
		return why;
	struct slice name = tsv_field(&p->table, CMD);
	if (name.n == 0)
		name = tsv_field(&p->table, COMM);
	r.name_at = p->picture.text.n;
	r.name_len = name.n;
	buf_put(&p->picture.text, name.p, name.n);
	*add_row(&p->picture) = r;
	p->fresh = 1;
	return NULL;
}

/* Whether to go on. */
static int take(struct printer *p, enum tsv_kind kind, const char *name)
{
	const char *why = p->table.why;
	switch (kind) {
	case TSV_META:
		return 1;
	case TSV_HEADER: /* another run: its ticks are others at the same time, too */
		end_tick(p);
		p->picture.tick = (struct tick){0};
		return 1;
	case TSV_ROW:
		why = take_row(p);
		break;
	default:
		break;
	}
	if (why != NULL)
		stage_fault(&p->faults, name, p->table.in.number, why);
	return kind != TSV_ERROR;
}

/* Where nothing follows at once, the tick is taken to be whole. */
static void run(struct printer *p, int fd, const char *name)
{
	struct lines *in = &p->table.in;
	enum tsv_kind kind;
	int more = 1;
	tsv_init(&p->table, fd, columns, REQUIRED);
	while (more && !in->eof) {
		if (p->watch && !stage_wait(fd, clock_mono_ns() + PAINT_NS)) {
			p->fresh |= p->printed && p->terminal && resized(p);
			print_tick(p);
			continue;
		}
		if (lines_fill(in) < 0 && errno != EINTR) {
			stage_fault(&p->faults, name, 0, strerror(errno));
			break;
		}
		while (more && (kind = tsv_buffered(&p->table)) != TSV_END)
			more = take(p, kind, name);
	}
	if (more && (kind = tsv_rest(&p->table)) != TSV_END)
		take(p, kind, name);
	print_tick(p);
	tsv_free(&p->table);
}

static void free_tick(struct picture *t)
{
	free(t->v);
	free(t->order);
	free(t->stack);
	buf_free(&t->text);
	pidmap_free(&t->index);
}

int main(int argc, char **argv)
{
	struct printer p = {0};
	program_set_name(argv[0]);
	for (int c; (c = getopt_long(argc, argv, "+w", long_options, NULL)) != -1;) {
		if (c != 'w')
			usage();
		p.watch = 1;
	}
	if (argc - optind > 1)
		usage();
	const char *name;
	int fd = stage_open(optind < argc ? argv[optind] : "-", &name);
	if (fd < 0)
		return STATUS_ERROR;
	stage_outlive_interrupt();
	p.utf8 = term_utf8();
	p.terminal = p.watch ? term_can_draw(STDOUT_FILENO) : isatty(STDOUT_FILENO);
	run(&p, fd, name);
	int status = stage_faults_end(&p.faults);
	if (!p.printed && status == STATUS_OK) {
		warn_print("no samples");
		status = STATUS_NO;
	}
	free_tick(&p.picture);
	buf_free(&p.out);
	return status;
}
