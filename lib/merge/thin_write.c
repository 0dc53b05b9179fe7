/* SPDX-License-Identifier: MIT */
/* Thin samples: writing. */
#include "base/slice.h"
#include "merge/thin_internal.h"
#include "stream/tsv.h"

/* How a row differs from its text. */
struct change {
	bool mark;    /* the mark is MARK_KIB */
	bool zero;    /* the RSS is 0 */
	bool unknown; /* other memory is unknown */
	uint64_t mark_kib;
	struct slice time; /* if .p is not NULL */
};

/* The parts of a tick as they are written. */
struct parts {
	struct buf created, marks, rows;
};

static struct slice text_of(const struct thin_node *tick, const struct thin_row *row)
{
	return (struct slice){tick->text.p + row->at, row->n};
}

static void put_slice(struct buf *out, struct slice s)
{
	buf_put(out, s.p, s.n);
}

static void put_field(
    struct buf *out, enum thin_column kind, struct slice field, const struct change *c)
{
	if (kind == THIN_HWM && c->mark)
		buf_u64(out, c->mark_kib);
	else if (kind == THIN_RSS && c->zero)
		buf_char(out, '0');
	else if (kind == THIN_TIME && c->time.p != NULL)
		put_slice(out, c->time);
	else if (kind != THIN_UNKNOWN || !c->unknown)
		put_slice(out, field);
}

static void put_row(
    struct buf *out, const struct thin_layout *l, struct slice text, const struct change *c)
{
	if (!c->mark && !c->zero && !c->unknown) {
		put_slice(out, text);
	} else {
		for (size_t i = 0; i < l->columns; i++) {
			if (i > 0)
				buf_char(out, '\t');
			put_field(out, l->column[i], tsv_take_field(&text), c);
		}
	}
	if (!l->has_hwm) {
		buf_char(out, '\t');
		buf_u64(out, c->mark_kib);
	}
	buf_char(out, '\n');
}

/* Return the time of TICK as its rows have it. */
static struct slice time_of(const struct thin_node *tick, const struct thin_layout *l)
{
	struct slice text = text_of(tick, &tick->row[0]), field = {"", 0};
	for (size_t i = 0; i < l->columns; i++) {
		field = tsv_take_field(&text);
		if (l->column[i] == THIN_TIME)
			break;
	}
	return field;
}

static void put_mark_line(struct buf *out, const struct thin_node *tick, pid_t pid, bool predates)
{
	const struct thin_node *before = tick->prev;
	if (predates)
		buf_printf(out, "#mark_since\t%ld\t0\n", (long)pid);
	else
		thin_lines_put_time(out, "#mark_since", pid,
		    before->kind == THIN_TICK ? before->time_us : tick->time_us);
}

static const struct thin_layout *layout_of(const struct thin *t, const struct thin_node *node)
{
	return &t->layout[node->stream->layout];
}

static void add_created(struct parts *parts, const struct thin_process *p)
{
	if (p->created_us != 0)
		thin_lines_put_time(&parts->created, "#created", p->pid, p->created_us);
}

static void add_row(
    struct thin *t, const struct thin_node *tick, const struct thin_row *row, struct parts *parts)
{
	const struct thin_process *p = &t->process[row->process];
	if (p->written_in == 0 && !thin_plan_is_complete(tick))
		add_created(parts, p);
	struct thin_claim claim;
	thin_plan_row(t, tick, row, &claim);
	struct change change = {
	    .mark = claim.mark_kib != row->mark_kib,
	    .zero = p->place == tick && !row->known,
	    .mark_kib = claim.mark_kib,
	};
	put_row(&parts->rows, layout_of(t, tick), text_of(tick, row), &change);
	if (claim.line != THIN_NO_LINE)
		put_mark_line(&parts->marks, tick, row->pid, claim.line == THIN_PREDATES);
}

/* Add a row of 0 KiB for a process that is not in TICK, with its peak as its mark. */
static void add_ghost(
    struct thin *t, const struct thin_node *tick, struct thin_process *p, struct parts *parts)
{
	const struct thin_layout *l = layout_of(t, tick);
	struct change change = {
	    .mark = p->known,
	    .zero = p->known,
	    .unknown = true,
	    .mark_kib = p->peak_kib,
	    .time = time_of(tick, l),
	};
	if (p->written_in == 0)
		add_created(parts, p);
	p->written_in = tick->ordinal;
	put_row(&parts->rows, l, (struct slice){p->text.p, p->text.n}, &change);
	put_mark_line(&parts->marks, tick, p->pid, false);
}

/* Append lines about the processes that have exited since the tick before. */
static void put_exits(const struct thin *t, const struct thin_node *tick, struct buf *out)
{
	const struct thin_node *before = tick->prev;
	if (before->kind != THIN_TICK)
		return;
	for (size_t i = 0; i < before->rows; i++) {
		const struct thin_process *p = &t->process[before->row[i].process];
		if (p->written_in != tick->ordinal && p->exited_us != 0)
			thin_lines_put_time(out, "#exited", p->pid, p->exited_us);
	}
}

static void put_part(struct buf *out, struct buf *part)
{
	buf_put(out, part->p, part->n);
	buf_free(part);
}

static void put_tick(struct thin *t, const struct thin_node *tick, struct buf *out)
{
	struct parts parts = {0};
	for (size_t i = 0; i < tick->rows; i++)
		add_row(t, tick, &tick->row[i], &parts);
	for (uint32_t i = tick->ghosts; i != THIN_NONE; i = t->process[i].next)
		add_ghost(t, tick, &t->process[i], &parts);
	if (thin_plan_is_complete(tick)) {
		buf_put(out, tick->lines.p, tick->lines.n);
	} else {
		thin_nodes_filter(&tick->lines, out);
		put_exits(t, tick, out);
		thin_lines_put(&tick->facts, out);
	}
	put_part(out, &parts.created);
	put_part(out, &parts.marks);
	put_part(out, &parts.rows);
}

static void put_header(const struct thin *t, const struct thin_node *node, struct buf *out)
{
	const struct thin_layout *l = layout_of(t, node);
	buf_put(out, node->lines.p, node->lines.n);
	buf_put(out, l->header.p, l->header.n);
	buf_str(out, l->has_hwm ? "\n" : "\thwm_kib\n");
}

bool thin_write(struct thin *t, struct buf *out)
{
	struct thin_node *node = t->next_node;
	if (node == NULL)
		return false;
	if (node->kind == THIN_TICK)
		put_tick(t, node, out);
	else if (node->kind == THIN_HEADER)
		put_header(t, node, out);
	else
		buf_put(out, node->lines.p, node->lines.n);
	t->next_node = node->next;
	return true;
}
