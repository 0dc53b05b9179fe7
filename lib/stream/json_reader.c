/* SPDX-License-Identifier: MIT */
/* Reading JSON, value by value. */
#include "stream/json_reader.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 64 /* bytes of a number */

struct json_reader json_read(struct slice text)
{
	return (struct json_reader){.start = text.p, .p = text.p, .end = text.p + text.n};
}

static enum json_kind fail(struct json_reader *j, const char *reason)
{
	if (j->reason == NULL)
		j->reason = reason;
	return JSON_BAD;
}

static void skip_blanks(struct json_reader *j)
{
	while (j->p < j->end && *j->p != '\0' && strchr(" \t\r\n", *j->p) != NULL)
		j->p++;
}

bool json_begins_object(struct slice text)
{
	struct json_reader j = json_read(text);
	skip_blanks(&j);
	return j.p < j.end && *j.p == '{';
}

/* Skip C. Return false if another character is next. */
static bool take(struct json_reader *j, char c)
{
	if (j->p == j->end || *j->p != c)
		return false;
	j->p++;
	return true;
}

/* ---- strings */

/* Set *CODE to the number that the four hexadecimal digits at P are. */
static bool take_hex(struct json_reader *j, uint32_t *code)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	*code = 0;
	for (int i = 0; i < 4; i++) {
		const char *digit = j->p < j->end && *j->p != '\0' ? strchr(digits, *j->p) : NULL;
		if (digit == NULL)
			return false;
		uint32_t value = (uint32_t)(digit - digits);
		*code = *code << 4 | (value < 16 ? value : value - 6);
		j->p++;
	}
	return true;
}

/* Append CODE as UTF-8. */
static void put_code(struct buf *b, uint32_t code)
{
	if (code < 0x80) {
		buf_char(b, (char)code);
	} else if (code < 0x800) {
		buf_char(b, (char)(0xc0 | code >> 6));
		buf_char(b, (char)(0x80 | (code & 0x3f)));
	} else if (code < 0x10000) {
		buf_char(b, (char)(0xe0 | code >> 12));
		buf_char(b, (char)(0x80 | (code >> 6 & 0x3f)));
		buf_char(b, (char)(0x80 | (code & 0x3f)));
	} else {
		buf_char(b, (char)(0xf0 | code >> 18));
		buf_char(b, (char)(0x80 | (code >> 12 & 0x3f)));
		buf_char(b, (char)(0x80 | (code >> 6 & 0x3f)));
		buf_char(b, (char)(0x80 | (code & 0x3f)));
	}
}

/* Append what `\u` introduces. A surrogate without its other half becomes U+FFFD. */
static bool take_code(struct json_reader *j, struct buf *b)
{
	uint32_t code, low;
	if (!take_hex(j, &code))
		return false;
	const char *after = j->p;
	bool high = code >= 0xd800 && code < 0xdc00;
	if (high && take(j, '\\') && take(j, 'u') && take_hex(j, &low) && low >= 0xdc00 &&
	    low < 0xe000) {
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	} else {
		j->p = after;
		if (code >= 0xd800 && code < 0xe000)
			code = 0xfffd;
	}
	put_code(b, code);
	return true;
}

/* Append what the backslash before P introduces. */
static bool take_escape(struct json_reader *j, struct buf *b)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	if (take(j, 'u'))
		return take_code(j, b);
	const char *name = j->p < j->end && *j->p != '\0' ? strchr(names, *j->p) : NULL;
	if (name == NULL)
		return false;
	buf_char(b, values[name - names]);
	j->p++;
	return true;
}

/* Set B to the string at P. */
static bool take_string(struct json_reader *j, struct buf *b)
{
	b->n = 0;
	if (!take(j, '"'))
		return false;
	while (j->p < j->end && *j->p != '"') {
		const char *from = j->p;
		while (
		    j->p < j->end && *j->p != '"' && *j->p != '\\' && (unsigned char)*j->p >= 0x20)
			j->p++;
		buf_put(b, from, (size_t)(j->p - from));
		if (j->p < j->end && (unsigned char)*j->p < 0x20)
			return false;
		if (take(j, '\\') && !take_escape(j, b))
			return false;
	}
	return take(j, '"');
}

/* ---- values */

static bool take_digits(struct json_reader *j)
{
	const char *from = j->p;
	while (j->p < j->end && *j->p >= '0' && *j->p <= '9')
		j->p++;
	return j->p > from;
}

static enum json_kind take_number(struct json_reader *j)
{
	const char *from = j->p;
	(void)take(j, '-');
	bool valid = take(j, '0') || take_digits(j);
	if (valid && take(j, '.'))
		valid = take_digits(j);
	if (valid && (take(j, 'e') || take(j, 'E'))) {
		if (!take(j, '+'))
			(void)take(j, '-');
		valid = take_digits(j);
	}
	j->number = (struct slice){from, (size_t)(j->p - from)};
	return valid && j->number.n < NUMBER_MAX ? JSON_NUMBER : fail(j, "invalid JSON");
}

static enum json_kind take_word(struct json_reader *j)
{
	static const struct {
		const char *word;
		enum json_kind kind;
	} words[] = {{"true", JSON_TRUE}, {"false", JSON_FALSE}, {"null", JSON_NULL}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t n = strlen(words[i].word);
		if ((size_t)(j->end - j->p) < n || memcmp(j->p, words[i].word, n) != 0)
			continue;
		j->p += n;
		return words[i].kind;
	}
	return take_number(j);
}

static enum json_kind open_level(struct json_reader *j, bool object)
{
	if (j->depth == JSON_DEPTH_MAX)
		return fail(j, "too many levels");
	uint64_t bit = UINT64_C(1) << j->depth++;
	j->objects = object ? j->objects | bit : j->objects & ~bit;
	j->first = true;
	return object ? JSON_OBJECT : JSON_ARRAY;
}

static enum json_kind take_value(struct json_reader *j)
{
	j->first = false;
	if (take(j, '{'))
		return open_level(j, true);
	if (take(j, '['))
		return open_level(j, false);
	if (j->p < j->end && *j->p == '"')
		return take_string(j, &j->text) ? JSON_STRING : fail(j, "invalid JSON string");
	return take_word(j);
}

enum json_kind json_next(struct json_reader *j)
{
	if (j->reason != NULL)
		return JSON_BAD;
	skip_blanks(j);
	j->key.n = 0;
	if (j->depth == 0)
		return j->p == j->end ? JSON_END : take_value(j);
	bool object = (j->objects >> (j->depth - 1) & 1) != 0;
	if (take(j, object ? '}' : ']')) {
		j->depth--;
		j->first = false;
		return object ? JSON_OBJECT_END : JSON_ARRAY_END;
	}
	if (j->p == j->end)
		return fail(j, "incomplete JSON");
	if (!j->first && !take(j, ','))
		return fail(j, "invalid JSON");
	skip_blanks(j);
	if (object) {
		if (!take_string(j, &j->key))
			return fail(j, "invalid JSON");
		skip_blanks(j);
		if (!take(j, ':'))
			return fail(j, "invalid JSON");
		skip_blanks(j);
	}
	return take_value(j);
}

const char *json_skip(struct json_reader *j, enum json_kind kind)
{
	int depth = j->depth - 1;
	if (kind == JSON_OBJECT || kind == JSON_ARRAY)
		while (j->depth > depth && json_next(j) != JSON_BAD)
			continue;
	return j->reason;
}

struct slice json_key(const struct json_reader *j)
{
	return (struct slice){j->key.n > 0 ? j->key.p : "", j->key.n};
}

double json_number(const struct json_reader *j)
{
	char text[NUMBER_MAX];
	memcpy(text, j->number.p, j->number.n);
	text[j->number.n] = '\0';
	return strtod(text, NULL);
}

unsigned long json_line(const struct json_reader *j)
{
	unsigned long line = 1;
	for (const char *p = j->start; p < j->p; p++)
		line += *p == '\n';
	return line;
}

void json_free(struct json_reader *j)
{
	buf_free(&j->key);
	buf_free(&j->text);
}
