/* SPDX-License-Identifier: MIT */
/* Runs and their statistics as JSON. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "compare/commands.h"
#include "compare/machine.h"
#include "report/report_fields.h"
#include "report/report_results.h"
#include "stream/json_string.h"

#define BYTES_PER_KIB 1024
#define US_PER_S 1e6

typedef void put_value(struct buf *out, const struct report *r);

static void put_null(struct buf *out)
{
	buf_str(out, "null");
}

/* ---- statistics of one command */

/* How a statistic is printed: KiB as they are, microseconds as seconds. */
static void put_amount(struct buf *out, double value, bool seconds, bool known)
{
	if (!known)
		put_null(out);
	else if (seconds)
		buf_printf(out, "%.6f", value / US_PER_S);
	else
		buf_printf(out, "%.0f", value);
}

static void put_statistics(
    struct buf *out, const char *key, const struct compare_item *i, bool seconds)
{
	const struct runs_statistics *s = &i->side[COMPARE_BASE];
	const struct {
		const char *key;
		double value;
		bool known;
	} values[] = {
	    {"median", (double)s->median, true},
	    {"mean", s->mean, true},
	    {"stddev", s->deviation, s->n > 1},
	    {"min", (double)s->min, true},
	    {"max", (double)s->max, true},
	    {"spread", (double)(s->max - s->min), s->n > 1},
	    {"noise", (double)s->noise, s->n > 1},
	};
	buf_printf(out, ",\n      \"%s\": ", key);
	if (s->n == 0) {
		put_null(out);
		return;
	}
	for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
		buf_printf(out, "%s\n        \"%s\": ", v == 0 ? "{" : ",", values[v].key);
		put_amount(out, values[v].value, seconds, values[v].known);
	}
	buf_str(out, "\n      }");
}

/* Put the parameters of the first run, which are those of each run of the command. */
static void put_parameters(struct buf *out, const struct report *r)
{
	buf_char(out, '{');
	for (size_t i = 0; i < r->parameters; i++) {
		buf_str(out, i == 0 ? "" : ", ");
		json_string(out, r->parameter[i].name);
		buf_str(out, ": ");
		json_string(out, r->parameter[i].value);
	}
	buf_char(out, '}');
}

static void put_result(struct buf *out, const struct command *command)
{
	const struct compare *compare = &command->compare;
	buf_str(out, "\n    {\n      \"command\": ");
	json_string(out, command->text);
	buf_str(out, ",\n      \"parameters\": ");
	put_parameters(out, &command->base.v[0]);
	buf_printf(out, ",\n      \"runs\": %zu", command->base.n);
	put_statistics(out, "peak_rss_kib", &compare->total, false);
	put_statistics(out, "peak_rss_bound_kib", &compare->bound, false);
	put_statistics(out, "duration_seconds", &compare->duration, true);
	buf_str(out, ",\n      \"ratio\": ");
	if (command->ratio > 0)
		buf_printf(out, "%.6f", command->ratio);
	else
		put_null(out);
	buf_str(out, "\n    }");
}

/* ---- the document */

/* Append a report as an element of an array: each of its lines is indented. */
static void put_report(struct buf *out, const struct report *r)
{
	static const struct report_style style = {0};
	struct buf text = {0};
	report_json(r, &style, &text);
	for (size_t at = 0; at < text.n;) {
		const char *line = text.p + at, *end = memchr(line, '\n', text.n - at);
		buf_str(out, "\n    ");
		buf_put(out, line, (size_t)(end - line));
		at += (size_t)(end - line) + 1;
	}
	buf_free(&text);
}

void commands_json(const struct commands *c, const struct compare_style *style, struct buf *out)
{
	(void)style;
	buf_printf(out, "{\n  \"schema_version\": %d,\n  \"machine\": ", REPORT_SCHEMA_VERSION);
	machine_json(&c->v[0].base.v[0], out);
	buf_str(out, ",\n  \"runs\": [");
	for (size_t i = 0; i < c->n; i++)
		for (size_t j = 0; j < c->v[i].base.n; j++) {
			buf_str(out, i + j == 0 ? "" : ",");
			put_report(out, &c->v[i].base.v[j]);
		}
	buf_str(out, "\n  ],\n  \"results\": [");
	for (size_t i = 0; i < c->n; i++) {
		buf_str(out, i == 0 ? "" : ",");
		put_result(out, &c->v[i]);
	}
	buf_str(out, "\n  ]\n}\n");
}

/* ---- hyperfine */

static void put_seconds(struct buf *out, const struct report *r)
{
	buf_time(out, report_length_us(r));
}

static void put_bytes(struct buf *out, const struct report *r)
{
	buf_printf(out, "%" PRId64, report_total(r)->rss_kib.value * BYTES_PER_KIB);
}

static void put_exit_code(struct buf *out, const struct report *r)
{
	if (r->exit_code.known)
		buf_printf(out, "%" PRId64, r->exit_code.value);
	else
		put_null(out);
}

static void put_array(struct buf *out, const char *key, const struct runs *runs, put_value *put)
{
	buf_printf(out, ",\n      \"%s\": [", key);
	for (size_t i = 0; i < runs->n; i++) {
		buf_str(out, i == 0 ? "\n        " : ",\n        ");
		put(out, &runs->v[i]);
	}
	buf_str(out, "\n      ]");
}

/* Return the mean of the CPU times in seconds; 0 if none is known. */
static double mean_seconds(const struct runs *runs, bool user)
{
	double sum = 0;
	size_t n = 0;
	for (size_t i = 0; i < runs->n; i++) {
		struct report_number us = user ? runs->v[i].user_us : runs->v[i].system_us;
		sum += us.known ? (double)us.value : 0;
		n += us.known;
	}
	return n > 0 ? sum / (double)n / US_PER_S : 0;
}

static void put_hyperfine(struct buf *out, const struct command *command)
{
	const struct runs *runs = &command->base;
	int64_t *us = alloc_resize(NULL, runs->n, sizeof *us);
	for (size_t i = 0; i < runs->n; i++)
		us[i] = report_length_us(&runs->v[i]);
	struct runs_statistics s = runs_statistics(us, runs->n);
	free(us);
	buf_str(out, "\n    {\n      \"command\": ");
	json_string(out, command->text);
	buf_printf(out, ",\n      \"mean\": %.9f,\n      \"stddev\": ", s.mean / US_PER_S);
	if (s.n > 1)
		buf_printf(out, "%.9f", s.deviation / US_PER_S);
	else
		put_null(out);
	buf_printf(out,
	    ",\n      \"median\": %.6f,\n      \"user\": %.9f,\n      \"system\": %.9f,\n"
	    "      \"min\": %.6f,\n      \"max\": %.6f",
	    (double)s.median / US_PER_S, mean_seconds(runs, true), mean_seconds(runs, false),
	    (double)s.min / US_PER_S, (double)s.max / US_PER_S);
	put_array(out, "times", runs, put_seconds);
	put_array(out, "memory_usage_byte", runs, put_bytes);
	put_array(out, "exit_codes", runs, put_exit_code);
	if (runs->v[0].parameters > 0) {
		buf_str(out, ",\n      \"parameters\": ");
		put_parameters(out, &runs->v[0]);
	}
	buf_str(out, "\n    }");
}

void commands_hyperfine(
    const struct commands *c, const struct compare_style *style, struct buf *out)
{
	(void)style;
	buf_str(out, "{\n  \"results\": [");
	for (size_t i = 0; i < c->n; i++) {
		buf_str(out, i == 0 ? "" : ",");
		put_hyperfine(out, &c->v[i]);
	}
	buf_str(out, "\n  ]\n}\n");
}

/* ---- services */

static void put_results(const struct commands *c, struct buf *out,
    void (*put)(const struct report_result *, size_t, struct buf *))
{
	struct report_result *v = alloc_resize(NULL, c->n, sizeof *v);
	for (size_t i = 0; i < c->n; i++) {
		const struct compare *compare = &c->v[i].compare;
		const struct runs_statistics *peak = &compare->total.side[COMPARE_BASE],
					     *bound = &compare->bound.side[COMPARE_BASE],
					     *us = &compare->duration.side[COMPARE_BASE];
		v[i] = (struct report_result){
		    .name = c->v[i].text,
		    .runs = peak->n,
		    .kib = peak->median,
		    .lowest_kib = peak->min,
		    .highest_kib = bound->n > 0 && bound->max > peak->max ? bound->max : peak->max,
		    .us = {us->median, us->n > 0},
		};
	}
	put(v, c->n, out);
	free(v);
}

void commands_bmf(const struct commands *c, const struct compare_style *style, struct buf *out)
{
	(void)style;
	put_results(c, out, report_results_bmf);
}

void commands_benchmark(
    const struct commands *c, const struct compare_style *style, struct buf *out)
{
	(void)style;
	put_results(c, out, report_results_benchmark);
}
