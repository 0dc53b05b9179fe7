/* SPDX-License-Identifier: MIT */
/* The processes of one tick as a tree. */
#include "live/process_tree.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/format.h"
#include "base/utf8.h"
#include "stream/escape.h"

#define NONE UINT32_MAX
#define INDENT 2
#define INDENT_MAX 64  /* where lines are not cut */
#define NAME_MIN 12    /* columns of a name on the narrowest terminal */
#define COLUMNS 22     /* of a line before the name */
#define COLUMNS_PSS 34 /* the same with PSS */

struct kib {
	uint64_t value;
	bool known;
};

struct process_tree_row {
	pid_t pid, ppid;
	struct kib rss, pss;
	size_t name, name_n; /* where its name is in names */

	uint32_t last_child, previous_sibling; /* numbers of rows, or NONE */
	unsigned depth;
	bool placed; /* in the order */
};

struct printer {
	const struct process_tree *tree;
	const struct process_tree_style *style;
	struct buf *out;
	bool with_pss;
	int lines;
};

/* ---- rows */

static int compare_pss(const void *a, const void *b)
{
	const struct process_tree_pss *x = a, *y = b;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Keep the PSS of all processes for the next tree. */
static void keep_pss(struct process_tree *t)
{
	t->pss_n = 0;
	t->pss = alloc_grow(t->pss, &t->pss_cap, t->n, sizeof *t->pss);
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].pss.known)
			t->pss[t->pss_n++] =
			    (struct process_tree_pss){t->v[i].pid, t->v[i].ppid, t->v[i].pss.value};
	if (t->pss_n > 0)
		qsort(t->pss, t->pss_n, sizeof *t->pss, compare_pss);
}

/* Return the PSS that is kept for ROW, at most its RSS. */
static struct kib kept_pss(const struct process_tree *t, const struct samples_row *row)
{
	const struct process_tree_pss key = {.pid = row->pid}, *found = NULL;
	if (t->pss_n > 0 && row->rss_known)
		found = bsearch(&key, t->pss, t->pss_n, sizeof *t->pss, compare_pss);
	if (found == NULL || found->ppid != row->ppid)
		return (struct kib){0};
	return (struct kib){found->kib < row->rss_kib ? found->kib : row->rss_kib, true};
}

void process_tree_clear(struct process_tree *t)
{
	if (t->keeps_pss)
		keep_pss(t);
	t->n = 0;
	t->names.n = 0;
}

void process_tree_add(struct process_tree *t, const struct samples_row *row, struct slice name)
{
	if (t->n == t->cap) {
		t->v = alloc_grow(t->v, &t->cap, t->n + 1, sizeof *t->v);
		t->order = alloc_resize(t->order, t->cap, sizeof *t->order);
		t->stack = alloc_resize(t->stack, t->cap, sizeof *t->stack);
	}
	struct kib pss = {row->pss_kib, row->pss_known};
	t->v[t->n++] = (struct process_tree_row){
	    .pid = row->pid,
	    .ppid = row->ppid,
	    .rss = {row->rss_kib, row->rss_known},
	    .pss = pss.known ? pss : kept_pss(t, row),
	    .name = t->names.n,
	    .name_n = name.n,
	};
	buf_put(&t->names, name.p, name.n);
}

/* ---- order */

/* Return the row of the parent of row I, or NONE. */
static uint32_t parent_of(const struct process_tree *t, uint32_t i)
{
	pid_t ppid = t->v[i].ppid;
	uint32_t parent = ppid > 0 ? pidmap_get(&t->index, ppid) : PIDMAP_NONE;
	return parent == PIDMAP_NONE || parent == i ? NONE : parent;
}

/* Place row I and its descendants, unless they are placed already. */
static void place(struct process_tree *t, uint32_t i)
{
	size_t waiting = 0;
	t->v[i].depth = 0;
	t->stack[waiting++] = i;
	while (waiting > 0) {
		i = t->stack[--waiting];
		struct process_tree_row *r = &t->v[i];
		if (r->placed)
			continue; /* an ancestor of itself */
		r->placed = true;
		t->order[t->ordered++] = i;
		for (uint32_t c = r->last_child; c != NONE; c = t->v[c].previous_sibling) {
			if (t->v[c].placed)
				continue;
			t->v[c].depth = r->depth + 1;
			t->stack[waiting++] = c;
		}
	}
}

/* Link each row to its parent. */
static void link_rows(struct process_tree *t)
{
	pidmap_free(&t->index);
	for (uint32_t i = 0; i < t->n; i++) {
		pidmap_set(&t->index, t->v[i].pid, i);
		t->v[i].last_child = t->v[i].previous_sibling = NONE;
		t->v[i].placed = false;
	}
	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t parent = parent_of(t, i);
		if (parent == NONE)
			continue;
		t->v[i].previous_sibling = t->v[parent].last_child;
		t->v[parent].last_child = i;
	}
}

/* Place the rows without a parent, which are roots, then the rows that are in a cycle. */
static void put_in_order(struct process_tree *t)
{
	link_rows(t);
	t->ordered = 0;
	for (uint32_t i = 0; i < t->n; i++)
		if (parent_of(t, i) == NONE)
			place(t, i);
	for (uint32_t i = 0; i < t->n; i++)
		if (!t->v[i].placed)
			place(t, i);
}

/* ---- text */

static void put_size(struct printer *p, struct kib kib)
{
	char text[FORMAT_SIZE];
	buf_printf(p->out, "%10s  ", kib.known ? format_size(text, kib.value) : "-");
}

static void end_line(struct printer *p)
{
	buf_str(p->out, p->style->end_of_line);
	p->lines++;
}

/* Put the indentation, or the depth if there is no room for so much indentation. Return the
 * columns used. */
static int put_indent(struct printer *p, unsigned depth, int most)
{
	long long indent = (long long)depth * INDENT;
	char text[32] = "";
	if (indent > most) {
		indent = snprintf(text, sizeof text, "(%u) ", depth);
		indent = most > indent ? most : indent;
	}
	buf_printf(p->out, "%*s", (int)indent, text);
	return (int)indent;
}

static void put_name(struct printer *p, const struct process_tree_row *r)
{
	struct buf raw = {0}, safe = {0};
	int width = p->style->width, room = width - 1 - (p->with_pss ? COLUMNS_PSS : COLUMNS);
	room -= put_indent(p, r->depth, width > 0 ? room / 2 : INDENT_MAX);
	if (r->name_n > 0)
		escape_decode(&raw, p->tree->names.p + r->name, r->name_n);
	(p->style->utf8 ? utf8_visible : utf8_ascii)(&safe, raw.p, raw.n);
	size_t columns = width > 0 ? (size_t)(room > NAME_MIN ? room : NAME_MIN) : SIZE_MAX / 2;
	(void)format_name(p->out, (struct slice){safe.p, safe.n}, columns, p->style->utf8);
	buf_free(&raw);
	buf_free(&safe);
}

static void put_row(struct printer *p, const struct process_tree_row *r)
{
	put_size(p, r->rss);
	if (p->with_pss)
		put_size(p, r->pss);
	buf_printf(p->out, "%8ld  ", (long)r->pid);
	put_name(p, r);
	end_line(p);
}

static void put_rows(struct printer *p)
{
	const struct process_tree *t = p->tree;
	size_t shown = t->n < p->style->rows_max ? t->n : p->style->rows_max;
	for (size_t i = 0; i < shown; i++)
		put_row(p, &t->v[t->order[i]]);
	if (shown == t->n)
		return;
	buf_printf(
	    p->out, "%s and %zu more", p->style->utf8 ? "\xe2\x80\xa6" : "...", t->n - shown);
	end_line(p);
}

static void add_kib(struct kib *sum, struct kib kib)
{
	sum->value += kib.value;
	sum->known |= kib.known;
}

int process_tree_text(
    struct process_tree *t, const struct process_tree_style *style, struct buf *out)
{
	struct kib rss = {0}, pss = {0};
	for (size_t i = 0; i < t->n; i++) {
		add_kib(&rss, t->v[i].rss);
		add_kib(&pss, t->v[i].pss);
	}
	struct printer p = {.tree = t, .style = style, .out = out, .with_pss = pss.known};
	put_in_order(t);
	buf_printf(out, "%10s  %s%8s  NAME", "RSS", p.with_pss ? "       PSS  " : "", "PID");
	end_line(&p);
	put_rows(&p);
	put_size(&p, rss);
	if (p.with_pss)
		put_size(&p, pss);
	buf_printf(out, "%8zu  process%s", t->n, t->n == 1 ? "" : "es");
	end_line(&p);
	return p.lines;
}

void process_tree_free(struct process_tree *t)
{
	free(t->v);
	free(t->pss);
	free(t->order);
	free(t->stack);
	buf_free(&t->names);
	pidmap_free(&t->index);
}
