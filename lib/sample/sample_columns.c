/* SPDX-License-Identifier: MIT */
/* Which columns a samples stream has. */
#include "sample/sample_columns.h"

#include <stdio.h>
#include <string.h>

#include "base/slice.h"
#include "os/process.h"
#include "sample/sample_metrics.h"

static const char between[] = ", \t";

static const char *const standard[SAMPLE_METRIC] = {
    [SAMPLE_TIME] = "time",
    [SAMPLE_PID] = "pid",
    [SAMPLE_PPID] = "ppid",
    [SAMPLE_RSS] = "rss_kib",
    [SAMPLE_HWM] = "hwm_kib",
    [SAMPLE_VSZ] = "vsz_kib",
    [SAMPLE_COMM] = "comm",
};

static const char *column_name(size_t column)
{
	return column < SAMPLE_METRIC ? standard[column]
				      : metrics_table[column - SAMPLE_METRIC].column;
}

/* Return the column NAME, or SAMPLE_COLUMNS_MAX if there is none. */
static size_t find(struct slice name)
{
	size_t i = 0;
	while (i < SAMPLE_COLUMNS_MAX && !metrics_is_short(column_name(i), name))
		i++;
	return i;
}

static bool has(const struct sample_columns *c, size_t column)
{
	return memchr(c->v, (int)column, c->n) != NULL;
}

static void append(struct sample_columns *c, size_t column)
{
	c->v[c->n++] = (unsigned char)column;
	if (column >= SAMPLE_METRIC)
		c->details |= sample_metrics[column - SAMPLE_METRIC].details;
	size_t metric = column - SAMPLE_METRIC; /* too large for the standard columns */
	c->pss = c->pss || metric == METRIC_PSS || metric == METRIC_USS;
}

static const char *no_column(struct sample_columns *c, struct slice name)
{
	int n = snprintf(c->reason, sizeof c->reason, "%.*s: column not found; columns are",
	    name.n < 40 ? (int)name.n : 40, name.p);
	for (size_t i = 0; i < SAMPLE_COLUMNS_MAX; i++) {
		const char *full = column_name(i);
		size_t length = strlen(full);
		if (length > 4 && strcmp(full + length - 4, "_kib") == 0)
			length -= 4;
		n += snprintf(
		    c->reason + n, sizeof c->reason - (size_t)n, " %.*s", (int)length, full);
	}
	return c->reason;
}

/* Take the next name off LIST. Return whether there was one. */
static bool next_name(const char **list, struct slice *name)
{
	const char *start = *list + strspn(*list, between);
	*name = (struct slice){start, strcspn(start, between)};
	*list = start + name->n;
	return name->n > 0;
}

const char *sample_columns_set(struct sample_columns *c, const char *list)
{
	struct slice name;
	c->n = 0;
	c->details = 0;
	c->pss = false;
	while (next_name(&list, &name)) {
		size_t column = find(name);
		if (column == SAMPLE_COLUMNS_MAX)
			return no_column(c, name);
		if (has(c, column)) {
			snprintf(
			    c->reason, sizeof c->reason, "%.*s: named twice", (int)name.n, name.p);
			return c->reason;
		}
		append(c, column);
	}
	return c->n == 0 ? "missing column" : NULL;
}

/* ---- labels */

static size_t key_length(const char *label)
{
	static const char digits[] = "0123456789";
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				      "0123456789";
	return strchr(digits, *label) != NULL ? 0 : strspn(label, letters);
}

static bool has_label(const struct sample_columns *c, struct slice key)
{
	for (size_t i = 0; i < c->labels; i++)
		if (slice_equal((struct slice){c->label[i], key_length(c->label[i])}, key))
			return true;
	return false;
}

const char *sample_columns_add(struct sample_columns *c, const char *list)
{
	struct slice name;
	while (next_name(&list, &name)) {
		size_t column = slice_is(name, "parent") ? SAMPLE_PPID : find(name);
		if (column == SAMPLE_COLUMNS_MAX && !has_label(c, name))
			return no_column(c, name);
		if (column < SAMPLE_COLUMNS_MAX && !has(c, column))
			append(c, column);
	}
	return NULL;
}

const char *sample_columns_label(struct sample_columns *c, const char *text)
{
	struct slice key = {text, key_length(text)};
	if (key.n == 0 || text[key.n] != '=')
		return "invalid label: it must be key=value, with a key of letters, digits and _";
	if (metrics_is_reserved(key))
		return "invalid label: a column has this name";
	if (has_label(c, key))
		return "named twice";
	if (c->labels == METRICS_LABELS)
		return "too many labels";
	c->label[c->labels++] = text;
	return NULL;
}

const char *sample_columns_label_value(const char *label)
{
	return label + key_length(label) + 1;
}

void sample_columns_default(struct sample_columns *c)
{
	(void)sample_columns_set(c, "time,pid,ppid,rss,hwm,vsz,comm");
	(void)sample_columns_add(c, process_memory_columns());
}

void sample_columns_header(const struct sample_columns *c, struct buf *b)
{
	for (size_t i = 0; i < c->n; i++) {
		buf_str(b, column_name(c->v[i]));
		buf_char(b, '\t');
	}
	for (size_t i = 0; i < c->labels; i++) {
		buf_put(b, c->label[i], key_length(c->label[i]));
		buf_char(b, '\t');
	}
	b->p[b->n - 1] = '\n';
}
