/* SPDX-License-Identifier: MIT */
/* The JSON schema of the report that programs read, made from the tables of its fields. */
#include <string.h>

#include "report/report.h"
#include "report/report_fields.h"

/* The members of the schema of each kind. */
static const char *const definitions[] = {
    [REPORT_COUNT] = "\"type\": [\"integer\", \"null\"], \"minimum\": 0",
    [REPORT_FLAG] = "\"type\": \"boolean\"",
    [REPORT_KIB] = "\"description\": \"KiB; null: unknown\", \"type\": [\"integer\", \"null\"], "
		   "\"minimum\": 0",
    [REPORT_SECONDS] = "\"type\": [\"number\", \"null\"]",
    [REPORT_DECIMAL] = "\"type\": [\"number\", \"null\"], \"minimum\": 0",
    [REPORT_DATE] = "\"description\": \"ISO 8601, UTC; null: unknown\", "
		    "\"type\": [\"string\", \"null\"], \"pattern\": "
		    "\"^[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\\\.[0-9]{6}Z$\"",
    [REPORT_TEXT] = "\"type\": [\"string\", \"null\"]",
    [REPORT_NAME] = "\"type\": \"string\"",
};

static const char *const definition_names[] = {
    [REPORT_COUNT] = "count",
    [REPORT_FLAG] = "flag",
    [REPORT_KIB] = "kib",
    [REPORT_SECONDS] = "seconds",
    [REPORT_DECIMAL] = "decimal",
    [REPORT_DATE] = "date",
    [REPORT_TEXT] = "text",
    [REPORT_NAME] = "name",
};

#define KINDS (sizeof definitions / sizeof *definitions)

/* Append a line break and the indent of a member at DEPTH, after a comma if it is not the first.
 * */
static void put_line(struct buf *out, int depth)
{
	char last = out->n > 0 ? out->p[out->n - 1] : '\0';
	buf_printf(out, "%s\n%*s", last == '{' || last == '[' ? "" : ",", depth * 2, "");
}

static void put_definitions(struct buf *out)
{
	put_line(out, 1);
	buf_str(out, "\"definitions\": {");
	for (size_t i = 0; i < KINDS; i++) {
		put_line(out, 2);
		buf_printf(out, "\"%s\": {%s}", definition_names[i], definitions[i]);
	}
	buf_str(out, "\n  }");
}

/* Append the property KEY with the schema of F. */
static void put_property(struct buf *out, int depth, const char *key, const struct report_field *f)
{
	put_line(out, depth);
	buf_printf(out, "\"%s\": {\"description\": \"%s\", ", key, f->help);
	if (f->rule != NULL)
		buf_printf(out, "%s}", f->rule);
	else
		buf_printf(out, "\"$ref\": \"#/definitions/%s\"}", definition_names[f->kind]);
}

/* Return the part of the key of F after OBJECT, or NULL if it is not in that object. OBJECT is
 * empty for the fields that are in none. */
static const char *key_in(const struct report_field *f, struct slice object)
{
	const char *point = strchr(f->key, '.');
	if (object.n == 0)
		return point == NULL ? f->key : NULL;
	bool inside =
	    point != NULL && slice_equal((struct slice){f->key, (size_t)(point - f->key)}, object);
	return inside ? point + 1 : NULL;
}

/* Append the start of an object: which of the fields of LIST in OBJECT are required, and the start
 * of its properties. MORE are further required keys. */
static void put_required(
    struct buf *out, int depth, enum report_list list, struct slice object, const char *more)
{
	struct report_fields fields = {.list = list};
	put_line(out, depth);
	buf_str(out, "\"additionalProperties\": false");
	put_line(out, depth);
	buf_str(out, "\"required\": [");
	for (struct report_field f; report_fields_next(&fields, &f);) {
		if (key_in(&f, object) == NULL || f.column != REPORT_C_SCOPE)
			continue;
		put_line(out, depth + 1);
		buf_printf(out, "\"%s\"", key_in(&f, object));
	}
	buf_printf(out, "%s\n%*s]", more, depth * 2, "");
	put_line(out, depth);
	buf_str(out, "\"properties\": {");
}

/* Append the fields of LIST that are in OBJECT. */
static void put_properties(struct buf *out, int depth, enum report_list list, struct slice object)
{
	struct report_fields fields = {.list = list};
	for (struct report_field f; report_fields_next(&fields, &f);)
		if (key_in(&f, object) != NULL)
			put_property(out, depth, key_in(&f, object), &f);
}

/* Append a property KEY that is an array of the records of LIST. */
static void put_array(
    struct buf *out, int depth, const char *key, const char *help, enum report_list list)
{
	static const struct slice none = {"", 0};
	put_line(out, depth);
	buf_printf(
	    out, "\"%s\": {\"description\": \"%s\", \"type\": \"array\", \"items\": {", key, help);
	put_line(out, depth + 1);
	buf_str(out, "\"type\": \"object\"");
	put_required(out, depth + 1, list, none, "");
	put_properties(out, depth + 2, list, none);
	if (list == REPORT_FIELDS_PROCESS) {
		put_line(out, depth + 2);
		buf_str(out, "\"labels\": {\"description\": \"further columns of the samples\", "
			     "\"type\": \"object\", \"additionalProperties\": "
			     "{\"type\": \"string\"}}");
	}
	buf_printf(out, "\n%*s}\n%*s}}", (depth + 1) * 2, "", depth * 2, "");
}

/* Append the object that FIRST is a member of. */
static void put_object(struct buf *out, const struct report_field *first)
{
	struct slice object = {first->key, (size_t)(strchr(first->key, '.') - first->key)};
	bool limits = slice_is(object, "limits");
	put_line(out, 2);
	buf_printf(out,
	    "\"%.*s\": {\"description\": \"null: unknown or none\", "
	    "\"type\": [\"object\", \"null\"]",
	    (int)object.n, object.p);
	put_required(out, 3, REPORT_FIELDS_RUN, object,
	    limits ? ",\n        \"exceeded\",\n        \"signals\"" : "");
	put_properties(out, 4, REPORT_FIELDS_RUN, object);
	if (limits) {
		put_array(out, 4, "exceeded", "what exceeded a limit", REPORT_FIELDS_EXCEEDED);
		put_line(out, 4);
		buf_str(out, "\"signals\": {\"description\": \"signals sent, without SIG\", "
			     "\"type\": \"array\", \"items\": {\"type\": \"string\"}}");
	}
	buf_str(out, "\n      }\n    }");
}

/* Append the objects that the keys of the run lead into. The members of each are together. */
static void put_objects(struct buf *out)
{
	struct report_fields fields = {.list = REPORT_FIELDS_RUN};
	struct slice object = {"", 0};
	for (struct report_field f; report_fields_next(&fields, &f);) {
		const char *point = strchr(f.key, '.');
		if (point == NULL || (object.n > 0 && key_in(&f, object) != NULL))
			continue;
		object = (struct slice){f.key, (size_t)(point - f.key)};
		put_object(out, &f);
	}
}

/* Append the start of the object of the run. Its members that are objects or arrays are required
 * as well. */
static void put_required_run(struct buf *out)
{
	static const struct slice none = {"", 0};
	struct report_fields fields = {.list = REPORT_FIELDS_RUN};
	struct slice object = none;
	struct buf more = {0};
	for (struct report_field f; report_fields_next(&fields, &f);) {
		const char *point = strchr(f.key, '.');
		if (point == NULL || (object.n > 0 && key_in(&f, object) != NULL))
			continue;
		object = (struct slice){f.key, (size_t)(point - f.key)};
		buf_printf(&more, ",\n    \"%.*s\"", (int)object.n, object.p);
	}
	for (const struct report_array *a = report_arrays; a->key != NULL; a++)
		if (!a->optional)
			buf_printf(&more, ",\n    \"%s\"", a->key);
	buf_char(&more, '\0');
	put_required(out, 1, REPORT_FIELDS_RUN, none, more.p);
	buf_free(&more);
}

void report_schema(struct buf *out)
{
	buf_str(out, "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
		     "  \"title\": \"A report of memfmt -f json or memrun -j\",\n"
		     "  \"type\": \"object\"");
	put_definitions(out);
	put_required_run(out);
	put_properties(out, 2, REPORT_FIELDS_RUN, (struct slice){"", 0});
	put_objects(out);
	for (const struct report_array *a = report_arrays; a->key != NULL; a++)
		put_array(out, 2, a->key, a->help, a->list);
	buf_str(out, "\n  }\n}\n");
}
