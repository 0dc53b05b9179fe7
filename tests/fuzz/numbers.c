/* SPDX-License-Identifier: MIT */
/* Parse arguments of options: numbers with and without units, signals, columns, labels. */
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/parse.h"
#include "base/signame.h"
#include "fuzz.h"
#include "sample/sample_columns.h"

#define UNTOUCHED 123456789

static void try_u64(const char *s, size_t n)
{
	uint64_t v = UNTOUCHED, max = UINT64_MAX >> (n % 64);
	const char *why = parse_u64(s, n, max, &v);
	MUST(why == NULL ? v <= max : v == UNTOUCHED);
	if (why == NULL && n < 19)
		MUST(v == strtoull(s, NULL, 10));
	pid_t pid = UNTOUCHED;
	why = parse_pid(s, n, &pid);
	MUST(why == NULL ? pid > 0 : pid == UNTOUCHED);
}

/* A time that buf_time writes is read as the same time. */
static void try_time(const char *s, size_t n)
{
	int64_t us = UNTOUCHED, again = 0;
	struct buf text = {0};
	if (parse_time_us(s, n, &us) != NULL) {
		MUST(us == UNTOUCHED);
		return;
	}
	MUST(us >= 0);
	buf_time(&text, us);
	MUST(parse_time_us(text.p, text.n, &again) == NULL && again == us);
	buf_free(&text);
}

static void try_spans(const char *s)
{
	int64_t ns = UNTOUCHED;
	MUST(parse_interval(s, &ns) != NULL ? ns == UNTOUCHED
					    : ns >= 100000 && ns <= 86400000000000);
	ns = UNTOUCHED;
	MUST(parse_hertz(s, &ns) != NULL ? ns == UNTOUCHED : ns >= 100000 && ns <= 86400000000000);
	ns = UNTOUCHED;
	MUST(parse_duration(s, &ns) != NULL ? ns == UNTOUCHED : ns > 0 && ns <= 864000000000000000);
}

static void try_sizes(const char *s)
{
	uint64_t bytes = UNTOUCHED, again = 0;
	char text[FORMAT_SIZE];
	MUST(parse_size(s, &bytes) != NULL ? bytes == UNTOUCHED : bytes <= INT64_MAX);
	if (parse_unit(s, &bytes) == NULL) {
		MUST(parse_unit(format_unit_name(bytes), &again) == NULL && again == bytes);
		MUST(strlen(format_size_in(text, INT64_MAX >> 12, bytes)) < FORMAT_SIZE - 1);
	}
}

static void try_words(const char *s)
{
	struct sample_columns c = {0};
	int sig = 0, again = 0;
	struct buf text = {0};
	const char *reason = sample_columns_set(&c, s);
	MUST(reason == NULL ? c.n > 0 && c.n <= SAMPLE_COLUMNS_MAX : strlen(reason) > 0);
	reason = sample_columns_add(&c, s);
	MUST(reason == NULL ? c.n <= SAMPLE_COLUMNS_MAX : strlen(reason) > 0);
	c = (struct sample_columns){0};
	MUST(sample_columns_set(&c, "time,pid,rss") == NULL);
	if (sample_columns_label(&c, s) == NULL) {
		MUST(sample_columns_add(&c, "pid,parent,swap") == NULL && c.n == 5);
		sample_columns_header(&c, &text);
		MUST(memchr(text.p, '\n', text.n) == text.p + text.n - 1);
		fuzz_check_tsv(&text);
		fuzz_check_visible(&text, "\t");
	}
	text.n = 0;
	if (signame_parse(s, &sig) == NULL) {
		signame_put(&text, sig);
		buf_char(&text, '\0');
		MUST(signame_parse(text.p, &again) == NULL && again == sig);
	}
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);
	MUST(s != NULL);
	for (size_t i = 0; i < size; i++)
		s[i] = (char)data[i];
	s[size] = '\0';
	try_u64(s, size);
	try_time(s, size);
	try_spans(s);
	try_sizes(s);
	try_words(s);
	free(s);
	return 0;
}
