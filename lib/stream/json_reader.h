/* SPDX-License-Identifier: MIT */
/*
 * Reading JSON, value by value, from a text in memory.
 *
 *	struct json_reader j = json_read(text);
 *	enum json_kind kind = json_next(&j); // JSON_OBJECT
 *	while ((kind = json_next(&j)) < JSON_BAD && kind != JSON_OBJECT_END)
 *		if (slice_is(json_key(&j), "name") && kind == JSON_STRING)
 *			... j.text ...
 *		else
 *			json_skip(&j, kind);
 *	json_free(&j);
 *
 * The text may hold several values, one after the other.
 */
#ifndef JSON_READER_H
#define JSON_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

#define JSON_DEPTH_MAX 32

enum json_kind {
	JSON_END, /* of the text */
	JSON_OBJECT,
	JSON_OBJECT_END,
	JSON_ARRAY,
	JSON_ARRAY_END,
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
	JSON_BAD, /* not JSON, for REASON; every later call returns it too */
};

struct json_reader {
	struct buf key;	     /* of a member of an object, without escapes */
	struct buf text;     /* of JSON_STRING, without escapes */
	struct slice number; /* of JSON_NUMBER, as it is written */
	const char *reason;

	/* private to json_reader.c */
	const char *start, *p, *end;
	uint64_t objects; /* bit I: the array or object at depth I is an object */
	int depth;
	bool first; /* the value that comes next is the first of its array or object */
};

/* Return whether TEXT, of which the end may be missing, begins an object. */
bool json_begins_object(struct slice text);

/* Return a reader of TEXT, which must remain valid. */
struct json_reader json_read(struct slice text);

/* Return the kind of the next value, or the end of the present array or object. */
enum json_kind json_next(struct json_reader *j);

/* Skip what remains of the value of KIND that was returned last. Return NULL, or the reason why it
 * is not JSON. */
const char *json_skip(struct json_reader *j, enum json_kind kind);

/* Return the key of the value that was returned last. It is empty in an array. */
struct slice json_key(const struct json_reader *j);

/* Return the number that was returned last. */
double json_number(const struct json_reader *j);

/* Return the line that the reader is in, from 1. */
unsigned long json_line(const struct json_reader *j);

void json_free(struct json_reader *j);

#endif
