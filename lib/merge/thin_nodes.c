/* SPDX-License-Identifier: MIT */
/* Thin samples: the list of headers and ticks. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "merge/thin_internal.h"

static struct thin_node *take_spare(struct thin *t)
{
	struct thin_node *node = t->spare;
	if (node == NULL) {
		node = alloc_resize(NULL, 1, sizeof *node);
		*node = (struct thin_node){0};
		return node;
	}
	t->spare = node->next;
	*node = (struct thin_node){
	    .lines = {node->lines.p, 0, node->lines.cap},
	    .text = {node->text.p, 0, node->text.cap},
	    .row = node->row,
	    .cap = node->cap,
	};
	return node;
}

struct thin_node *thin_nodes_add(struct thin *t, enum thin_kind kind)
{
	struct thin_node *node = take_spare(t);
	node->kind = kind;
	node->stream = t->stream;
	node->ghosts = THIN_NONE;
	node->prev = t->tail;
	*(t->tail != NULL ? &t->tail->next : &t->head) = node;
	t->tail = node;
	return node;
}

/* Take NODE, which is not the last, out of the list. */
static void unlink_node(struct thin *t, struct thin_node *node)
{
	*(node->prev != NULL ? &node->prev->next : &t->head) = node->next;
	node->next->prev = node->prev;
	node->next = t->spare;
	t->spare = node;
}

/* ---- lines */

void thin_nodes_filter(const struct buf *lines, struct buf *out)
{
	for (size_t at = 0; at < lines->n;) {
		const char *line = lines->p + at, *end = memchr(line, '\n', lines->n - at);
		size_t n = (size_t)(end - line);
		if (!samples_is_of_tick((struct slice){line, n}))
			buf_put(out, line, n + 1);
		at += n + 1;
	}
}

/* Put LINES before those of NODE. */
static void prepend(struct thin_node *node, const struct buf *lines)
{
	struct buf all = {0};
	if (lines->n == 0)
		return;
	buf_put(&all, lines->p, lines->n);
	buf_put(&all, node->lines.p, node->lines.n);
	buf_free(&node->lines);
	node->lines = all;
}

/* Leave in the lines of NODE only those that are not about one tick. */
static void filter(struct thin_node *node)
{
	struct buf rest = {0};
	thin_nodes_filter(&node->lines, &rest);
	buf_free(&node->lines);
	node->lines = rest;
}

/* ---- dropping */

/* Drop TICK, which is not the last node. The next node gets its lines about the run and its facts
 * about the time before it. */
static void drop_tick(struct thin *t, struct thin_node *tick)
{
	struct thin_node *next = tick->next;
	struct buf rest = {0};
	if (next->kind == THIN_TICK) {
		thin_lines_merge(&next->facts, &tick->facts);
		next->follows_dropped = true;
	}
	thin_nodes_filter(&tick->lines, &rest);
	prepend(next, &rest);
	buf_free(&rest);
	for (size_t i = 0; i < tick->rows; i++)
		thin_processes_drop_row(t, tick->row[i].process);
	t->rows -= tick->rows;
	unlink_node(t, tick);
}

static void drop_if_unused(struct thin *t, struct thin_node *tick)
{
	if (!tick->pinned && tick->held == 0)
		drop_tick(t, tick);
}

/* Return the header of the stream whose first tick is FIRST. */
static struct thin_node *header_of(struct thin_node *first)
{
	struct thin_node *node = first;
	while (node->kind != THIN_HEADER)
		node = node->prev;
	return node;
}

void thin_nodes_check_stream(struct thin *t, struct thin_stream *stream)
{
	if (!stream->ended || stream->held > 0 || stream->dropped || stream->first == NULL ||
	    stream == t->streams[0])
		return;
	struct thin_node *header = header_of(stream->first), *next = stream->last->next;
	stream->dropped = true;
	filter(next); /* they are about the last tick */
	thin_nodes_unpin(t, stream->first);
	if (stream->last != stream->first)
		thin_nodes_unpin(t, stream->last);
	stream->first = stream->last = NULL;
	prepend(next, &header->lines);
	unlink_node(t, header);
}

void thin_nodes_hold(struct thin_node *tick)
{
	tick->held++;
	tick->stream->held++;
}

void thin_nodes_release(struct thin *t, struct thin_node *tick)
{
	struct thin_stream *stream = tick->stream;
	tick->held--;
	stream->held--;
	drop_if_unused(t, tick);
	thin_nodes_check_stream(t, stream);
}

void thin_nodes_unpin(struct thin *t, struct thin_node *tick)
{
	tick->pinned = false;
	drop_if_unused(t, tick);
}

static void free_list(struct thin_node *node)
{
	for (struct thin_node *next; node != NULL; node = next) {
		next = node->next;
		buf_free(&node->lines);
		buf_free(&node->text);
		free(node->row);
		free(node);
	}
}

void thin_nodes_free(struct thin *t)
{
	free_list(t->head);
	free_list(t->spare);
}
