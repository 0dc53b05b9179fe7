/* SPDX-License-Identifier: MIT */
/* Reading a report that report_json wrote. The fields are those of its tables. */
#include "report/report_json_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parse.h"
#include "report/report_fields.h"
#include "report/report_parse.h"
#include "stream/escape.h"

#define FIELDS_MAX 128
#define KEY_MAX 32
#define LABELS_MAX 64
#define NUMBER_MAX 2251799813685247.0 /* of KiB, as in the streams; a double is exact up to it */
#define TIME_MAX_S 36000000000.0

static const char invalid_value[] = "invalid value";

struct reading {
	struct report *r;
	struct json_reader *j;
	report_json_other *other;
	void *context;
	struct {
		struct report_field v[FIELDS_MAX];
		size_t n;
	} fields[REPORT_LISTS];
};

/* Where a member belongs. OBJECT is its object within the run, or empty. */
struct place {
	enum report_list list;
	struct slice object;
	void *record;
};

static void list_fields(struct reading *x)
{
	for (int list = 0; list < REPORT_LISTS; list++) {
		struct report_fields fields = {.list = (enum report_list)list};
		struct report_field f;
		while (x->fields[list].n < FIELDS_MAX && report_fields_next(&fields, &f))
			x->fields[list].v[x->fields[list].n++] = f;
	}
}

/* Return the field of KEY, or NULL if there is none. */
static const struct report_field *find_field(
    const struct reading *x, const struct place *at, struct slice key)
{
	size_t n = at->object.n;
	for (size_t i = 0; i < x->fields[at->list].n; i++) {
		const struct report_field *f = &x->fields[at->list].v[i];
		if (n == 0 && slice_is(key, f->key))
			return f;
		if (n > 0 && strncmp(f->key, at->object.p, n) == 0 && f->key[n] == '.' &&
		    slice_is(key, f->key + n + 1))
			return f;
	}
	return NULL;
}

/* ---- values */

static struct slice keep(struct reading *x)
{
	struct buf field = {0};
	escape_field(&field, x->j->text.p, x->j->text.n);
	struct slice kept = report_keep(x->r, (struct slice){field.p, field.n});
	buf_free(&field);
	return kept;
}

/* Set *TO to the number that was read, multiplied by SCALE, if it is from MIN to MAX. */
static const char *take_number(
    const struct reading *x, double min, double max, double scale, struct report_number *to)
{
	double value = json_number(x->j);
	if (!(value >= min && value <= max))
		return "invalid number";
	*to = (struct report_number){(int64_t)(value * scale + (value < 0 ? -0.5 : 0.5)), true};
	return NULL;
}

/* Set *TO to the value of KIND that was read, which is of a field of FIELD_KIND. */
static const char *take_value(const struct reading *x, enum report_kind field_kind,
    enum json_kind kind, struct report_number *to)
{
	if (kind == JSON_STRING && field_kind == REPORT_DATE) {
		to->known = true;
		return parse_date_us(x->j->text.p, x->j->text.n, &to->value);
	}
	if (kind != JSON_NUMBER || field_kind == REPORT_DATE)
		return invalid_value;
	bool decimals = field_kind == REPORT_SECONDS || field_kind == REPORT_DECIMAL;
	return decimals ? take_number(x, -TIME_MAX_S, TIME_MAX_S, 1e6, to)
			: take_number(x, 0, NUMBER_MAX, 1, to);
}

/* Take a value that report_json computes from others, or of which it is the only source. */
static const char *take_computed(
    struct reading *x, const struct report_field *f, enum json_kind kind)
{
	if (strcmp(f->key, "started_at") == 0)
		return take_value(x, f->kind, kind, &x->r->started_us);
	if (strcmp(f->key, "duration_seconds") == 0)
		return take_value(x, f->kind, kind, &x->r->duration_us);
	if (strcmp(f->key, "schema_version") == 0 &&
	    (kind != JSON_NUMBER || json_number(x->j) != REPORT_SCHEMA_VERSION))
		return "unsupported schema_version";
	return json_skip(x->j, kind);
}

static const char *take_field(
    struct reading *x, const struct place *at, const struct report_field *f, enum json_kind kind)
{
	x->r->columns |= UINT64_C(1) << f->column;
	if (kind == JSON_NULL || f->from == REPORT_FROM_SINCE)
		return json_skip(x->j, kind);
	if (f->from == REPORT_COMPUTED)
		return take_computed(x, f, kind);
	char *to = (f->from == REPORT_FROM_RUN ? (char *)x->r : (char *)at->record) + f->at;
	bool text = f->kind == REPORT_TEXT || f->kind == REPORT_NAME;
	if (text && kind != JSON_STRING)
		return invalid_value;
	if (f->from == REPORT_FROM_METRIC) {
		struct report_value *v = &((struct report_row *)at->record)->metric[f->at];
		if (!text)
			return take_value(x, f->kind, kind, &v->number);
		*v = (struct report_value){.number = {.known = true}, .text = keep(x)};
	} else if (text) {
		*(struct slice *)(void *)to = keep(x);
	} else {
		return take_value(x, f->kind, kind, (struct report_number *)(void *)to);
	}
	return NULL;
}

/* ---- objects and arrays */

static const char *take_member(struct reading *x, const struct place *at, enum json_kind kind);

static const char *take_members(struct reading *x, const struct place *at)
{
	for (;;) {
		enum json_kind kind = json_next(x->j);
		if (kind == JSON_OBJECT_END)
			return NULL;
		const char *reason = kind == JSON_BAD ? x->j->reason : take_member(x, at, kind);
		if (reason != NULL)
			return reason;
	}
}

/* Return the place of the label KEY of a process. Add it if it is new. Return LABELS_MAX if there
 * are too many. */
static size_t find_label(struct report *r, struct slice key)
{
	size_t i = 0;
	while (i < r->labels && !slice_equal(r->label[i], key))
		i++;
	if (i < r->labels || i == LABELS_MAX)
		return i;
	struct buf field = {0};
	r->label = alloc_grow(r->label, &r->labels_cap, i + 1, sizeof *r->label);
	escape_field(&field, key.p, key.n);
	r->label[r->labels++] = report_keep(r, (struct slice){field.p, field.n});
	buf_free(&field);
	return i;
}

static const char *take_labels(struct reading *x, struct report_row *row)
{
	struct slice *label = alloc_resize(NULL, LABELS_MAX, sizeof *label);
	free(row->label);
	row->label = label;
	for (size_t i = 0; i < LABELS_MAX; i++)
		label[i] = slice_of("");
	for (;;) {
		enum json_kind kind = json_next(x->j);
		if (kind == JSON_OBJECT_END)
			return NULL;
		if (kind != JSON_STRING)
			return kind == JSON_BAD ? x->j->reason : invalid_value;
		size_t i = find_label(x->r, json_key(x->j));
		if (i < LABELS_MAX)
			label[i] = keep(x);
	}
}

/* Give the processes that have no labels empty ones, as report_free and report_json expect. */
static void complete_labels(struct report *r)
{
	struct report_rows *processes = &r->rows[REPORT_PROCESS];
	for (size_t i = 0; i < processes->n && r->labels > 0; i++) {
		struct report_row *row = &processes->v[i];
		if (row->label != NULL)
			continue;
		row->label = alloc_resize(NULL, r->labels, sizeof *row->label);
		for (size_t j = 0; j < r->labels; j++)
			row->label[j] = slice_of("");
	}
}

static const char *take_row(struct reading *x, const struct report_array *a)
{
	struct report_rows *rows = &x->r->rows[a->scope];
	rows->v = alloc_grow(rows->v, &rows->cap, rows->n + 1, sizeof *rows->v);
	rows->v[rows->n++] = (struct report_row){.name = {"", 0}};
	return take_members(x, &(struct place){a->list, {"", 0}, &rows->v[rows->n - 1]});
}

static const char *take_exceeded(struct reading *x)
{
	struct report *r = x->r;
	struct report_exceeded e = {.scope = {"", 0}};
	const char *reason = take_members(x, &(struct place){REPORT_FIELDS_EXCEEDED, {"", 0}, &e});
	r->exceeded = alloc_grow(r->exceeded, &r->exceeded_cap, r->exceeded_n + 1, sizeof e);
	r->exceeded[r->exceeded_n++] = e;
	return reason;
}

static const char *take_signal(struct reading *x)
{
	struct report *r = x->r;
	size_t n = r->limit_signals;
	r->limit_signal =
	    alloc_grow(r->limit_signal, &r->limit_signals_cap, n + 1, sizeof *r->limit_signal);
	r->limit_signal[r->limit_signals++] = keep(x);
	return NULL;
}

/* Take the elements of an array: rows of A, or if it is NULL, what exceeded a limit, and signals.
 */
static const char *take_array(struct reading *x, const struct report_array *a)
{
	for (;;) {
		const char *reason = invalid_value;
		enum json_kind kind = json_next(x->j);
		if (kind == JSON_ARRAY_END)
			return NULL;
		if (kind == JSON_BAD)
			return x->j->reason;
		if (kind == JSON_OBJECT)
			reason = a != NULL ? take_row(x, a) : take_exceeded(x);
		else if (kind == JSON_STRING && a == NULL)
			reason = take_signal(x);
		if (reason != NULL)
			return reason;
	}
}

/* Take an object within the run. */
static const char *take_object(struct reading *x, void *record)
{
	struct slice key = json_key(x->j);
	char name[KEY_MAX];
	if (key.n > sizeof name)
		return json_skip(x->j, JSON_OBJECT);
	memcpy(name, key.p, key.n);
	return take_members(x, &(struct place){REPORT_FIELDS_RUN, {name, key.n}, record});
}

/* Return whether fields of the run are in the object KEY. */
static bool is_object(const struct reading *x, struct slice key)
{
	for (size_t i = 0; i < x->fields[REPORT_FIELDS_RUN].n; i++) {
		const char *name = x->fields[REPORT_FIELDS_RUN].v[i].key;
		if (key.n > 0 && strncmp(name, key.p, key.n) == 0 && name[key.n] == '.')
			return true;
	}
	return false;
}

static const char *take_member(struct reading *x, const struct place *at, enum json_kind kind)
{
	struct slice key = json_key(x->j);
	const struct report_field *f = find_field(x, at, key);
	bool run = at->list == REPORT_FIELDS_RUN && at->object.n == 0;
	if (f != NULL)
		return take_field(x, at, f, kind);
	for (const struct report_array *a = report_arrays; run && a->key != NULL; a++)
		if (kind == JSON_ARRAY && slice_is(key, a->key))
			return take_array(x, a);
	if (kind == JSON_ARRAY && slice_is(at->object, "limits"))
		return take_array(x, NULL);
	if (kind == JSON_OBJECT && run && is_object(x, key))
		return take_object(x, at->record);
	if (kind == JSON_OBJECT && at->list == REPORT_FIELDS_PROCESS && slice_is(key, "labels"))
		return take_labels(x, at->record);
	if (run && x->other != NULL)
		return x->other(x->context, x->j, kind);
	return json_skip(x->j, kind);
}

const char *report_json_read(
    struct report *r, struct json_reader *j, report_json_other *other, void *context)
{
	struct reading *x = alloc_resize(NULL, 1, sizeof *x);
	*x = (struct reading){.r = r, .j = j, .other = other, .context = context};
	struct report_row total = {.name = {"", 0}};
	list_fields(x);
	const char *reason = take_members(x, &(struct place){REPORT_FIELDS_RUN, {"", 0}, &total});
	free(x);
	complete_labels(r);
	if (reason != NULL || !total.rss_kib.known)
		return reason;
	struct report_rows *rows = &r->rows[REPORT_TOTAL];
	rows->v = alloc_grow(rows->v, &rows->cap, rows->n + 1, sizeof total);
	rows->v[rows->n++] = total;
	return NULL;
}
